"""The command line: `python -m lib sample | import | status | query`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from lib.errors import PulseError, StoreError
from lib.settings import Settings, read_settings, secrets_of_file

_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when done, 1 when the work failed, 2 for bad usage."""
    try:
        settings = read_settings(os.environ, secrets_of_file())
        chosen = _parser(settings).parse_args(arguments)
        return int(chosen.run(chosen, settings) or 0)
    except PulseError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lib",
        description=f"PyPI Pulse on the command line. The store: {settings.store} (PULSE_STORE).",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    sample = commands.add_parser("sample", help="build the simulated sample, or extend it")
    sample.add_argument("--days", type=_positive, help="hold no more days than this")
    sample.add_argument("--packages", type=_positive, help="hold the first N packages (160)")
    sample.add_argument("--seed", type=int, help="another seed gives other noise (1)")
    sample.add_argument("--until", type=_day, help="the last day (yesterday, UTC)")
    sample.set_defaults(run=_sample)

    imports = commands.add_parser("import", help="add files of downloads to the store")
    imports.add_argument("files", nargs="+", type=Path, metavar="FILE")
    imports.set_defaults(run=_import)

    status = commands.add_parser("status", help="what the store holds")
    status.set_defaults(run=_status)

    query = commands.add_parser("query", help="downloads as JSON, CSV, Parquet or Markdown")
    query.add_argument("--packages", default="", help="names separated by commas; all without")
    query.add_argument("--by", default="", help="a dimension to split by, such as python")
    query.add_argument("--grain", choices=("hour", "day", "week", "month"))
    query.add_argument("--from", dest="first", type=_day, required=True)
    query.add_argument("--to", dest="last", type=_day)
    query.add_argument("--format", choices=("json", "csv", "parquet", "markdown"), default="json")
    query.set_defaults(run=_query)
    return parser


def _sample(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.sources.sample import build_sample, extend_sample
    from lib.startup import Progress, end_progress, holds_sample, write_progress

    until = chosen.until or settings.yesterday()
    shaped = chosen.days or chosen.packages or chosen.seed is not None

    def report(fraction: float, text: str) -> None:
        write_progress(settings.store, Progress(fraction, text))
        line = (
            f"\r{fraction:4.0%} {text:<60}" if sys.stderr.isatty() else f"{fraction:4.0%} {text}\n"
        )
        print(line, end="", file=sys.stderr, flush=True)

    extending = holds_sample(settings.store) and not shaped
    try:
        if extending:
            extend_sample(settings.store, until, progress=report)
        else:
            build_sample(
                settings.store,
                until,
                days=chosen.days,
                packages=chosen.packages or 160,
                seed=1 if chosen.seed is None else chosen.seed,
                progress=report,
            )
    except BaseException:
        text = "Building the sample failed. The log of the server says why."
        write_progress(settings.store, Progress(1.0, text, failed=True))
        raise
    end_progress(settings.store)
    print(f"\nThe sample is in {settings.store}.", file=sys.stderr)
    return 0


def _import(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.sources.files import import_files

    def report(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    for done in import_files(chosen.files, settings.store, settings.now(), report):
        print(
            f"{done.file}: {done.rows:,} rows of {done.packages:,} packages, "
            f"{done.period.first} to {done.period.last}, into {done.cube.name}"
        )
    return 0


def _status(_chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.data import Downloads
    from lib.stores.duckdb import DuckDBStore

    state = Downloads(DuckDBStore(settings.store)).state
    print(f"{settings.store}: {state.size / 1e6:,.1f} MB, source: {state.source_text}")
    for row in state.coverage:
        packages = "all of PyPI" if row.packages is None else f"{len(row.packages):,} packages"
        print(
            f"  {row.cube.name:<32} {row.first} to {row.last}  {packages:<16} "
            f"{state.rows[row.cube.name]:>12,} rows  {row.source}  "
            f"{row.bytes_billed / 1e9:,.1f} GB billed"
        )
    return 0


def _query(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.cubes import DIMENSION, Grain
    from lib.data import Downloads
    from lib.exports import write_rows
    from lib.packages import normalized
    from lib.router import Period
    from lib.selection import Selection
    from lib.stores.duckdb import DuckDBStore

    if chosen.by and chosen.by not in DIMENSION:
        print(f"--by takes one of {', '.join(DIMENSION)}.", file=sys.stderr)
        return _USAGE
    try:
        packages = tuple(normalized(name) for name in chosen.packages.split(",") if name.strip())
    except ValueError as error:
        print(error, file=sys.stderr)
        return _USAGE
    found = Downloads(DuckDBStore(settings.store))
    if not found.state.coverage:
        raise StoreError("The store is empty: fill it with `import` or `sample`.")
    last = chosen.last or found.state.held.last
    if last < chosen.first:
        print("--to comes before --from.", file=sys.stderr)
        return _USAGE
    by = tuple(dict.fromkeys([*(("project",) if packages else ()), *filter(None, [chosen.by])]))
    query = Selection(packages).query(Period(chosen.first, last), by=by)
    answer = found.answer(replace(query, grain=Grain(chosen.grain) if chosen.grain else None))
    if answer.clipped:
        print(f"Held from {answer.period.first} to {answer.period.last} only.", file=sys.stderr)
    rows = answer.frame.assign(source=found.state.source_text)
    write_rows(rows, chosen.format, sys.stdout.buffer)
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-01-31") from None


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
