"""Which of ClickPy's rollups answers which cube, and the statements that ask it.

Tables and columns come from the closed vocabulary below; values are bound by the server.
"""

from __future__ import annotations

from lib.cubes import Cube, Grain

_PER_DAY = "pypi_downloads_per_day"
_BY_VERSION = f"{_PER_DAY}_by_version"

_ROLLUPS: dict[Cube, str] = {
    Cube(Grain.DAY, ("project",)): _PER_DAY,
    Cube(Grain.DAY, ("project", "country")): f"{_BY_VERSION}_by_country",
    Cube(Grain.DAY, ("project", "python")): f"{_BY_VERSION}_by_python",
    Cube(Grain.DAY, ("project", "system")): f"{_BY_VERSION}_by_system",
    # Not the narrower rollup without countries: `type` is missing from its sorting key, so that
    # ClickHouse merges rows of several file types into one of any of them.
    Cube(Grain.DAY, ("project", "installer", "file_type")): (
        f"{_BY_VERSION}_by_installer_by_type_by_country"
    ),
    Cube(Grain.DAY, ("project", "version")): _BY_VERSION,
}

CUBES: tuple[Cube, ...] = tuple(_ROLLUPS)
"""The cubes that ClickPy's rollups answer for named packages."""

_COLUMNS = {
    "version": "version",
    "country": "country_code",
    # ClickPy keeps what stands before the second point, `3` or `3.9+` too; a Python version is
    # what the dimension `python` says it is, whatever the source.
    "python": r"extract(python_minor, '^[0-9]+[.][0-9]+')",
    "system": "system",
    "installer": "installer",
    "file_type": "type",
}
"""For each dimension but `project` its expression over a rollup; `''` where it is missing."""


def rows_statement(cube: Cube) -> str:
    """Selects the rows of a cube: `period`, its dimensions in order, and downloads.

    Binds `packages`, `first`, `last` and `unknown`, the class of missing values. Raises KeyError
    for a cube that is not among `CUBES`.
    """
    return f"{_grouped(cube)} ORDER BY {_keys(cube)}"


def counts_statement(cube: Cube) -> str:
    """Selects (day, rows, downloads) of each day of a cube, and the days that are loaded.

    Both are arrays in one row, because a limit on result rows may cut an answer in silence but
    never within a row. A day is loaded if the package `everyday` has rows on it: ClickPy has
    left out days for weeks (clickpy#241). Binds what `rows_statement` binds, and `everyday`.
    """
    loaded = (
        f"SELECT groupUniqArray(date) FROM {_ROLLUPS[cube]} "  # noqa: S608
        "WHERE project = {everyday:String} AND date BETWEEN {first:Date} AND {last:Date}"
    )
    return (
        f"SELECT groupArray((period, day_rows, day_downloads)), ({loaded}) FROM ("  # noqa: S608
        "SELECT period, count() AS day_rows, sum(downloads) AS day_downloads "
        f"FROM ({_grouped(cube)}) GROUP BY period)"
    )


def latest_day_statement() -> str:
    """Selects the newest day of `package` that all rollups hold (1970-01-01: one holds none).

    All of them, because each is filled for itself and may stall for days. Of one package,
    because the sorting keys begin with it: a scan of all is longer than the service allows.
    """
    newest = " UNION ALL ".join(
        f"SELECT max(date) AS newest FROM {table} WHERE project = {{package:String}}"  # noqa: S608
        for table in _ROLLUPS.values()
    )
    return f"SELECT min(newest) FROM ({newest})"  # noqa: S608


def _grouped(cube: Cube) -> str:
    """The rows of a cube. They are summed here, for a rollup's own rows wait for its merges."""
    classes = "".join(
        f"if({_COLUMNS[name]} = '', {{unknown:String}}, {_COLUMNS[name]}) AS {name}_class, "
        for name in cube.dimensions
        if name != "project"
    )
    return (
        f"SELECT date AS period, project, {classes}sum(count) AS downloads "  # noqa: S608
        f"FROM {_ROLLUPS[cube]} "
        "WHERE project IN {packages:Array(String)} AND date BETWEEN {first:Date} AND {last:Date} "
        f"GROUP BY {_keys(cube)}"
    )


def _keys(cube: Cube) -> str:
    """The grouping columns of a cube, whose aliases are no columns of any rollup."""
    classes = (f"{name}_class" for name in cube.dimensions if name != "project")
    return ", ".join(("period", "project", *classes))
