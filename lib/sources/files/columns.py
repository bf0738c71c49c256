"""What the columns of a file mean, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.cubes import ALL_DIMENSIONS, Cube, Grain
from lib.errors import ImportRejected
from lib.sources.files.values import shown

PERIOD = "period"
DOWNLOADS = "downloads"
PROJECT = "project"

_SYNONYMS = {
    "date": ("day", "download_date"),
    "month": ("download_month",),
    DOWNLOADS: ("num_downloads", "download_count", "total_downloads", "count", "f0_"),
    PROJECT: ("package", "package_name", "file_project", "name"),
    "version": ("file_version",),
    "country": ("country_code",),
    "python": ("python_version", "details_python"),
    "system": ("system_name", "details_system_name"),
    "cpu": ("details_cpu",),
    "installer": ("installer_name", "details_installer_name"),
    "installer_version": ("details_installer_version",),
    "ci": ("details_ci",),
}
"""The names that exports of BigQuery give, beside the plain ones. Case does not matter, and a
dot or a space counts as an underscore."""

_GRAIN = {"date": Grain.DAY, "month": Grain.MONTH}

_MEANING = {
    spelling: meaning
    for meaning in (*_GRAIN, DOWNLOADS, *ALL_DIMENSIONS)
    for spelling in (meaning, *_SYNONYMS.get(meaning, ()))
}

_EXPECTED = (
    "A file has `date` or `month`, `project` and `downloads`, and may have "
    + ", ".join(f"`{name}`" for name in ALL_DIMENSIONS if name != PROJECT)
    + "."
)

_MOST_NAMED = 8


@dataclass(frozen=True)
class Layout:
    """The columns of a file.

    `headers` are the names as the file has them; `columns` are what they mean, in the same
    order: `period`, `downloads` and dimensions.
    """

    grain: Grain
    headers: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def cube(self) -> Cube:
        """The cube that the rows belong to."""
        return Cube(self.grain, self.dimensions)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions among the columns, in the order of the file."""
        return tuple(name for name in self.columns if name not in {PERIOD, DOWNLOADS})

    def header(self, column: str) -> str:
        """The file's own name for a column."""
        return self.headers[self.columns.index(column)]

    def __str__(self) -> str:
        parts = []
        for header, column in zip(self.headers, self.columns, strict=True):
            name = column
            if column == PERIOD:
                name = "date" if self.grain is Grain.DAY else "month"
            parts.append(name if header == name else f"{name} (from {shown(header)})")
        return ", ".join(parts)


def layout_of(headers: Sequence[str]) -> Layout:
    """What the columns of these names mean.

    Raises ImportRejected for a name that is not known, for two columns that mean the same, for
    a date beside a month, and for a column that is missing.
    """
    meanings = [_MEANING.get(_plain(header)) for header in headers]
    unknown = [header for header, meaning in zip(headers, meanings, strict=True) if not meaning]
    if unknown:
        raise ImportRejected(f"{_listed(unknown)} not known. {_EXPECTED}")
    known = [meaning for meaning in meanings if meaning]
    _refuse_two_of_a_kind(headers, known)
    _refuse_missing(known)
    grain = next(grain for name, grain in _GRAIN.items() if name in known)
    columns = tuple(PERIOD if name in _GRAIN else name for name in known)
    return Layout(grain, tuple(headers), columns)


def _refuse_two_of_a_kind(headers: Sequence[str], meanings: Sequence[str]) -> None:
    first: dict[str, str] = {}
    for header, meaning in zip(headers, meanings, strict=True):
        if meaning in first:
            raise ImportRejected(
                f"columns {shown(first[meaning])} and {shown(header)} both mean `{meaning}`: "
                "keep one of them."
            )
        first[meaning] = header
    if "date" in first and "month" in first:
        raise ImportRejected(
            f"it has a date ({shown(first['date'])}) and a month ({shown(first['month'])}) "
            "column: keep one, for each row counts either a day or a month."
        )


def _refuse_missing(meanings: Sequence[str]) -> None:
    missing = [f"`{name}`" for name in (PROJECT, DOWNLOADS) if name not in meanings]
    if not any(name in meanings for name in _GRAIN):
        missing.insert(0, "`date` or `month`")
    if missing:
        raise ImportRejected(f"it has no column {', '.join(missing)}. {_EXPECTED}")


def _plain(header: str) -> str:
    return header.strip().lower().replace(".", "_").replace(" ", "_")


def _listed(headers: Sequence[str]) -> str:
    names = ", ".join(shown(header) for header in headers[:_MOST_NAMED])
    more = len(headers) - _MOST_NAMED
    if more > 0:
        names += f" and {more} more"
    return f"column {names} is" if len(headers) == 1 else f"columns {names} are"
