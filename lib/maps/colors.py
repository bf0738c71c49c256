"""The colors of the map: palettes, scales, legends, and what has no place on it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import pandas as pd

from lib import theme
from lib.formats import NARROW_SPACE, NOT_KNOWN, compact, percent
from lib.geography import world
from lib.selection import Measure

Color = tuple[int, int, int]

DECADES = 4
"""How many powers of ten the sequential scale spans; smaller values share its first color."""

STRONGEST_PREFERENCE = 4.0
"""Where the diverging scale ends: four times the world's share, or a quarter of it."""


@dataclass(frozen=True)
class Palette:
    """The map's own colors in one appearance, as hexadecimal RGB.

    `ramp` runs from few to many and `diverging` from far below the world to far above it. The
    theme's scales are for bars and cells; these keep their faint end apart from sea and no data.
    """

    ramp: tuple[str, ...]
    diverging: tuple[str, ...]
    no_data: str
    sea: str
    graticule: str
    border: str
    selected: str
    base: theme.Theme


LIGHT = Palette(
    ramp=("#D2E5F3", "#8FC1E3", "#3D94CB", "#0B62A8", "#06305A"),
    diverging=("#A34700", "#E5962E", "#C9CDD1", "#4FA3D9", "#00568F"),
    no_data="#EAE8E4",
    sea="#F5F8FB",
    graticule="#E7EDF4",
    border="#FFFFFF",
    selected="#C2187A",
    base=theme.LIGHT,
)

DARK = Palette(
    ramp=("#1A4568", "#1B6AA0", "#3A9BDC", "#86CBF7", "#E0F3FF"),
    diverging=("#FFC57A", "#C67C22", "#565C66", "#2F86C9", "#9AD5FF"),
    no_data="#2B3038",
    sea="#131C26",
    graticule="#1D2834",
    border="#0E141B",
    selected="#FF6EC7",
    base=theme.DARK,
)


def palette_for(dark: bool) -> Palette:
    """The colors of the appearance that the reader has chosen."""
    return DARK if dark else LIGHT


def rgb(color: str) -> Color:
    """The red, green and blue of a hexadecimal color, each from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def hexadecimal(color: Color) -> str:
    """The color as CSS and SVG write it."""
    return "#{:02X}{:02X}{:02X}".format(*color)


def _blend(stops: tuple[str, ...], position: float) -> Color:
    """The color at a position from 0 to 1 along evenly spaced stops."""
    place = min(max(position, 0.0), 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    start, end = rgb(stops[index]), rgb(stops[index + 1])
    red, green, blue = (
        round(low + (high - low) * (place - index)) for low, high in zip(start, end, strict=True)
    )
    return red, green, blue


def has_data(values: pd.Series) -> pd.Series:
    """Whether each value can be placed on a logarithmic scale."""
    return values.gt(0) & values.notna() & values.ne(math.inf)


def _range(values: pd.Series, measure: Measure) -> tuple[float, float]:
    """The values at the two ends of the color scale; (1, 1) when no value can be shown."""
    if measure is Measure.PREFERENCE:
        return 1 / STRONGEST_PREFERENCE, STRONGEST_PREFERENCE
    shown = values[has_data(values)]
    if shown.empty:
        return 1.0, 1.0
    highest = float(shown.max())
    return max(float(shown.min()), highest / 10**DECADES), highest


def _color(value: float, ends: tuple[float, float], measure: Measure, palette: Palette) -> Color:
    """The color of one positive value on a logarithmic scale with these ends."""
    low, high = ends
    position = math.log(value / low) / math.log(high / low) if high > low else 1.0
    return _blend(palette.diverging if measure is Measure.PREFERENCE else palette.ramp, position)


def color_scale(values: pd.Series, measure: Measure, dark: bool) -> list[Color]:
    """The color of each value, as red, green and blue from 0 to 255.

    Downloads and shares run through one hue on a logarithmic scale of at most four decades; on the
    dark theme many is bright. Preference diverges from gray at 1 to orange below and blue above,
    which readers with any color vision tell apart. Zero, missing and infinite values have a
    neutral color that the scale does not use.
    """
    palette = palette_for(dark)
    ends = _range(values, measure)
    neutral = rgb(palette.no_data)
    return [
        _color(float(value), ends, measure, palette) if shown else neutral
        for value, shown in zip(values, has_data(values), strict=True)
    ]


def share_text(share: float) -> str:
    """A share as a percentage that tells a small one from none."""
    return f"< 0.01{NARROW_SPACE}%" if 0 < share < 5e-5 else percent(share)


def preference_text(preference: float) -> str:
    """A preference as a factor: `×1.3`; `–` where it cannot be told."""
    if math.isnan(preference):
        return NOT_KNOWN
    return f"×{preference:.0f}" if preference >= 9.95 else f"×{preference:.2g}"


def value_text(value: float, measure: Measure) -> str:
    """The value as the map's texts write it."""
    if measure is Measure.DOWNLOADS:
        return compact(value)
    return share_text(value) if measure is Measure.SHARE else preference_text(value)


def _marks(ends: tuple[float, float], measure: Measure) -> list[tuple[str, float]]:
    """Values worth a mark on the scale: powers of two, or powers of ten and the highest value."""
    if measure is Measure.PREFERENCE:
        return [("≤ ×¼", 0.25), ("×½", 0.5), ("×1", 1.0), ("×2", 2.0), ("≥ ×4", 4.0)]
    low, high = ends
    # The logarithm of a power of ten can fall just beside the whole number.
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    powers = [10.0**exponent for exponent in range(first, last + 1)]
    # A mark right beside the highest value would only crowd it.
    marks = [power for power in powers if power * 2 <= high]
    values = [*(marks or [low]), high] if low < high else [high]
    return [(_rounded(value_text(value, measure)), value) for value in values]


def _rounded(text: str) -> str:
    """The text without zeros that say nothing: 10 M and not 10.0 M."""
    return re.sub(r"\.0+(?!\d)", "", text)


def legend(frame: pd.DataFrame, measure: Measure, dark: bool) -> list[tuple[str, str]]:
    """Marks of the color scale from low to high, and last the color of no data: label and color.

    Colors are hexadecimal. A frame without data has the last mark only.
    """
    palette = palette_for(dark)
    values = on_map(frame)[measure.value]
    ends = _range(values, measure)
    marks = [
        (label, hexadecimal(_color(value, ends, measure, palette)))
        for label, value in _marks(ends, measure)
    ]
    return [*(marks if has_data(values).any() else []), ("No data", palette.no_data)]


def off_map(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with no place on the map: unknown countries, and codes that nobody has heard of."""
    return frame[~_is_placed(frame)]


def on_map(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with a place on the map, which alone make the scale of its colors."""
    return frame[_is_placed(frame)]


def _is_placed(frame: pd.DataFrame) -> pd.Series:
    """Whether each row has a place on the map."""
    return frame["country"].map(world().holds).astype(bool)
