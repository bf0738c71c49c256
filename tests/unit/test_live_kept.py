"""What is kept for all viewers is made once, and never kept where making it failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from lib.live_page.kept import kept


def test_many_who_come_at_once_are_given_what_one_of_them_made() -> None:
    made: list[int] = []
    together = Barrier(8)

    @kept
    def doubled(number: int) -> list[int]:
        made.append(number)
        return [2 * number]

    def ask(_: int) -> list[int]:
        together.wait()
        return doubled(21)

    with ThreadPoolExecutor(8) as viewers:
        results = list(viewers.map(ask, range(8)))
    assert made == [21]
    assert all(result is results[0] for result in results)


def test_nobody_waits_for_what_somebody_else_asked_for() -> None:
    go_on = Event()

    @kept
    def slow_or_not(name: str) -> str:
        if name == "slow":
            assert go_on.wait(10)
        return name

    with ThreadPoolExecutor(1) as other:
        slow = other.submit(slow_or_not, "slow")
        assert slow_or_not("quick") == "quick"
        go_on.set()
        assert slow.result() == "slow"


def test_what_failed_is_made_again() -> None:
    tries: list[str] = []

    @kept
    def second_time_lucky(name: str) -> str:
        tries.append(name)
        if len(tries) == 1:
            raise ValueError(name)
        return name

    with pytest.raises(ValueError, match="a"):
        second_time_lucky("a")
    assert second_time_lucky("a") == "a"


def test_only_the_latest_are_kept() -> None:
    made: list[int] = []

    @kept
    def itself(number: int) -> int:
        made.append(number)
        return number

    for number in (*range(100), 99, 0):
        itself(number)
    assert made == [*range(100), 0]
