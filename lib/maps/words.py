"""What a map shows in words, for those who cannot see it."""

from __future__ import annotations

import pandas as pd

from lib.geography import country_name
from lib.maps.colors import has_data, on_map, value_text
from lib.selection import Measure


def map_alt(frame: pd.DataFrame, measure: Measure) -> str:
    """What the map shows, for those who cannot see it."""
    placed = on_map(frame)
    shown = placed[has_data(placed[measure.value])]
    if shown.empty:
        return f"World map of {measure.value} by country. No country has data."
    highest = shown.nlargest(3, measure.value)
    places = ", ".join(
        f"{country_name(code)} {value_text(value, measure)}"
        for code, value in zip(highest["country"], highest[measure.value], strict=True)
    )
    count = "1 country has data" if len(shown) == 1 else f"{len(shown)} countries have data"
    return f"World map of {measure.value} by country. Highest: {places}. {count}."
