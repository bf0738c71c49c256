"""The headline of the Live page: figures that tick, and how fresh they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan

import streamlit as st

from lib import opening
from lib.cubes import UNKNOWN
from lib.formats import NARROW_SPACE, change, percent, plain, told
from lib.live import MINUTE, Look, Span
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
    draw_freshness(scene.look, opening.settings().now(), paused=scene.paused)
    place = st.grid(4 if scene.is_counted else 2, min_column_width=210)
    packages = _packages(only(scene)) if scene.is_counted else ()
    for figure in (_rate(scene), _today(scene), *packages):
        place.metric(
            figure.label,
            figure.value,
            delta=figure.delta,
            delta_description=figure.about,
            help=figure.explanation,
            border=True,
            height="stretch",
        )


def draw_freshness(look: Look, now: datetime, *, paused: bool) -> None:
    """Up to when the figures tell, and how far behind the clock that is; what is wrong, if so."""
    kind = "Simulated downloads" if look.feed == "sample" else "Downloads"
    stopped = " · :orange-badge[paused]" if paused else ""
    st.markdown(
        f":small[:material/schedule: {kind} up to **{look.up_to:%H:%M:%S}** UTC, "
        f"lag {duration(now - look.up_to)}{stopped}]"
    )
    if look.trouble:
        wait = duration(max(look.trouble.retry_at - now, timedelta()))
        st.warning(
            f"{told(look.trouble.sentence)} The last good minutes are shown in gray. "
            f"Trying again in {wait}.",
            icon=":material/cloud_off:",
        )
    for notice in look.notices:
        st.info(told(notice), icon=":material/info:")


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
        "vs last week",
        _against_last_week(scene, last, downloads),
        f"Mean of the last 60 seconds that are known, of {plain(scene.subject)}, against the same "
        "minute last week. A download is one file request, mostly by machines.",
    )


def _today(scene: Scene) -> _Figure:
    after = scene.settled_to
    today = Span(after.replace(hour=0, minute=0, second=0, microsecond=0), after)
    downloads = scene.counted(today)
    return _Figure(
        "Downloads today so far",
        _grouped(downloads),
        "vs last week",
        _against_last_week(scene, today, downloads),
        "Since midnight UTC, against the same weekday last week up to the same second.",
    )


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
    named = frame[frame["project"] != UNKNOWN]
    if named.empty:
        return count, _Figure("On top now", "–", "no downloads in the latest minute")
    top = str(named["project"].iloc[0])
    share = float(named["downloads"].iloc[0]) / float(frame["downloads"].sum())
    return count, _Figure("On top now", top, f"{percent(share)} of downloads")


def _against_last_week(scene: Scene, span: Span, downloads: float) -> str | None:
    before = scene.counted(span.back(1))
    return change(downloads / before - 1) if before > 0 and not isnan(downloads) else None


def _grouped(number: float) -> str:
    return "–" if isnan(number) else f"{number:,.0f}"
