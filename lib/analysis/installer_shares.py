"""How the shares of installers change in each stretch of the record, and whom they pass."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.aggregate import REST
from lib.analysis.comparable import UNUSABLE
from lib.analysis.share_trends import FEWEST_PERIODS, Change, share_changes
from lib.analysis.shares import above_since, days_of, share_table
from lib.cubes import UNKNOWN, Grain
from lib.installers import MEMBERS
from lib.router import Period

ROUND = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The shares whose passing is told."""

_NO_INSTALLERS = {REST, UNKNOWN, *(name for names in MEMBERS.values() for name in names)}
"""What takes nothing over: mirrors, browsers and scripts, unknown, and the rest."""


@dataclass(frozen=True, eq=False)
class Moves:
    """How shares change in one stretch of the record.

    `shares` has a row for each whole period and a column for each installer, the largest first;
    `changes` are in the order of these columns.
    """

    grain: Grain
    shares: pd.DataFrame
    changes: tuple[Change, ...]

    @property
    def period(self) -> Period:
        """The days of the periods that are compared."""
        return days_of(self.shares.index, self.grain)

    @property
    def installers(self) -> tuple[Change, ...]:
        """The changes of what installs: not of mirrors, browsers, scripts, unknown, or the rest."""
        return tuple(each for each in self.changes if each.series not in _NO_INSTALLERS)

    @property
    def gains_most(self) -> Change | None:
        """The installer that gains most for sure, or None."""
        sure = (each for each in self.installers if each.sure and each.value > 0)
        return max(sure, key=lambda each: each.value, default=None)

    @property
    def loses_most(self) -> Change | None:
        """The installer that loses most for sure, or None."""
        sure = (each for each in self.installers if each.sure and each.value < 0)
        return min(sure, key=lambda each: each.value, default=None)

    def change(self, name: str) -> Change | None:
        """The change of an installer, or None where it is not among those named."""
        return next((each for each in self.changes if each.series == name), None)

    def passed_share(self, name: str) -> tuple[float, pd.Timestamp] | None:
        """The highest of `ROUND` that an installer came to exceed in the stretch, and when.

        It has exceeded it ever since.
        """
        since = [(bound, above_since(self.shares[name], bound)) for bound in ROUND]
        return next(((bound, at) for bound, at in reversed(since) if at is not None), None)

    def passed_installer(self, name: str) -> tuple[str, pd.Timestamp] | None:
        """The largest installer that this one came to be ahead of in the stretch, and when.

        It has been ahead of it ever since.
        """
        others = [each.series for each in self.installers if each.series != name]
        since = ((other, above_since(self.shares[name], self.shares[other])) for other in others)
        return next(((other, at) for other, at in since if at is not None), None)


def moves(frame: pd.DataFrame, grain: Grain) -> tuple[Moves, ...]:
    """How shares change in each stretch of at least `FEWEST_PERIODS` periods, the latest last.

    From columns `period` (of `grain`), `series`, `downloads`, `partial` and `stretch`. Partial and
    unusable periods are left out. Nothing is compared from one stretch to another.
    """
    usable = frame[~frame["partial"] & (frame["stretch"] != UNUSABLE)]
    tables = (share_table(rows) for _, rows in usable.groupby("stretch"))
    return tuple(_moves(shares, grain) for shares in tables if len(shares) >= FEWEST_PERIODS)


def _moves(shares: pd.DataFrame, grain: Grain) -> Moves:
    order = shares.sum().sort_values(ascending=False, kind="stable")
    sorted_shares = shares[list(order[order > 0].index)]
    return Moves(grain, sorted_shares, share_changes(sorted_shares))
