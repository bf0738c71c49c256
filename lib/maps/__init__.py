"""The world map of downloads: colors, an interactive map for the page, and one to take away.

Every function but the Live page's, whose frame `live_deck` describes, reads a frame with one row
for each country, and the columns

- `country`: ISO 3166-1 alpha-2 code, or `unknown`;
- `downloads`: how many;
- `share`: its part of the selected downloads, from 0 to 1;
- `preference`: that share over the country's share of all downloads held, where 1 means "as the
  world does"; NaN where it cannot be told.

Nothing here asks a foreign host for anything: the outlines are our own, and there is no base map.
"""

from __future__ import annotations

from lib.maps.colors import Color, color_scale, legend, off_map
from lib.maps.deck import HEIGHT, PHONE_HEIGHT, country_deck, map_height
from lib.maps.live import live_deck, live_map_alt, live_note
from lib.maps.pulse import live_legend, rate_text
from lib.maps.svg import map_svg
from lib.maps.words import map_alt

__all__ = [
    "HEIGHT",
    "PHONE_HEIGHT",
    "Color",
    "color_scale",
    "country_deck",
    "legend",
    "live_deck",
    "live_legend",
    "live_map_alt",
    "live_note",
    "map_alt",
    "map_height",
    "map_svg",
    "off_map",
    "rate_text",
]
