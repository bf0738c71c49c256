"""Views of articles by day, from a server that behaves as Wikimedia's pageviews API does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lib.errors import SignalError
from lib.signals.wikimedia import ArticleRefused, Wikimedia, newest_day, service, title
from tests.integration.web_stub import Clock, Reply, WikimediaStub, item, serving

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 10)

DAYS = [FIRST + timedelta(days=number) for number in range(10)]

PATH = "/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user/"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stub() -> Iterator[WikimediaStub]:
    stub = WikimediaStub()
    stub.views = {("DuckDB", day): 100 + number for number, day in enumerate(DAYS)}
    with serving(stub):
        yield stub


def client(stub: WikimediaStub, clock: Clock, contact: str = "me@example.org") -> Wikimedia:
    return Wikimedia(service(contact, address=stub.url, sleep=clock.sleep))


def test_each_day_is_told_with_its_views(stub: WikimediaStub, clock: Clock) -> None:
    views = client(stub, clock).views("DuckDB", FIRST, LAST)
    assert views == {day: 100 + number for number, day in enumerate(DAYS)}
    assert [one.path for one in stub.requests] == [f"{PATH}DuckDB/daily/20261101/20261110"]


def test_only_the_days_asked_for_are_told(stub: WikimediaStub, clock: Clock) -> None:
    assert list(client(stub, clock).views("DuckDB", DAYS[3], DAYS[4])) == DAYS[3:5]


def test_years_of_days_are_one_request(stub: WikimediaStub, clock: Clock) -> None:
    days = [date(2015, 7, 1) + timedelta(days=number) for number in range(4000)]
    stub.views = {("DuckDB", day): 7 for day in days}
    assert list(client(stub, clock).views("DuckDB", days[0], days[-1])) == days
    assert len(stub.requests) == 1


def test_days_without_views_are_not_told(stub: WikimediaStub, clock: Clock) -> None:
    stub.views["DuckDB", DAYS[4]] = 0
    assert set(DAYS) - set(client(stub, clock).views("DuckDB", FIRST, LAST)) == {DAYS[4]}


def test_an_article_that_is_not_known_has_no_views(stub: WikimediaStub, clock: Clock) -> None:
    assert client(stub, clock).views("No such article", FIRST, LAST) == {}


@pytest.mark.parametrize(
    ("article", "written"),
    [
        ("Pandas (software)", "Pandas_%28software%29"),
        ("AC/DC", "AC%2FDC"),
        ("C++", "C%2B%2B"),
        ("100%", "100%25"),
        ("What?", "What%3F"),
        ("Gödel", "G%C3%B6del"),
        ("../../etc", "..%2F..%2Fetc"),
        ("scikit-learn", "Scikit-learn"),
        ("  NumPy_ ", "NumPy"),
        ("A  B", "A_B"),
    ],
)
def test_a_title_arrives_as_one_part_of_the_path(
    stub: WikimediaStub, clock: Clock, article: str, written: str
) -> None:
    stub.views = {(title(article), FIRST): 3}
    assert client(stub, clock).views(article, FIRST, FIRST) == {FIRST: 3}
    assert stub.requests[0].path == f"{PATH}{written}/daily/20261101/20261101"


@pytest.mark.parametrize(
    "article",
    ["", " ", "_", "a|b", "a#b", "<b>", "[x]", "{x}", "a\nb", "a\x00b", "é" * 200],
    ids=lambda article: repr(article[:5]),
)
def test_what_is_no_title_is_refused_without_asking(
    stub: WikimediaStub, clock: Clock, article: str
) -> None:
    with pytest.raises(ArticleRefused):
        client(stub, clock).views(article, FIRST, LAST)
    assert not stub.requests


def test_a_request_says_who_asks(stub: WikimediaStub, clock: Clock) -> None:
    client(stub, clock).views("DuckDB", FIRST, LAST)
    client(stub, clock, "").views("DuckDB", FIRST, LAST)
    agents = [one.headers["User-Agent"] for one in stub.requests]
    assert agents[0].startswith("PyPIPulse/1.0 (me@example.org) httpx/")
    assert agents[1].startswith("PyPIPulse/1.0 (no contact set) httpx/")


def test_requests_come_one_after_the_other_with_a_pause(stub: WikimediaStub, clock: Clock) -> None:
    asked = client(stub, clock)
    for _ in range(3):
        asked.views("DuckDB", FIRST, LAST)
    assert clock.waited == [0.2, 0.2]


def test_too_many_requests_are_repeated_after_the_time_that_is_asked_for(
    stub: WikimediaStub, clock: Clock
) -> None:
    stub.next = [Reply(b"", 429, {"Retry-After": "37"})]
    assert len(client(stub, clock).views("DuckDB", FIRST, LAST)) == 10
    assert 37 in clock.waited


@pytest.mark.parametrize("value", ["", "Fri, 31 Dec 2027 23:59:59 GMT", "-5", "1.5", "soon"])
def test_a_time_to_wait_that_is_no_number_of_seconds_is_a_short_one(
    stub: WikimediaStub, clock: Clock, value: str
) -> None:
    stub.next = [Reply(b"", 429, {"Retry-After": value})]
    assert len(client(stub, clock).views("DuckDB", FIRST, LAST)) == 10
    assert max(clock.waited) < 5


def test_a_time_to_wait_that_is_too_long_ends_the_work(stub: WikimediaStub, clock: Clock) -> None:
    stub.next = [Reply(b"", 429, {"Retry-After": "3600"})]
    with pytest.raises(SignalError, match="asks to wait 60 minutes"):
        client(stub, clock).views("DuckDB", FIRST, LAST)
    assert not clock.waited


def test_who_is_kept_out_is_told_to_name_a_contact(stub: WikimediaStub, clock: Clock) -> None:
    stub.next = [Reply(b"<p>Please respect our robot policy</p>", 403)]
    with pytest.raises(SignalError, match="PULSE_CONTACT") as raised:
        client(stub, clock).views("DuckDB", FIRST, LAST)
    assert "<p>" not in str(raised.value)
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"oops", 500),
        Reply(b"", 502),
        Reply(b"", 504),
        Reply({"items": []}, cut=True),
        Reply(drop=True),
    ],
    ids=["500", "502", "504", "cut", "dropped"],
)
def test_a_passing_failure_is_asked_again(stub: WikimediaStub, clock: Clock, reply: Reply) -> None:
    stub.next = [reply]
    assert len(client(stub, clock).views("DuckDB", FIRST, LAST)) == 10
    stub.next = [reply] * 9
    with pytest.raises(SignalError, match="Wikimedia's pageviews API"):
        client(stub, clock).views("DuckDB", FIRST, LAST)
    assert len(stub.requests) == 2 + 4


GOOD = item("DuckDB", FIRST, 5)

ODD: dict[str, Any] = {
    "no items": {},
    "items is an object": {"items": {}},
    "items is null": {"items": None},
    "a list": [GOOD],
    "item is text": {"items": ["x"]},
    "views is text": {"items": [{**GOOD, "views": "5"}]},
    "views is true": {"items": [{**GOOD, "views": True}]},
    "views below zero": {"items": [{**GOOD, "views": -1}]},
    "views is a fraction": {"items": [{**GOOD, "views": 1.5}]},
    "no views": {"items": [{"timestamp": "2026110100"}]},
    "no timestamp": {"items": [{"views": 5}]},
    "timestamp is a number": {"items": [{**GOOD, "timestamp": 2026110100}]},
    "no such day": {"items": [{**GOOD, "timestamp": "2026023000"}]},
    "an hour": {"items": [{**GOOD, "timestamp": "2026110105"}]},
    "other digits": {"items": [{**GOOD, "timestamp": "２０２６１１０１00"}]},
    "a day not asked for": {"items": [item("DuckDB", date(2026, 12, 1), 5)]},
    "a day twice": {"items": [GOOD, GOOD]},
    "one of many is odd": {"items": [GOOD, {**GOOD, "timestamp": "2026110200", "views": None}]},
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_an_answer_of_another_shape_is_refused_whole(
    stub: WikimediaStub, clock: Clock, body: Any
) -> None:
    stub.next = [Reply(body)]
    with pytest.raises(SignalError, match="otherwise than it is documented"):
        client(stub, clock).views("DuckDB", FIRST, LAST)


def test_days_in_another_order_are_told_in_theirs(stub: WikimediaStub, clock: Clock) -> None:
    stub.next = [Reply({"items": [item("DuckDB", day, 1) for day in reversed(DAYS)]})]
    assert list(client(stub, clock).views("DuckDB", FIRST, LAST)) == DAYS


def test_a_redirect_of_the_address_is_not_followed(stub: WikimediaStub, clock: Clock) -> None:
    stub.next = [Reply({}, 301, {"Location": f"{stub.url}{PATH}Other/daily/20261101/20261110"})]
    with pytest.raises(SignalError, match="HTTP 301"):
        client(stub, clock).views("DuckDB", FIRST, LAST)
    assert len(stub.requests) == 1


def test_the_newest_day_is_one_that_had_a_day_to_be_loaded() -> None:
    assert newest_day(datetime(2026, 11, 28, 12, tzinfo=UTC)) == date(2026, 11, 26)
    assert newest_day(datetime(2026, 11, 28, 0, 0, tzinfo=UTC)) == date(2026, 11, 26)
