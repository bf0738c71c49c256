"""Reads the files that are tables: pyproject.toml, Pipfile, and the lock files of every tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from lib.dependencies.collected import FOLDER, OTHER_FILE, Collected
from lib.packages import normalized

Table = Mapping[str, object]

_NOT_PACKAGES = {"source", "requires", "scripts", "pipenv", "pipfile", "_meta"}
"""The tables of a Pipfile that are no category of packages."""


def form_of(table: Table) -> tuple[str, Callable[[Table, Collected], None]] | None:
    """What a table is, by what it has, with what reads it; None where it is none of these."""
    metadata = _table(table.get("metadata"))
    if isinstance(table.get("packages"), list) and "lock-version" in table:
        return "pylock.toml", _read_pylock
    if isinstance(table.get("package"), list):
        if "lock-version" in metadata:
            return "poetry.lock", _read_poetry_lock
        if "lock_version" in metadata:
            return "pdm.lock", _read_pdm_lock
        if "version" in table:
            return "uv.lock", _read_uv_lock
    if "_meta" in table and ("default" in table or "develop" in table):
        return "Pipfile.lock", _read_pipfile
    if any(isinstance(table.get(name), dict) for name in ("packages", "dev-packages")):
        return "Pipfile", _read_pipfile
    if {"project", "tool", "build-system", "dependency-groups"} & set(table):
        return "pyproject.toml", _read_pyproject
    return None


def _table(value: object) -> Table:
    """The value where it is a table; an empty one where it is not."""
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _read_pyproject(table: Table, found: Collected) -> None:
    project, tool = _table(table.get("project")), _table(table.get("tool"))
    poetry, uv, pdm = (_table(tool.get(name)) for name in ("poetry", "uv", "pdm"))
    for name in (poetry.get("name"), project.get("name")):
        found.name_project(name)
    found.local |= _local_sources(uv)
    _requirements(project.get("dependencies"), "dependencies", found)
    for name, listed in _table(project.get("optional-dependencies")).items():
        _requirements(listed, f"optional-dependencies.{name}", found)
    _read_groups(_table(table.get("dependency-groups")), found)
    _read_poetry(poetry, found)
    _requirements(uv.get("dev-dependencies"), "tool.uv.dev-dependencies", found)
    for name, listed in _table(pdm.get("dev-dependencies")).items():
        _requirements(listed, f"tool.pdm.dev-dependencies.{name}", found)
    for name, environment in _table(_table(tool.get("hatch")).get("envs")).items():
        for field in ("dependencies", "extra-dependencies"):
            listed = _table(environment).get(field)
            _requirements(listed, f"tool.hatch.envs.{name}.{field}", found)
    build = _table(table.get("build-system"))
    _requirements(build.get("requires"), "build-system.requires", found)
    dynamic = _table(_table(tool.get("setuptools")).get("dynamic"))
    for name in ("dependencies", "optional-dependencies"):
        if name in dynamic:
            found.leave(f"tool.setuptools.dynamic.{name}", OTHER_FILE)


def _local_sources(uv: Table) -> set[str]:
    """The packages that uv takes from this machine."""
    sources = _table(uv.get("sources")).items()
    names = [name for name, source in sources if {"path", "workspace"} & set(_table(source))]
    local = set()
    for name in names:
        with suppress(ValueError):
            local.add(normalized(name))
    return local


def _requirements(listed: object, where: str, found: Collected) -> None:
    if listed is not None and not isinstance(listed, list):
        found.leave(where, "no list of requirements")
    for entry in _list(listed):
        found.take_requirement(entry, f"{where}: ")


def _read_groups(groups: Table, found: Collected) -> None:
    """The groups of PEP 735. Those that a group includes are read in their own place."""
    for name, listed in groups.items():
        kept = []
        for entry in _list(listed):
            included = _table(entry).get("include-group")
            if included is None:
                kept.append(entry)
            elif not isinstance(included, str) or included not in groups:
                found.leave(f"dependency-groups.{name}", "it includes no group of the file")
        _requirements(kept, f"dependency-groups.{name}", found)


def _read_poetry(poetry: Table, found: Collected) -> None:
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += [_table(group).get("dependencies") for group in _table(poetry.get("group")).values()]
    for table in tables:
        for name, value in _table(table).items():
            if name.lower() != "python":
                _named(name, value, found)


def _named(name: str, value: object, found: Collected) -> None:
    """A package under its name, unless what is said of it is that it comes from a folder."""
    if {"path", "file"} & set(_table(value)):
        found.leave(name, FOLDER)
    else:
        found.take(name)


def _read_pipfile(table: Table, found: Collected) -> None:
    """The categories of a Pipfile or a Pipfile.lock: all tables but some."""
    for category, packages in table.items():
        if category not in _NOT_PACKAGES:
            for name, value in _table(packages).items():
                _named(name, value, found)


def _read_pylock(table: Table, found: Collected) -> None:
    for package in _list(table.get("packages")):
        _locked(package, "directory" in _table(package), found)


def _read_poetry_lock(table: Table, found: Collected) -> None:
    for package in _list(table.get("package")):
        source = _table(_table(package).get("source"))
        _locked(package, source.get("type") in ("directory", "file"), found)


def _read_pdm_lock(table: Table, found: Collected) -> None:
    for package in _list(table.get("package")):
        _locked(package, "path" in _table(package), found)


def _read_uv_lock(table: Table, found: Collected) -> None:
    """The packages but the project itself and the members of its workspace."""
    for package in _list(table.get("package")):
        source = _table(_table(package).get("source"))
        if "." in (source.get("editable"), source.get("virtual")):
            continue
        local = {"editable", "virtual", "directory", "path"} & set(source)
        _locked(package, bool(local), found)


def _locked(package: object, is_local: bool, found: Collected) -> None:
    """One package of a lock file."""
    name = _table(package).get("name")
    if is_local and isinstance(name, str):
        found.leave(name, FOLDER)
    else:
        found.take(name)
