"""The running list: single downloads drawn from the latest minute."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.formats import value_label
from lib.live import MINUTE, Look
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
        minute = f"{rows['at'].iloc[0]:%H:%M} UTC"
        st.caption(f"Drawn from the {scene.downloads} of {minute}, each with the same chance.")


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
    """Of downloads drawn from a minute that has just ended, those that go by now, newest first.

    The minute is played again while the next one lasts, so that the list moves: it begins with its
    first downloads and ends with its last. An older minute is shown as it is.
    """
    if look.looked_at - look.up_to >= MINUTE:
        return rows.head(ROWS)
    played = look.looked_at.second / 59
    hidden = round(max(len(rows) - ROWS, 0) * (1 - played))
    return rows.iloc[hidden : hidden + ROWS]
