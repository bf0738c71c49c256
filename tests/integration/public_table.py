"""Rows like those of the public table of downloads, and what they mean when counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from google.cloud.bigquery import SchemaField, Table, TimePartitioning

from lib.cubes import UNKNOWN

PUBLIC_TABLE = "bigquery-public-data.pypi.file_downloads"

FIRST_DAY, LAST_DAY = date(2026, 8, 20), date(2026, 8, 29)
"""The UTC days that `rows` lie on, both inclusive: on both sides of a break in the record."""

LAST_DAY_WITH_METADATA = date(2026, 8, 24)
"""Since the next day no `.metadata` files are logged (PyPI's blog of 2026-08-31)."""

HOSTILE_VERSION = "1.0'; DROP TABLE x; --"
"""A version that would end a statement if it were ever pasted into one."""

PACKAGE_WEIGHTS: Mapping[str, float] = {
    "boto3": 0.4,
    "urllib3": 0.2,
    "numpy": 0.15,
    "pandas": 0.1,
    "scikit-learn": 0.06,
    "plotly": 0.04,
    "zope-interface": 0.02,
    "polars": 0.015,
    "ruamel-yaml": 0.008,
    "seaborn": 0.004,
    "bokeh": 0.002,
    "vispy": 0.001,
}
"""The normalized packages, with the share of the rows that each has."""

UNNORMALIZED = {
    "scikit-learn": "scikit_learn",
    "zope-interface": "zope.interface",
    "ruamel-yaml": "Ruamel.YAML",
}
"""What stands in `file.project` where it is not the normalized name."""

_VERSIONS = {
    "boto3": ("1.40.1", "1.40.2", "1.9.0"),
    "numpy": ("1.26.4", "2.4.0", "2.4.0rc1"),
    "pandas": ("2.3.3", "3.1.1"),
    "polars": ("1.31.0", HOSTILE_VERSION),
}
_COMMON_VERSIONS = ("1.2", "1.10", "2.0.0")

_COUNTRY_WEIGHTS: Mapping[str | None, float] = {
    "US": 0.72,
    "DE": 0.08,
    "GB": 0.06,
    "IN": 0.04,
    "SG": 0.03,
    "FR": 0.025,
    "IS": 0.02,
    "CW": 0.005,
    None: 0.02,
}


def _strings(*names: str, mode: str = "NULLABLE") -> tuple[SchemaField, ...]:
    return tuple(SchemaField(name, "STRING", mode) for name in names)


def _record(name: str, *fields: SchemaField, mode: str = "NULLABLE") -> SchemaField:
    return SchemaField(name, "RECORD", mode, fields=fields)


SCHEMA: tuple[SchemaField, ...] = (
    SchemaField("timestamp", "TIMESTAMP", "REQUIRED"),
    *_strings("country_code"),
    *_strings("url", mode="REQUIRED"),
    # Its mode is not confirmed: it was added to a table that already had rows.
    *_strings("project"),
    _record(
        "file",
        *_strings("filename", "project", "version", "type", mode="REQUIRED"),
        mode="REQUIRED",
    ),
    _record(
        "details",
        _record("installer", *_strings("name", "version", "subcommand")),
        *_strings("python"),
        _record("implementation", *_strings("name", "version")),
        _record(
            "distro",
            *_strings("name", "version", "id"),
            _record("libc", *_strings("lib", "version")),
        ),
        _record("system", *_strings("name", "release")),
        *_strings("cpu", "openssl_version", "setuptools_version", "rustc_version"),
        SchemaField("ci", "BOOLEAN"),
    ),
    *_strings("tls_protocol", "tls_cipher"),
)


def table_definition(name: str = PUBLIC_TABLE) -> Table:
    """The table as the client creates it: partitioned by day, clustered by project."""
    table = Table(name, schema=SCHEMA)
    table.time_partitioning = TimePartitioning(type_="DAY", field="timestamp")
    table.clustering_fields = ["project"]
    return table


def _arrow_type(field: SchemaField) -> pa.DataType:
    if field.field_type == "RECORD":
        return pa.struct([_arrow_field(inner) for inner in field.fields])
    return {
        "STRING": pa.string(),
        "TIMESTAMP": pa.timestamp("us", tz="UTC"),
        "BOOLEAN": pa.bool_(),
    }[field.field_type]


def _arrow_field(field: SchemaField) -> pa.Field:
    return pa.field(field.name, _arrow_type(field), nullable=field.mode != "REQUIRED")


ARROW_SCHEMA: pa.Schema = pa.schema([_arrow_field(field) for field in SCHEMA])

Weighted = Sequence[tuple[Any, float]]
"""Values with how often each is drawn, relative to the others."""


def _files(package: str) -> Weighted:
    """The files of a package as pairs of `url` and `file`."""
    name = UNNORMALIZED.get(package, package)
    stem = name.replace(".", "_").lower()
    files: list[tuple[Any, float]] = []
    for version in _VERSIONS.get(package, _COMMON_VERSIONS):
        wheel = f"{stem}-{version}-py3-none-any.whl"
        kinds = (
            (wheel, "bdist_wheel", 0.6),
            # The metadata of a wheel is logged with the type of the wheel.
            (f"{wheel}.metadata", "bdist_wheel", 0.2),
            (f"{stem}-{version}.tar.gz", "sdist", 0.17),
            (f"{stem}-{version}-py3.9.egg", "bdist_egg", 0.03),
        )
        for filename, kind, weight in kinds:
            file = {"filename": filename, "project": name, "version": version, "type": kind}
            files.append(({"url": f"/packages/aa/bb/{filename}", "file": file}, weight))
    return files


_PYTHON_WEIGHTS: Mapping[str | None, float] = {
    "3.12.4": 0.4,
    "3.9": 0.2,
    "3.11.9": 0.2,
    "2.7.18": 0.08,
    "3.13.0rc1": 0.05,
    "3": 0.02,  # no minor version: no class but unknown
    None: 0.05,
}

_PLATFORMS: Weighted = (
    (("Linux", "x86_64"), 0.7),
    (("Linux", "aarch64"), 0.1),
    (("Darwin", "arm64"), 0.1),
    (("Windows", "AMD64"), 0.07),
    ((None, None), 0.03),
)

_INSTALLERS: Weighted = (
    (("pip", "25.3"), 0.5),
    (("pip", "9.0.1"), 0.05),
    (("uv", "0.9.9"), 0.3),
)
"""The installers that say what they run on."""

_CI_WEIGHTS: Mapping[bool | None, float] = {True: 0.3, None: 0.69, False: 0.01}

_LINUX = {
    "name": "Ubuntu",
    "version": "24.04",
    "id": "noble",
    "libc": {"lib": "glibc", "version": "2.39"},
}

_SPARSE_DETAILS: Weighted = (
    (None, 0.04),
    ({"python": "3.11.9"}, 0.02),
    ({"installer": {"name": None, "version": "6.0"}, "python": "3.12.4"}, 0.01),
    ({"installer": {"name": "requests", "version": "2.32.5"}}, 0.03),
    ({"installer": {"name": "bandersnatch", "version": "6.6.0"}}, 0.02),
    ({"installer": {"name": "Browser", "version": None}}, 0.02),
    ({"installer": {"name": "poetry", "version": "2.2.1"}, "system": {"name": "Linux"}}, 0.01),
)
"""What is logged of clients that say little of themselves, or nothing."""


def _details() -> Weighted:
    """Every value of `details`."""
    clients = product(_INSTALLERS, _PYTHON_WEIGHTS.items(), _PLATFORMS, _CI_WEIGHTS.items())
    full = [
        (
            {
                "installer": {"name": installer[0], "version": installer[1]},
                "python": python,
                "implementation": {"name": "CPython", "version": python},
                "distro": _LINUX if platform[0] == "Linux" else None,
                "system": {"name": platform[0], "release": "6.8"} if platform[0] else None,
                "cpu": platform[1],
                "openssl_version": "OpenSSL 3.0.13",
                "ci": ci,
            },
            installer_weight * python_weight * platform_weight * ci_weight,
        )
        for (installer, installer_weight), (python, python_weight), (platform, platform_weight), (
            ci,
            ci_weight,
        ) in clients
    ]
    return [*full, *_SPARSE_DETAILS]


def _draw(
    random: np.random.Generator, weighted: Weighted, count: int, type_: pa.DataType
) -> pa.Array:
    """Values drawn by their weights, as an Arrow array."""
    values, weights = zip(*weighted, strict=True)
    shares = np.array(weights) / sum(weights)
    chosen = random.choice(len(values), size=count, p=shares)
    return pa.array(values, type_).take(pa.array(chosen))


def _draw_files(random: np.random.Generator, seconds: np.ndarray, type_: pa.DataType) -> pa.Array:
    """Files drawn for each second, without `.metadata` once none are logged any more."""
    files = [
        ({"project": package, **file}, weight * file_weight)
        for package, weight in PACKAGE_WEIGHTS.items()
        for file, file_weight in _normalized(_files(package))
    ]
    logged = [pair for pair in files if not pair[0]["file"]["filename"].endswith(".metadata")]
    before = _draw(random, files, len(seconds), type_)
    after = _draw(random, logged, len(seconds), type_)
    is_after = seconds >= np.datetime64(LAST_DAY_WITH_METADATA + timedelta(1), "s")
    both = pa.chunked_array([before, after]).combine_chunks()
    return both.take(pa.array(np.arange(len(seconds)) + is_after * len(seconds)))


def _timestamps(random: np.random.Generator, count: int) -> np.ndarray:
    """Whole seconds over the days, the first and the last second of each day among them."""
    days = (LAST_DAY - FIRST_DAY).days + 1
    start = np.datetime64(FIRST_DAY, "s")
    # Weekends are quieter, so that no two days hold the same number by accident of the draw.
    weights = np.array(
        [
            (0.6 if (FIRST_DAY + timedelta(number)).weekday() >= 5 else 1) + number / 50
            for number in range(days)
        ]
    )
    day = random.choice(days, size=count, p=weights / weights.sum())
    seconds = day * 86_400 + random.integers(0, 86_400, size=count)
    edges = np.arange(days) * 86_400
    bounds = np.concatenate([edges, edges + 86_399])
    seconds[: len(bounds)] = bounds
    return start + seconds.astype("timedelta64[s]")


def rows(count: int = 100_000, seed: int = 20_261_122) -> pa.Table:
    """Raw rows as the public table holds them: the same for the same count and seed.

    Every shape that a statement can trip over has rows in them from a count of 20,000 on.
    """
    random = np.random.default_rng(seed)
    seconds = _timestamps(random, count)
    names = ("url", "project", "file")
    file_type = pa.struct([ARROW_SCHEMA.field(name) for name in names])
    drawn = _draw_files(random, seconds, file_type)
    details = ARROW_SCHEMA.field("details").type
    columns = {
        "timestamp": pa.array(seconds).cast(pa.timestamp("us", tz="UTC")),
        "country_code": _draw(random, list(_COUNTRY_WEIGHTS.items()), count, pa.string()),
        **{name: drawn.field(name) for name in names},
        "details": _draw(random, _details(), count, details),
        "tls_protocol": pa.array(["TLSv1.3"] * count),
        "tls_cipher": pa.array(["TLS_AES_256_GCM_SHA384"] * count),
    }
    return pa.table([columns[name] for name in ARROW_SCHEMA.names], schema=ARROW_SCHEMA)


def _normalized(weighted: Weighted) -> Weighted:
    total = sum(weight for _, weight in weighted)
    return [(value, weight / total) for value, weight in weighted]


Row = Mapping[str, Any]


def _detail(row: Row, *path: str) -> str | None:
    """What the client said of itself, or None where any record on the way is missing."""
    value: Any = row["details"]
    for name in path:
        if value is None:
            return None
        value = value[name]
    return None if value is None else str(value)


def _python_minor(row: Row) -> str | None:
    found = re.match(r"[0-9]+\.[0-9]+", _detail(row, "python") or "")
    return found.group() if found else None


def _file_type(row: Row) -> str:
    file = row["file"]
    return "metadata" if file["filename"].endswith(".metadata") else file["type"]


MEANING: Mapping[str, Callable[[Row], str | None]] = {
    "project": lambda row: row["project"],
    "version": lambda row: row["file"]["version"],
    "country": lambda row: row["country_code"],
    "python": _python_minor,
    "system": lambda row: _detail(row, "system", "name"),
    "cpu": lambda row: _detail(row, "cpu"),
    "installer": lambda row: _detail(row, "installer", "name"),
    "installer_version": lambda row: _detail(row, "installer", "version"),
    "ci": lambda row: "true" if _detail(row, "ci") == "True" else None,
    "file_type": _file_type,
}
"""What each dimension means for one raw row, said without SQL; None is the class `unknown`."""


def counted(
    table: pa.Table,
    dimensions: Sequence[str],
    packages: Sequence[str] | None = None,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
) -> Counter[tuple[date | str, ...]]:
    """Downloads by (UTC day, *dimensions) of the days and packages asked for, row by row.

    `packages` None is every package. The dimensions stand in the key in the order given.
    """
    meanings = [MEANING[name] for name in dimensions]
    days = [moment.date() for moment in table["timestamp"].to_pylist()]
    # Most of the time goes into making dictionaries: only rows that count are made into some.
    kept = [
        position
        for position, (day, project) in enumerate(
            zip(days, table["project"].to_pylist(), strict=True)
        )
        if first <= day <= last and (packages is None or project in packages)
    ]
    needed = (
        table.select(["country_code", "project", "file", "details"])
        .take(pa.array(kept, pa.int64()))
        .to_pylist()
    )
    return Counter(
        (days[position], *(meaning(row) or UNKNOWN for meaning in meanings))
        for position, row in zip(kept, needed, strict=True)
    )
