"""The card of the block sample: what all of PyPI is made of, roughly."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from lib.formats import NARROW_SPACE, compact, day
from lib.live import BlockSample
from lib.live.ranks import distribution
from lib.live_charts import share_bars
from lib.live_page.bars import draw_bars
from lib.live_page.kept import kept
from lib.live_page.scene import Scene, only
from lib.panels.card import panel

_BARS = 6


def draw_sampled(scene: Scene) -> None:
    """Shares of all of PyPI by the latest block sample, where the feed has drawn one."""
    sample = scene.look.block_sample
    if sample is None:
        return
    title = f"All of PyPI by a block sample of {sample.percent:g}{NARROW_SPACE}%"
    with panel(title, "live_sampled"):
        draw_bars(_figures(only(scene)), "live_sampled", "Shares of all of PyPI")
        st.caption(_caption(sample))


@kept
def _figures(scene: Scene) -> dict[str, go.Figure]:
    sample = scene.look.block_sample
    if sample is None:
        return {}
    return {
        str(dimension): share_bars(
            distribution(rows.rename(columns={"value": str(dimension)}), str(dimension), _BARS),
            str(dimension),
            scene.theme,
        )
        for dimension, rows in sample.frame.groupby("dimension", sort=False)
    }


def _caption(sample: BlockSample) -> str:
    return (
        f"Shares of {compact(sample.rows)} downloads of {day(sample.read_at.date())}, in blocks "
        f"that BigQuery drew at {sample.read_at:%H:%M} UTC. A block holds packages that are "
        "neighbors in the alphabet: the error of a share is not known, and packages cannot be "
        "ranked by it."
    )
