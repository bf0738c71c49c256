"""The command line: `python -m lib sample | import | sync | signals | query | report | …`."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lib.errors import PulseError, StoreError
from lib.settings import Settings, read_settings, secrets_of_file

if TYPE_CHECKING:
    from lib.data import Downloads

_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when done, 1 when the work failed, 2 for bad usage."""
    try:
        settings = read_settings(os.environ, secrets_of_file())
        chosen = _parser(settings).parse_args(arguments)
        _configure_log(verbose=chosen.verbose)
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


def _configure_log(*, verbose: bool) -> None:
    """Write what happens to standard error where that is asked for; else errors in words alone."""
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    else:
        for name in ("lib", "clickhouse_connect"):
            logging.getLogger(name).addHandler(logging.NullHandler())


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lib",
        description=f"PyPI Pulse on the command line, with the store {settings.store_name}.",
    )
    parser.add_argument(
        "--verbose", action="store_true", help="log what happens, with what services answered"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    sample = commands.add_parser("sample", help="build the simulated sample, or extend it")
    sample.add_argument("--days", type=_positive, help="hold no more days than this")
    sample.add_argument("--packages", type=_positive, help="hold the first N packages (160)")
    sample.add_argument("--seed", type=int, help="another seed gives other noise (1)")
    sample.add_argument("--until", type=_day, help="the last day (yesterday, UTC)")
    sample.set_defaults(run=_sample)

    imports = commands.add_parser("import", help="add files of downloads or of signals")
    imports.add_argument("files", nargs="+", type=Path, metavar="FILE")
    imports.set_defaults(run=_import)

    sync = commands.add_parser("sync", help="fill the store with real rows, day by day")
    sync.add_argument("--from", dest="first", type=_day, required=True, help="first UTC day")
    sync.add_argument("--to", dest="last", type=_day, help="last UTC day (yesterday)")
    sync.add_argument(
        "--packages", help="names separated by commas; all of PyPI by country without"
    )
    sync.add_argument(
        "--source",
        choices=("bigquery", "clickhouse"),
        help="bigquery where PULSE_BIGQUERY_PROJECT is set, else clickhouse",
    )
    sync.add_argument("--max-gb", type=_gigabytes, help="bill no more than this in all")
    sync.add_argument("--dry-run", action="store_true", help="say what it would take, and stop")
    sync.add_argument("--for-pages", action="store_true", help=argparse.SUPPRESS)
    sync.set_defaults(run=_sync)

    status = commands.add_parser("status", help="what the store holds")
    status.set_defaults(run=_status)

    query = commands.add_parser("query", help="downloads as JSON, CSV, Parquet or Markdown")
    query.add_argument("--packages", default="", help="names separated by commas; all without")
    query.add_argument("--by", default="", help="a dimension to split by, such as python")
    query.add_argument("--grain", choices=("hour", "day", "week", "month"))
    query.add_argument("--from", dest="first", type=_day, required=True, help="first UTC day")
    query.add_argument("--to", dest="last", type=_day, help="last UTC day (the last held)")
    query.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="DIMENSION=VALUE,VALUE",
        help="only downloads with one of these values; may be given for several dimensions",
    )
    query.add_argument(
        "--counting", default="", help="only these: installers, mirrors, browsers, unknown"
    )
    query.add_argument("--top", type=_positive, help="so many values; the others as `all other`")
    query.add_argument("--format", choices=("json", "csv", "parquet", "markdown"), default="json")
    query.set_defaults(run=_query)

    report = commands.add_parser("report", help="how everything in a file of dependencies is doing")
    report.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="requirements.txt, a lock file, …"
    )
    report.add_argument("--format", choices=("markdown", "html", "json"), default="markdown")
    report.set_defaults(run=_report_on)

    badge = commands.add_parser("badge", help="a package's downloads as a small SVG, to publish")
    badge.add_argument("name", metavar="NAME")
    badge.add_argument(
        "--period", choices=("day", "week", "month"), default="month", help="the newest held"
    )
    badge.set_defaults(run=_badge)

    check = commands.add_parser(
        "check-bigquery",
        help="prove credentials, schema and prices of BigQuery",
        description="Ask BigQuery what is free to ask, and print what PyPI Pulse assumes, what "
        "was found, and whether they agree. Exit code 1 where Google lets nothing be asked, the "
        "table or a column that the app needs is missing, or one of its statements is refused; "
        "0 in every other case, whatever differs.",
    )
    check.add_argument(
        "--spend", action="store_true", help="send real queries too, billed 1 GB in all at most"
    )
    check.set_defaults(run=_check_bigquery)
    _add_signals_command(commands)
    _add_user_commands(commands)
    return parser


def _add_signals_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    signals = commands.add_parser(
        "signals",
        help="fetch what people ask and read about packages",
        description="Fetch questions on Stack Overflow by month, or views of articles of the "
        "English Wikipedia by day, and keep them beside the downloads. What is held is not asked "
        "for again; what it takes is said first.",
    )
    signals.add_argument("--packages", required=True, help="names separated by commas")
    signals.add_argument(
        "--source",
        choices=("stack-overflow", "wikipedia", "stack-overflow-bigquery"),
        default="stack-overflow",
        help="stack-overflow; the last is BigQuery's copy, which ends in 2022",
    )
    signals.add_argument("--from", dest="first", type=_day, help="first day (first one held)")
    signals.add_argument("--to", dest="last", type=_day, help="last day (yesterday)")
    signals.add_argument("--dry-run", action="store_true", help="say what it takes, and stop")
    signals.add_argument("--for-pages", action="store_true", help=argparse.SUPPRESS)
    signals.set_defaults(run=_signals)


def _add_user_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from lib.access.command import user_name

    user = commands.add_parser("user", help="add or remove a user who may log in")
    actions = user.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser(
        "add",
        help="add a user, or change the password of one",
        description="Write a user into the secrets file. The password is asked for, or read from "
        "standard input. A user who is there already gets the new password, keeps the role, and "
        "has to log in again everywhere.",
    )
    add.add_argument("name", type=user_name, metavar="NAME")
    add.add_argument("--admin", action="store_true", help="may spend money, and sees the ledger")
    add.set_defaults(run=_add_user)
    remove = actions.add_parser("remove", help="remove a user")
    remove.add_argument("name", type=user_name, metavar="NAME")
    remove.set_defaults(run=_remove_user)


def _add_user(chosen: argparse.Namespace, _settings: Settings) -> int:
    from lib.access import command
    from lib.access.users import Role

    command.add(chosen.name, Role.ADMIN if chosen.admin else None)
    return 0


def _remove_user(chosen: argparse.Namespace, _settings: Settings) -> int:
    from lib.access import command

    command.remove(chosen.name)
    return 0


def _sample(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.progress import Progress, sample_progress
    from lib.sources.sample import build_sample, extend_sample
    from lib.startup import holds_sample

    _require_file(settings)
    until = chosen.until or settings.yesterday()
    shaped = chosen.days or chosen.packages or chosen.seed is not None

    kept = sample_progress(settings.store)

    def report(fraction: float, text: str) -> None:
        kept.write(Progress(fraction, text))
        _report(fraction, text)

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
        kept.write(Progress(1.0, text, failed=True))
        raise
    kept.end()
    print(f"\nThe sample is in {settings.store}.", file=sys.stderr)
    return 0


def _report(fraction: float, text: str) -> None:
    """Show progress: one line that is drawn over on a terminal, a line each elsewhere."""
    line = f"\r{fraction:4.0%} {text:<72}" if sys.stderr.isatty() else f"{fraction:4.0%} {text}\n"
    print(line, end="", file=sys.stderr, flush=True)


def _require_file(settings: Settings) -> None:
    """Raise StoreError where the store is a dataset: sample and files fill a store of one's own."""
    if settings.dataset is not None:
        raise StoreError(
            f"{settings.store_name} is filled from BigQuery alone, with `python -m lib sync`. For "
            "the sample or for files name a file: PULSE_STORE=store/mine.duckdb."
        )


def _import(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.signals.files import is_of_signals
    from lib.signals.importing import keep_all, understand_all
    from lib.signals.kept import signals_file
    from lib.sources.files import import_files
    from lib.stores.duckdb import DuckDBStore

    def report(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    signals = [path for path in chosen.files if is_of_signals(path)]
    downloads = [path for path in chosen.files if path not in signals]
    understood = understand_all(signals, settings.now(), report)
    if downloads:
        _require_file(settings)
        for done in import_files(downloads, settings.store, settings.now(), report):
            print(
                f"{done.file}: {done.rows:,} rows of {done.packages:,} packages, "
                f"{done.period.first} to {done.period.last}, into {done.cube.name}"
            )
    if understood:
        if settings.dataset is None:
            DuckDBStore(settings.store).version()
        keep_all(understood, signals_file(settings), print)
    return 0


def _sync(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.packages import listed_names
    from lib.router import Period
    from lib.sync.command import APP, Order, RealSource, sync

    default = RealSource.BIGQUERY if settings.bigquery_project else RealSource.CLICKHOUSE
    try:
        packages = None if chosen.packages is None else listed_names(chosen.packages)
    except ValueError as error:
        print(error, file=sys.stderr)
        return _USAGE
    if packages == ():
        print("--packages names none. Leave it out for all of PyPI.", file=sys.stderr)
        return _USAGE
    if chosen.first > settings.yesterday():
        print("Only UTC days that are over can be fetched.", file=sys.stderr)
        return _USAGE
    last = chosen.last or settings.yesterday()
    if last < chosen.first:
        print("--to comes before --from.", file=sys.stderr)
        return _USAGE
    if not chosen.source and default is RealSource.CLICKHOUSE:
        print("PULSE_BIGQUERY_PROJECT is not set: asking ClickHouse.")
    order = Order(
        RealSource(chosen.source) if chosen.source else default,
        packages,
        Period(chosen.first, min(last, settings.yesterday())),
        who=APP if chosen.for_pages else _user(),
        most=chosen.max_gb,
        dry_run=chosen.dry_run,
        for_pages=chosen.for_pages,
    )
    sync(settings, order, _report, lambda text: print(text, flush=True))
    return 0


def _signals(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.packages import listed_names
    from lib.signals.command import fetch
    from lib.signals.order import LiveSource, Order
    from lib.sync.command import APP

    try:
        packages = listed_names(chosen.packages)
    except ValueError as error:
        print(error, file=sys.stderr)
        return _USAGE
    if not packages:
        print("--packages names none.", file=sys.stderr)
        return _USAGE
    if chosen.first and chosen.last and chosen.last < chosen.first:
        print("--to comes before --from.", file=sys.stderr)
        return _USAGE
    order = Order(
        LiveSource(chosen.source),
        packages,
        who=APP if chosen.for_pages else _user(),
        first=chosen.first,
        last=chosen.last,
        dry_run=chosen.dry_run,
        for_pages=chosen.for_pages,
    )
    fetch(settings, order, _report, lambda text: print(text, flush=True))
    return 0


def _user() -> str:
    """Whose name the ledger has for what is asked here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _status(_chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.budget import gigabytes, priced
    from lib.data import Downloads
    from lib.stores import open_budget, open_store

    state = Downloads(open_store(settings, _user())).state
    print(f"{settings.store_name}: {state.size / 1e6:,.1f} MB, source: {state.source_text}")
    for row in state.coverage:
        packages = "all of PyPI" if row.packages is None else f"{len(row.packages):,} packages"
        print(
            f"  {row.cube.name:<32} {row.first} to {row.last}  {packages:<16} "
            f"{state.rows[row.cube.name]:>12,} rows  {row.source}  "
            f"{gigabytes(row.bytes_billed)} billed"
        )
    if settings.bigquery_project:
        budget = open_budget(settings)
        print(f"BigQuery this month: {priced(budget.spent())} of {gigabytes(budget.monthly)}")
    return 0


def _query(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.cubes import Grain
    from lib.exports import write_rows
    from lib.packages import listed_names
    from lib.query import RowsAsked, answer, classes, conditions

    try:
        asked = RowsAsked(
            listed_names(chosen.packages),
            chosen.first,
            chosen.last,
            chosen.by,
            Grain(chosen.grain) if chosen.grain else None,
            conditions(chosen.where),
            classes(chosen.counting),
            chosen.top,
        )
        found = _filled(settings)
        answered = answer(found, asked)
    except ValueError as error:
        print(error, file=sys.stderr)
        return _USAGE
    if answered.clipped:
        held = answered.period
        print(f"Held from {held.first} to {held.last} only.", file=sys.stderr)
    rows = answered.frame.assign(source=found.state.source_text)
    write_rows(rows, chosen.format, sys.stdout.buffer)
    return 0


def _filled(settings: Settings) -> Downloads:
    """The store, which must hold something."""
    from lib.data import Downloads
    from lib.stores import open_store

    found = Downloads(open_store(settings, _user()))
    if not found.state.coverage:
        raise StoreError("The store is empty: fill it with `import` or `sample`.")
    return found


def _report_on(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.dependency_report.command import read_files, written
    from lib.selection import listed

    dependencies = read_files(chosen.files)
    name = listed([file.name for file in chosen.files])
    found = _filled(settings)
    text = written(found, name, dependencies, settings.yesterday(), chosen.format)
    sys.stdout.buffer.write(text.encode())
    return 0


def _badge(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.packages import normalized
    from lib.profile.badges import badge_of
    from lib.profile.levels import Span

    try:
        name = normalized(chosen.name)
    except ValueError as error:
        print(error, file=sys.stderr)
        return _USAGE
    sys.stdout.write(badge_of(_filled(settings), name, Span(chosen.period)))
    return 0


def _check_bigquery(chosen: argparse.Namespace, settings: Settings) -> int:
    from lib.bigquery.connection import open_bigquery
    from lib.sources.bigquery.checks import MOST_SPENT, report

    who, most = _user(), MOST_SPENT if chosen.spend else 0
    if settings.dataset is None:
        asking = open_bigquery(settings, who=who, most=most)
    else:
        from lib.stores.bigquery import dataset_writer

        asking = dataset_writer(settings, who, most).asking
    report(asking, spend=chosen.spend, say=lambda text: print(text, flush=True))
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-01-31") from None


def _gigabytes(text: str) -> int:
    """Bytes from gigabytes. Zero forbids every paid query."""
    from lib.settings import GIGABYTE

    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of gigabytes")
    return round(number * GIGABYTE)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
