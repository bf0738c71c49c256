"""Facts from PyPI: what is read of an answer, how it is asked for, and how long it is kept."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import date
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.pypi_facts import Link, PackageFacts, Release, client, look
from lib.pypi_facts.client import Unreachable, ask
from lib.pypi_facts.facts import read_facts
from lib.pypi_facts.kept import KeptFacts, Look
from lib.settings import Settings
from tests.pypi_server import PyPI, answer, as_json, pypi_server, redirected, send, zipped

TODAY = date(2026, 11, 28)


def read(value: object) -> PackageFacts | None:
    return read_facts("plotly", json.dumps(value).encode(), TODAY)


def known(value: object) -> PackageFacts:
    facts = read(value)
    assert facts is not None
    return facts


# What is read of an answer


def test_what_pypi_documents_is_read() -> None:
    assert read(answer()) == PackageFacts(
        name="plotly",
        as_of=TODAY,
        summary="An open-source interactive data visualization library for Python",
        license="MIT",
        requires_python=">=3.8",
        latest="7.1.0",
        links=(Link("Changelog", "https://github.com/plotly/plotly.py"),),
        releases=(
            Release("7.0.0", date(2026, 9, 1), yanked=True),
            Release("7.1.0", date(2026, 10, 1), yanked=False),
        ),
    )
    assert known(answer()).latest_day == date(2026, 10, 1)


def test_the_files_of_the_latest_release_are_enough() -> None:
    value = answer()
    value["urls"] = value.pop("releases")["7.1.0"]
    assert known(value).releases == (Release("7.1.0", date(2026, 10, 1), yanked=False),)


def test_a_release_is_yanked_only_with_all_its_files() -> None:
    value = answer()
    value["releases"]["7.1.0"][0]["yanked"] = True
    assert not known(value).releases[-1].yanked


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ({"license_expression": "Apache-2.0", "license": "x"}, "Apache-2.0"),
        ({"license_expression": None, "license": "BSD"}, "BSD"),
        ({"license_expression": "", "license": "Copyright (c) " * 50}, "MIT License"),
        ({"license_expression": None, "license": "UNKNOWN", "classifiers": []}, ""),
        ({"license_expression": 3, "license": ["MIT"], "classifiers": "MIT"}, ""),
        ({"license_expression": "", "classifiers": [7, "License :: Public"]}, "Public"),
    ],
    ids=["expression", "name", "a whole text", "not known", "wrong types", "classifier"],
)  # fmt: skip
def test_a_license_is_told_where_it_is_told_in_words(info: dict[str, Any], told: str) -> None:
    assert known(answer(**info)).license == told


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//example.com",
        "ftp://example.com/a",
        "https://github.com@evil.example/",
        "https://[::1",
        "https://",
        "http://exa mple.com/",
        "https://example.com/" + "a" * 600,
        None,
        5,
    ],
)
def test_an_address_that_is_no_web_page_is_no_link(url: object) -> None:
    assert known(answer(project_urls={"Homepage": url})).links == ()


def test_a_link_has_nothing_that_markdown_reads() -> None:
    facts = known(answer(project_urls={"x": "https://a.example/b)(<i>$`*[c] \\"}))
    assert facts.links == (Link("x", "https://a.example/b%29%28%3Ci%3E%24%60%2A%5Bc%5D%20%5C"),)


def test_a_page_linked_twice_is_a_link_once_and_there_are_not_many() -> None:
    urls = {"Source": "https://a.example/", "Homepage": "https://a.example"}
    many = {str(number): f"https://a.example/{number}" for number in range(100)}
    facts = known(answer(project_urls={**urls, **many}, home_page="https://a.example/"))
    assert facts.links[0] == Link("Source", "https://a.example/")
    assert len(facts.links) == 8
    assert len({link.address for link in facts.links}) == 8


def test_a_summary_is_one_line_of_printable_characters_and_not_long() -> None:
    facts = known(answer(summary="a\n# b\x1b[31m\u202ec" + " d" * 1000))
    assert facts.summary.startswith("a # b [31m c d")
    assert len(facts.summary) <= 300
    assert facts.summary.isprintable()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'{"info": null}', b"<html>", b"\xff\xfe", b"[" * 100_000],
    ids=["nothing", "half", "null", "list", "no info", "html", "no text", "deep"],
)  # fmt: skip
def test_what_is_no_answer_about_a_package_gives_nothing(body: bytes) -> None:
    assert read_facts("plotly", body, TODAY) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts),
    max_leaves=8,
)

FIELDS = (
    "summary",
    "license",
    "license_expression",
    "requires_python",
    "version",
    "home_page",
    "project_urls",
    "classifiers",
)

FILE = st.dictionaries(st.sampled_from(["upload_time", "upload_time_iso_8601", "yanked"]), JSON)

RELEASES = st.dictionaries(st.text(max_size=8), st.lists(FILE, max_size=3), max_size=3)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)), JSON, RELEASES | JSON)
def test_any_answer_is_read_or_left(info: object, urls: object, releases: object) -> None:
    facts = known({"info": info, "urls": urls, "releases": releases})
    assert all(each.version and isinstance(each.day, date) for each in facts.releases)
    assert all(link.address.startswith(("http://", "https://")) for link in facts.links)


@pytest.mark.parametrize("when", ["2026-99-99T00:00:00Z", "soon", "", 5, None, "2026-01-01" * 9])
def test_a_release_without_a_day_is_left_out(when: object) -> None:
    value = answer()
    value["releases"] = {"7.1.0": [{"upload_time_iso_8601": when}]}
    assert known(value).releases == ()


# How it is asked for


@pytest.fixture
def server() -> Iterator[PyPI]:
    with pypi_server() as running:
        yield running


def test_one_package_is_asked_for_by_its_name_and_says_who_asks(server: PyPI) -> None:
    server.answers["plotly"] = as_json(answer())
    body = ask(server.address, "plotly")
    assert body is not None
    assert json.loads(body) == answer()
    assert server.asked == ["/pypi/plotly/json"]
    assert server.agents[0].startswith("PyPI-Pulse/")


def test_a_name_cannot_lead_elsewhere(server: PyPI) -> None:
    assert ask(server.address, "../../simple?x#y") is None
    assert server.asked == ["/pypi/..%2F..%2Fsimple%3Fx%23y/json"]


def test_a_compressed_answer_is_read(server: PyPI) -> None:
    server.answers["plotly"] = zipped(b'{"info": {}}')
    assert ask(server.address, "plotly") == b'{"info": {}}'


def test_a_package_that_pypi_does_not_know_has_no_answer(server: PyPI) -> None:
    assert ask(server.address, "no-such-package") is None


def test_an_answer_that_is_too_long_is_not_read_to_its_end(
    server: PyPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_MOST_BYTES", 100_000)
    server.answers["bomb"] = zipped(b" " * 10_000_000)
    server.answers["fits"] = zipped(b" " * 100_000)
    assert ask(server.address, "bomb") is None
    assert ask(server.address, "fits") == b" " * 100_000


def test_a_redirect_is_followed_on_the_same_host_only(server: PyPI) -> None:
    server.answers["django"] = redirected("/pypi/Django/json")
    server.answers["Django"] = as_json(answer())
    assert ask(server.address, "django")
    with pypi_server() as other:
        other.answers["django"] = as_json(answer())
        server.answers["django"] = redirected(f"{other.address}/pypi/django/json")
        with pytest.raises(Unreachable):
            ask(server.address, "django")
        assert other.asked == []


def test_redirects_in_a_circle_end(server: PyPI) -> None:
    server.answers["django"] = redirected("/pypi/django/json")
    with pytest.raises(Unreachable):
        ask(server.address, "django")


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_an_answer_that_is_a_failure_is_none_about_the_package(server: PyPI, status: int) -> None:
    server.answers["plotly"] = lambda request: send(request, b"{}", status)
    with pytest.raises(Unreachable):
        ask(server.address, "plotly")


def test_an_answer_that_breaks_off_is_not_taken_for_whole(server: PyPI) -> None:
    server.answers["plotly"] = lambda request: send(request, b'{"info"', Content_Length="1000")
    with pytest.raises(Unreachable):
        ask(server.address, "plotly")


def test_what_is_not_compressed_as_said_is_a_failure(server: PyPI) -> None:
    server.answers["plotly"] = lambda request: send(request, b"{}", Content_Encoding="gzip")
    with pytest.raises(Unreachable):
        ask(server.address, "plotly")


def test_a_server_that_is_silent_is_waited_for_no_longer_than_said(
    server: PyPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_TIMEOUT", 0.05)
    server.answers["plotly"] = lambda request: server.open_gate.wait(10) and None
    with pytest.raises(Unreachable):
        ask(server.address, "plotly")


def test_a_server_that_trickles_is_given_up(server: PyPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_LONGEST", 0.0)
    server.answers["plotly"] = as_json(answer())
    with pytest.raises(Unreachable):
        ask(server.address, "plotly")


def test_without_a_network_nothing_is_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable):
        ask(f"http://127.0.0.1:{port}", "plotly")


# How long it is kept


class Source:
    """Answers by name, at a time of its own; what it was asked for, and whether it may answer."""

    def __init__(self) -> None:
        self.now = 0.0
        self.bodies: dict[str, bytes | None] = {"plotly": json.dumps(answer()).encode()}
        self.asked: list[str] = []
        self.gate = Event()
        self.gate.set()
        self.down = False

    def fetch(self, name: str) -> bytes | None:
        self.asked.append(name)
        self.gate.wait(10)
        if self.down:
            raise Unreachable("down")
        return self.bodies.get(name)

    def kept(self) -> KeptFacts:
        return KeptFacts(self.fetch, lambda: self.now)


def settled(facts: KeptFacts, name: str) -> Look:
    """What is known once nothing is awaited."""
    for _ in range(1000):
        found = facts.look(name)
        if not found.awaited:
            return found
        time.sleep(0.005)
    raise TimeoutError(name)


def test_a_first_look_waits_for_nothing() -> None:
    source = Source()
    source.gate.clear()
    facts = source.kept()
    assert facts.look("plotly") == Look(None, awaited=True)
    source.gate.set()
    found = settled(facts, "plotly")
    assert found.facts is not None
    assert found.facts.license == "MIT"


def test_readers_who_come_together_ask_once() -> None:
    source = Source()
    source.gate.clear()
    facts = source.kept()
    threads = [Thread(target=facts.look, args=("plotly",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    source.gate.set()
    settled(facts, "plotly")
    assert source.asked == ["plotly"]


def test_facts_are_kept_for_a_day_and_an_unknown_package_for_some_minutes() -> None:
    source = Source()
    facts = source.kept()
    settled(facts, "plotly")
    assert settled(facts, "no-such").facts is None
    source.now = 86_000
    assert facts.look("plotly").facts is not None
    assert settled(facts, "no-such").facts is None
    assert source.asked == ["plotly", "no-such", "no-such"]
    source.now = 90_000
    assert facts.look("plotly").awaited
    settled(facts, "plotly")
    assert source.asked.count("plotly") == 2


def test_where_pypi_cannot_be_reached_it_is_left_alone_for_some_minutes() -> None:
    source = Source()
    source.down = True
    facts = source.kept()
    assert settled(facts, "plotly") == Look(None, awaited=False)
    assert facts.look("numpy") == Look(None, awaited=False)
    assert source.asked == ["plotly"]
    source.now, source.down = 301, False
    assert settled(facts, "plotly").facts is not None


def test_not_many_are_asked_for_at_once_nor_kept() -> None:
    source = Source()
    source.gate.clear()
    facts = source.kept()
    looks = [facts.look(f"p{number}") for number in range(50)]
    assert sum(found.awaited for found in looks) == 8
    source.gate.set()
    for number in range(8):
        settled(facts, f"p{number}")
    for number in range(310):
        source.bodies[f"q{number}"] = source.bodies["plotly"]
        settled(facts, f"q{number}")
    before = len(source.asked)
    assert facts.look("q309").facts is not None
    settled(facts, "q0")
    assert source.asked[before:] == ["q0"]


def test_a_failure_that_was_not_foreseen_ends_the_waiting() -> None:
    def fail(name: str) -> bytes:
        raise RuntimeError(name)

    assert settled(KeptFacts(fail), "plotly") == Look(None, awaited=False)


def test_nothing_is_awaited_where_nobody_is_asked() -> None:
    assert look("plotly", Settings(pypi="")) == Look(None, awaited=False)


def test_the_index_that_is_set_is_asked(server: PyPI) -> None:
    server.answers["plotly"] = as_json(answer())
    for _ in range(1000):
        if not (found := look("plotly", Settings(pypi=server.address))).awaited:
            break
        time.sleep(0.005)
    assert found.facts is not None
    assert found.facts.latest == "7.1.0"
