"""The reader's selection: one frozen value, to and from the URL, to a query and to words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from lib.aggregate import AggregateQuery, Filter
from lib.cubes import DIMENSION, MAX_PACKAGES, Grain
from lib.installers import LABELS, InstallerClass, counted
from lib.packages import normalized
from lib.parameters import MOST_VALUES, Choice, Reading
from lib.router import Period
from lib.signals import Signal

FILTERS = (
    "country",
    "python",
    "system",
    "cpu",
    "installer",
    "installer_version",
    "ci",
    "version",
    "file_type",
)
"""The dimensions that a selection filters by, in the order in which they are offered."""

SPLITS = (
    "python",
    "country",
    "system",
    "cpu",
    "installer",
    "installer_version",
    "ci",
    "version",
    "file_type",
    "project",
)
"""The dimensions that downloads are broken down by, in the order in which they are offered."""

_FIRST_YEAR = 2016


class Preset(StrEnum):
    """A period that moves with the data: it ends on the last day held."""

    MONTH = "30d"
    QUARTER = "90d"
    YEAR = "1y"
    ALL = "all"


PRESET_LABELS = {
    Preset.MONTH: "30 days",
    Preset.QUARTER: "90 days",
    Preset.YEAR: "1 year",
    Preset.ALL: "All",
}

_PRESET_DAYS = {Preset.MONTH: 30, Preset.QUARTER: 90, Preset.YEAR: 365}


class View(StrEnum):
    """What the lines of downloads over time show."""

    ABSOLUTE = "absolute"
    SHARE = "share"
    INDEXED = "indexed"
    LOG = "log"
    MEAN = "mean"


VIEW_LABELS = {
    View.ABSOLUTE: "Downloads",
    View.SHARE: "Share",
    View.INDEXED: "Indexed",
    View.LOG: "Log scale",
    View.MEAN: "7-day mean",
}


class Shape(StrEnum):
    """How a breakdown is drawn."""

    AREAS = "areas"
    LINES = "lines"
    SHARES = "shares"


SHAPE_LABELS = {Shape.AREAS: "Stacked", Shape.LINES: "Lines", Shape.SHARES: "Shares"}


class Measure(StrEnum):
    """What the colors of the map mean."""

    DOWNLOADS = "downloads"
    SHARE = "share"
    PREFERENCE = "preference"


class Columns(StrEnum):
    """What the table of packages tells."""

    TOTALS = "totals"
    EVERYTHING = "everything"


COLUMNS_LABELS = {Columns.TOTALS: "Totals", Columns.EVERYTHING: "Side by side"}


MEASURE_LABELS = {
    Measure.DOWNLOADS: "Downloads",
    Measure.SHARE: "Share",
    Measure.PREFERENCE: "Preference",
}


@dataclass(frozen=True)
class Selection:
    """What the reader has chosen.

    No `packages` means all that the store holds. `period` is a preset or fixed UTC days.
    Without `grain` one is picked that suits the period. `filters` keeps, for each dimension
    named, the downloads with one of the values. `signals` are drawn beside the downloads.
    """

    packages: tuple[str, ...] = ()
    period: Preset | Period = Preset.YEAR
    grain: Grain | None = None
    filters: tuple[Filter, ...] = ()
    counting: tuple[InstallerClass, ...] = tuple(InstallerClass)
    view: View = View.ABSOLUTE
    split: str = "python"
    shape: Shape = Shape.AREAS
    measure: Measure = Measure.DOWNLOADS
    signals: tuple[Signal, ...] = ()
    columns: Columns = Columns.TOTALS

    def values(self, dimension: str) -> tuple[str, ...]:
        """The values that the selection keeps of a dimension; none where all are kept."""
        for condition in self.filters:
            if condition.dimension == dimension:
                return condition.values
        return ()

    def with_values(self, dimension: str, values: Sequence[str]) -> Selection:
        """The selection with the filter on one dimension replaced, or removed by no values."""
        chosen = {condition.dimension: condition.values for condition in self.filters}
        chosen[dimension] = tuple(values)
        return replace(
            self,
            filters=tuple(Filter(name, chosen[name]) for name in FILTERS if chosen.get(name)),
        )

    def days(self, held: Period) -> Period:
        """The days that the selection is about, given the days that the store holds.

        Fixed days outside what is held stay as they are: a page then says that they are not held.
        """
        if isinstance(self.period, Period):
            return self.period
        if self.period is Preset.ALL:
            return held
        first = held.last - timedelta(days=_PRESET_DAYS[self.period] - 1)
        return Period(max(first, held.first), held.last)

    def conditions(self) -> tuple[Filter, ...]:
        """Every filter of the selection: packages, values of dimensions, and what counts."""
        packages = (Filter("project", self.packages),) if self.packages else ()
        return (*packages, *self.filters, *counted(self.counting))

    def query(
        self,
        period: Period,
        *,
        grain: Grain | None = None,
        by: tuple[str, ...] = (),
        top: int | None = None,
    ) -> AggregateQuery:
        """The aggregate query for these filters over `period`."""
        return AggregateQuery(
            period.first,
            period.last,
            grain=grain,
            by=by,
            where=self.conditions(),
            top=top,
        )

    def words(self) -> str:
        """The filters in words, without packages and period: `Country: DE, FR`; or nothing."""
        parts = [f"{DIMENSION[c.dimension].label}: {', '.join(c.values)}" for c in self.filters]
        if set(self.counting) != set(InstallerClass):
            parts.append("Counting " + listed([LABELS[c].lower() for c in self.counting]))
        return " · ".join(parts)


def auto_grain(period: Period, finest: Grain) -> Grain:
    """The grain that draws `period` in fewer than about 220 points, none finer than `finest`."""
    if period.days <= 200:
        wanted = Grain.DAY
    elif period.days <= 1500:
        wanted = Grain.WEEK
    else:
        wanted = Grain.MONTH
    return finest if wanted.is_finer_than(finest) else wanted


def to_parameters(selection: Selection) -> dict[str, list[str]]:
    """The selection as query parameters; what is as by default is left out."""
    default = Selection()
    parameters: dict[str, list[str]] = {}
    if selection.packages:
        parameters["packages"] = list(selection.packages)
    if selection.period != default.period:
        parameters["period"] = [period_text(selection.period)]
    if selection.grain:
        parameters["grain"] = [str(selection.grain)]
    for condition in selection.filters:
        parameters[condition.dimension] = list(condition.values)
    if set(selection.counting) != set(default.counting):
        parameters["counting"] = [str(installer_class) for installer_class in selection.counting]
    for name in ("view", "split", "shape", "measure", "columns"):
        if getattr(selection, name) != getattr(default, name):
            parameters[name] = [str(getattr(selection, name))]
    if selection.signals:
        parameters["signals"] = [str(signal) for signal in selection.signals]
    return parameters


def from_parameters(
    parameters: Mapping[str, Sequence[str]],
) -> tuple[Selection, tuple[str, ...]]:
    """The selection that query parameters describe, and what of them was ignored and why.

    Any input gives a selection: nothing here raises. Parameters of other names are not read.
    """
    reading = Reading(parameters)
    default = Selection()
    selection = Selection(
        packages=_read_packages(reading),
        period=read_period(reading, Preset, Preset.YEAR),
        grain=_read_grain(reading),
        filters=tuple(Filter(name, values) for name in FILTERS if (values := reading.values(name))),
        counting=_read_counting(reading),
        view=reading.choice("view", View, default.view),
        split=_read_split(reading),
        shape=reading.choice("shape", Shape, default.shape),
        measure=reading.choice("measure", Measure, default.measure),
        signals=_read_signals(reading),
        columns=reading.choice("columns", Columns, default.columns),
    )
    return selection, tuple(reading.ignored)


def _read_packages(reading: Reading) -> tuple[str, ...]:
    names: list[str] = []
    listed = (name for text in reading.texts("packages") for name in text.split(",") if name)
    for text in list(listed)[:MOST_VALUES]:
        try:
            names.append(normalized(text))
        except ValueError:
            reading.ignore("packages", text, "no package name")
    names = list(dict.fromkeys(names))
    for name in names[MAX_PACKAGES:]:
        reading.ignore("packages", name, f"at most {MAX_PACKAGES} at once")
    return tuple(names[:MAX_PACKAGES])


def read_period(reading: Reading, presets: type[Choice], default: Choice) -> Choice | Period:
    """The preset or the fixed days that the parameter `period` names, or the default."""
    for text in reading.texts("period")[:1]:
        if text in list(presets):
            return presets(text)
        first, _, last = text.partition("..")
        try:
            period = Period(date.fromisoformat(first), date.fromisoformat(last))
        except ValueError:
            reading.ignore("period", text, f"use {', '.join(presets)} or 2026-01-01..2026-01-31")
            continue
        if period.days > 0 and period.first.year >= _FIRST_YEAR and period.last.year < 2100:
            return period
        reading.ignore("period", text, "its last day comes before its first, or is out of range")
    return default


def _read_grain(reading: Reading) -> Grain | None:
    for text in reading.texts("grain")[:1]:
        if text in list(Grain):
            return Grain(text)
        if text != "auto":
            reading.ignore("grain", text, f"use auto, {', '.join(Grain)}")
    return None


def _read_counting(reading: Reading) -> tuple[InstallerClass, ...]:
    chosen = []
    for text in reading.texts("counting"):
        if text in list(InstallerClass):
            chosen.append(InstallerClass(text))
        else:
            reading.ignore("counting", text, f"use {', '.join(InstallerClass)}")
    return tuple(c for c in InstallerClass if c in chosen) or tuple(InstallerClass)


def _read_signals(reading: Reading) -> tuple[Signal, ...]:
    chosen = []
    named = [name for text in reading.texts("signals") for name in text.split(",") if name]
    for name in named[:MOST_VALUES]:
        if name in list(Signal):
            chosen.append(Signal(name))
        else:
            reading.ignore("signals", name, f"use {', '.join(Signal)}")
    return tuple(signal for signal in Signal if signal in chosen)


def _read_split(reading: Reading) -> str:
    for text in reading.texts("split")[:1]:
        if text in SPLITS:
            return text
        reading.ignore("split", text, f"use {', '.join(SPLITS)}")
    return Selection().split


def period_text(period: StrEnum | Period) -> str:
    """A period as the parameter `period` names it."""
    if isinstance(period, Period):
        return f"{period.first}..{period.last}"
    return str(period)


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
