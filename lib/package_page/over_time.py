"""Downloads of the package over time, with its spikes named and its releases marked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

import pandas as pd
import streamlit as st

from lib import charts, sidebar
from lib.analysis.spikes import Spike
from lib.cubes import Grain
from lib.formats import compact, day, days, plain
from lib.package_charts import Mark, marked
from lib.package_page.choosing import VIEWS
from lib.package_page.facts import facts_known
from lib.panels.card import Drawing, draw, panel, say_empty, switch
from lib.panels.context import KEPT, Context, labeled, last_values
from lib.panels.over_time import partial_note, title, unit_of
from lib.profile.releases import Releases, releases
from lib.profile.unusual import Unusual, unusual
from lib.pypi_facts import PackageFacts
from lib.selection import VIEW_LABELS, Selection, View, to_parameters
from lib.views import as_view

_NAMED = 3
"""How many spikes are told in words: the greatest. All are marked."""


@dataclass(frozen=True, eq=False)
class Course:
    """The figure, with the spikes and the releases that it marks."""

    drawing: Drawing
    unusual: Unusual | None
    releases: Releases


def draw_over_time(context: Context) -> None:
    """The card, with the switch between the views of one package."""
    if st.session_state.get(sidebar.key("view")) not in VIEWS:
        st.session_state[sidebar.key("view")] = View.ABSOLUTE
    with panel(title(context), "over_time") as card:
        switch(card.controls, "View", VIEWS, VIEW_LABELS, "view")
        found = course(context)
        if found is None:
            say_empty()
            return
        draw(context.found, card, found.drawing)
        for line in (*spikes_told(found.unusual), *releases_told(found.releases)):
            st.caption(line)
        if found.unusual and found.unusual.spikes:
            st.page_link(
                "pages/questions.py",
                label="What the spikes were made of",
                icon=":material/arrow_forward:",
                query_params=_question(context, found.unusual),
            )


def course(context: Context) -> Course | None:
    """Downloads over time with their marks; None where there were none."""
    return _course(context, facts_known(context))


@lru_cache(maxsize=KEPT)
def _course(context: Context, facts: PackageFacts | None) -> Course | None:
    view = context.selection.view
    answer = context.found.over_time(context.selection, context.period, context.grain)
    if not answer.frame["downloads"].gt(0).any():
        return None
    frame = labeled(as_view(answer.frame, view, context.grain), "project")
    unit = unit_of(context, answer.frame)
    axis = context.axis(answer)
    found = unusual(context.asking)
    known = releases(context.asking, facts)
    drawn = charts.lines(frame, context.theme, axis, unit=unit, log=view is View.LOG)
    drawing = Drawing(
        marked(
            drawn,
            context.theme,
            spikes=_spike_marks(frame, context.grain, found),
            releases=_release_marks(known),
        ),
        alt=f"{title(context)}, {days(answer.period.first, answer.period.last)}. "
        f"{last_values(frame, share=False)}. {' '.join(spikes_told(found))}",
        answer=replace(answer, frame=frame.drop(columns="label")),
        unit=unit,
        name=context.file_name,
        note=partial_note(frame, context.grain),
        axis=axis,
    )
    return Course(drawing, found, known)


def spikes_told(found: Unusual | None) -> list[str]:
    """The greatest spikes in a sentence, or that there was none; nothing if none was sought."""
    if found is None:
        return []
    spikes = found.spikes
    if not spikes:
        return ["No unusual days: none was far above the weekly rhythm of the 13 weeks around it."]
    greatest = sorted(spikes, key=lambda spike: -spike.excess)[:_NAMED]
    told = "; ".join(_words(spike) for spike in sorted(greatest, key=lambda each: each.first))
    more = len(spikes) - len(greatest)
    others = f"; and {more} smaller" if more else ""
    return [plain(f"▼ Unusual days: {told}{others}.")]


def releases_told(known: Releases) -> list[str]:
    """What the ticks on the time axis are, and how they are known; nothing where there are none."""
    if not known.found:
        return []
    which = "the first release of each x.y" if known.features_only else "a final release"
    how = (
        "its first file, from PyPI"
        if known.from_pypi
        else "the first download of a version newer than all before it"
    )
    return [plain(f"❘ Ticks on the axis: {which}, on the day of {how}.")]


def _words(spike: Spike) -> str:
    goes_on = "" if spike.ended else " and going on"
    return (
        f"{days(spike.first, spike.last)}{goes_on}, up to {spike.height:.1f} times the usual "
        f"(95 %: {spike.low:.1f} to {spike.high:.1f}), {compact(spike.excess)} more in all"
    )


def _spike_marks(frame: pd.DataFrame, grain: Grain, found: Unusual | None) -> pd.DataFrame:
    """The mark of each spike, at the period of its peak: columns `period`, `value`, `text`."""
    values = frame.set_index("period")["value"]
    rows = []
    for spike in found.spikes if found else ():
        starts = values.index[values.index <= pd.Timestamp(spike.peak)]
        if len(starts) and spike.peak - starts[-1].date() < _LENGTHS[grain]:
            rows.append((starts[-1], values[starts[-1]], _words(spike)))
    return pd.DataFrame(rows, columns=["period", "value", "text"])


_LENGTHS = {
    Grain.HOUR: timedelta(days=1),
    Grain.DAY: timedelta(days=1),
    Grain.WEEK: timedelta(days=7),
    Grain.MONTH: timedelta(days=31),
}


def _release_marks(known: Releases) -> list[Mark]:
    what = "Released" if known.from_pypi else "First downloaded"
    return [
        Mark(pd.Timestamp(each.day), f"{each.version}: {what.lower()} {day(each.day)}")
        for each in known.found
    ]


def _question(context: Context, found: Unusual) -> dict[str, list[str]]:
    """The address of the question that takes spikes apart, for the days that were looked at."""
    asked = Selection(context.selection.packages, found.period)
    asked = asked.with_values("country", context.selection.values("country")[:1])
    return {"q": ["spikes"], **to_parameters(asked)}
