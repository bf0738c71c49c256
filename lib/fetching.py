"""Offers to fetch what the store lacks: at what price, once asked, with progress."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from threading import Lock

import streamlit as st

from lib.access import gate
from lib.budget import gigabytes, priced
from lib.cubes import Coverage
from lib.data import Downloads
from lib.errors import PulseError
from lib.formats import days as in_days
from lib.formats import plain, told
from lib.packages import listed_names
from lib.progress import Progress, ProgressFile, fetch_progress
from lib.router import Period
from lib.settings import GIGABYTE, Settings
from lib.sync.command import APP, Order, Quote, RealSource, allowance, quote
from lib.sync.landing import is_fetching
from lib.sync.plan import missing_parts

_ROOT = Path(__file__).resolve().parent.parent

_MOST_DAYS = 92
"""More days than this are left to the command line: their price alone takes a minute to ask."""

_FIRST_DAYS = 7

_MOST_NAMED = 10

_MOST_PACKAGES = 100
"""More packages than this are left to the command line."""

_starting = Lock()
"""Held while a fetch is started: two readers may press at once."""

_RECORD_BEGINS = date(2016, 1, 22)


def follow(chosen: Settings) -> None:
    """While rows are being fetched, show how far that is, and draw the page again at the end."""
    work = fetch_progress(chosen.store)
    progress = work.read()
    if progress is None:
        return
    if progress.failed or progress.done:
        with st.container(horizontal=True, vertical_alignment="center"):
            draw_progress(work)
            st.button("Dismiss", key="dismiss_fetch", on_click=work.end)
        return
    if not _is_running(chosen):
        work.end()
        if _ended_badly(chosen):
            st.error("Fetching ended at once. The log of the server says why.")
        return

    @gate.fragment(run_every=1)
    def watch() -> None:
        state = work.read()
        if state is None or state.failed or state.done or not _is_running(chosen):
            st.rerun()
        draw_progress(work)

    watch()


def offer_missing(
    chosen: Settings, found: Downloads, packages: Sequence[str], period: Period
) -> bool:
    """Offer the days of a period that the store lacks of named packages, if it has a real source.

    Whether there was anything to offer: not where the store holds them, nor while rows are being
    fetched.
    """
    source = _source(chosen, found.state.sources)
    progress = fetch_progress(chosen.store).read()
    if source is None or not packages or (progress is not None and not progress.done):
        return False
    last = min(period.last, chosen.yesterday())
    if last < period.first:
        return False
    wanted = Period(period.first, last)
    lacking = _lacking(source, found.state.coverage, tuple(packages), wanted)
    if lacking is None:
        return False
    _offer(chosen, Order(source, *lacking, APP))
    return True


def offer_first(chosen: Settings) -> None:
    """Offer to fetch the first rows of a store that is empty, from BigQuery."""
    follow(chosen)
    if _is_running(chosen):
        return
    name = chosen.store_name if chosen.dataset else chosen.store.name
    st.write(
        f"The store {plain(name)} is empty. Name packages and UTC days to fetch from PyPI's "
        "public BigQuery table; what it may cost is said before anything is spent."
    )
    yesterday = chosen.yesterday()
    week = (yesterday - timedelta(days=_FIRST_DAYS - 1), yesterday)
    wanted = choose(",".join(st.query_params.get_all("packages")), week, yesterday)
    if wanted is not None:
        _offer(chosen, Order(RealSource.BIGQUERY, *wanted, APP))


def choose(
    names: str, days: tuple[date, date], yesterday: date
) -> tuple[tuple[str, ...], Period] | None:
    """A form for packages and days, filled in at first; None, with a word, until it is complete."""
    left, right = st.columns([2, 1])
    typed = left.text_input(
        "Packages", value=names, placeholder="numpy, pandas", help="Names separated by commas."
    )
    picked = right.date_input("Days (UTC)", days, min_value=_RECORD_BEGINS, max_value=yesterday)
    try:
        packages = listed_names(typed)
    except ValueError as error:
        st.warning(plain(str(error)), icon=":material/spellcheck:")
        return None
    if not packages:
        st.info("Name a package to see what its days take.", icon=":material/package_2:")
        return None
    if len(packages) > _MOST_PACKAGES:
        st.warning(
            f"More than {_MOST_PACKAGES} packages are fetched on the command line: "
            "`python -m lib sync --packages`.",
            icon=":material/terminal:",
        )
        return None
    if not isinstance(picked, tuple) or len(picked) != 2:
        st.info("Choose a first and a last day.", icon=":material/date_range:")
        return None
    return packages, Period(*picked)


def draw_progress(work: ProgressFile) -> None:
    """A bar with what is being done, or why it failed."""
    progress = work.read()
    if progress is None:
        st.skeleton(height=120)
    elif progress.failed:
        st.error(told(progress.text), icon=":material/error:")
    elif progress.done:
        st.info(plain(progress.text), icon=":material/event_busy:")
    else:
        st.progress(progress.fraction, text=plain(progress.text))


def _source(chosen: Settings, held: Sequence[str]) -> RealSource | None:
    """Where a store of these sources can get more rows, or None for a sample and for files."""
    if tuple(held) == (RealSource.BIGQUERY,) and chosen.bigquery_project:
        return RealSource.BIGQUERY
    return RealSource.CLICKHOUSE if tuple(held) == (RealSource.CLICKHOUSE,) else None


def _lacking(
    source: RealSource, coverage: Sequence[Coverage], packages: tuple[str, ...], period: Period
) -> tuple[tuple[str, ...], Period] | None:
    """The packages that lack days of a period, and from their first to their last such day."""
    from lib.sources.bigquery import WATCH_LIST_CUBE
    from lib.sources.clickhouse import CUBES

    cubes = (WATCH_LIST_CUBE,) if source is RealSource.BIGQUERY else CUBES
    parts = [part for cube in cubes for part in missing_parts(coverage, cube, packages, period)]
    if not parts:
        return None
    wanted = {name for part in parts for name in part.packages or ()}
    days = [part.day for part in parts]
    return tuple(name for name in packages if name in wanted), Period(min(days), max(days))


def _offer(chosen: Settings, order: Order) -> None:
    """Say what is missing and what it takes, and how to fetch it."""
    with st.container(border=True, key="offer"):
        st.write(
            f":material/cloud_download: **{plain(_named(order))}**, "
            f"{in_days(order.period.first, order.period.last)}: not held by every dimension yet."
        )
        if not gate.may_spend():
            st.caption("Only an admin may fetch what is missing.")
            return
        if order.period.days > _MOST_DAYS:
            st.caption(
                f"More than {_MOST_DAYS} days are fetched on the command line, which first says "
                "what they may cost:"
            )
            _show(chosen, [*_command(order), "--dry-run"])
            return
        if order.source is RealSource.CLICKHOUSE:
            asked = allowance(chosen)
            label = f"Fetch it: free, {asked.left()} of {asked.most} queries left in this hour"
            _ask(chosen, label, _command(order))
            return
        with st.spinner("Asking BigQuery what it may cost"):
            try:
                price = _quote(chosen, order)
            except PulseError as error:
                st.warning(told(str(error)), icon=":material/money_off:")
                return
        if price.largest > price.left:
            st.warning(
                f"A query of this may read {plain(priced(price.largest))}, and "
                f"{plain(gigabytes(price.left))} of this month's budget are left.",
                icon=":material/money_off:",
            )
            return
        if price.upper_bound:
            st.caption(_bound_explained(price))
        most = -(-min(price.bytes, price.left) // GIGABYTE) + 1
        _ask(chosen, _label(price), [*_command(order), "--max-gb", str(most)])


def _ask(chosen: Settings, label: str, command: list[str]) -> None:
    """The button that fetches; where pages may not spend, the command that does."""
    if chosen.fetch_from_app:
        st.button(
            plain(label),
            key="fetch",
            type="primary",
            icon=":material/cloud_download:",
            on_click=_start,
            args=(chosen, command),
        )
        return
    st.caption(
        f"{plain(label)}. Pages may not fetch here (PULSE_FETCH_FROM_APP is not set); on the "
        "command line:"
    )
    _show(chosen, command)


def _label(price: Quote) -> str:
    return (
        f"Fetch it: about {priced(price.likely)}, {gigabytes(price.left)} of this month's "
        "budget left"
    )


def _bound_explained(price: Quote) -> str:
    basis = "as small packages are billed; large ones cost more" if price.guessed else "as before"
    most = min(price.bytes, price.left)
    return plain(
        f"About: {basis}. BigQuery itself only names an upper bound before it reads, here "
        f"{priced(price.bytes)} in all and {priced(price.largest)} at a time. Each query is "
        f"checked by itself, and no more than {gigabytes(most)} can be billed. The first TiB of a "
        "month is free."
    )


@st.cache_data(ttl=600, max_entries=50, show_spinner=False)
def _quote(_chosen: Settings, order: Order) -> Quote:
    return quote(_chosen, order)


def _command(order: Order) -> list[str]:
    first, last = order.period.first, order.period.last
    return [
        *("sync", "--source", str(order.source)),
        *("--packages", ",".join(order.packages or ())),
        *("--from", first.isoformat(), "--to", last.isoformat()),
    ]


def _show(chosen: Settings, command: list[str]) -> None:
    """A command as a person types it, with the settings that it needs."""
    settings = f"PULSE_STORE={shlex.quote(chosen.store_name)}"
    if chosen.bigquery_project:
        settings += f" PULSE_BIGQUERY_PROJECT={shlex.quote(chosen.bigquery_project)}"
    line = f"{settings} .venv/bin/python -m lib {shlex.join(command)}"
    st.code(line, language="bash", wrap_lines=True)


def _named(order: Order) -> str:
    """The packages of an order, the first of them where they are many."""
    names = order.packages or ()
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


@st.cache_resource(show_spinner=False)
def _processes() -> dict[str, subprocess.Popen[bytes]]:
    """The process that fetches into each store; kept, so that it is reaped."""
    return {}


def _start(chosen: Settings, command: list[str]) -> None:
    """Fetch in another process, so that pages are served meanwhile."""
    if not gate.may_spend():
        return
    with _starting:
        if _is_running(chosen):
            return
        fetch_progress(chosen.store).write(Progress(0.0, "Starting to fetch"))
        _quote.clear()
        _processes()[chosen.store_name] = subprocess.Popen(
            [sys.executable, "-m", "lib", "--verbose", *command, "--for-pages"],
            cwd=_ROOT,
            env={**os.environ, "PULSE_STORE": _absolute(chosen)},
            stdin=subprocess.DEVNULL,
        )


def _absolute(chosen: Settings) -> str:
    return chosen.store_name if chosen.dataset else str(chosen.store.resolve())


def _ended_badly(chosen: Settings) -> bool:
    """Whether the last process started here failed, and could not say why."""
    started = _processes().get(chosen.store_name)
    return started is not None and bool(started.poll())


def _is_running(chosen: Settings) -> bool:
    """Whether rows are being fetched, by a process started here or on a command line."""
    started = _processes().get(chosen.store_name)
    return (started is not None and started.poll() is None) or is_fetching(chosen.store)
