"""The map to take away: an image that names its countries and itself."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pandas as pd

from lib.geography import Line, world
from lib.maps.colors import hexadecimal, legend, palette_for
from lib.maps.shades import Shade, blank, points_of, shades_of
from lib.maps.words import map_alt
from lib.selection import Measure

_TITLES = {
    Measure.DOWNLOADS: "Downloads",
    Measure.SHARE: "Share of downloads",
    Measure.PREFERENCE: "Preference: share of these downloads over share of all downloads",
}


def _path(polygon: tuple[Line, ...]) -> str:
    """Rings or lines as SVG path data; SVG's y grows downward."""
    return "".join("M" + "L".join(f"{x},{-y}" for x, y in ring) for ring in polygon)


_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters outside the production Char of XML 1.0."""


def _svg_text(text: str) -> str:
    """The text for an SVG file: escaped, and without the characters that XML forbids."""
    return escape(_NOT_XML.sub("", text))


def _svg_shapes(shades: dict[str, Shade], dark: bool) -> list[str]:
    """The countries and territories as SVG elements, each with its tooltip."""
    elements = []
    for code, polygons in world().countries.items():
        shade = shades.get(code) or blank(code, dark)
        outline = "".join(_path(polygon) for polygon in polygons)
        elements.append(f'<path d="{outline}" {_svg_look(shade)}</path>')
    for shade in points_of(shades, palette_for(dark), selected=None):
        x, y = world().territories[shade.iso]
        elements.append(f'<circle cx="{x}" cy="{-y}" r="9" {_svg_look(shade)}</circle>')
    return elements


def _svg_look(shade: Shade) -> str:
    """The end of an element's opening tag with its color, and its tooltip."""
    text = (
        f"{shade.name}: {shade.downloads} downloads, {shade.share}, preference {shade.preference}"
    )
    return f'fill="{hexadecimal(shade.fill)}"><title>{_svg_text(text)}</title>'


def _svg_legend(frame: pd.DataFrame, measure: Measure, dark: bool, y: float) -> list[str]:
    """The legend as a row of swatches, with the measure's name before it."""
    palette = palette_for(dark)
    elements = [
        f'<text x="-1780" y="{y}" fill="{palette.base.muted}">{_svg_text(_TITLES[measure])}</text>'
    ]
    for index, (label, color) in enumerate(legend(frame, measure, dark)):
        x = -1780 + index * 300
        elements.append(f'<rect x="{x}" y="{y + 28}" width="60" height="40" fill="{color}"/>')
        elements.append(
            f'<text x="{x + 76}" y="{y + 62}" fill="{palette.base.text}">{_svg_text(label)}</text>'
        )
    return elements


def map_svg(frame: pd.DataFrame, measure: Measure, dark: bool, title: str) -> str:
    """The map as a standalone SVG file, with its title and legend; every text is escaped."""
    palette = palette_for(dark)
    top, bottom = -max(y for _, y in world().sea), -min(y for _, y in world().sea)
    style = 'font-family="Inter, Helvetica, Arial, sans-serif" font-size="40"'
    return "".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="1500" '
            f'viewBox="-1840 {top - 160} 3680 {bottom - top + 340}" {style}>',
            f"<title>{_svg_text(title)}</title><desc>{_svg_text(map_alt(frame, measure))}</desc>",
            f'<rect x="-1840" y="{top - 160}" width="3680" height="{bottom - top + 340}" '
            f'fill="{palette.base.background}"/>',
            f'<text x="-1780" y="{top - 60}" font-size="64" font-weight="600" '
            f'fill="{palette.base.text}">{_svg_text(title)}</text>',
            f'<path d="{_path((world().sea,))}" fill="{palette.sea}"/>',
            f'<path d="{_path(world().graticule)}" fill="none" stroke="{palette.graticule}" '
            'stroke-width="2"/>',
            f'<g stroke="{palette.border}" stroke-width="1.5" stroke-linejoin="round" '
            'fill-rule="evenodd">',
            *_svg_shapes(shades_of(frame, measure, dark), dark),
            "</g>",
            *_svg_legend(frame, measure, dark, bottom + 60),
            "</svg>\n",
        ]
    )
