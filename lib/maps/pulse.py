"""How large the circle of each country on the Live page's map is, and of what color."""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass

import pandas as pd

from lib import theme
from lib.formats import NOT_KNOWN, change, compact
from lib.geography import Point, country_name
from lib.maps.colors import on_map
from lib.maps.places import places

LARGEST_USUAL = 130.0
"""Radius in map units of the circle of the largest usual rate: the globe is 3600 wide."""

HEADROOM = 1.6
"""Up to this many times the largest usual rate, circles grow; beyond, all of them shrink."""

SMALLEST = 8.0
"""Radius below which no circle falls: two pixels on a wide screen."""

PRIOR = 20.0
"""Downloads as usual that every country is credited with before its color is chosen."""

BOUNDS = (0.5, 0.8, 1.25, 2.0)
"""Multiples of the usual at which the color changes."""

LABELS = (
    "Usual not known",
    "Under half the usual",
    "Less than usual",
    "As usual",
    "More than usual",
    "Over twice the usual",
)
"""What the tones of circles mean."""

LIGHT = (theme.LIGHT.unknown, "#B84A00", "#E08A3C", "#5B93C4", "#1F66AE", "#0A2F66")

DARK = (theme.DARK.unknown, "#FF8A3D", "#C98648", "#4A8FCB", "#7FC4FA", "#E6F5FF")


@dataclass(frozen=True)
class Pulse:
    """The circle of one country, and what its tooltip says.

    `at` and `radius` are in map units; `tone` is an index into `LABELS` and `tones_for`.
    """

    name: str
    rate: str
    usual: str
    at: Point
    radius: float
    tone: int


def tones_for(dark: bool) -> tuple[str, ...]:
    """The colors of the tones, hexadecimal, in the appearance that the reader has chosen."""
    return DARK if dark else LIGHT


def rate_text(rate: float) -> str:
    """A rate in downloads a second, or a minute where that is more telling: `12.3/s`, `2.4/min`."""
    return f"{compact(rate * 60)}/min" if 0 < rate < 0.1 else f"{compact(rate)}/s"


def pulses_of(rates: pd.DataFrame) -> dict[str, Pulse]:
    """The circle of every country on the map that has downloads, by its code.

    `rates` is as `live_deck` takes it.
    """
    placed = on_map(rates)
    placed = placed[placed["rate"].gt(0)]
    scale, seconds = _full_rate(on_map(rates)), _seconds(rates)
    columns = (placed[name] for name in ("country", "downloads", "rate", "usual"))
    return {
        code: Pulse(
            name=country_name(code),
            rate=rate_text(rate),
            usual=change(rate / usual - 1) if usual > 0 else NOT_KNOWN,
            at=places()[code],
            radius=round(max(LARGEST_USUAL * math.sqrt(rate / scale), SMALLEST), 1),
            tone=_tone(_against_usual(downloads, usual * seconds)),
        )
        for code, downloads, rate, usual in zip(*columns, strict=True)
    }


def _full_rate(placed: pd.DataFrame) -> float:
    """The rate whose circle has the radius `LARGEST_USUAL`.

    The largest usual rate, because that hardly moves from one look to the next: were it the
    largest rate, the first country's circle would never pulse, and all others with it.
    """
    return max(float(placed["usual"].fillna(0).max()), float(placed["rate"].max()) / HEADROOM)


def _seconds(rates: pd.DataFrame) -> float:
    """How long the window is that the downloads were counted in; NaN where there are none."""
    total = float(rates["rate"].sum())
    return float(rates["downloads"].sum()) / total if total else math.nan


def _against_usual(downloads: float, expected: float) -> float:
    """How many times the usual number of downloads there are, held back where both are few.

    (downloads + k) / (expected + k) with k = `PRIOR`: the mean of a Poisson rate's ratio to its
    usual after these downloads, where a gamma distribution of mean 1 and variance 1/k was believed
    before (Clayton and Kaldor, "Empirical Bayes Estimates of Age-Standardized Relative Risks for
    Use in Disease Mapping", Biometrics 43, 1987). Three downloads instead of one are chance; three
    thousand instead of one thousand are not.
    """
    return (downloads + PRIOR) / (expected + PRIOR)


def _tone(ratio: float) -> int:
    """The tone of so many times the usual."""
    return 0 if math.isnan(ratio) else 1 + bisect(BOUNDS, ratio)


def live_legend(rates: pd.DataFrame, dark: bool) -> list[tuple[str, str]]:
    """What each color of the circles means, from less to more: label and hexadecimal color.

    Where a country has downloads but no usual to hold them against, that comes last; where none
    has a usual, it is all there is.
    """
    unknown, *known = zip(LABELS, tones_for(dark), strict=True)
    shown = {pulse.tone for pulse in pulses_of(rates).values()}
    if 0 not in shown:
        return known
    return [unknown] if shown == {0} else [*known, unknown]
