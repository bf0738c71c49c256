"""The command that reports on the dependencies of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lib.data import Downloads
from lib.dependencies import Dependencies, read_dependencies
from lib.dependency_report.report import report
from lib.dependency_report.written import as_html, as_json, as_markdown


def read_files(files: Sequence[Path]) -> Dependencies:
    """The packages of all files together. Raises OSError and DependenciesRejected."""
    read = [read_dependencies(file.name, file.read_bytes()) for file in files]
    return Dependencies(
        " and ".join(dict.fromkeys(each.form for each in read)),
        tuple(dict.fromkeys(name for each in read for name in each.packages)),
        tuple(entry for each in read for entry in each.not_read),
    )


def written(
    found: Downloads, name: str, dependencies: Dependencies, yesterday: date, form: str
) -> str:
    """The report on the dependencies of a file called `name`, as `markdown`, `html` or `json`.

    Raises NotHeld and CannotTell.
    """
    made = report(found, name, dependencies.packages, yesterday)
    if form == "html":
        return as_html(made, not_read=dependencies.not_read)
    if form == "json":
        return as_json(made, dependencies.not_read)
    return as_markdown(made, not_read=dependencies.not_read)
