"""Questions by tag and month, from a server that behaves as the Stack Exchange API does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from lib.errors import SignalError
from lib.signals.service import Service, waiting
from lib.signals.stack_exchange import QuotaGone, StackExchange, TagRefused, newest_month, service
from lib.signals.standing import Standing, StandingFile
from tests.integration.web_stub import (
    FILTER,
    MORE_IN,
    Clock,
    Reply,
    StackExchangeStub,
    failure,
    serving,
)

OCTOBER = date(2026, 10, 1)

SEPTEMBER = date(2026, 9, 1)

KEY = "s3cret-key(("


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stub(clock: Clock) -> Iterator[StackExchangeStub]:
    stub = StackExchangeStub(clock)
    stub.asked = {("polars", OCTOBER): 17, ("polars", SEPTEMBER): 23, ("c++", OCTOBER): 400}
    with serving(stub):
        yield stub


@pytest.fixture
def file(tmp_path: Path) -> StandingFile:
    return StandingFile(tmp_path / "pulse.duckdb.stack-exchange")


def client(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, key: str = ""
) -> StackExchange:
    asked = service("me@example.org", address=stub.url, sleep=clock.sleep)
    return StackExchange(asked, file, key=key, now=clock.now, sleep=clock.sleep)


def test_a_month_is_counted_from_its_first_to_its_last_second(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    asked = client(stub, clock, file)
    assert asked.questions("polars", OCTOBER) == 17
    assert asked.questions("polars", SEPTEMBER) == 23
    values = stub.requests[1].values
    assert values["fromdate"] == str(int(datetime(2026, 10, 1, tzinfo=UTC).timestamp()))
    assert values["todate"] == str(int(datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC).timestamp()))


def test_a_tag_with_signs_of_addresses_arrives_as_it_is(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    assert client(stub, clock, file).questions("c++", OCTOBER) == 400


def test_a_tag_that_nobody_uses_has_no_questions(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    assert client(stub, clock, file).questions("no-such-tag", OCTOBER) == 0


def test_the_filter_is_made_once_and_asks_for_quota_and_backoff(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    asked = client(stub, clock, file)
    asked.questions("polars", OCTOBER)
    asked.questions("polars", SEPTEMBER)
    made, *others = stub.requests
    assert set(made.values["include"].split(";")) == {
        ".total", ".backoff", ".quota_max", ".quota_remaining"
    }  # fmt: skip
    assert made.values["base"] == "none"
    assert [one.values["filter"] for one in others] == [FILTER, FILTER]


def test_a_request_says_who_asks_and_takes_compressed_answers(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    client(stub, clock, file).questions("polars", OCTOBER)
    for request in stub.requests:
        assert request.headers["User-Agent"].startswith("PyPIPulse/1.0 (me@example.org) httpx/")
        assert request.headers["Accept-Encoding"] == "gzip"
        assert "key" not in request.values


def test_requests_come_a_fifth_of_a_second_apart(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    client(stub, clock, file).questions("polars", OCTOBER)
    assert clock.waited == [0.2]


def test_a_key_is_sent_and_told_to_nobody_else(
    stub: StackExchangeStub,
    clock: Clock,
    file: StandingFile,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    stub.keys = {KEY}
    asked = client(stub, clock, file, KEY)
    assert asked.questions("polars", OCTOBER) == 17
    assert [request.values["key"] for request in stub.requests] == [KEY, KEY]
    stub.next = [Reply(drop=True)] * 4
    with pytest.raises(SignalError) as raised:
        asked.questions("polars", SEPTEMBER)
    said = " ".join([caplog.text, str(raised.value), file.path.read_text(encoding="utf-8")])
    assert "cannot be reached" in said
    assert KEY not in said
    assert "s3cret" not in said


def test_a_redirect_is_not_followed_so_that_no_other_host_sees_the_key(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.keys = {KEY}
    asked = client(stub, clock, file, KEY)
    asked.questions("polars", OCTOBER)
    stub.requests.clear()
    stub.next = [Reply({}, 302, {"Location": f"{stub.url}/elsewhere"})]
    with pytest.raises(SignalError, match="HTTP 302"):
        asked.questions("polars", SEPTEMBER)
    assert [urlsplit(one.path).path for one in stub.requests] == ["/2.3/questions"]


def test_an_unknown_key_is_said_to_be_one(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    with pytest.raises(SignalError, match="Check PULSE_STACK_EXCHANGE_KEY") as raised:
        client(stub, clock, file, KEY).questions("polars", OCTOBER)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("tag", ["", "  ", "polars;pandas"])
def test_what_is_no_tag_is_refused_without_asking(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, tag: str
) -> None:
    with pytest.raises(TagRefused):
        client(stub, clock, file).questions(tag, OCTOBER)
    assert not stub.requests


def test_a_tag_that_the_api_refuses_is_named(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.next = [None, failure(400, "bad_parameter", "tagged")]
    with pytest.raises(TagRefused, match="refuses the tag 'x y'"):
        client(stub, clock, file).questions("x y", OCTOBER)


def test_a_backoff_is_waited_for_before_the_next_request(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.backoff = [0, 30]
    asked = client(stub, clock, file)
    assert asked.questions("polars", OCTOBER) == 17
    assert max(clock.waited) < 30
    # Who came before the time would be told of a violation.
    assert asked.questions("polars", SEPTEMBER) == 23
    assert max(clock.waited) == 32
    assert len(stub.requests) == 3


def test_a_backoff_is_obeyed_by_the_next_process_too(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.backoff = [0, 40]
    client(stub, clock, file).questions("polars", OCTOBER)
    assert client(stub, clock, file).questions("polars", SEPTEMBER) == 23
    assert max(clock.waited) == 42
    assert len(stub.requests) == 4


def test_a_backoff_that_is_too_long_ends_the_work_without_waiting(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.backoff = [0, 600]
    asked = client(stub, clock, file)
    assert asked.questions("polars", OCTOBER) == 17
    with pytest.raises(QuotaGone, match="no more requests for 10 minutes"):
        asked.questions("polars", SEPTEMBER)
    assert len(stub.requests) == 2
    assert sum(clock.waited) < 1


def test_what_is_left_of_the_quota_is_kept_and_told(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    assert file.read() == Standing()
    assert not file.read().words
    client(stub, clock, file).questions("polars", OCTOBER)
    assert file.read().words == "298 of 300 requests a day left at 2026-11-28 12:00 UTC."


def test_the_last_request_is_counted_and_none_is_sent_after_it(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.quota = 2
    asked = client(stub, clock, file)
    assert asked.questions("polars", OCTOBER) == 17
    with pytest.raises(QuotaGone, match=r"used up.*PULSE_STACK_EXCHANGE_KEY"):
        asked.questions("polars", SEPTEMBER)
    assert len(stub.requests) == 2


def test_a_quota_that_is_gone_is_asked_about_once_and_then_waited_for(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.quota = 0
    with pytest.raises(QuotaGone):
        client(stub, clock, file).questions("polars", OCTOBER)
    with pytest.raises(QuotaGone, match="no more requests for 14 hours"):
        client(stub, clock, file).questions("polars", OCTOBER)
    assert len(stub.requests) == 1
    stub.quota = 300
    clock.sleep(51_234)
    assert client(stub, clock, file).questions("polars", OCTOBER) == 17


def test_a_short_ban_is_waited_for(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.next = [None, failure(502, "throttle_violation", MORE_IN.format(20))]
    assert client(stub, clock, file).questions("polars", OCTOBER) == 17
    assert 22 in clock.waited


def test_a_violation_that_says_no_time_is_waited_for_a_minute(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.next = [failure(502, "throttle_violation", "Violation of backoff parameter")]
    assert client(stub, clock, file).questions("polars", OCTOBER) == 17
    assert 62 in clock.waited


def test_violations_do_not_go_on_for_ever(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.next = [failure(502, "throttle_violation", MORE_IN.format(1))] * 9
    with pytest.raises(QuotaGone, match="too many requests"):
        client(stub, clock, file).questions("polars", OCTOBER)
    assert len(stub.requests) == 3


def test_violations_apart_from_each_other_do_not_add_up(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    violation = failure(502, "throttle_violation", MORE_IN.format(1))
    stub.next = [None, *[violation, None] * 4]
    asked = client(stub, clock, file)
    assert [asked.questions("polars", OCTOBER) for _ in range(4)] == [17] * 4


def test_no_time_to_wait_is_longer_than_a_day(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.next = [failure(502, "throttle_violation", MORE_IN.format(99_999_999))]
    with pytest.raises(QuotaGone, match="no more requests for 24 hours"):
        client(stub, clock, file).questions("polars", OCTOBER)
    clock.sleep(86_403)
    assert client(stub, clock, file).questions("polars", OCTOBER) == 17


PASSING = {
    "internal": failure(500, "internal_error", "an error was encountered"),
    "unavailable": failure(503, "temporarily_unavailable", "down for maintenance"),
    "html 500": Reply(b"<html>Oops</html>", 500),
    "html 503": Reply(b"<html>Oops</html>", 503, {"Retry-After": "3"}),
    "too many": Reply(b"slow down", 429, {"Retry-After": "5"}),
    "cut": Reply({"total": 17}, cut=True),
    "lost": Reply({"total": 17}, lost=True),
    "empty": Reply(b""),
    "dropped": Reply(drop=True),
}


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING.keys())
def test_what_passes_by_itself_is_asked_again(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, reply: Reply
) -> None:
    stub.next = [None, reply, reply]
    assert client(stub, clock, file).questions("polars", OCTOBER) == 17
    assert len(stub.requests) == 4


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING.keys())
def test_what_does_not_pass_is_told_in_one_sentence_of_what_and_one_of_what_to_do(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, reply: Reply
) -> None:
    stub.next = [None, *[reply] * 9]
    with pytest.raises(SignalError) as raised:
        client(stub, clock, file).questions("polars", OCTOBER)
    assert len(stub.requests) == 5
    said = str(raised.value)
    assert said.startswith("The Stack Exchange API ")
    assert any(advice in said for advice in ("Try again", "Wait an hour", "Check", "Import a file"))
    assert "<html>" not in said


DEFINITE = {
    "forbidden": Reply(b"<html>Cloudflare</html>", 403),
    "not found": Reply(b"", 404),
    "no method": failure(404, "no_method", "no method found with this name"),
    "access denied": failure(403, "access_denied", "no"),
    "another status": Reply({"total": 17}, 404),
    "an error with a total": Reply({"total": 17, "error_id": 403, "error_name": "access_denied"}),
}


@pytest.mark.parametrize("reply", DEFINITE.values(), ids=DEFINITE.keys())
def test_what_cannot_pass_is_not_asked_again(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, reply: Reply
) -> None:
    stub.next = [None, reply]
    with pytest.raises(SignalError):
        client(stub, clock, file).questions("polars", OCTOBER)
    assert len(stub.requests) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"total": "17"}, {"total": True}, {"total": -1}, {"total": None}, {"total": 1.5},
        {"total": [17]}, {"items": []}, {}, [], 17, "17", [{"total": 17}],
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_of_another_kind_is_no_number(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, body: Any
) -> None:
    stub.next = [None, Reply(body)]
    with pytest.raises(SignalError, match="otherwise than it is documented"):
        client(stub, clock, file).questions("polars", OCTOBER)


@pytest.mark.parametrize(
    "wrapper",
    [
        {"quota_remaining": "0", "quota_max": 300}, {"quota_remaining": None},
        {"backoff": "600"}, {"backoff": -5}, {"backoff": None}, {"backoff": True},
        {"quota_remaining": -1, "quota_max": 300}, {"error_id": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrapper_of_odd_types_does_not_hinder_the_count(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, wrapper: dict[str, Any]
) -> None:
    stub.next = [None, Reply({"total": 5, **wrapper})]
    asked = client(stub, clock, file)
    assert asked.questions("polars", OCTOBER) == 5
    assert asked.questions("polars", SEPTEMBER) == 23


@pytest.mark.parametrize(
    "items", [[], None, [{}], [{"filter": 5}], [{"filter": ""}], ["x"]], ids=str
)
def test_a_filter_that_was_not_made_is_an_error(
    stub: StackExchangeStub, clock: Clock, file: StandingFile, items: Any
) -> None:
    stub.next = [Reply({"items": items})]
    with pytest.raises(SignalError, match="otherwise than it is documented"):
        client(stub, clock, file).questions("polars", OCTOBER)


def test_an_answer_that_comes_a_byte_at_a_time_is_given_up(
    stub: StackExchangeStub, clock: Clock, file: StandingFile
) -> None:
    stub.next = [Reply({"total": 17}, drip=0.03)] * 4
    slow = Service("It", stub.url, pace=0, sleep=clock.sleep, seconds_to_answer=0.05)
    with pytest.raises(SignalError, match=r"did not answer within 0\.05 seconds"):
        slow.ask("/2.3/questions")


def test_an_answer_that_unpacks_to_very_much_is_not_read_to_its_end(
    stub: StackExchangeStub,
    clock: Clock,
    file: StandingFile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lib.signals.service._MOST_BYTES", 100_000)
    stub.next = [None, Reply(b" " * 200_000)]
    with pytest.raises(SignalError, match="otherwise than it is documented"):
        client(stub, clock, file).questions("polars", OCTOBER)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_no_network_is_one_sentence(clock: Clock, file: StandingFile, address: str) -> None:
    asked = service("", address=address, sleep=clock.sleep)
    with pytest.raises(SignalError, match="cannot be reached from here"):
        StackExchange(asked, file, now=clock.now, sleep=clock.sleep).questions("polars", OCTOBER)


NOTHING = '{"left": null, "most": null, "said_at": null, "wait_until": null}'


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"left": 1}', NOTHING[:-5] + '"soon"}', NOTHING[:-5] + "5}"],
    ids=["empty", "cut", "list", "partial", "no time", "a number for a time"],
)
def test_a_damaged_note_of_the_standing_is_none(file: StandingFile, text: str) -> None:
    file.path.write_text(text, encoding="utf-8")
    assert file.read() == Standing()


def test_a_standing_is_read_as_it_was_written(file: StandingFile) -> None:
    at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    standing = Standing(5, 300, at, at + timedelta(seconds=9))
    file.write(standing)
    assert file.read() == standing
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]


def test_the_newest_month_is_the_one_before_the_open_one() -> None:
    assert newest_month(datetime(2026, 11, 1, 0, 0, tzinfo=UTC)) == OCTOBER
    assert newest_month(datetime(2026, 1, 31, 23, 59, tzinfo=UTC)) == date(2025, 12, 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7200, "2 hours")],
)
def test_a_time_to_wait_is_read_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert waiting(seconds) == text


def test_the_stub_itself_refuses_the_built_in_filter_and_a_wrong_site() -> None:
    stub = StackExchangeStub(Clock())
    with serving(stub):
        asked = Service("It", stub.url, pace=0)
        values = dict(parse_qsl("tagged=x&fromdate=0&todate=9&filter=total&site=stackoverflow"))
        assert asked.ask("/2.3/questions", values).fields["error_id"] == 400
