"""Tells what kind of file names dependencies, by its content and by its name, and reads it."""

from __future__ import annotations

import codecs
import configparser
import json
import re
import tomllib
from pathlib import PurePath

from lib.dependencies.collected import Collected, Dependencies
from lib.dependencies.requirements import read_conda, read_requirements, read_setup_cfg
from lib.dependencies.tables import Table, form_of
from lib.errors import DependenciesRejected

MOST_BYTES = 5_000_000

_FORMS = (
    "requirements.txt, pyproject.toml, uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile, "
    "Pipfile.lock, setup.cfg, or environment.yml with a pip section"
)

_TABLES = ("pipfile", "pipfile.lock", "uv.lock", "poetry.lock", "pdm.lock")
"""Names of files that are TOML or JSON and nothing else, beside `.toml`."""

_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")

_SETUP_CFG = re.compile(r"^\[(?:metadata|options(?:\.extras_require)?)\][ \t]*$", re.MULTILINE)

_CONDA = re.compile(r"^dependencies[ \t]*:[ \t]*(?:#.*)?$", re.MULTILINE)


def read_dependencies(file_name: str, content: bytes) -> Dependencies:
    """The packages that a file says its project depends on.

    Dependencies of every kind are read: those to run, to build, to test, and of extras. Nothing
    is executed or fetched. Raises DependenciesRejected for a file that cannot be read, and for one
    that names no package.
    """
    shown = "".join(filter(str.isprintable, PurePath(file_name).name))[:100] or "The file"
    if len(content) > MOST_BYTES:
        raise DependenciesRejected(
            f"{shown} has {len(content) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB are read. "
            "Give a file that lists only dependencies."
        )
    if shown.endswith(".py"):
        raise DependenciesRejected(
            f"{shown} is a program, and is not run. Give its dependencies as {_FORMS}."
        )
    found = Collected()
    form = _read(shown, _text(shown, content), found)
    dependencies = found.as_dependencies(form)
    if not dependencies.packages:
        left = f" Not read: {'; '.join(dependencies.not_read[:3])}." if found.left else ""
        raise DependenciesRejected(
            f"{shown}, read as {form}, names no package.{left} Give {_FORMS}."
        )
    return dependencies


def _text(shown: str, content: bytes) -> str:
    """The file as text. PowerShell writes UTF-16; comments may be in any encoding."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    if _BINARY.search(text):
        raise DependenciesRejected(f"{shown} is no text file. Give {_FORMS}.")
    return text


def _read(shown: str, text: str, found: Collected) -> str:
    """Read the file into `found`. Returns what it was read as."""
    is_table = shown.endswith(".toml") or shown.lower() in _TABLES
    table = _as_table(shown, text, is_table)
    if table or is_table:
        known = form_of(table)
        if known is None:
            raise DependenciesRejected(
                f"{shown} has no dependencies in a place that is known. Give {_FORMS}."
            )
        form, read = known
        read(table, found)
        return form
    if shown.endswith((".yml", ".yaml")) or _CONDA.search(text):
        read_conda(text, found)
        return "environment.yml"
    if shown == "setup.cfg" or _SETUP_CFG.search(text):
        try:
            read_setup_cfg(text, found)
        except configparser.Error as error:
            raise DependenciesRejected(f"{shown} is no valid setup.cfg: {_first(error)}") from None
        return "setup.cfg"
    read_requirements(text, found)
    return "requirements.txt"


def _as_table(shown: str, text: str, is_table: bool) -> Table:
    """What a file of TOML or JSON says; nothing where it is neither, and need not be."""
    is_json = text.lstrip().startswith("{")
    try:
        table = json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        if is_json or is_table:
            kind = "JSON" if is_json else "TOML"
            raise DependenciesRejected(f"{shown} is no valid {kind}: {_first(error)}") from None
        return {}
    return table if isinstance(table, dict) else {}


def _first(error: Exception) -> str:
    """The first line of what a parser says, without its end."""
    lines = str(error).splitlines()
    told = "".join(filter(str.isprintable, lines[0] if lines else ""))[:200].rstrip(".")
    return f"{told or 'it is nested too deeply'}. Repair it, or give another file."
