"""The headline of the Live page: figures that tick, and how fresh they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan, nan

import streamlit as st

from lib import opening
from lib.cubes import UNKNOWN
from lib.formats import NARROW_SPACE, NOT_KNOWN, change, percent, plain, told
from lib.live import MINUTE, Look, Span, midnight
from lib.live_page.kept import kept
from lib.live_page.scene import Scene, only, options


@dataclass(frozen=True)
class _Figure:
    label: str
    value: str
    about: str
    delta: str | None = None
    explanation: str | None = None


def draw_pulse(scene: Scene) -> None:
    """How fresh the figures are, and those that tick: rate, today so far, packages, the top."""
    _draw_freshness(scene, opening.settings().now())
    packages = _packages(only(scene)) if scene.is_counted else ()
    figures = (_rate(scene), _today(scene), *packages)
    place = st.grid(len(figures), min_column_width=160)
    for figure in figures:
        place.metric(
            figure.label,
            figure.value,
            delta=figure.delta,
            delta_description=figure.about,
            help=figure.explanation,
            delta_color="off",
            border=True,
            height="stretch",
        )


def _draw_freshness(scene: Scene, now: datetime) -> None:
    """Up to when the figures tell, and how far behind the clock that is; what is wrong, if so."""
    look = scene.look
    stopped = " · :orange-badge[paused]" if scene.paused else ""
    st.markdown(f":small[:material/schedule: {_freshness(look, now)}{stopped}]")
    for trouble in dict.fromkeys(filter(None, (look.world_trouble, look.trouble))):
        left = trouble.retry_at - now
        again = f"in {duration(left)}" if left > timedelta() else "now"
        st.warning(
            f"{told(trouble.sentence)} The last good minutes are shown in gray. "
            f"Trying again {again}.",
            icon=":material/cloud_off:",
        )
    for notice in look.notices:
        st.info(told(notice), icon=":material/info:")


def _freshness(look: Look, now: datetime) -> str:
    """The second up to which minutes and rate tell, their lag, and their source, in Markdown."""

    def up_to(at: datetime) -> str:
        return f"up to **{at:%H:%M:%S}** UTC, lag {duration(now - at)}"

    if look.feed == "sample":
        return f"Simulated downloads {up_to(look.up_to)}"
    rows = f"Rows of PyPI's table in BigQuery {up_to(look.world_up_to)}"
    if isnan(look.counted(Span(look.up_to - MINUTE, look.up_to))):
        return rows
    return f"{rows} · {plain(look.scope)} {up_to(look.up_to)}"


def duration(length: timedelta) -> str:
    """A length of time in its two greatest units: `3 s`, `2 min 5 s`, `1 h 4 min`."""
    seconds = max(int(length.total_seconds()), 0)
    units = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    parts = []
    for size, name in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{NARROW_SPACE}{name}")
    return " ".join(parts[:2]) or f"0{NARROW_SPACE}s"


def _rate(scene: Scene) -> _Figure:
    after = scene.settled_to
    last = Span(after - MINUTE, after)
    downloads = scene.counted(last)
    return _Figure(
        "Downloads a second",
        _grouped(downloads / 60),
        *_about(scene, last, downloads),
        f"Mean of the last 60 seconds that are known whole, of {plain(scene.subject)}, against the "
        f"same minute last week. {_what_counts(scene)}",
    )


def _today(scene: Scene) -> _Figure:
    start, after = midnight(scene.look.looked_at), scene.settled_to
    today = Span(start, max(after, start))
    downloads = scene.counted(today) if after > start else nan
    return _Figure(
        "Downloads today so far",
        _grouped(downloads),
        *_about(scene, today, downloads),
        "Since midnight UTC, against the same weekday last week up to the same second. "
        f"{_what_counts(scene)}",
    )


def _what_counts(scene: Scene) -> str:
    if scene.is_world and scene.look.feed == "bigquery":
        return (
            "Counted are the rows that PyPI loads into its public table every few minutes, spread "
            "over the time between two loads. Each is a file request, mostly by machines."
        )
    return "A download is one file request, mostly by machines."


@kept
def _packages(scene: Scene) -> tuple[_Figure, _Figure]:
    frame = scene.look.totals(scene.minute, ("project",), scene.where)
    known = options(only(scene), "project")
    of = {name for f in scene.where if f.dimension == "project" for name in f.values}
    watched = len(set(known) & of) if of else len(known)
    count = _Figure(
        "Packages being downloaded",
        f"{len(frame):,}",
        f"of {watched:,} watched",
        explanation=f"In the minute {scene.minute.first:%H:%M} UTC, of {plain(scene.look.scope)}.",
    )
    label = f"On top at {scene.minute.first:%H:%M} UTC" if scene.is_old else "On top now"
    named = frame[frame["project"] != UNKNOWN]
    if named.empty:
        return count, _Figure(label, NOT_KNOWN, f"no downloads at {scene.minute.first:%H:%M} UTC")
    top = str(named["project"].iloc[0])
    share = float(named["downloads"].iloc[0]) / float(frame["downloads"].sum())
    return count, _Figure(label, top, f"{percent(share)} of {plain(scene.scope)}")


def _about(scene: Scene, span: Span, downloads: float) -> tuple[str, str | None]:
    """What a figure is of or compared with, in a few words, and its change against last week."""
    before = scene.counted(span.back(1))
    of = scene.subject if scene.look.scope != scene.look.world else ""
    if isnan(downloads) or not before > 0:
        return of or ("last week is not known" if isnan(before) else "none last week"), None
    return ", ".join(filter(None, ("vs last week", of))), change(downloads / before - 1)


def _grouped(number: float) -> str:
    if isnan(number):
        return NOT_KNOWN
    return f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.1f}"
