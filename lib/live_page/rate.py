"""The card of the rate: the last hour or day before what is usual, and what rose above that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import isnan

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lib.aggregate import Filter
from lib.formats import NARROW_SPACE, compact, percent, plain, value_label
from lib.live import EARLIER_WEEKS, Span, aware, naive
from lib.live.usual import Unusual, band, unusual
from lib.live.watch import STEPS, WINDOW_LABELS, Window
from lib.live_charts import Mark, rate_chart
from lib.live_page import controls
from lib.live_page.kept import kept
from lib.live_page.scene import Scene, clock, main_maker, only, times
from lib.panels.card import panel, show_figure

_LEAST_STEPS = {Window.HOUR: 3, Window.DAY: 2}
"""How many steps in a row are out of the usual range before that is called unusual."""

_MOST_TOLD = 3


@dataclass(frozen=True)
class ToldRate:
    """The figure of the rate, with its title, its text for those who cannot see it, and notes."""

    title: str
    figure: go.Figure | None
    alt: str
    notes: tuple[str, ...]


def draw_rate(scene: Scene) -> None:
    """The card, with the choice of how much of the past it shows."""
    drawn = told_rate(only(scene, "window"))
    with panel(drawn.title, "live_rate") as card:
        st.segmented_control(
            "Time shown",
            list(Window),
            format_func=WINDOW_LABELS.__getitem__,
            key=controls.key("window"),
            default=controls.seed().window,
            required=True,
            label_visibility="collapsed",
        )
        if drawn.figure is None:
            st.info(drawn.alt, icon=":material/info:")
            return
        show_figure(drawn.figure, key=card.key, alt=drawn.alt, name="downloads-a-second")
        for note in drawn.notes:
            st.caption(note)


@kept
def told_rate(scene: Scene) -> ToldRate:
    """The rate of the window, what is usual, and what lay off that, with its main maker."""
    span, step = scene.window, STEPS[scene.watch.window]
    earlier = [scene.series(span.back(weeks)) for weeks in range(1, EARLIER_WEEKS + 1)]
    frame = band(scene.series(span), earlier)
    settled = frame[frame.index <= naive(scene.settled_to - step)]
    known = frame["downloads"].dropna()
    if known.empty:
        return ToldRate(f"Rate of {scene.subject}", None, "Nothing is known of this time yet.", ())
    if not known.any() and not frame["usual"].any():
        return ToldRate("No downloads match", None, "Take a filter away.", ())
    found = unusual(settled, _LEAST_STEPS[scene.watch.window])[-_MOST_TOLD:]
    makers = [_makers(scene, run) for run in found]
    marks = [
        Mark(
            aware(run.first),
            aware(run.last) + step,
            ", ".join(filter(None, made)) or _against(run),
            run.side == "above",
        )
        for run, made in zip(found, makers, strict=True)
    ]
    figure = rate_chart(
        frame,
        step,
        marks,
        scene.theme,
        scene.signature,
        settled_to=scene.settled_to,
    )
    title = _title(scene, settled, found)
    notes = [_sentence(scene, run, made) for run, made in zip(found, makers, strict=True)]
    return ToldRate(title, figure, f"{title}. {_lowest_and_highest(known, step)}",
                  (*notes[::-1], _of_band(frame)))  # fmt: skip


def _title(scene: Scene, settled: pd.DataFrame, found: tuple[Unusual, ...]) -> str:
    """What the latest step says, in a sentence."""
    step, known = STEPS[scene.watch.window], settled[settled["downloads"].notna()]
    if known.empty:
        return f"Rate of {scene.subject}"
    latest = known.iloc[-1]
    rate = f"{compact(latest['downloads'] / step.total_seconds())} a second"
    if scene.watch.window is Window.DAY:
        start = aware(known.index[-1])
        rate = f"{rate}, {times(Span(start, start + step), scene.look)}"
    if isnan(latest["low"]):
        return f"{rate}: what is usual is not known yet"
    running = [run for run in found if run.last == known.index[-1]]
    if running:
        since = clock(aware(running[-1].first), scene.look)
        return f"{rate}: {_against(running[-1])} since {since} UTC"
    return f"{rate}, as usual at this time"


def _against(run: Unusual) -> str:
    if run.side == "above":
        return f"{percent(run.ratio - 1)} above usual"
    return f"{percent(1 - run.ratio)} below usual"


def _makers(scene: Scene, run: Unusual) -> tuple[str, str]:
    """The package that made most of a rise, and the country from which most of it came.

    Where a package did, the country is that of its own rise. Each is empty where there is none, or
    where it cannot be told.
    """
    if run.side == "below" or not scene.is_split:
        return "", ""
    span = Span(aware(run.first), aware(run.last) + STEPS[scene.watch.window])
    package = main_maker(scene, span, "project", scene.where)
    of_package = (Filter("project", (package,)),) if package else ()
    country = main_maker(scene, span, "country", (*scene.where, *of_package))
    return package, value_label("country", country) if country else ""


def _sentence(scene: Scene, run: Unusual, makers: tuple[str, str]) -> str:
    step = STEPS[scene.watch.window]
    span = Span(aware(run.first), aware(run.last) + step)
    arrow = "▲" if run.side == "above" else "▼"
    package, country = map(plain, makers)
    if package and country:
        mostly = f", mostly {package}, and that mostly from {country}"
    else:
        mostly = f", mostly {package or f'from {country}'}" if package or country else ""
    return (
        f"{arrow} {times(span, scene.look)}: {_against(run)}{mostly} "
        f"({compact(abs(run.excess))} downloads {'more' if run.excess > 0 else 'fewer'})."
    )


def _of_band(frame: pd.DataFrame) -> str:
    weeks = int(frame["weeks"].max())
    if frame["low"].isna().all():
        return "The usual range appears once two earlier weeks are known at these minutes."
    return (
        f"Usual: the median of the same times of the {weeks} weeks before, and the range in which "
        f"95{NARROW_SPACE}% of such times would fall. The axis need not start at zero."
    )


def _lowest_and_highest(known: pd.Series, step: timedelta) -> str:
    seconds = step.total_seconds()
    return (
        f"From {compact(known.min() / seconds)} to {compact(known.max() / seconds)} downloads a "
        "second."
    )
