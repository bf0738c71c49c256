"""The cards of packages: who is on top, what one is made of, and who rises."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lib.aggregate import Filter
from lib.cubes import UNKNOWN
from lib.formats import NOT_KNOWN, places, plain, value_label
from lib.live import Span
from lib.live.ranks import distribution, ranked, risers
from lib.live_charts import share_bars
from lib.live_page import controls
from lib.live_page.bars import draw_bars
from lib.live_page.kept import kept
from lib.live_page.scene import NOW, Scene, main_maker, only, options, times
from lib.panels.card import panel

TOP = 16

_BEFORE = 4 * NOW
"""Ranks are compared with those this long ago."""

_SPLITS = ("country", "system", "python", "installer")

_BARS = 5

_LEAST_A_MINUTE = 20
"""Below so many downloads a minute a package is too small to be called a riser."""

_MOST_RISERS = 6

_SMALL_RATE = 20


def draw_top(scene: Scene) -> None:
    """The packages with most downloads now, and how their ranks changed within the hour."""
    with panel(f"Top packages, {times(scene.now, scene.look)}", "live_top"):
        frame = top_packages(only(scene))
        if frame.empty:
            _say_nothing(scene)
            return
        st.dataframe(
            frame,
            hide_index=True,
            height="content",
            column_config={
                "rank": st.column_config.NumberColumn("#", width=40),
                "moved": st.column_config.TextColumn(
                    "1 h", width=50, help="Ranks since an hour ago"
                ),
                "project": st.column_config.TextColumn("Package"),
                "rate": st.column_config.NumberColumn(
                    "A second", format=_rate_format(frame), width=80
                ),
                "share": st.column_config.ProgressColumn(
                    "Share",
                    format="percent",
                    width="small",
                    min_value=0,
                    max_value=float(frame["share"].max()),
                ),
            },
            alt=f"The top packages: {', '.join(frame['project'].head(3))}, and others.",
        )
        st.caption(f"Share: of the downloads of {plain(scene.scope)}.")


def draw_distribution(scene: Scene) -> None:
    """What the package chosen, or the one on top, is made of."""
    name = scene.watch.package or _on_top(only(scene))
    scene = replace(scene, watch=replace(scene.watch, package=name))
    title = f"{name} by country, system, Python and installer" if name else "One package in detail"
    with panel(title, "live_distribution"):
        st.selectbox(
            "Package",
            options(only(scene), "project"),
            key=controls.key("package"),
            index=controls.place_of(controls.seed().package, options(only(scene), "project")),
            placeholder="On top now",
            label_visibility="collapsed",
            width=190,
        )
        figures = _distributions(only(scene, "package"))
        if not figures:
            _say_nothing(scene)
            return
        draw_bars(figures, "live", f"Shares of {name}")
        st.caption(
            f"Shares of the {scene.downloads} of {plain(name)}, {times(scene.now, scene.look)}."
        )


def draw_risers(scene: Scene) -> None:
    """Who is rising fastest against their own usual at this time of the week."""
    weeks = scene.known_weeks(scene.now, "project", scene.where)
    with panel(f"Rising above their usual, {times(scene.now, scene.look)}", "live_risers"):
        if len(weeks) < 2:
            st.caption("Known once two earlier weeks are known at this time.")
            return
        frame = risers_told(only(scene))
        if frame.empty:
            st.caption(
                ":material/check: No package is far above what is usual for it at this time."
            )
            return
        st.dataframe(
            frame,
            hide_index=True,
            height="content",
            column_config={
                "project": st.column_config.TextColumn("Package"),
                "times": st.column_config.TextColumn("× usual", width=75),
                "rate": st.column_config.NumberColumn("A second", format="%,.1f", width=80),
                "from": st.column_config.TextColumn("Mostly from"),
            },
            alt=f"Rising: {', '.join(frame['project'])}.",
        )
        st.caption(
            f"Of {scene.downloads}; usual: the median of the same minutes of the {len(weeks)} "
            "weeks before. Only rises beyond chance, of packages with "
            f"{_LEAST_A_MINUTE} downloads a minute or more."
        )


@kept
def _on_top(scene: Scene) -> str:
    frame = scene.look.totals(scene.now, ("project",), scene.where)
    named = frame.loc[frame["project"] != UNKNOWN, "project"]
    return str(named.iloc[0]) if len(named) else ""


@kept
def top_packages(scene: Scene) -> pd.DataFrame:
    """The packages on top: columns `rank`, `moved` in words, `project`, `rate`, `share` of all."""
    before = Span(scene.now.first - _BEFORE, scene.now.after - _BEFORE)
    now, then = (scene.look.totals(span, ("project",), scene.where) for span in (scene.now, before))
    frame = ranked(now, then).head(TOP)
    was_known = not isnan(scene.look.counted(before, scene.where))
    return pd.DataFrame(
        {
            "rank": frame["rank"],
            "moved": [places(moved) if was_known else NOT_KNOWN for moved in frame["moved"]],
            "project": frame["project"],
            "rate": frame["downloads"] / NOW.total_seconds(),
            "share": frame["share"],
        }
    )


def _rate_format(frame: pd.DataFrame) -> str:
    """How rates are written: with a decimal where some are small."""
    return "%,.1f" if frame["rate"].min() < _SMALL_RATE else "%,.0f"


@kept
def _distributions(scene: Scene) -> dict[str, go.Figure]:
    found = {}
    for dimension in _SPLITS:
        totals = scene.look.totals(scene.now, (dimension,), scene.of_package)
        if len(totals):
            shares = distribution(totals, dimension, _BARS)
            found[dimension] = share_bars(shares, dimension, scene.theme)
    return found


@kept
def risers_told(scene: Scene) -> pd.DataFrame:
    """Who rises: columns `project`, `times` the usual in words, `rate`, `from` in words."""
    weeks = scene.known_weeks(scene.now, "project", scene.where)
    now, *earlier = (
        scene.look.totals(span, ("project",), scene.where) for span in (scene.now, *weeks)
    )
    least = _LEAST_A_MINUTE * round(NOW.total_seconds() / 60)
    frame = risers(now, earlier, least=least).head(_MOST_RISERS)
    return pd.DataFrame(
        {
            "project": frame["project"],
            "times": ["new" if pd.isna(r) else f"×{r:.2f}" for r in frame["ratio"]],
            "rate": frame["downloads"] / NOW.total_seconds(),
            "from": [_mostly_from(scene, str(name)) for name in frame["project"]],
        }
    )


def _mostly_from(scene: Scene, name: str) -> str:
    """The country that made most of a package's rise."""
    where = (*scene.where, Filter("project", (name,)))
    country = main_maker(scene, scene.now, "country", where)
    return value_label("country", country) if country else NOT_KNOWN


def _say_nothing(scene: Scene) -> None:
    way_on = " Take a filter away." if scene.where else ""
    st.info(f"No downloads in these minutes.{way_on}", icon=":material/search_off:")
