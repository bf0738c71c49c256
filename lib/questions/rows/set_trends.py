"""How sets of packages rise and fall in all downloads held, and how their packages were adopted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from lib.analysis.adoption import Adoption, adoption
from lib.analysis.comparable import UNUSABLE
from lib.analysis.growth import FEWEST, growth_many
from lib.cubes import Grain
from lib.data import Answer
from lib.questions.question import Asking, CannotTell
from lib.questions.rows.rivals import Rivals, rival_sets
from lib.questions.telling import wording
from lib.router import NotHeld, Period

_MOST_LOOKED_AT = 300


@dataclass(frozen=True, eq=False)
class SetTrends:
    """What is found of the sets, month by month, in shares of all downloads held.

    `shares` has a column for each set, and `growth` and `package_growth` are of the last months of
    the sets and of their packages, as of `growth_many`; `period` spans these months.
    `package_shares` has a column for each package held, of all of PyPI for the most downloaded;
    `adopted` are the S-curves of those that have one, the steepest first.
    """

    rivals: Rivals
    everything: Answer
    packages: Answer
    shares: pd.DataFrame
    package_shares: pd.DataFrame
    growth: pd.DataFrame
    package_growth: pd.DataFrame
    period: Period
    adopted: dict[str, Adoption]

    @property
    def rising(self) -> pd.DataFrame:
        """The sets that surely rise, the fastest first."""
        found = self.growth[self.growth["found"] & (self.growth["rate"] > 0)]
        return found.sort_values("rate", ascending=False)

    @property
    def falling(self) -> pd.DataFrame:
        """The sets that surely fall, the fastest first."""
        found = self.growth[self.growth["found"] & (self.growth["rate"] < 0)]
        return found.sort_values("rate")

    @property
    def risen_packages(self) -> pd.DataFrame:
        """The packages that surely rise, the fastest first."""
        found = self.package_growth[
            self.package_growth["found"] & (self.package_growth["rate"] > 0)
        ]
        return found.sort_values("rate", ascending=False)


def set_trends(asking: Asking, months: int | None) -> SetTrends:
    """The trends of the sets asked about over their last `months`, or the whole period.

    Raises NotHeld, or CannotTell where too few months are known.
    """
    rivals = rival_sets(asking, asking.period, Grain.MONTH, fewest=1)
    everything = asking.found.over_time(asking.selection, rivals.period, Grain.MONTH)
    whole = everything.frame.set_index("period")["downloads"]
    names = tuple(dict.fromkeys((*rivals.packages, *asking.found.packages()[:_MOST_LOOKED_AT])))
    packages = _packages(asking, rivals, names)
    by_package = _table(packages.frame[~packages.frame["partial"]])
    shares = _table(rivals.frame)[list(rivals.names)].div(whole, axis=0).dropna(how="all")
    package_shares = by_package.div(whole, axis=0).dropna(how="all")
    stretch = rivals.frame.drop_duplicates("period").set_index("period")["stretch"]
    usable = shares.index[stretch.reindex(shares.index) != UNUSABLE]
    recent = usable[-months:] if months else usable
    if len(recent) < FEWEST[Grain.MONTH]:
        raise CannotTell(
            f"{wording.counted(len(recent), 'whole month')} without a gap "
            f"{wording.agreeing(len(recent), 'is', 'are')} held: it takes {FEWEST[Grain.MONTH]} to "
            "tell a trend. Choose a longer period."
        )
    adopted = {str(name): adoption(package_shares[name]) for name in package_shares.columns}
    steepest = {name: each for name, each in adopted.items() if each}
    return SetTrends(
        rivals=rivals,
        everything=everything,
        packages=packages,
        shares=shares,
        package_shares=package_shares,
        growth=growth_many(shares.loc[recent], Grain.MONTH),
        package_growth=growth_many(
            package_shares.reindex(index=recent, columns=list(rivals.packages)), Grain.MONTH
        ),
        period=Period(recent[0].date(), (recent[-1] + pd.offsets.MonthEnd(0)).date()),
        adopted=dict(sorted(steepest.items(), key=lambda each: each[1].rise.value)),
    )


def _packages(asking: Asking, rivals: Rivals, names: tuple[str, ...]) -> Answer:
    """The months of all packages looked at; of those of the sets where others are held apart."""
    selection = replace(asking.selection, packages=names)
    try:
        answer = asking.found.over_time(selection, rivals.period, Grain.MONTH)
    except NotHeld:
        return rivals.answer
    return rivals.answer if answer.clipped else answer


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    table = frame.pivot(index="period", columns="series", values="downloads")
    return table.astype("float64")
