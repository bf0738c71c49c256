"""The running list: single downloads drawn from the latest minute."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.formats import value_label
from lib.live import MINUTE, Look, naive
from lib.live_page.kept import kept
from lib.live_page.scene import Scene, only
from lib.panels.card import panel

_DRAWN = 120
"""How many downloads are drawn of a minute: two a second, of which each look shows the newest."""

ROWS = 9


def draw_running(scene: Scene) -> None:
    """The newest of the downloads drawn, as they go by."""
    with panel("Going by", "live_running"):
        rows = shown(_told(only(scene)), scene.look)
        if rows.empty:
            st.caption("No single downloads are known of the latest minute.")
            return
        st.dataframe(
            rows,
            hide_index=True,
            height="content",
            column_config={
                "at": st.column_config.DatetimeColumn("Time", format="HH:mm:ss"),
                "package": st.column_config.TextColumn("Package"),
                "country": st.column_config.TextColumn("Country"),
                "system": st.column_config.TextColumn("System"),
                "installer": st.column_config.TextColumn("Installer"),
            },
            alt="Single downloads of the latest minute, with package, country and system.",
        )
        st.caption(
            f"Drawn from the minute {scene.minute.first:%H:%M} UTC, each download with the same "
            "chance."
        )


@kept
def _told(scene: Scene) -> pd.DataFrame:
    """The downloads drawn of the latest minute, in words, by their time `at`."""
    rows = scene.look.latest(_DRAWN, scene.where)
    told = {
        name: [value_label(name, str(value)) for value in rows[name]]
        for name in ("country", "system", "installer")
    }
    packages = rows["project"].astype("str").str.cat(rows["version"].astype("str"), sep=" ")
    return pd.DataFrame({"at": rows["at"], "package": packages, **told})


def shown(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Of downloads drawn from a minute that has just ended, the newest that would have gone by.

    A minute is played again while the next one lasts, so that the list moves; an older minute is
    shown as it is. `rows` has the column `at` (naive UTC), newest first.
    """
    played_to = naive(look.looked_at - MINUTE)
    if look.looked_at - look.up_to < MINUTE:
        rows = rows[rows["at"] <= played_to]
    return rows.head(ROWS)
