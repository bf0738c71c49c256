"""Shares by several dimensions, a small figure of bars each."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st

from lib.cubes import DIMENSION


def draw_bars(figures: Mapping[str, go.Figure], key: str, alt: str) -> None:
    """The figure of each dimension below its name, two beside each other where there is room.

    They have no camera: too small to name their source.
    """
    place = st.grid(2, min_column_width=210)
    for dimension, figure in figures.items():
        label = DIMENSION[dimension].label
        part = place.container()
        part.markdown(f"**{label}**")
        part.plotly_chart(
            figure,
            theme=None,
            key=f"{key}_{dimension}",
            config={"displayModeBar": False},
            alt=f"{alt} by {label}",
        )
