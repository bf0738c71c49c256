"""Guessing is slowed, and nobody is locked out: by user, by address, and over restarts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.access.attempts import LONGEST, QUIET, Attempts, seconds_to_wait
from lib.access.kept import access_file
from lib.errors import StoreError
from tests.logins import KEY

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

HERE, THERE = "203.0.113.7", "198.51.100.1"

SECOND = timedelta(seconds=1)


@pytest.fixture
def attempts(tmp_path: Path) -> Attempts:
    return Attempts(access_file(tmp_path / "pulse.duckdb"), KEY)


def test_the_wait_grows_from_nothing_to_half_a_minute() -> None:
    waits = [seconds_to_wait(failures, 0) for failures in range(14)]
    assert waits == [0] * 6 + [1, 2, 4, 8, 16, 30, 30, 30]
    assert seconds_to_wait(10**9, 0) == LONGEST


def test_the_wait_passes_and_failures_are_forgotten() -> None:
    assert seconds_to_wait(9, 3) == 5
    assert seconds_to_wait(9, 8) == 0
    assert seconds_to_wait(99, QUIET + 1) == 0


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    assert seconds_to_wait(99, -3600) == 0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def waited(self, attempt: Callable[[datetime], int]) -> int:
        """Attempt as soon as that is allowed; returns how many seconds that took."""
        seconds = 0
        while wait := attempt(self.now):
            seconds += wait
            self.now += wait * SECOND
        return seconds


def test_each_failure_after_the_fifth_costs_a_longer_wait(attempts: Attempts) -> None:
    clock = Clock()
    waits = [clock.waited(lambda now: attempts.begin("ada", HERE, now)) for _ in range(13)]
    assert waits == [0] * 6 + [1, 2, 4, 8, 16, 30, 30]


def test_an_attempt_that_came_too_early_is_not_counted(attempts: Attempts) -> None:
    clock = Clock()
    for _ in range(7):
        clock.waited(lambda now: attempts.begin("ada", HERE, now))
    assert [attempts.begin("ada", HERE, clock.now) for _ in range(50)] == [2] * 50
    clock.now += 2 * SECOND
    assert attempts.begin("ada", HERE, clock.now) == 0


def test_a_user_is_slowed_wherever_the_guesses_come_from(attempts: Attempts) -> None:
    for number in range(6):
        assert attempts.begin("ada", f"203.0.113.{number}", NOON) == 0
    assert attempts.begin("ada", THERE, NOON) == 1


def test_an_address_is_slowed_whatever_names_it_tries(attempts: Attempts) -> None:
    for number in range(6):
        assert attempts.begin(f"user-{number}", HERE, NOON) == 0
    assert attempts.begin("another", HERE, NOON) == 1
    assert attempts.begin("another", THERE, NOON) == 0


def test_a_name_that_nobody_has_is_slowed_as_any_other(attempts: Attempts) -> None:
    for number in range(6):
        attempts.begin("nobody-at-all", f"203.0.113.{number}", NOON)
    assert attempts.begin("nobody-at-all", THERE, NOON) == 1


def test_the_presenter_is_let_in_from_a_known_address_while_others_guess(
    attempts: Attempts,
) -> None:
    attempts.begin("ada", HERE, NOON)
    attempts.succeeded("ada", HERE, NOON)
    for number in range(20):
        attempts.begin("ada", f"198.51.100.{number}", NOON)
        attempts.begin(f"user-{number}", HERE, NOON)
    assert attempts.begin("ada", "192.0.2.1", NOON) > 0
    assert attempts.begin("vic", HERE, NOON) > 0
    assert attempts.begin("ada", HERE, NOON) == 0


def test_guesses_from_a_known_address_are_slowed_too(attempts: Attempts) -> None:
    attempts.succeeded("ada", HERE, NOON)
    for _ in range(6):
        assert attempts.begin("ada", HERE, NOON) == 0
    assert attempts.begin("ada", HERE, NOON) == 1


def test_who_has_an_account_cannot_reset_the_count_of_an_address(attempts: Attempts) -> None:
    for _ in range(10):
        for number in range(5):
            attempts.begin(f"user-{number}", HERE, NOON)
        attempts.begin("vic", HERE, NOON)
        attempts.succeeded("vic", HERE, NOON)
    assert attempts.begin("ada", HERE, NOON) > 0


def test_a_success_forgets_the_failures_of_its_user(attempts: Attempts) -> None:
    for number in range(6):
        attempts.begin("ada", f"203.0.113.{number}", NOON)
    later = NOON + 2 * SECOND
    assert attempts.begin("ada", THERE, later) == 0
    attempts.succeeded("ada", THERE, later)
    assert attempts.begin("ada", "192.0.2.1", later) == 0


def test_what_was_counted_outlives_the_process(attempts: Attempts) -> None:
    for _ in range(6):
        attempts.begin("ada", HERE, NOON)
    again = Attempts(access_file(attempts.file.path.with_name("pulse.duckdb")), KEY)
    assert again.begin("ada", HERE, NOON) == 1


def test_attempts_at_the_same_moment_are_all_counted(attempts: Attempts) -> None:
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: attempts.begin("ada", HERE, NOON), range(60)))
    assert waits.count(0) == 6


def test_the_file_stays_small_whatever_is_typed(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.access.attempts._SLOTS", 1)
    for number in range(200):
        attempts.begin(f"user-{number}", f"10.0.{number}.1", NOON + number * 31 * SECOND)
        attempts.succeeded("vic", f"10.0.{number}.1", NOON)
    with attempts.file.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM attempt").fetchone()[0] <= 3 * 16
        assert connection.execute("SELECT count(*) FROM known").fetchone()[0] == 20


def test_the_file_names_neither_users_nor_addresses(attempts: Attempts) -> None:
    attempts.begin("a-name-to-find", HERE, NOON)
    attempts.succeeded("a-name-to-find", HERE, NOON)
    kept = attempts.file.path.read_bytes()
    assert b"a-name-to-find" not in kept
    assert HERE.encode() not in kept


def test_where_nothing_can_be_counted_nothing_can_be_guessed(attempts: Attempts) -> None:
    attempts.file.path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="nobody is let in"):
        attempts.begin("ada", HERE, NOON)
