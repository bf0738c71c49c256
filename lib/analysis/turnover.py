"""How fast new versions of a package are taken up: the time until half of it is as new."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from packaging.version import InvalidVersion, Version

from lib.analysis.comparable import UNUSABLE
from lib.analysis.resampling import WEEK

if TYPE_CHECKING:
    from statsmodels.duration.survfunc import SurvfuncRight

_HALF = 0.5

_FEWEST_VERSIONS = 6


@dataclass(frozen=True)
class Uptake:
    """How a version was taken up from its first download on.

    `days_to_half` is how many days it took until half of the package's downloads were of versions
    at least as new, or None where they are not yet; `followed` how many days it has been out in
    what is held; `share` what part of the downloads of the last week is at least as new.
    """

    version: str
    appeared: pd.Timestamp
    days_to_half: int | None
    followed: int
    share: float


@dataclass(frozen=True)
class Typical:
    """The median time to half of several versions in days, with its 95 % interval.

    Infinite where it is not reached. `reached` of the `versions` followed came to half. The
    interval is NaN with fewer than six versions: not even the fastest and the slowest of five
    hold the median between them with 95 %.
    """

    days: float
    low: float
    high: float
    versions: int
    reached: int


@dataclass(frozen=True, eq=False)
class Turnover:
    """How the versions of a package followed each other.

    `shares` has a row for each day and a column for each version that is followed: what part of
    the downloads of the week around is of versions at least as new. `unordered` is the part of all
    downloads whose version is unknown or no version (PEP 440), which is in none of the shares.
    """

    uptakes: tuple[Uptake, ...]
    shares: pd.DataFrame
    unordered: float


def turnover(frame: pd.DataFrame, *, features_only: bool = False) -> Turnover:
    """How the new versions of one package were taken up.

    From columns `period` (days), `version`, `downloads` and `stretch`; unusable days are left out.
    Followed is each final version that is newer than all before it, and that appeared more than a
    week after the beginning of what is held: of an older one the beginning is not known. With
    `features_only` it must be the first of its x.y. Shares are those of the seven days around a
    day, so that their weekly cycle cancels out; half is reached on the first day of seven in a row
    with at least half. They are shares within one package, which a break of the record that
    changes levels leaves as they are.
    """
    table = _counts(frame)
    ordered, unordered = _ordered(list(table.columns))
    total = float(table.to_numpy().sum())
    left_out = float(table[unordered].to_numpy().sum()) / total if total else math.nan
    counts = table[[text for text, _ in ordered]]
    followed = _followed(counts, [version for _, version in ordered], features_only)
    shares = _shares(counts, [position for position, _ in followed])
    uptakes = tuple(
        _uptake(shares.iloc[:, column], appeared) for column, (_, appeared) in enumerate(followed)
    )
    return Turnover(uptakes, shares, left_out)


def appeared(frame: pd.DataFrame, *, features_only: bool = False) -> dict[str, pd.Timestamp]:
    """The versions that `turnover` follows, in the order in which they appeared, with their days.

    From columns `period` (days), `version`, `downloads` and `stretch`.
    """
    table = _counts(frame)
    ordered, _ = _ordered(list(table.columns))
    counts = table[[text for text, _ in ordered]]
    followed = _followed(counts, [version for _, version in ordered], features_only)
    return {ordered[position][0]: day for position, day in followed}


def typical(uptakes: Sequence[Uptake]) -> Typical | None:
    """The median of the days to half, of which some are not over yet; None without a version.

    The estimate of Kaplan and Meier (Journal of the American Statistical Association 53, 1958),
    in which a version that has not come to half counts as long as it was followed, with the
    interval of Brookmeyer and Crowley (Biometrics 38, 1982). Versions follow each other and are
    not quite independent, so that the interval is rather too short.
    """
    if not uptakes:
        return None
    from statsmodels.duration.survfunc import SurvfuncRight

    reached = [each.days_to_half is not None for each in uptakes]
    days = [each.followed if each.days_to_half is None else each.days_to_half for each in uptakes]
    # A version that is at half on the day it appears took less than a day, and not none.
    survival = SurvfuncRight([max(each, 0.5) for each in days], reached)
    median = float(survival.quantile(_HALF)) if any(reached) else math.inf
    median = math.inf if math.isnan(median) else median
    low, high = math.nan, math.nan
    if len(days) >= _FEWEST_VERSIONS:
        low, high = _ends(survival, median) if any(reached) else (float(min(days)), math.inf)
    return Typical(median, low, high, len(days), sum(reached))


def _ends(survival: SurvfuncRight, median: float) -> tuple[float, float]:
    """The ends of the interval of a median; the median alone where all but it are ruled out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = survival.quantile_ci(_HALF)
    return (median, median) if math.isnan(low) else (float(low), float(high))


def _counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Downloads of every usable day: a column for each version, a row for each day in a row."""
    usable = frame[frame["stretch"] != UNUSABLE]
    table = usable.pivot_table(
        index="period", columns="version", values="downloads", aggfunc="sum", fill_value=0
    )
    return table if table.empty else table.asfreq("D", fill_value=0)


def _ordered(texts: Sequence[str]) -> tuple[list[tuple[str, Version]], list[str]]:
    """The versions from old to new as PEP 440 orders them, and what is none."""
    found, unordered = [], []
    for text in texts:
        try:
            found.append((text, Version(text)))
        except InvalidVersion:
            unordered.append(text)
    return sorted(found, key=lambda each: each[1]), unordered


def _followed(
    counts: pd.DataFrame, versions: Sequence[Version], features_only: bool
) -> list[tuple[int, pd.Timestamp]]:
    """The columns of versions that were new when they appeared, each with its first day."""
    if counts.empty:
        return []
    first = (counts.to_numpy() > 0).argmax(axis=0)
    newest: tuple[int, ...] | Version | None = None
    found = []
    for column in sorted(range(len(versions)), key=lambda each: (first[each], versions[each])):
        version = versions[column]
        if version.is_prerelease or version.local:
            continue
        rank = version.release[:2] if features_only else version
        if newest is None or rank > newest:  # type: ignore[operator]
            newest = rank
            if first[column] > WEEK:
                found.append((column, pd.Timestamp(counts.index[first[column]])))
    return found


def _shares(counts: pd.DataFrame, columns: Sequence[int]) -> pd.DataFrame:
    """The part of each week around a day that is at least as new as the versions of columns."""
    newer = counts.to_numpy(dtype=np.float64)[:, ::-1].cumsum(axis=1)[:, ::-1]
    chosen = pd.DataFrame(newer[:, list(columns)], counts.index, counts.columns[list(columns)])
    weeks = chosen.rolling(WEEK, center=True, min_periods=1).sum()
    whole = counts.sum(axis=1).rolling(WEEK, center=True, min_periods=1).sum()
    return weeks.div(whole.where(whole > 0), axis=0)


def _uptake(shares: pd.Series[float], appeared: pd.Timestamp) -> Uptake:
    since = shares[appeared:]
    half = (since >= _HALF).to_numpy()
    return Uptake(
        version=str(shares.name),
        appeared=appeared,
        days_to_half=_first_run(half),
        followed=len(since) - 1,
        share=float(since.iloc[-1]),
    )


def _first_run(half: NDArray[np.bool_]) -> int | None:
    """The first of seven days in a row that are all at half, or None."""
    if len(half) < WEEK:
        return None
    runs = np.lib.stride_tricks.sliding_window_view(half, WEEK).all(axis=1)
    return int(runs.argmax()) if runs.any() else None
