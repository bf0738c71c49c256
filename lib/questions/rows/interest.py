"""Months of one signal of a package beside the months of its downloads."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

import pandas as pd

from lib.analysis.comparable import UNUSABLE
from lib.breaks import Break
from lib.charts import TimeAxis
from lib.cubes import Grain
from lib.data import Answer
from lib.questions.question import Asking, CannotTell, Option
from lib.questions.rows.rivals import Rivals, rival_packages
from lib.questions.telling.wording import counted
from lib.router import Period
from lib.selection import listed
from lib.signals import LABELS, TERMS, Signal, SignalSeries
from lib.signals.grains import at_grain
from lib.signals.terms import term_of

SIGNAL = Option("signal", "Interest", tuple((str(each), LABELS[each]) for each in Signal))
"""The choice of whose signal stands for interest."""

_HOW = {
    Signal.STACK_OVERFLOW: "Fetch it with: python -m lib signals --packages {package}. Or drop a "
    "CSV of Stack Exchange's Data Explorer on the Data page.",
    Signal.GOOGLE_TRENDS: "Export it as CSV at trends.google.com, and drop the file on the Data "
    "page or give it to: python -m lib import FILE.",
    Signal.WIKIPEDIA: "Fetch it with: python -m lib signals --packages {package} --source "
    "wikipedia.",
}


@dataclass(frozen=True, eq=False)
class Interest:
    """Interest in a package and its downloads, in whole months.

    `frame` has the columns `period`, `interest` (NaN where not known), `downloads` (likewise) and
    `stretch`, for every month of the downloads. `less_exact` months have an interest that its
    source gives less exactly: it is not known here. `axis` names both sources.
    """

    package: str
    series: SignalSeries
    rivals: Rivals
    frame: pd.DataFrame
    less_exact: int
    axis: TimeAxis
    mixed: bool

    @property
    def answer(self) -> Answer:
        """The downloads, as they were asked of the store."""
        return self.rivals.answer

    @property
    def period(self) -> Period:
        """The days that were looked at."""
        return self.rivals.period

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The breaks of the record of downloads in these days."""
        return self.axis.breaks

    @property
    def known(self) -> pd.Series[bool]:
        """Whether each month is usable and known of both, and neither is zero."""
        positive = self.frame[["interest", "downloads"]].gt(0).all(axis=1)
        return positive & self.frame["stretch"].ne(UNUSABLE)

    @property
    def zeros(self) -> int:
        """In how many months there was no interest."""
        return int(self.frame["interest"].eq(0).sum())


def interest_in(asking: Asking) -> Interest:
    """The interest in the package asked about, by the signal asked for.

    Raises NotHeld, or CannotTell where nothing of that signal is held: its message says how to get
    it.
    """
    package = asking.packages[0]
    series = _series(asking, package, Signal(asking.asked.option(SIGNAL.name)))
    rivals = rival_packages(asking, Grain.MONTH)
    monthly = at_grain(series, Grain.MONTH)
    rows = rivals.frame.merge(monthly, on="period", how="left")
    flagged = rows["flagged"].eq(True)
    frame = rows.assign(interest=rows["value"].where(~flagged))
    axis = asking.axis(rivals.period, Grain.MONTH)
    return Interest(
        package=package,
        series=series,
        rivals=rivals,
        frame=frame[["period", "interest", "downloads", "stretch"]],
        less_exact=int(flagged.sum()),
        axis=replace(axis, signature=_signature(asking, series)),
        mixed=series.simulated is not asking.found.state.simulated,
    )


def too_few(found: Interest, needed: int, what: str) -> CannotTell:
    """Why what is held is too little: it needs so many months, `what` says of what sort."""
    months = int(found.known.sum())
    return CannotTell(
        f"{counted(months, 'month')} of {found.series.name} and of the downloads of "
        f"{found.package} are known together; this needs {needed} {what}."
    )


def _series(asking: Asking, package: str, signal: Signal) -> SignalSeries:
    found, own = asking.found, asking.found.own_terms()
    term = term_of(package, signal, own)
    series = found.signal(signal, term) if term else None
    if series is not None:
        return series
    held = [
        LABELS[each]
        for each in Signal
        if (other := term_of(package, each, own)) and found.signal(each, other)
    ]
    instead = f" Held of {package}: {listed(held)}." if held else ""
    if term is None:
        raise CannotTell(
            f"No {TERMS[signal]} of {LABELS[signal]} is known for {package}: set one on the Data "
            f"page.{instead}"
        )
    how = _HOW[signal].format(package=package)
    raise CannotTell(
        f"Nothing of {LABELS[signal]} is held of {package} ({TERMS[signal]} {term}). {how}{instead}"
    )


def _signature(asking: Asking, series: SignalSeries) -> str:
    """Both sources as figures carry them inside, safe in Plotly's markup."""
    label = LABELS[series.signal]
    named = f"simulated {label}" if series.simulated else label
    return html.escape(f"{asking.found.state.source_words} · {named} · PyPI Pulse")
