"""A badge: a small SVG with a label and a value, to stand in a README or on a web page."""

from __future__ import annotations

from html import escape

_HEIGHT = 20
_MARGIN = 6
_SIZE = 11

_NARROW = set("fijltrI!|.,:;'()[]/ \u202f")
_WIDE = set("mwMW%@")

_LABEL_COLOR, _VALUE_COLOR = "#49525c", "#0b62a8"
_SIMULATED_COLOR = "#8a4b00"


def badge(label: str, value: str, note: str = "", *, about: str = "") -> str:
    """The badge as SVG; `note` stands in a third field, `about` in the accessible title alone.

    The text of each field is as wide as is left for it, whatever font a reader has.
    """
    fields = [(label, _LABEL_COLOR), (value, _VALUE_COLOR)]
    if note:
        fields.append((note, _SIMULATED_COLOR))
    widths = [_width(text) + 2 * _MARGIN for text, _ in fields]
    whole = sum(widths)
    words = (about, f"{label}: {value}", note)
    title = escape(" · ".join(filter(None, words)))
    boxes, texts, left = [], [], 0
    for (text, color), width in zip(fields, widths, strict=True):
        boxes.append(f'<rect x="{left}" width="{width}" height="{_HEIGHT}" fill="{color}"/>')
        texts.append(
            f'<text x="{left + width / 2:g}" y="14" textLength="{width - 2 * _MARGIN}">'
            f"{escape(text)}</text>"
        )
        left += width
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{_HEIGHT}" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f'<clipPath id="r"><rect width="{whole}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)">{"".join(boxes)}</g>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" '
        f'font-size="{_SIZE}">{"".join(texts)}</g></svg>\n'
    )


def _width(text: str) -> int:
    """About how many pixels a text takes in Verdana of this size."""
    return round(sum(4 if c in _NARROW else 10 if c in _WIDE else 7 for c in text))
