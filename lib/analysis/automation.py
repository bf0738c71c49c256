"""What share of downloads names CI, a mirror, a browser or script, or nothing; and by package."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from lib.analysis.resampling import WEEK
from lib.analysis.shares import by_week, days_of, share_table, stretch_told
from lib.breaks import Break
from lib.cubes import Grain
from lib.installers import MEMBERS, InstallerClass
from lib.router import Period

CI = "ci"
"""The kind of a download whose installer says that it runs in CI."""

OTHER = "other"
"""The kind of a download that says nothing of the sort."""

FEWEST = {Grain.DAY: 28, Grain.MONTH: 3}
"""How many days or months of the latest stretch of the record are enough to tell of it alone."""

_CLASS = {name: str(kind) for kind, names in MEMBERS.items() for name in names}

_FEWEST_PACKAGES = 8


@dataclass(frozen=True)
class Part:
    """The share (0 to 1) of one kind of downloads in all of a period.

    `low` and `high` are the lowest and highest share of its periods of `grain`: whole weeks, or
    days where no week is whole, or months.
    """

    kind: str
    downloads: int
    whole: int
    low: float
    high: float
    period: Period
    grain: Grain

    @property
    def share(self) -> float:
        """Downloads of the kind over all."""
        return self.downloads / self.whole


@dataclass(frozen=True)
class Mirroring:
    """How the share of mirrors goes with the size of packages: Spearman's rank correlation.

    Over `packages` packages; `p_value` is that of none.
    """

    correlation: float
    p_value: float
    packages: int


def kinds(frame: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """`frame` with `series`: the kind of each row, by its `ci` or its `installer`.

    By CI flag `CI` or `OTHER`; by installer the value of its class.
    """
    if dimension == "ci":
        named = frame["ci"].map({"true": CI}).fillna(OTHER)
    else:
        named = frame["installer"].map(_CLASS).fillna(str(InstallerClass.INSTALLERS))
    return frame.assign(series=named)


def recorded_since(dimension: str, breaks: Iterable[Break]) -> date | None:
    """The first day with a dimension that the record did not always have; None if it always had."""
    return max((each.first for each in breaks if each.splits == (dimension,)), default=None)


def parts(frame: pd.DataFrame, grain: Grain, names: Iterable[str]) -> tuple[Part, ...]:
    """The share of each kind named, over the latest stretch of the record that is long enough.

    From columns `period` (days or months), `series`, `downloads` and `stretch`. Nothing where no
    downloads are held.
    """
    told = stretch_told(frame, FEWEST[grain])
    whole = int(told["downloads"].sum())
    if not whole:
        return ()
    shares, told_by = _whole_periods(told, grain)
    period = days_of(told["period"], grain)
    sums = told.groupby("series")["downloads"].sum()
    return tuple(
        Part(
            kind=name,
            downloads=int(sums.get(name, 0)),
            whole=whole,
            low=float(shares[name].min()) if name in shares else 0.0,
            high=float(shares[name].max()) if name in shares else 0.0,
            period=period,
            grain=told_by,
        )
        for name in names
    )


def mirrored(packages: pd.DataFrame) -> Mirroring | None:
    """Whether small packages are mirrored more; None for too few packages.

    From columns `downloads` and `mirrors` (a share). Spearman, 1904.
    """
    from scipy import stats

    if len(packages) < _FEWEST_PACKAGES or packages["mirrors"].nunique() < 2:
        return None
    found = stats.spearmanr(packages["downloads"], packages["mirrors"])
    return Mirroring(float(found.statistic), float(found.pvalue), len(packages))


def package_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """The shares of each kind in the downloads of each package, most downloads first.

    From columns `project`, `series` and `downloads`. Columns `project`, `downloads`, and one for
    each kind.
    """
    table = frame.pivot_table(
        index="project", columns="series", values="downloads", aggfunc="sum", fill_value=0
    )
    whole = table.sum(axis=1)
    table = table[whole > 0].div(whole[whole > 0], axis=0)
    table.insert(0, "downloads", whole[whole > 0])
    ordered = table.rename_axis(columns=None).reset_index()
    return ordered.sort_values(["downloads", "project"], ascending=[False, True], ignore_index=True)


def _whole_periods(told: pd.DataFrame, grain: Grain) -> tuple[pd.DataFrame, Grain]:
    """Shares by whole week or month, or by day where no week is whole; and by which of them."""
    if grain is Grain.MONTH:
        return share_table(told), grain
    weeks = by_week(told)
    whole = weeks[weeks["days"] == WEEK]
    return (share_table(whole), Grain.WEEK) if len(whole) else (share_table(told), grain)
