"""The card of the map: where in the world downloads come from at this moment."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pydeck as pdk
import streamlit as st

from lib import maps
from lib.cubes import UNKNOWN
from lib.formats import change, percent, plain, value_label
from lib.live import MINUTE
from lib.live.usual import beside_weeks, with_usual
from lib.live_page.kept import kept
from lib.live_page.scene import Scene, only, times
from lib.panels.card import panel
from lib.panels.world_map import draw_legend

_HEIGHT = 250
"""Pixels of the map on a wide screen, where it fills half of the page's width."""

_LARGE = 380
"""Pixels of the map on a stage."""

_LISTED, _LISTED_ON_STAGE = 6, 3


@dataclass(frozen=True)
class _Drawn:
    """What the card says of a minute, but for the map itself."""

    title: str
    alt: str
    legend: list[tuple[str, str]]
    countries: pd.DataFrame
    note: str


def draw_places(scene: Scene) -> None:
    """The map of the latest minute, with what its colors mean."""
    beat = _next_beat(scene)
    scene = only(scene)
    drawn = _drawn(scene)
    with panel(drawn.title, "live_places"):
        if drawn.countries.empty:
            st.info("No downloads match.", icon=":material/search_off:")
            return
        wide = _LARGE if scene.watch.present else _HEIGHT
        st.pydeck_chart(
            _deck(scene, beat=beat),
            height=maps.map_height(st.context.headers.get("User-Agent"), wide=wide),
            key="live_map",
            alt=drawn.alt,
        )
        draw_legend(drawn.legend)
        st.dataframe(
            drawn.countries,
            hide_index=True,
            height="content",
            column_config={
                "country": st.column_config.TextColumn("Country"),
                "rate": st.column_config.TextColumn("Downloads"),
                "share": st.column_config.NumberColumn("Share", format="percent", width=70),
                "usual": st.column_config.TextColumn("Against usual", width=100),
            },
            alt=drawn.alt,
        )
        st.caption(drawn.note)


@kept
def _drawn(scene: Scene) -> _Drawn:
    rates = country_rates(scene)
    return _Drawn(
        _title(rates),
        maps.live_map_alt(rates),
        maps.live_legend(rates, scene.theme.dark),
        _top_countries(rates, _LISTED_ON_STAGE if scene.watch.present else _LISTED),
        f"Downloads of {plain(scene.scope)}, {times(scene.minute, scene.look)}; circles by area, "
        f"night is shaded. {maps.live_note(rates)}",
    )


@kept
def country_rates(scene: Scene) -> pd.DataFrame:
    """The latest minute by country: `country`, `downloads`, and the rates `rate` and `usual`."""
    span, seconds = scene.minute, MINUTE.total_seconds()
    now, *earlier = (
        scene.look.totals(known, ("country",), scene.where)
        for known in (span, *scene.known_weeks(span, "country", scene.where))
    )
    frame = with_usual(beside_weeks(now, earlier, "country")).reset_index()
    return pd.DataFrame(
        {
            "country": frame["country"],
            "downloads": frame["downloads"],
            "rate": frame["downloads"] / seconds,
            "usual": frame["usual"] / seconds,
        }
    )


@kept
def _deck(scene: Scene, *, beat: bool) -> pdk.Deck:
    rates, dark = country_rates(scene), scene.theme.dark
    chosen = scene.watch.country[0] if len(scene.watch.country) == 1 else None
    return maps.live_deck(rates, scene.minute.after, dark, chosen, beat=beat)


def _next_beat(scene: Scene) -> bool:
    """Whether halos are wide in this look: in every other, and as they were while paused."""
    beat = bool(st.session_state.get("live_beat")) ^ (not scene.paused)
    st.session_state["live_beat"] = beat
    return beat


def _top_countries(rates: pd.DataFrame, most: int) -> pd.DataFrame:
    """The countries on top: `country`, `rate`, `share`, and `usual`, the change, in words."""
    top = rates[rates["rate"] > 0].nlargest(most, "rate")
    against = top["rate"] / top["usual"].where(top["usual"] > 0) - 1
    return pd.DataFrame(
        {
            "country": [value_label("country", code) for code in top["country"]],
            "rate": [maps.rate_text(rate) for rate in top["rate"]],
            "share": top["rate"] / max(float(rates["rate"].sum()), 1e-9),
            "usual": [change(ratio) for ratio in against],
        }
    )


def _title(rates: pd.DataFrame) -> str:
    """The country on top with its share: `United States: 71 % of the downloads`."""
    shares = rates.set_index("country")["rate"].drop(UNKNOWN, errors="ignore")
    if shares.empty or not shares.max():
        return "Where in the world"
    share = float(shares.max() / rates["rate"].sum())
    return f"{value_label('country', str(shares.idxmax()))}: {percent(share)} of the downloads"
