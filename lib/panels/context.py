"""What every panel of a page is about: the store, the selection, the colors, and the days."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from lib.breaks import breaks_in
from lib.charts import TimeAxis
from lib.cubes import Grain
from lib.data import Answer, Downloads
from lib.formats import compact, percent, value_label
from lib.questions.question import Asked, Asking
from lib.router import Period
from lib.selection import Selection, listed
from lib.theme import Theme

_MOST_NAMED = 4

KEPT = 100
"""How many drawings of each panel are kept, for readers who look at the same or come back."""


@dataclass(frozen=True)
class Context:
    """The store, what the reader selected of it, the theme, and the last day that is over."""

    found: Downloads
    selection: Selection
    theme: Theme
    yesterday: date

    @property
    def period(self) -> Period:
        """The days that the selection is about."""
        return self.found.period(self.selection)

    @property
    def asking(self) -> Asking:
        """The same as what a question is answered from."""
        fixed = replace(self.selection, period=self.period)
        return Asking(self.found, Asked(fixed), self.yesterday)

    @property
    def grain(self) -> Grain:
        """The grain of the time charts."""
        return self.found.grain(self.selection, self.period)

    @property
    def subject(self) -> str:
        """What titles call the packages selected."""
        packages = self.selection.packages
        if not packages:
            held = self.found.state.packages
            some = held is not None and not self.found.state.simulated
            return f"all {len(held or ())} packages held" if some else "all packages"
        if len(packages) > _MOST_NAMED:
            return f"{len(packages)} packages"
        return listed(packages)

    @property
    def file_name(self) -> str:
        """What files made from the page are called, without their ending."""
        chosen = "-".join(self.selection.packages[:3]) or "all-packages"
        return f"{chosen}-{self.period.first}-{self.period.last}"

    @property
    def signature(self) -> str:
        """The source as figures carry it inside, safe in Plotly's markup."""
        words = self.selection.words()
        return html.escape(" · ".join(filter(None, (words, self.source, "PyPI Pulse"))))

    @property
    def source(self) -> str:
        """The source in the fewest words that are still true."""
        return self.found.state.source_words

    def axis(self, answer: Answer, *splits: str) -> TimeAxis:
        """The time axis of a figure of `answer`, with the breaks that concern its splits."""
        filtered = {condition.dimension for condition in self.selection.conditions()}
        return TimeAxis(
            answer.period,
            self.grain,
            self.signature,
            breaks_in(answer.period, self.found.state.sources, {*filtered, *splits}),
            self.found.state.provisional(self.grain, self.yesterday),
        )


def labeled(frame: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """`frame` with the column `label`: its series as figures name them, safe in Plotly's markup."""
    names = frame["series"].unique()
    labels = {name: html.escape(value_label(dimension, name)) for name in names}
    return frame.assign(label=frame["series"].map(labels))


def last_values(frame: pd.DataFrame, *, share: bool) -> str:
    """The last whole value of each series in words, for the text that stands for a figure.

    From columns `series`, `label`, `value` and `partial`, in the order of periods.
    """
    show = percent if share else compact
    whole = frame[~frame["partial"] & frame["value"].notna()]
    last = whole.drop_duplicates("series", keep="last")
    values = zip(last["label"], last["value"], strict=True)
    return "Last values: " + ", ".join(f"{label} {show(float(value))}" for label, value in values)
