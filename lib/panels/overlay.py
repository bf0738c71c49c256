"""Downloads and the signals beside them as one figure, with what is said of it."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd

from lib.cubes import Grain
from lib.data import Answer
from lib.formats import days, moment, plain
from lib.panels.card import Drawing
from lib.panels.context import KEPT, Context
from lib.selection import View, listed
from lib.signal_chart import Line, index_lines
from lib.signals import LABELS, TERMS, Signal, SignalSeries
from lib.signals.beside import indexed, within
from lib.signals.grains import at_grain
from lib.signals.terms import term_of

_MOST_PACKAGES = 4
"""More packages than this, each with its signals, cannot be told apart in one figure."""

_COARSE = 10
"""Below this, an index of whole numbers moves by more than a twentieth when one is rounded."""

_WIDE = 30
"""Where one line is so many times another, only a logarithmic axis shows both."""

_DOWNLOADS = "downloads"


@dataclass(frozen=True)
class _Beside:
    """A series of a signal that is drawn beside the downloads of a package."""

    package: str
    series: SignalSeries

    @property
    def name(self) -> str:
        return f"{self.package}: {LABELS[self.series.signal]}"


@dataclass(frozen=True)
class Overlay:
    """The figure, if there is one, and what is said beside it."""

    drawing: Drawing | None
    lacking: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def title(context: Context) -> str:
    """What the figure shows."""
    named = listed([LABELS[signal] for signal in context.selection.signals])
    return f"{named} beside the downloads of {context.subject}"


@lru_cache(maxsize=KEPT)
def overlay(context: Context) -> Overlay:
    """The figure of the signals and packages chosen, and what of them is lacking and why."""
    beside, lacking = _held(context)
    if not beside:
        return Overlay(None, tuple(lacking))
    packages = tuple(dict.fromkeys(one.package for one in beside))
    grain = max(
        (Grain.DAY, context.grain, *(one.series.grain for one in beside)), key=list(Grain).index
    )
    answer = context.found.over_time(
        replace(context.selection, packages=packages), context.period, grain
    )
    drawn: list[_Beside] = []
    parts = [_downloads(answer)]
    for one in beside:
        frame = within(at_grain(one.series, grain), answer.period, grain)
        if frame["value"].gt(0).any():
            drawn.append(one)
            parts.append(frame.rename(columns={"value": "amount"}).assign(series=one.name))
        else:
            lacking.append(
                f"{one.series.name} has no whole {grain} in these days; it is held "
                f"{_extent(one.series)}."
            )
    if not drawn:
        return Overlay(None, tuple(lacking))
    return Overlay(
        _drawing(context, answer, grain, parts, tuple(drawn)),
        tuple(lacking),
        tuple(_source_words(one.series) for one in drawn),
    )


def _held(context: Context) -> tuple[list[_Beside], list[str]]:
    """The series of the signals and packages chosen, and what of them is lacking and why."""
    found, own = context.found, context.found.own_terms()
    named = context.selection.packages
    beside, lacking = [], []
    for package in named[:_MOST_PACKAGES]:
        for signal in context.selection.signals:
            term = term_of(package, signal, own)
            series = found.signal(signal, term) if term else None
            if series is not None:
                beside.append(_Beside(package, series))
            elif term:
                lacking.append(
                    f"{LABELS[signal]}: no values of the {TERMS[signal]} {term} are held."
                )
            else:
                lacking.append(f"{LABELS[signal]}: no {TERMS[signal]} is known for {package}.")
    if len(named) > _MOST_PACKAGES:
        lacking.append(f"Only the first {_MOST_PACKAGES} packages are drawn here.")
    return beside, lacking


def _downloads(answer: Answer) -> pd.DataFrame:
    """The downloads of whole periods: columns `period`, `series`, `amount`, `flagged`."""
    frame = answer.frame
    return pd.DataFrame(
        {
            "period": frame["period"],
            "series": frame["series"] + f": {_DOWNLOADS}",
            "amount": frame["downloads"].where(~frame["partial"]),
            "flagged": False,
        }
    )


def _drawing(
    context: Context,
    answer: Answer,
    grain: Grain,
    parts: list[pd.DataFrame],
    drawn: tuple[_Beside, ...],
) -> Drawing:
    frame, start = indexed(parts)
    base = "each one's own first" if start is None else moment(start, grain)
    log = context.selection.view is View.LOG or _spread(frame["value"]) > _WIDE
    unit = f"Index by {grain}, 100 = {base}{', log scale' if log else ''}"
    axis = replace(context.axis(answer), signature=_signature(context, drawn))
    figure = index_lines(
        frame,
        context.theme,
        axis,
        grain=grain,
        lines=_lines(tuple(frame["series"].drop_duplicates()), drawn),
        unit=unit,
        log=log,
    )
    return Drawing(
        figure,
        alt=f"{title(context)}, indexed, {days(answer.period.first, answer.period.last)}.",
        answer=replace(answer, frame=_with_sources(frame, context, drawn)),
        unit=unit,
        name=f"{context.file_name}-signals",
        note=" ".join(_notes(context, frame, start, drawn)),
        axis=axis,
    )


def _signature(context: Context, drawn: tuple[_Beside, ...]) -> str:
    """What the figure names as its sources inside, safe in Plotly's markup."""
    signals = dict.fromkeys(
        LABELS[one.series.signal] + (" (simulated)" if one.series.simulated else "")
        for one in drawn
    )
    return html.escape(" · ".join((context.source, ", ".join(signals), "PyPI Pulse")))


def _spread(values: pd.Series[float]) -> float:
    """How many times its lowest positive value the highest is."""
    positive = values[values > 0]
    return float(positive.max() / positive.min()) if len(positive) else 1.0


def _lines(names: tuple[str, ...], drawn: tuple[_Beside, ...]) -> tuple[Line, ...]:
    """How each series is drawn: packages by color where there are several, else signals."""
    kinds = {one.name: str(one.series.signal) for one in drawn}
    packages = {name: name.partition(":")[0] for name in names}
    several = len(set(packages.values())) > 1
    return tuple(
        Line(
            name,
            html.escape(name),
            color=packages[name] if several else kinds.get(name, _DOWNLOADS),
            kind=kinds.get(name, _DOWNLOADS),
        )
        for name in names
    )


def _with_sources(
    frame: pd.DataFrame, context: Context, drawn: tuple[_Beside, ...]
) -> pd.DataFrame:
    """The rows to take away, each with what it counts and where it came from."""
    units = {one.name: one.series.unit for one in drawn}
    sources = {one.name: one.series.source for one in drawn}
    return frame.assign(
        unit=frame["series"].map(units).fillna(_DOWNLOADS),
        series_source=frame["series"].map(sources).fillna(context.found.state.source_text),
    )


def _notes(
    context: Context, frame: pd.DataFrame, start: pd.Timestamp | None, drawn: tuple[_Beside, ...]
) -> list[str]:
    notes = []
    if frame["flagged"].any():
        notes.append("○ A value that its source gives less exactly.")
    for one in drawn:
        if start is None or one.series.signal is not Signal.GOOGLE_TRENDS:
            continue
        at = frame[(frame["period"] == start) & (frame["series"] == one.name)]
        value = float(at["amount"].iloc[0])
        if value < _COARSE:
            notes.append(
                f"{plain(one.name)} starts from {value:.0f} of 100, and Google rounds: its line "
                f"may be off by up to {50 / value:.0f} %."
            )
    if words := context.selection.words():
        notes.append(f"Downloads are filtered ({plain(words)}); signals are not.")
    simulated = context.found.state.simulated
    if any(one.series.simulated is not simulated for one in drawn):
        notes.append(
            "Some of these series are simulated and some are real: what they have in common "
            "means nothing."
        )
    return notes


def _extent(series: SignalSeries) -> str:
    return days(series.period.first, series.period.last)


def _source_words(series: SignalSeries) -> str:
    fetched = f"{series.fetched_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"**{plain(series.name)}** · {plain(series.unit)} · {_extent(series)} · "
        f"{plain(series.source)} · fetched {fetched}"
    )
