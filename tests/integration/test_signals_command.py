"""`python -m lib signals`: what it takes, what is kept whatever ends it, and how it goes on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from lib.__main__ import main
from lib.cubes import Coverage, Cube, Grain
from lib.errors import PulseError, SettingsError, SignalError, StoreBusy, StoreMissing
from lib.progress import signals_progress
from lib.settings import Dataset, Settings, read_settings
from lib.signals import Signal, SignalSeries, background
from lib.signals.command import fetch, is_fetching
from lib.signals.kept import keep, keep_terms, signals_file
from lib.signals.order import LiveSource, Order, Outside
from lib.signals.stack_exchange import SOURCE, QuotaGone
from lib.signals.standing import stack_exchange_standing
from lib.stores.duckdb import DuckDBStore, StoreWriter, lock
from tests.integration.web_stub import (
    Clock,
    Reply,
    StackExchangeStub,
    WikimediaStub,
    failure,
    serving,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)

MONTHS = [date(2026, month, 1) for month in range(1, 11)]
"""Those of the year that are over."""

TAGS = ("python-polars", "duckdb")
"""What polars and duckdb are called on Stack Overflow, in the stores of these tests."""

TERMS = {
    ("polars", Signal.STACK_OVERFLOW): TAGS[0],
    ("duckdb", Signal.STACK_OVERFLOW): TAGS[1],
    ("numpy", Signal.STACK_OVERFLOW): "",
    ("duckdb", Signal.WIKIPEDIA): "DuckDB",
    ("polars", Signal.WIKIPEDIA): "Polars (software)",
}

ASKED = {
    (tag, month): 10 * number + place
    for place, tag in enumerate(TAGS)
    for number, month in enumerate(MONTHS, start=1)
}


@dataclass
class Run:
    """A store, the services that it is filled from, and what a fetch says."""

    settings: Settings
    outside: Outside
    questions: StackExchangeStub
    wikipedia: WikimediaStub
    said: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)

    def fetch(
        self,
        source: LiveSource = LiveSource.STACK_OVERFLOW,
        packages: tuple[str, ...] = ("polars", "duckdb"),
        first: date | None = date(2026, 1, 1),
        last: date | None = None,
        **options: bool,
    ) -> None:
        order = Order(source, packages, "me", first, last, **options)
        self.said.clear()
        fetch(
            self.settings,
            order,
            lambda fraction, text: self.reported.append(text),
            self.said.append,
            outside=self.outside,
        )

    @property
    def held(self) -> dict[tuple[str, date], float]:
        """The values held, by term and period."""
        return {
            (one.term, period.date()): value
            for one in self.series.values()
            for period, value in zip(one.frame["period"], one.frame["value"], strict=True)
        }

    @property
    def series(self) -> dict[str, SignalSeries]:
        path = signals_file(self.settings)
        return {one.term: one for one in DuckDBStore(path).signals()} if path.exists() else {}

    def at(self, now: datetime) -> None:
        """Let the app's clock stand at another time."""
        self.settings = replace(self.settings, frozen_now=now)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def run(empty_store: Path, clock: Clock) -> Iterator[Run]:
    with StoreWriter(empty_store) as writer:
        cube = Cube(Grain.DAY, ("project",))
        days = (date(2026, 3, 5), date(2026, 11, 27))
        writer.add_coverage(Coverage(cube, *days, ("polars",), "files", datetime(2026, 11, 28)))
        writer.replace_terms(TERMS)
    settings = Settings(store=empty_store, frozen_now=NOW, contact="me@example.org")
    with serving(StackExchangeStub(clock)) as questions, serving(WikimediaStub()) as wikipedia:
        assert isinstance(questions, StackExchangeStub)
        assert isinstance(wikipedia, WikimediaStub)
        questions.asked = dict(ASKED)
        outside = Outside(questions.url, wikipedia.url, clock.now, clock.sleep)
        yield Run(settings, outside, questions, wikipedia)


def test_every_month_that_is_over_is_fetched_and_kept(run: Run) -> None:
    run.fetch()
    assert run.held == ASKED
    series = run.series["duckdb"]
    assert (series.signal, series.grain, series.unit) == (
        Signal.STACK_OVERFLOW,
        Grain.MONTH,
        "questions",
    )
    assert series.source == SOURCE
    assert series.fetched_at == NOW.replace(tzinfo=None)
    assert not series.frame["flagged"].any()


def test_the_open_month_is_never_asked_for(run: Run) -> None:
    run.questions.asked["duckdb", date(2026, 11, 1)] = 5
    run.fetch(last=date(2026, 11, 27))
    assert max(month for _, month in run.questions.months_asked) == MONTHS[-1]
    assert date(2026, 11, 1) not in {month for _, month in run.held}


def test_a_dry_run_says_how_many_requests_it_takes_and_sends_none(run: Run) -> None:
    run.fetch(dry_run=True)
    assert "Requests of the Stack Exchange API: 21," in run.said[-1]
    assert "without a key 300" in run.said[-1]
    assert not run.questions.requests
    run.fetch()
    assert len(run.questions.requests) == 21


def test_without_days_it_begins_where_the_downloads_do(run: Run) -> None:
    run.fetch(first=None)
    assert {month for _, month in run.questions.months_asked} == set(MONTHS[2:])


def test_what_is_held_is_not_asked_for_again(run: Run) -> None:
    run.fetch()
    run.questions.requests.clear()
    run.fetch()
    assert not run.questions.requests
    assert run.said == [
        "Nothing is lacking: no request is needed. The open month is never asked for."
    ]


def test_days_later_the_newest_month_alone_is_asked_for_again(run: Run) -> None:
    run.fetch()
    run.questions.requests.clear()
    run.questions.asked["duckdb", MONTHS[-1]] = 88
    run.at(NOW + timedelta(days=2))
    run.fetch()
    assert run.questions.months_asked == [(tag, MONTHS[-1]) for tag in TAGS]
    assert run.held == {**ASKED, ("duckdb", MONTHS[-1]): 88}


def test_a_month_later_the_new_one_is_asked_for_and_earlier_ones_stay(run: Run) -> None:
    run.fetch()
    run.questions.requests.clear()
    run.questions.asked = {("duckdb", date(2026, 11, 1)): 3}
    run.at(datetime(2026, 12, 2, tzinfo=UTC))
    run.fetch(packages=("duckdb",))
    assert run.questions.months_asked == [("duckdb", date(2026, 11, 1))]
    assert run.held == {**ASKED, ("duckdb", date(2026, 11, 1)): 3}


@pytest.mark.parametrize("quota", [1, 2, 7, 20])
def test_where_the_quota_ends_all_tags_have_the_newest_months_and_no_hole(
    run: Run, quota: int
) -> None:
    run.questions.quota = quota
    with pytest.raises(QuotaGone, match="What was fetched is kept"):
        run.fetch()
    asked = list(itertools.product(reversed(MONTHS), TAGS))[: quota - 1]
    assert run.held == {(tag, month): ASKED[tag, month] for month, tag in asked}
    assert "0 of 300 requests a day left" in " ".join(run.said)
    # The next day it goes on, and ends as it would have at once.
    run.questions.quota = 300
    run.questions.requests.clear()
    run.fetch()
    assert run.held == ASKED
    assert len(run.questions.months_asked) == 20 - len(asked)


def test_a_quota_that_is_gone_at_once_leaves_the_store_as_it_was(run: Run) -> None:
    before = DuckDBStore(run.settings.store).version()
    run.questions.quota = 0
    with pytest.raises(QuotaGone):
        run.fetch()
    assert DuckDBStore(run.settings.store).version() == before
    assert run.held == {}


def test_what_is_left_of_the_quota_is_said_before_and_after(run: Run) -> None:
    run.fetch()
    assert "279 of 300 requests a day left at 2026-11-28 12:00 UTC." in run.said
    assert "requests left today" in run.reported[-2]
    run.fetch(first=date(2025, 12, 1), dry_run=True)
    assert "279 of 300 requests a day left" in run.said[-1]


@pytest.mark.parametrize("at", [0, 1, 5, 19])
def test_a_run_that_is_interrupted_keeps_what_it_has(run: Run, at: int) -> None:
    def interrupted(fraction: float, text: str) -> None:
        if len(run.questions.months_asked) == at:
            raise KeyboardInterrupt

    order = Order(LiveSource.STACK_OVERFLOW, ("polars", "duckdb"), "me", date(2026, 1, 1))
    with pytest.raises(KeyboardInterrupt):
        fetch(run.settings, order, interrupted, run.said.append, outside=run.outside)
    assert len(run.held) == at
    assert run.held.items() <= ASKED.items()
    assert signals_progress(run.settings.store).read() is None
    run.fetch()
    assert run.held == ASKED


def test_long_work_is_kept_now_and_then(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr(
        "lib.signals.collecting.keep", lambda path, series: kept.append(len(series))
    )
    monkeypatch.setattr("lib.signals.collecting._KEPT_EVERY", timedelta(seconds=-1))
    run.fetch()
    assert len(kept) == 20


def test_a_store_that_another_writes_is_waited_for_until_the_end(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.signals.collecting._KEPT_EVERY", timedelta(seconds=-1))
    held = lock(run.settings.store, ".lock")
    first = run.questions.respond

    def released(request: object) -> Reply:
        if len(run.questions.requests) == 15:
            held.close()
        return first(request)  # type: ignore[arg-type]

    monkeypatch.setattr(run.questions, "respond", released)
    run.fetch()
    assert run.held == ASKED


def test_a_tag_that_is_refused_does_not_keep_the_others(run: Run) -> None:
    respond = run.questions.respond

    def refusing(request: object) -> Reply:
        if request.values.get("tagged") == TAGS[0]:  # type: ignore[attr-defined]
            return failure(400, "bad_parameter", "tagged")
        return respond(request)  # type: ignore[arg-type]

    run.questions.respond = refusing  # type: ignore[method-assign, assignment]
    with pytest.raises(SignalError, match="refuses the tag 'python-polars'"):
        run.fetch()
    assert run.held == {key: value for key, value in ASKED.items() if key[0] == "duckdb"}
    assert [tag for tag, _ in run.questions.months_asked].count(TAGS[0]) == 1


def test_a_package_without_a_term_is_named_and_the_others_are_fetched(run: Run) -> None:
    run.fetch(packages=("numpy", "duckdb"))
    assert run.said[0] == "No tag of Stack Overflow is known for numpy."
    assert set(run.series) == {"duckdb"}


def test_packages_that_none_has_a_term_for_are_an_error(run: Run) -> None:
    with pytest.raises(SignalError, match="None of the packages has a tag"):
        run.fetch(packages=("numpy",))
    assert not run.questions.requests


def test_two_packages_of_one_tag_are_asked_for_once(run: Run) -> None:
    keep_terms(run.settings.store, {**TERMS, ("polars", Signal.STACK_OVERFLOW): "duckdb"})
    run.fetch()
    assert len(run.questions.months_asked) == len(MONTHS)


def test_a_tag_with_nothing_but_zeros_is_remarked_upon(run: Run) -> None:
    run.questions.asked = {key: n for key, n in ASKED.items() if key[0] == "duckdb"}
    run.fetch()
    assert "Stack Overflow: python-polars has nothing but zeros" in run.said[-1]
    assert len(run.held) == 20


def test_a_hole_between_what_is_held_is_remarked_upon(run: Run) -> None:
    run.fetch(first=MONTHS[0], last=MONTHS[1], packages=("duckdb",))
    assert "holes" not in " ".join(run.said)
    run.fetch(first=MONTHS[5], packages=("duckdb",))
    assert "has holes from 2026-03 to 2026-05; months that are not held: 3." in run.said[-1]
    run.fetch(packages=("duckdb",))
    assert "holes" not in " ".join(run.said)


def series_of(term: str, grain: Grain, source: str, values: dict[date, float]) -> SignalSeries:
    frame = pd.DataFrame(
        {"period": list(values), "value": list(values.values()), "flagged": [False] * len(values)}
    )
    at = datetime(2026, 1, 1)
    return SignalSeries(Signal.STACK_OVERFLOW, term, grain, "questions", source, at, frame)


def test_simulated_questions_are_replaced_and_never_mixed_with(run: Run) -> None:
    months = {date(2025, month, 1): 999.0 for month in range(1, 13)}
    keep(run.settings.store, [series_of("duckdb", Grain.MONTH, "simulated", months)])
    run.fetch(packages=("duckdb",))
    assert 999 not in run.held.values()
    assert run.series["duckdb"].source == SOURCE


def test_months_of_another_source_stay_and_both_are_named(run: Run) -> None:
    months = {date(2025, 12, 1): 7.0, MONTHS[0]: 8.0}
    keep(run.settings.store, [series_of("duckdb", Grain.MONTH, "an imported file", months)])
    run.fetch(packages=("duckdb",))
    assert run.held == {
        ("duckdb", date(2025, 12, 1)): 7,
        **{key: value for key, value in ASKED.items() if key[0] == "duckdb"},
        ("duckdb", MONTHS[0]): 8,
    }
    assert run.series["duckdb"].source == f"an imported file; {SOURCE}"
    run.at(NOW + timedelta(days=40))
    run.fetch(packages=("duckdb",))
    assert run.series["duckdb"].source == f"an imported file; {SOURCE}"


def test_a_series_by_weeks_is_not_added_to(run: Run) -> None:
    weekly = series_of("duckdb", Grain.WEEK, "a file", {date(2026, 1, 5): 7.0})
    keep(run.settings.store, [weekly])
    with pytest.raises(SignalError, match=r"is held by week from a file\. Remove it"):
        run.fetch()
    assert run.held == {("duckdb", date(2026, 1, 5)): 7}
    assert not run.questions.requests


def test_no_network_is_told_and_nothing_is_changed(run: Run) -> None:
    before = DuckDBStore(run.settings.store).version()
    run.outside = replace(run.outside, stack_exchange="http://127.0.0.1:9")
    with pytest.raises(SignalError, match="cannot be reached from here"):
        run.fetch()
    assert DuckDBStore(run.settings.store).version() == before
    progress = signals_progress(run.settings.store).read()
    assert progress is not None
    assert progress.failed
    assert "cannot be reached" in progress.text


def test_a_failure_half_way_keeps_the_months_before(run: Run) -> None:
    run.questions.next = [*[None] * 8, *[Reply(b"", 500)] * 4]
    with pytest.raises(SignalError, match="not working at the moment"):
        run.fetch()
    assert len(run.held) == 7
    assert run.held.items() <= ASKED.items()


def test_switched_off_nothing_is_asked(run: Run) -> None:
    run.settings = replace(run.settings, ask_signals=False)
    for dry in (True, False):
        with pytest.raises(SettingsError, match="PULSE_SIGNALS is off"):
            run.fetch(dry_run=dry)
    assert not run.questions.requests


def test_without_a_store_none_is_made(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "other" / "none.duckdb"
    run.settings = replace(run.settings, store=missing)
    with pytest.raises(StoreMissing, match=r"There is no store none\.duckdb"):
        run.fetch()
    assert not missing.exists()
    assert not run.questions.requests


def test_signals_of_a_dataset_are_kept_on_this_machine(run: Run, tmp_path: Path) -> None:
    dataset = Dataset("my-project", "pulse")
    run.settings = replace(run.settings, dataset=dataset, store=tmp_path / "my-project.pulse")
    keep_terms(signals_file(run.settings), TERMS)
    run.fetch()
    assert run.held == ASKED


def test_two_fetches_at_once_are_refused(run: Run) -> None:
    assert not is_fetching(run.settings)
    with lock(run.settings.store, ".signals.lock"):
        assert is_fetching(run.settings)
        with pytest.raises(StoreBusy):
            run.fetch()
    assert not is_fetching(run.settings)
    assert not run.questions.requests


def test_progress_ends_with_the_work_or_tells_pages_what_is_to_be_remarked(run: Run) -> None:
    run.fetch(packages=("duckdb",), for_pages=True)
    assert signals_progress(run.settings.store).read() is None
    run.questions.asked = {}
    run.fetch(packages=("polars",), for_pages=True)
    progress = signals_progress(run.settings.store).read()
    assert progress is not None
    assert progress.done
    assert "nothing but zeros" in progress.text


def test_simulated_downloads_are_said_to_be_beside_real_signals(run: Run) -> None:
    with StoreWriter(run.settings.store) as writer:
        writer.set_note("sample", json.dumps({}))
    run.fetch(dry_run=True)
    assert "The downloads of this store are simulated. What is fetched here is real." in run.said


# Wikipedia

DAYS = [date(2026, 10, 1) + timedelta(days=number) for number in range(57)]
"""Up to 2026-11-26, the newest day that is told of."""


def views_of(run: Run, views: Callable[[int], int], days: list[date] = DAYS) -> None:
    run.wikipedia.views = {("DuckDB", day): views(number) for number, day in enumerate(days)}


def wikipedia(run: Run, **options: bool) -> None:
    run.fetch(LiveSource.WIKIPEDIA, ("duckdb",), DAYS[0], **options)


def test_views_are_kept_by_day(run: Run) -> None:
    views_of(run, lambda number: 100 + number)
    wikipedia(run)
    assert run.held == {("DuckDB", day): 100 + number for number, day in enumerate(DAYS)}
    assert run.series["DuckDB"].grain is Grain.DAY
    assert run.series["DuckDB"].signal is Signal.WIKIPEDIA
    assert run.wikipedia.requests[0].path.endswith("/daily/20261001/20261126")


def test_days_without_views_between_others_are_flagged_zeros(run: Run) -> None:
    views_of(run, lambda number: 0 if number in {0, 5, 6, 56} else 9)
    wikipedia(run)
    frame = run.series["DuckDB"].frame
    assert list(frame["period"].dt.date) == DAYS[1:-1]
    assert set(frame.loc[frame["flagged"], "period"].dt.date) == {DAYS[5], DAYS[6]}
    assert set(frame.loc[frame["flagged"], "value"]) == {0}


def test_an_article_that_is_not_known_is_told_and_the_others_are_kept(run: Run) -> None:
    views_of(run, lambda number: 9)
    with pytest.raises(SignalError, match="no views of 'Polars"):
        run.fetch(LiveSource.WIKIPEDIA, ("polars", "duckdb"), DAYS[0])
    assert set(run.series) == {"DuckDB"}


def test_days_later_the_newest_days_are_asked_for_again_and_the_new_ones(run: Run) -> None:
    views_of(run, lambda number: 9)
    wikipedia(run)
    wikipedia(run)
    assert len(run.wikipedia.requests) == 1
    views_of(run, lambda number: 9 + number, [*DAYS, date(2026, 11, 27), date(2026, 11, 28)])
    run.at(NOW + timedelta(days=2))
    wikipedia(run)
    assert run.wikipedia.requests[-1].path.endswith("/daily/20261126/20261128")
    assert len(run.held) == 59


def test_earlier_days_are_asked_for_from_the_first_that_is_lacking(run: Run) -> None:
    views_of(run, lambda number: 9)
    run.fetch(LiveSource.WIKIPEDIA, ("duckdb",), DAYS[10])
    wikipedia(run)
    assert len(run.held) == 57
    assert run.wikipedia.requests[-1].path.endswith("/daily/20261001/20261126")


def test_no_day_before_the_first_of_the_record_is_asked_for(run: Run) -> None:
    views_of(run, lambda number: 9)
    run.fetch(LiveSource.WIKIPEDIA, ("duckdb",), date(2008, 1, 1))
    assert "/daily/20150701/" in run.wikipedia.requests[0].path


def test_a_dry_run_of_views_says_what_they_are(run: Run) -> None:
    wikipedia(run, dry_run=True)
    assert run.said[-1].startswith("Requests of Wikimedia's pageviews API, which is free: 1,")
    assert "automated ones are left out since 2020-04-30" in run.said[-1]
    assert not run.wikipedia.requests


# The command line


@pytest.fixture
def shell(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PULSE_STORE", str(run.settings.store))
    monkeypatch.setenv("PULSE_NOW", "2026-11-28T12:00:00")
    for name in ("PULSE_SIGNALS", "PULSE_STACK_EXCHANGE_KEY", "PULSE_CONTACT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("lib.signals.command.Outside", lambda: run.outside)
    return run


def test_the_command_fetches_and_says_so(shell: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signals", "--packages", "Polars,duckdb", "--from", "2026-01-01"]) == 0
    assert shell.held == ASKED
    told = capsys.readouterr()
    assert "Requests of the Stack Exchange API: 21," in told.out
    assert "100% Done" in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--packages", ","],
        ["--packages", "a b"],
        ["--packages", "duckdb", "--from", "2026-02-01", "--to", "2026-01-01"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_told_apart(shell: Run, arguments: list[str]) -> None:
    assert main(["signals", *arguments]) == 2


@pytest.mark.parametrize(
    "arguments",
    [[], ["--packages", "x", "--from", "soon"], ["--packages", "x", "--source", "trends"]],
    ids=" ".join,
)
def test_what_the_parser_refuses_is_bad_usage(shell: Run, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["signals", *arguments])
    assert ended.value.code == 2


def test_a_failure_is_one_line_and_the_code_one(
    shell: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SIGNALS", "off")
    assert main(["signals", "--packages", "duckdb"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "PULSE_SIGNALS is off" in told


def test_a_key_is_shown_nowhere(
    shell: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_STACK_EXCHANGE_KEY", "s3cret((")
    assert main(["--verbose", "signals", "--packages", "duckdb"]) == 1
    shell.questions.keys = {"s3cret(("}
    assert main(["--verbose", "signals", "--packages", "duckdb"]) == 0
    told = capsys.readouterr()
    written = [path.read_bytes() for path in shell.settings.store.parent.iterdir()]
    assert b"s3cret" not in b"".join([told.out.encode(), told.err.encode(), *written])
    assert shell.questions.requests[-1].values["key"] == "s3cret(("


def test_settings_are_read_and_bad_ones_named() -> None:
    found = read_settings(
        {
            "PULSE_SIGNALS": "OFF",
            "PULSE_STACK_EXCHANGE_KEY": " s3cret(( ",
            "PULSE_CONTACT": "me@example.org",
        },
        {},
    )
    assert not found.ask_signals
    assert (found.stack_exchange_key, found.contact) == ("s3cret((", "me@example.org")
    assert "s3cret" not in repr(found)
    assert read_settings({}, {}).ask_signals
    bad = [
        ("SIGNALS", "maybe"),
        ("STACK_EXCHANGE_KEY", "a b"),
        ("CONTACT", "a\r\nX: y"),
        ("CONTACT", "é"),
    ]
    for name, value in bad:
        with pytest.raises(SettingsError, match=f"PULSE_{name}") as raised:
            read_settings({f"PULSE_{name}": value}, {})
        assert name != "STACK_EXCHANGE_KEY" or value not in str(raised.value)


def test_pages_start_it_in_another_process_and_see_how_it_ended(
    shell: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SIGNALS", "off")
    wanted = background.command(LiveSource.WIKIPEDIA, ("numpy",), DAYS[0], DAYS[1])
    assert wanted[0] == "signals"
    background.start(shell.settings, wanted)
    process = background._processes[shell.settings.store_name]
    background.start(shell.settings, wanted)
    assert background._processes[shell.settings.store_name] is process
    assert process.wait(60) == 1
    assert background.ended_badly(shell.settings)
    assert not background.is_running(shell.settings)
    progress = signals_progress(shell.settings.store).read()
    assert progress is not None
    assert progress.failed
    assert "PULSE_SIGNALS is off" in progress.text


def test_a_fetch_that_breaks_unforeseen_says_so_in_words(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_values: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("lib.signals.stack_exchange.StackExchange.questions", broken)
    with suppress(ZeroDivisionError):
        run.fetch()
    progress = signals_progress(run.settings.store).read()
    assert progress is not None
    assert progress.failed
    assert "log of the server" in progress.text


def test_the_standing_stands_beside_the_store(run: Run) -> None:
    run.fetch()
    assert stack_exchange_standing(run.settings.store).read().left == 279


def test_what_pages_order_is_told_as_a_pulse_error(run: Run) -> None:
    with pytest.raises(PulseError, match="There are no days"):
        run.fetch(first=date(2026, 5, 1), last=date(2026, 4, 1))
