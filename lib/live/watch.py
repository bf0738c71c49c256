"""What a reader of the Live page watches: one frozen value, to and from the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lib.aggregate import Filter
from lib.live import MINUTE, Where
from lib.packages import groups, normalized
from lib.parameters import Reading

FILTERS = ("country", "system", "installer")
"""The dimensions that the page filters by beside the package group."""


class Window(StrEnum):
    """How much of the past the rate chart shows."""

    HOUR = "60m"
    DAY = "24h"


WINDOW_LABELS = {Window.HOUR: "60 minutes", Window.DAY: "24 hours"}

LENGTHS = {Window.HOUR: timedelta(hours=1), Window.DAY: timedelta(hours=24)}

STEPS = {Window.HOUR: MINUTE, Window.DAY: 10 * MINUTE}
"""How long one point of the rate chart lasts: 60 or 144 points."""


class Pace(StrEnum):
    """How often the page looks again."""

    SECONDS_2 = "2s"
    SECONDS_5 = "5s"
    SECONDS_15 = "15s"
    SECONDS_60 = "60s"

    @property
    def seconds(self) -> int:
        """Seconds between two looks."""
        return int(self.removesuffix("s"))


PACE_LABELS = {
    Pace.SECONDS_2: "2 s",
    Pace.SECONDS_5: "5 s",
    Pace.SECONDS_15: "15 s",
    Pace.SECONDS_60: "60 s",
}


@dataclass(frozen=True)
class Watch:
    """What the reader watches.

    Without `group` all packages of the feed; without values of a dimension all of them. `package`
    is the one whose distribution is shown, the top one where empty. `paused` freezes everything,
    `present` is for a stage.
    """

    group: str = ""
    country: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    installer: tuple[str, ...] = ()
    window: Window = Window.HOUR
    pace: Pace = Pace.SECONDS_2
    package: str = ""
    paused: bool = False
    present: bool = False

    @property
    def where(self) -> Where:
        """The filters that a look is asked with."""
        chosen = {"project": groups().get(self.group, ())}
        chosen |= {name: getattr(self, name) for name in FILTERS}
        return tuple(Filter(name, values) for name, values in chosen.items() if values)


def to_parameters(watch: Watch) -> dict[str, list[str]]:
    """The watch as query parameters; what is as by default is left out."""
    default = Watch()
    parameters = {name: list(getattr(watch, name)) for name in FILTERS}
    for name in ("group", "window", "pace", "package"):
        if getattr(watch, name) != getattr(default, name):
            parameters[name] = [str(getattr(watch, name))]
    for name in ("paused", "present"):
        if getattr(watch, name):
            parameters[name] = ["1"]
    return {name: values for name, values in parameters.items() if values}


def from_parameters(parameters: Mapping[str, Sequence[str]]) -> tuple[Watch, tuple[str, ...]]:
    """The watch that query parameters describe, and what of them was ignored and why.

    Any input gives a watch: nothing here raises. Parameters of other names are not read.
    """
    reading = Reading(parameters)
    default = Watch()
    watch = Watch(
        group=_read_group(reading),
        country=reading.values("country"),
        system=reading.values("system"),
        installer=reading.values("installer"),
        window=reading.choice("window", Window, default.window),
        pace=reading.choice("pace", Pace, default.pace),
        package=_read_package(reading),
        paused=reading.texts("paused")[:1] == ["1"],
        present=reading.texts("present")[:1] == ["1"],
    )
    return watch, tuple(reading.ignored)


def _read_group(reading: Reading) -> str:
    for text in reading.texts("group")[:1]:
        if text in groups():
            return text
        reading.ignore("group", text, f"use {', '.join(groups())}")
    return ""


def _read_package(reading: Reading) -> str:
    for text in reading.texts("package")[:1]:
        try:
            return normalized(text)
        except ValueError:
            reading.ignore("package", text, "no package name")
    return ""
