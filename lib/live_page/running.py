"""The running list: single downloads drawn from the latest minute."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from lib.formats import value_label
from lib.live import MINUTE, Look, naive
from lib.live_page.scene import Scene
from lib.panels.card import panel

_DRAWN = 120
"""How many downloads are drawn of a minute: two a second, of which each look shows the newest."""

ROWS = 9


def draw_running(scene: Scene) -> None:
    """The newest of the downloads drawn, as they go by."""
    with panel("Going by", "live_running"):
        rows = shown(scene.look.latest(_DRAWN, scene.where), scene.look)
        if rows.empty:
            st.caption("No single downloads are known of the latest minute.")
            return
        st.dataframe(
            pd.DataFrame(
                {
                    "Time": rows["at"].dt.strftime("%H:%M:%S"),
                    "Package": rows["project"].str.cat(rows["version"], sep=" "),
                    "Country": [value_label("country", code) for code in rows["country"]],
                    "System": [value_label("system", name) for name in rows["system"]],
                    "Installer": [value_label("installer", name) for name in rows["installer"]],
                }
            ),
            hide_index=True,
            height="content",
            alt="Single downloads of the latest minute, with package, country and system.",
        )
        st.caption(
            f"Drawn from the minute {scene.minute.first:%H:%M} UTC, each download with the same "
            "chance."
        )


def shown(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Of downloads drawn from a minute that has just ended, the newest that would have gone by.

    A minute is played again while the next one lasts, so that the list moves; an older minute is
    shown as it is. Columns as `Look.latest`.
    """
    played_to = naive(look.looked_at - MINUTE)
    if _has_just_ended(look.up_to, look.looked_at):
        rows = rows[rows["at"] <= played_to]
    return rows.head(ROWS)


def _has_just_ended(up_to: datetime, now: datetime) -> bool:
    return now - up_to < MINUTE
