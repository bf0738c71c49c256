"""What made a change: each value's part of it, and the dimension that concentrates it most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.resampling import WEEK, Floats
from lib.analysis.spans import Spans
from lib.cubes import Grain

LEAST_PART = 0.1
"""A value explains a change where it made at least this part of it."""

ENOUGH = 0.67
"""Floats explain a change together once they made this part of it."""

SURE = 0.05
"""The greatest p-value of a dimension that is told to concentrate a change."""

MOST_CAUSES = 3
"""More values than this are no concentration."""

CONCENTRATED = 1.25
"""A change is concentrated where values made so many times their share of downloads of it."""

_FEWEST_PAIRS = 14

_VALUES = ("dimension", "value", "before", "after", "difference", "part", "surprise")

_DIMENSIONS = ("dimension", "surprise", "p_value", "changed_split")


@dataclass(frozen=True, eq=False)
class Decomposition:
    """A change between two periods, and the values of each dimension that made it.

    `before` and `after` are downloads a day, on the days usable. Where levels of the two cannot
    be compared, `comparable` is false, `reason` says why, and the tables are empty.

    `values` has a row for each dimension and value, the most surprising of a dimension first:
    `before`, `after` and `difference` in downloads a day, `part` of the whole change (NaN where
    there is none; below 0 for what went against it) and `surprise`. `dimensions` has a row for
    each dimension, the most surprising first: `surprise`, `p_value` and `changed_split`, the title
    of a break after which its values are told apart in another way, or nothing. Those dimensions
    come last: what they show may be that break's doing.
    """

    comparable: bool
    reason: str
    before: float
    after: float
    values: pd.DataFrame
    dimensions: pd.DataFrame

    def explaining(self, dimension: str) -> pd.DataFrame:
        """The rows of `values` that explain the change: few, and mostly surprising.

        The most surprising first, each of which made a tenth of the change or more, and more than
        its share of downloads before, until they made two thirds of it together (Adtributor's
        rule: Bhagwan et al., NSDI 2014, section 4).
        """
        rows = self.values[self.values["dimension"] == dimension]
        shares = rows["before"] / max(float(rows["before"].sum()), 1e-12)
        rows = rows[(rows["part"] >= LEAST_PART) & (rows["part"] > shares)]
        reached = rows["part"].cumsum() >= ENOUGH
        return rows[~reached.shift(1, fill_value=False)]

    @property
    def cause(self) -> pd.DataFrame | None:
        """The rows that explain the change in the dimension that concentrates it, if one does.

        That is the most surprising one whose split did not change, whose p-value (if any) is
        0.05 or less, and in which three values or fewer explain the change and made a quarter
        more of it than their share of downloads before. Largest part first.
        """
        fair = self.dimensions[self.dimensions["changed_split"] == ""]
        sure = fair[~(fair["p_value"] > SURE)]
        for dimension in sure["dimension"]:
            rows = self.explaining(dimension)
            share = rows["before"].sum() / max(self.before, 1e-12)
            few = len(rows) <= MOST_CAUSES and rows["part"].sum() >= ENOUGH
            if few and rows["part"].sum() >= CONCENTRATED * share:
                return rows.sort_values("part", ascending=False)
        return None


def decomposition(
    frames: Mapping[str, pd.DataFrame], spans: Spans, *, resamples: int = 999, seed: int = 0
) -> Decomposition:
    """What made the change of downloads a day from one period to another.

    `frames` has for each dimension, of one at least, the downloads by `period` (of the grain of
    `spans`, days or months) and by a column of the dimension's name.

    `surprise` is Adtributor's (Bhagwan et al., NSDI 2014): with p and q a value's share of all
    downloads before and after, ½ (p log₂ 2p/(p+q) + q log₂ 2q/(p+q)). Over the values of a
    dimension it sums to the Jensen–Shannon divergence of both periods, from 0, where every value
    changed alike and none made the change more than others, to 1 bit, where none is in both.

    `p_value` is how often so large a divergence comes by chance: days of the same weekday change
    places between the periods at random (paired permutation test: Fisher, 1935), which takes
    days to be independent. NaN for months, and where there are fewer than 14 such pairs.
    """
    reason = _separated(spans)
    if reason:
        nothing = pd.DataFrame(columns=list(_VALUES)), pd.DataFrame(columns=list(_DIMENSIONS))
        return Decomposition(False, reason, float("nan"), float("nan"), *nothing)
    values, dimensions = [], []
    generator = np.random.default_rng(seed)
    for dimension, frame in frames.items():
        tables = spans.tables(frame, dimension)
        values.append(_values(dimension, tables, spans))
        surprise = values[-1]["surprise"].sum()
        chance = _chance(tables, spans, resamples, generator)
        split = "; ".join(each.title for each in spans.changed_split(dimension))
        dimensions.append((dimension, surprise, chance, split))
    totals = values[0][["before", "after"]].sum()
    ranked = pd.DataFrame(dimensions, columns=list(_DIMENSIONS))
    order = ranked.assign(last=ranked["changed_split"] != "")
    order = order.sort_values(["last", "surprise"], ascending=[True, False])
    return Decomposition(
        True,
        "",
        float(totals["before"]),
        float(totals["after"]),
        pd.concat(values, ignore_index=True),
        ranked.loc[order.index].reset_index(drop=True),
    )


def _separated(spans: Spans) -> str:
    """Why levels of the two cannot be compared, or nothing where they can."""
    if spans.empty:
        return "Rows were lost on every day of one of the periods."
    titles = "; ".join(each.title for each in spans.between)
    return f"Levels cannot be compared: {titles}." if titles else ""


def _values(
    dimension: str, tables: tuple[pd.DataFrame, pd.DataFrame], spans: Spans
) -> pd.DataFrame:
    """The part of `Decomposition.values` of one dimension."""
    before, after = spans.a_day(tables)
    difference = after - before
    whole = float(difference.sum())
    frame = pd.DataFrame(
        {
            "dimension": dimension,
            "value": tables[0].columns,
            "before": before,
            "after": after,
            "difference": difference,
            "part": difference / whole if whole else np.full(len(before), np.nan),
            "surprise": _surprises(before, after),
        }
    )
    return frame.sort_values(["surprise", "value"], ascending=[False, True], ignore_index=True)


def _surprises(before: Floats, after: Floats) -> Floats:
    """The surprise of each value in bits, from downloads: [..., values]."""
    from scipy.special import rel_entr

    p, q = (
        table / np.maximum(table.sum(axis=-1, keepdims=True), 1e-12) for table in (before, after)
    )
    middle = (p + q) / 2
    bits: Floats = (rel_entr(p, middle) + rel_entr(q, middle)) / (2 * np.log(2))
    return bits


def _chance(
    tables: tuple[pd.DataFrame, pd.DataFrame],
    spans: Spans,
    resamples: int,
    generator: np.random.Generator,
) -> float:
    """The p-value of the divergence of a dimension with these `tables`."""
    pairs = _pairs(spans) if spans.grain is Grain.DAY else []
    if len(pairs) < _FEWEST_PAIRS:
        return float("nan")
    rows = np.array(pairs)
    one, other = (
        table.to_numpy(dtype=np.float64)[rows[:, side]] for side, table in enumerate(tables)
    )
    swapped = generator.integers(0, 2, size=(resamples, len(pairs))).astype(np.float64)
    moved = swapped @ (other - one)
    before, after = one.sum(axis=0), other.sum(axis=0)
    by_chance = _surprises(before + moved, after - moved).sum(axis=1)
    seen = float(_surprises(before, after).sum())
    return float((1 + (by_chance >= seen).sum()) / (1 + resamples))


def _pairs(spans: Spans) -> list[tuple[int, int]]:
    """Positions of days of the same weekday in both, each in one pair at most."""
    places = [
        [np.flatnonzero(each.day_of_week == weekday) for weekday in range(WEEK)]
        for each in (spans.before, spans.after)
    ]
    return [
        (int(first), int(second))
        for firsts, seconds in zip(*places, strict=True)
        for first, second in zip(firsts, seconds, strict=False)
    ]
