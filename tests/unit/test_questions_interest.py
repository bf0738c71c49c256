"""The questions about interest and downloads, on stores with planted leads and partings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.questions.address import first_asked_now, from_parameters, to_parameters
from lib.questions.catalog import interest_leads, interest_parts
from lib.questions.finding import Finding
from lib.questions.question import Asking, CannotTell, Question
from lib.questions.rows.interest import interest_in
from lib.questions.takeaway import Origin, as_html
from lib.router import Period
from lib.selection import Selection
from lib.signals import Signal, SignalSeries
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.theme import DARK, LIGHT
from tests.conftest import YESTERDAY, raw_row, write_cube

MONTHS = pd.date_range("2018-09-01", "2026-10-01", freq="MS", unit="s")

AT = np.arange(len(MONTHS))

LEADS, PARTS = interest_leads.QUESTION, interest_parts.QUESTION

TERMS = {
    Signal.STACK_OVERFLOW: "python-polars",
    Signal.GOOGLE_TRENDS: "polars",
    Signal.WIKIPEDIA: "Polars (software)",
}


def walk(seed: int) -> np.ndarray:
    """A walk of logarithms, with six months to spare on either side."""
    return 0.1 * np.random.default_rng(seed).normal(size=len(MONTHS) + 12).cumsum()


def series(
    interest: np.ndarray,
    signal: Signal = Signal.STACK_OVERFLOW,
    term: str = "",
    flagged: Iterable[int] = (),
    source: str = "simulated: by this test",
) -> SignalSeries:
    frame = pd.DataFrame({"period": MONTHS, "value": interest, "flagged": np.isin(AT, [*flagged])})
    return SignalSeries(
        signal, term or TERMS[signal], Grain.MONTH, "per month", source,
        datetime(2026, 11, 20, 6, 30), frame,
    )  # fmt: skip


def store(
    path: Path, downloads: np.ndarray, kept: Iterable[SignalSeries], source: str = "sample"
) -> Downloads:
    """Months of polars, and of requests, of which no signal is kept."""
    rows = [
        raw_row(month.date(), name, int(1e7 * np.exp(level)))
        for name in ("polars", "requests")
        for month, level in zip(MONTHS, downloads, strict=True)
    ]
    with StoreWriter(path) as writer:
        write_cube(
            writer, Cube(Grain.MONTH, ("project",)), rows, first=MONTHS[0].date(),
            last=date(2026, 10, 31), packages=("polars", "requests"), source=source,
        )  # fmt: skip
        for each in kept:
            writer.replace_series(each)
    return Downloads(DuckDBStore(path))


def asking(
    question: Question,
    found: Downloads,
    package: str = "polars",
    signal: Signal = Signal.STACK_OVERFLOW,
    period: Period | None = None,
) -> Asking:
    asked = first_asked_now(question, found)
    selection = Selection((package,), period or asked.selection.period)
    options = (("signal", str(signal)),)
    return Asking(found, replace(asked, selection=selection, options=options), YESTERDAY)


def answer(question: Question, found: Downloads, **asked: object) -> Finding:
    return question.answer(asking(question, found, **asked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lag", "number", "words"),
    [
        (2, "2 months ahead", "run 2 months ahead of"),
        (-1, "1 month behind", "run 1 month behind"),
        (0, "Same month", "move in the same month"),
    ],
)
def test_a_planted_lead_is_told_with_its_months(
    tmp_path: Path, lag: int, number: str, words: str
) -> None:
    steps, rest = walk(1), 0.3 * walk(2)
    interest = 500 * np.exp(steps[6 + lag : 6 + lag + len(MONTHS)])
    downloads = (steps + rest)[6:-6] + 0.03 * AT
    found = answer(LEADS, store(tmp_path / "pulse.duckdb", downloads, [series(interest.round())]))
    assert found.number == number
    assert words in found.sentence
    assert found.interval.startswith("r = 0.")
    assert len(found.table) == 13


def test_no_lead_is_told_between_walks_that_have_nothing_to_do_with_each_other(
    tmp_path: Path,
) -> None:
    kept = [series(500 * np.exp(walk(3)[6:-6]))]
    found = answer(LEADS, store(tmp_path / "pulse.duckdb", walk(4)[6:-6], kept))
    assert found.number == "No lead found"
    assert "No lead found" in found.sentence and "may be chance" in found.sentence
    assert found.details == ""


def test_a_planted_parting_is_told_and_marked_in_both_figures(tmp_path: Path) -> None:
    noise = 0.05 * np.random.default_rng(1).normal(size=len(MONTHS))
    interest = 3000 * np.exp(noise - 0.08 * (AT - 52).clip(0))
    found = answer(PARTS, store(tmp_path / "pulse.duckdb", 0.02 * AT, [series(interest)]))
    month = datetime.strptime(found.number, "%b %Y")
    assert abs((pd.Timestamp(month) - MONTHS[52]).days) <= 62
    assert "part ways faster" in found.sentence
    for figure in found.figures:
        drawn = [figure.draw(theme).to_dict()["layout"] for theme in (LIGHT, DARK)]
        assert all(f"<b>{found.number}</b>" in str(layout["annotations"]) for layout in drawn)
    assert list(found.table["Since the change"].unique()) == ["no", "yes"]


def test_a_steady_ratio_is_told_with_its_rate_and_no_month(tmp_path: Path) -> None:
    noise = 0.05 * np.random.default_rng(1).normal(size=len(MONTHS))
    kept = [series(3000 * np.exp(noise))]
    found = answer(PARTS, store(tmp_path / "pulse.duckdb", 0.02 * AT, kept))
    assert found.number == "No such month"
    assert "-21\u202f%" in found.sentence
    assert [figure.note.startswith("Shaded") for figure in found.figures] == [False, False]


@pytest.mark.parametrize("question", [LEADS, PARTS])
@pytest.mark.parametrize(
    ("signal", "how"),
    [
        (Signal.STACK_OVERFLOW, "python -m lib signals --packages polars."),
        (Signal.GOOGLE_TRENDS, "drop the file on the Data page"),
        (Signal.WIKIPEDIA, "--source wikipedia"),
    ],
)
def test_a_signal_that_is_not_held_is_told_with_how_to_get_it(
    tmp_path: Path, question: Question, signal: Signal, how: str
) -> None:
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [])
    with pytest.raises(CannotTell) as told:
        answer(question, found, signal=signal)
    assert how in str(told.value)
    assert TERMS[signal] in str(told.value)


def test_what_is_held_of_the_package_is_named_where_another_signal_is_asked_for(
    tmp_path: Path,
) -> None:
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [series(np.full(len(AT), 5.0))])
    with pytest.raises(CannotTell, match=r"Held of polars: Stack Overflow\."):
        answer(LEADS, found, signal=Signal.WIKIPEDIA)


def test_a_package_without_a_term_is_told_where_to_set_one(tmp_path: Path) -> None:
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [])
    with pytest.raises(CannotTell, match="No article of Wikipedia is known for requests"):
        answer(LEADS, found, package="requests", signal=Signal.WIKIPEDIA)


@pytest.mark.parametrize("question", [LEADS, PARTS])
@pytest.mark.parametrize("days", [(date(2026, 10, 1), date(2026, 10, 31)), (2025, 2026)])
def test_too_few_months_are_told_with_how_many_are_needed(
    tmp_path: Path, question: Question, days: tuple[object, object]
) -> None:
    first, last = days
    period = (
        Period(first, last)
        if isinstance(first, date) and isinstance(last, date)
        else Period(date(2025, 1, 1), date(2026, 10, 31))
    )
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [series(np.exp(walk(2)[6:-6]) * 100)])
    with pytest.raises(CannotTell, match=r"known together; this needs \d+"):
        answer(question, found, period=period)


def test_a_signal_of_other_months_than_the_downloads_tells_nothing(tmp_path: Path) -> None:
    whole = series(np.exp(walk(2)[6:-6]) * 100)
    old = replace(whole, frame=whole.frame.assign(period=MONTHS - pd.DateOffset(years=10)))
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [old])
    for question in (LEADS, PARTS):
        with pytest.raises(CannotTell, match="0 months of Stack Overflow"):
            answer(question, found)


def test_a_signal_that_never_varies_tells_nothing(tmp_path: Path) -> None:
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [series(np.full(len(AT), 7.0))])
    with pytest.raises(CannotTell):
        answer(LEADS, found)


def test_values_given_less_exactly_and_zeros_are_left_out_and_said(tmp_path: Path) -> None:
    interest = 100 * np.exp(walk(2)[6:-6])
    interest[30] = 0
    kept = series(interest, Signal.GOOGLE_TRENDS, flagged=(10, 11))
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [kept])
    asked = asking(LEADS, found, signal=Signal.GOOGLE_TRENDS)
    rows = interest_in(asked)
    assert list(np.flatnonzero(~rows.frame["interest"].gt(0))) == [10, 11, 30]
    assert (rows.less_exact, rows.zeros) == (2, 1)
    assert any(text.startswith("3 months are left out") for text in LEADS.answer(asked).caveats)


def test_the_source_of_the_signal_and_when_it_was_fetched_are_said(tmp_path: Path) -> None:
    kept = series(np.exp(walk(2)[6:-6]) * 100, source="Stack Exchange API 2.3")
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [kept], source="bigquery")
    for question in (LEADS, PARTS):
        told = answer(question, found)
        assert any(
            "Stack Exchange API 2.3, fetched 2026-11-20 06:30 UTC" in text for text in told.caveats
        )
        assert not any("simulated" in text for text in told.caveats)


def test_a_real_signal_beside_simulated_downloads_is_said_to_mean_nothing(tmp_path: Path) -> None:
    kept = series(np.exp(walk(2)[6:-6]) * 100, source="Stack Exchange API 2.3")
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [kept])
    for question in (LEADS, PARTS):
        assert any("means nothing" in text for text in answer(question, found).caveats)


def test_a_simulated_signal_is_called_so_in_every_figure(tmp_path: Path) -> None:
    kept = [series(np.exp(walk(2)[6:-6]) * 100)]
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], kept)
    for question in (LEADS, PARTS):
        for figure in answer(question, found).figures:
            notes = figure.draw(LIGHT).to_dict()["layout"]["annotations"]
            assert any("simulated Stack Overflow" in note["text"] for note in notes)


def test_searches_from_before_2022_are_said_not_to_compare(tmp_path: Path) -> None:
    kept = series(np.exp(walk(2)[6:-6]) * 50, Signal.GOOGLE_TRENDS)
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [kept])
    told = answer(LEADS, found, signal=Signal.GOOGLE_TRENDS).caveats
    assert any("beginning of 2022" in text for text in told)
    late = replace(kept, frame=kept.frame[kept.frame["period"] >= "2022-06-01"])
    found = store(tmp_path / "late.duckdb", walk(1)[6:-6], [late])
    told = answer(LEADS, found, signal=Signal.GOOGLE_TRENDS).caveats
    assert not any("beginning of 2022" in text for text in told)


def test_a_hostile_term_is_no_markup_where_it_goes(tmp_path: Path) -> None:
    term = "<img src=x onerror=alert(1)>"
    path = tmp_path / "pulse.duckdb"
    kept = series(np.exp(walk(2)[6:-6]) * 100, term=term, source="<script>1</script>")
    store(path, walk(1)[6:-6], [kept])
    with StoreWriter(path) as writer:
        writer.replace_terms({("polars", Signal.STACK_OVERFLOW): term})
    found = Downloads(DuckDBStore(path))
    for question in (LEADS, PARTS):
        told = answer(question, found)
        assert term in told.sentence
        written = as_html(told, Origin(question.prompt, "", "here", True))
        assert "<img" not in written
        assert "<script>1" not in written


@pytest.mark.parametrize("question", [LEADS, PARTS])
def test_the_signal_is_in_the_address_and_nonsense_is_ignored_and_said(
    tmp_path: Path, question: Question
) -> None:
    found = store(tmp_path / "pulse.duckdb", walk(1)[6:-6], [])
    asked = asking(question, found, signal=Signal.WIKIPEDIA).asked
    written = to_parameters(question, asked)
    assert written["signal"] == ["wikipedia"]
    first = first_asked_now(question, found)
    assert from_parameters(question, written, first) == (asked, ())
    again, ignored = from_parameters(question, {**written, "signal": ["mastodon"]}, first)
    assert again.option("signal") == "stack-overflow"
    assert len(ignored) == 1
