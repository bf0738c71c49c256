"""Numbers, shares, dates and values of dimensions as text: one way each."""

from __future__ import annotations

import math
import re
from datetime import date

import pandas as pd

from lib.aggregate import REST
from lib.cubes import UNKNOWN, Grain
from lib.geography import country_name

_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))

NARROW_SPACE = "\u202f"

NOT_KNOWN = "–"
"""Stands for a number or a word that is not known, or cannot be."""

_FILE_TYPES = {
    "bdist_wheel": "Wheel",
    "sdist": "Source archive",
    "bdist_egg": "Egg",
    "metadata": "Metadata only",
}


def compact(number: float) -> str:
    """Three significant digits and a scale: `1.24 M`, `12.4 k`, `950`; `–` for no number."""
    if math.isnan(number):
        return NOT_KNOWN
    for scale, letter in _SCALES:
        if abs(number) >= scale * 0.9995:
            scaled = number / scale
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f}{NARROW_SPACE}{letter}"
    return f"{number:.0f}" if number == int(number) or abs(number) >= 100 else f"{number:.1f}"


def percent(share: float) -> str:
    """A share of one as a percentage: `3.4 %`, `0.05 %`, `–` for no number."""
    if math.isnan(share):
        return NOT_KNOWN
    value = share * 100
    digits = 0 if abs(value) >= 99.95 or value == 0 else 1 if abs(value) >= 0.95 else 2
    return f"{value:.{digits}f}{NARROW_SPACE}%"


def change(ratio: float) -> str:
    """A relative change with its sign: `+4.2 %`, `-12 %`, or as a multiple: `×3.1`."""
    if math.isnan(ratio) or math.isinf(ratio):
        return NOT_KNOWN
    if ratio >= 2:
        return f"×{1 + ratio:.1f}"
    # Streamlit takes a change for a fall where it begins with this hyphen, not with a minus sign.
    sign = "+" if ratio >= 0 else "-"
    digits = 1 if abs(ratio) < 0.0995 else 0
    return f"{sign}{abs(ratio) * 100:.{digits}f}{NARROW_SPACE}%"


def places(gained: int | None) -> str:
    """A change of rank: `▲ 2`, `▼ 1`, `=`, or `new` where there was none before."""
    if gained is None or pd.isna(gained):
        return "new"
    return "=" if gained == 0 else f"▲ {gained}" if gained > 0 else f"▼ {-gained}"


def day(value: date) -> str:
    """A day: `24 Aug 2026`."""
    return f"{value.day} {value:%b %Y}"


def days(first: date, last: date) -> str:
    """A range of days: `24 Aug – 21 Nov 2026`."""
    if first == last:
        return day(first)
    start = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{start} – {day(last)}"


def moment(value: pd.Timestamp, grain: Grain) -> str:
    """The name of one period of a series: `Aug 2026`, `week of 24 Aug 2026`, `24 Aug 2026`."""
    if grain is Grain.MONTH:
        return f"{value:%b %Y}"
    if grain is Grain.WEEK:
        return f"week of {day(value.date())}"
    if grain is Grain.HOUR:
        return f"{day(value.date())} {value:%H:%M} UTC"
    return day(value.date())


def value_label(dimension: str, value: str) -> str:
    """A value of a dimension as a reader knows it: `DE` is Germany, `true` is CI."""
    if value == REST:
        return "All other"
    if value == UNKNOWN:
        return "Unknown"
    if dimension == "country":
        return country_name(value)
    if dimension == "python":
        return f"Python {value}"
    if dimension == "ci":
        return {"true": "In CI"}.get(value, value)
    if dimension == "file_type":
        return _FILE_TYPES.get(value, value)
    return value


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts versions as people count: 3.9 before 3.10, numbers before words."""
    parts = re.findall(r"\d+|[^\d.]+", version)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def plain(text: str) -> str:
    """Text that Markdown shows as it is: no emphasis, link, image, icon or formula in it."""
    return re.sub(r"([\\`*_{}\[\]()<>#+.!|~$:-])", r"\\\1", text)


def portable(text: str) -> str:
    """Text as Markdown to take away: only what can begin markup in the middle of a line is escaped.

    `plain` escapes all that Streamlit's Markdown knows, which is hard to read as it stands.
    """
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)


def told(text: str) -> str:
    """A sentence of the app's own: commands between backticks are code, and what it quotes is text.

    Nothing in it becomes a link, an image, an icon or a formula.
    """
    return re.sub(r"([\\*\[\]<>$|~]|:(?=\w))", r"\\\1", text)
