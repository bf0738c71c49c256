"""How each country of a map is drawn, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.formats import NOT_KNOWN, compact, percent
from lib.geography import country_name, world
from lib.maps.colors import (
    Color,
    Palette,
    color_scale,
    on_map,
    palette_for,
    preference_text,
    rgb,
    share_text,
)
from lib.selection import Measure


@dataclass(frozen=True)
class Shade:
    """How one country is drawn, and what its tooltip says."""

    iso: str
    name: str
    downloads: str
    share: str
    preference: str
    fill: Color


def shades_of(frame: pd.DataFrame, measure: Measure, dark: bool) -> dict[str, Shade]:
    """The look of every country on the map that the frame tells of, by its code."""
    placed = on_map(frame)
    colors = color_scale(placed[measure.value], measure, dark)
    columns = (placed[name] for name in ("country", "downloads", "share", "preference"))
    rows = zip(*columns, strict=True)
    return {
        code: Shade(
            iso=code,
            name=country_name(code),
            downloads=compact(downloads),
            share=share_text(share),
            preference=preference_text(preference),
            fill=color,
        )
        for (code, downloads, share, preference), color in zip(rows, colors, strict=True)
    }


def blank(code: str, dark: bool) -> Shade:
    """The look of a country that the frame says nothing about."""
    name = country_name(code) if code else "Disputed territory"
    return Shade(code, name, "0", percent(0), NOT_KNOWN, rgb(palette_for(dark).no_data))


def points_of(shades: dict[str, Shade], palette: Palette, selected: str | None) -> list[Shade]:
    """The territories worth a point: dozens of islands without data would only be noise."""
    looks = [shades.get(code) or blank(code, palette.base.dark) for code in world().territories]
    neutral = rgb(palette.no_data)
    return [look for look in looks if look.fill != neutral or look.iso == selected]
