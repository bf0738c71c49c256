"""What an answer is: a sentence with its number, and everything that it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from lib.breaks import Break
from lib.charts import TimeAxis
from lib.data import Answer
from lib.panels.world_map import PREFERENCE_NOTE
from lib.router import Period
from lib.selection import Measure
from lib.theme import Theme


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure of a finding: its title says what it shows, `unit` what its numbers count.

    `draw` makes it in a theme, with the source written inside. `axis` is its time axis, if any,
    whose breaks are told under it. `alt` stands for it where it cannot be seen.
    """

    title: str
    unit: str
    alt: str
    draw: Callable[[Theme], go.Figure]
    axis: TimeAxis | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class CountryMap:
    """A world map of a finding: columns `country`, `downloads`, `share`, `preference`.

    `meaning` says what its preference is of.
    """

    title: str
    frame: pd.DataFrame
    measure: Measure
    meaning: str = PREFERENCE_NOTE


@dataclass(frozen=True, eq=False)
class Finding:
    """The answer to a question.

    `sentence` is read first: one sentence, with the number and its interval, that fits on a slide;
    `details` are the sentences that follow it, if any. Both are plain text, without Markdown.
    `number` is that number alone, `interval` its interval in words, or why it has none (`counted,
    not estimated`). `certainty` says how sure this is and how it was found
    out; `would_change` what would change it. `caveats` limit it, each a sentence. `table` is what
    the figures are made of, under columns that a reader understands; `answers` are the rows that
    were asked of the store, with their SQL; `packages` those that it is about, none for all held.
    Breaks of the record that it crosses are in `breaks`: the page tells them with the caveats.
    """

    sentence: str
    number: str
    interval: str
    certainty: str
    would_change: str
    period: Period
    figures: tuple[Figure, ...]
    table: pd.DataFrame
    answers: tuple[Answer, ...]
    details: str = ""
    packages: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    map: CountryMap | None = None

    @property
    def clipped(self) -> bool:
        """Whether only a part of the period that was asked for is held."""
        return any(answer.clipped for answer in self.answers)


COUNTED = "counted, not estimated"
"""The interval of a number that is a sum of what is held."""
