"""Every question of the catalog on every kind of store: a whole finding, or a sentence why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.breaks import breaks_in
from lib.cubes import ALL_DIMENSIONS, Cube, Grain
from lib.data import Downloads
from lib.errors import PulseError
from lib.questions.address import first_asked_now
from lib.questions.finding import Finding
from lib.questions.question import Asking, CannotTell, Question
from lib.questions.registry import questions
from lib.questions.takeaway import Origin, as_markdown
from lib.router import NotHeld
from lib.signals import SIMULATED, Signal, SignalSeries
from lib.signals.terms import term_of
from lib.sources.files import import_files
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.theme import DARK, LIGHT
from tests.conftest import YESTERDAY, raw_row, write_cube

REAL = Path(__file__).parents[3] / "shared/reference/real/monthly_by_package.csv"

WITH_SIGNALS = "years with signals"

ALL = frozenset({"sample", "real months", "two packages by month", "days only", WITH_SIGNALS})

DAYS = frozenset({"sample", "days only"})

SPLIT = frozenset({"sample"})

ANSWERED_ON: Mapping[str, frozenset[str]] = {
    "always-ahead": ALL,
    "automation": SPLIT,
    "countries-compared": SPLIT,
    "country-downloads": SPLIT,
    "framework": frozenset({"sample", "real months", WITH_SIGNALS}),
    "holiday": DAYS,
    "installers": SPLIT,
    "interest-leads": frozenset({WITH_SIGNALS}),
    "interest-parts": frozenset({WITH_SIGNALS}),
    "movers": ALL,
    "one-against-another": ALL,
    "packages-downloaded": ALL,
    "python-to-drop": SPLIT,
    "race": ALL,
    "rate": ALL,
    "rate-over-time": ALL,
    "spikes": DAYS,
    "technology-trends": ALL,
    "top-now": ALL,
    "top-packages": ALL,
    "topics-by-region": SPLIT,
    "upgrade-speed": SPLIT,
    "us-dominance": SPLIT,
    "weekly-dip": DAYS,
}
"""The stores on which each question has an answer; on the others it says why it has none."""

STORES = (*sorted(ALL), "no rows")

ANSWERED = [(key, store) for key in ANSWERED_ON for store in sorted(ANSWERED_ON[key])]

REFUSED = [(key, store) for key in ANSWERED_ON for store in STORES if store not in ANSWERED_ON[key]]


@dataclass(frozen=True)
class Asked:
    """A question on a store, and what came of it."""

    question: Question
    asking: Asking
    outcome: Finding | PulseError

    @property
    def finding(self) -> Finding:
        """The answer. Fails where there is none."""
        if isinstance(self.outcome, PulseError):
            pytest.fail(f"{self.question.key} has no answer: {self.outcome}")
        return self.outcome


class Catalog:
    """Asks every question of every store once."""

    def __init__(self, stores: Mapping[str, Path]) -> None:
        self._stores = {name: Downloads(DuckDBStore(path)) for name, path in stores.items()}
        self._asked: dict[tuple[str, str], Asked] = {}

    def ask(self, key: str, store: str) -> Asked:
        """What comes of a question with its defaults. Skips where the store is not here."""
        if store not in self._stores:
            pytest.skip(f"the real monthly downloads are not here: {REAL}")
        if (key, store) not in self._asked:
            self._asked[key, store] = self.ask_again(key, store)
        return self._asked[key, store]

    def ask_again(self, key: str, store: str) -> Asked:
        """The same, asked anew."""
        question, found = questions()[key], self._stores[store]
        asking = Asking(found, first_asked_now(question, found), YESTERDAY)
        try:
            return Asked(question, asking, question.answer(asking))
        except (NotHeld, CannotTell) as error:
            return Asked(question, asking, error)


@pytest.fixture(scope="module")
def catalog(
    sample_store: Path, monthly_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Catalog:
    folder = tmp_path_factory.mktemp("catalog")
    stores = {
        "sample": sample_store,
        "two packages by month": monthly_store,
        "days only": _days_only(folder / "days.duckdb"),
        "no rows": _without_rows(folder / "empty.duckdb"),
        WITH_SIGNALS: _with_signals(folder / "signals.duckdb"),
    }
    if REAL.exists():
        stores["real months"] = folder / "real.duckdb"
        import_files([REAL], stores["real months"], datetime(2026, 11, 22), lambda _: None)
    return Catalog(stores)


def _days_only(path: Path) -> Path:
    """Days of four packages with weekends and noise, split by package alone."""
    first = date(2025, 10, 1)
    days = [first + timedelta(days=passed) for passed in range((YESTERDAY - first).days + 1)]
    names = ("numpy", "pandas", "plotly", "seaborn")
    noise = np.exp(0.03 * np.random.default_rng(1).normal(size=(len(days), len(names))))
    rows = [
        raw_row(day, name, int(1e5 * size * factor * (0.7 if day.weekday() > 4 else 1.1)))
        for day, factors in zip(days, noise, strict=True)
        for name, size, factor in zip(names, (5, 4, 2, 3), factors, strict=True)
    ]
    _write(path, Cube(Grain.DAY, ("project",)), rows, first, names)
    return path


def _without_rows(path: Path) -> Path:
    """A store that covers every dimension of two packages, which had no downloads."""
    names = ("plotly", "seaborn")
    _write(path, Cube(Grain.DAY, ALL_DIMENSIONS), [], date(2025, 10, 1), names)
    return path


def _with_signals(path: Path) -> Path:
    """Simulated months of four packages, and questions of two that run two months ahead.

    From 2023 on fewer are asked.
    """
    names = ("pandas", "plotly", "polars", "seaborn")
    months = pd.date_range("2018-09-01", "2026-10-01", freq="MS")
    at = np.arange(len(months))
    steps = np.random.default_rng(5).normal(size=(len(names), len(months) + 2)).cumsum(axis=1)
    rows = [
        raw_row(month.date(), name, int(1e6 * size * np.exp(0.03 * passed + 0.1 * level)))
        for name, size, levels in zip(names, (5, 2, 3, 1), steps, strict=True)
        for month, passed, level in zip(months, at, levels, strict=False)
    ]
    cube, last = Cube(Grain.MONTH, ("project",)), date(2026, 10, 31)
    with StoreWriter(path) as writer:
        write_cube(
            writer, cube, rows, first=months[0].date(), last=last, packages=names, source="sample"
        )
        for name, levels in zip(names, steps, strict=True):
            term = term_of(name, Signal.STACK_OVERFLOW, {})
            fewer = np.exp(0.1 * levels[2:] - 0.06 * (at - 52).clip(0))
            frame = pd.DataFrame(
                {"period": months, "value": (5000 * fewer).round(), "flagged": False}
            )
            writer.replace_series(
                SignalSeries(
                    Signal.STACK_OVERFLOW, str(term), Grain.MONTH, "questions a month",
                    f"{SIMULATED}: by this test", datetime(2026, 11, 1), frame,
                )
            )  # fmt: skip
    return path


def _write(
    path: Path,
    cube: Cube,
    rows: list[Mapping[str, object]],
    first: date,
    packages: tuple[str, ...],
) -> None:
    with StoreWriter(path) as writer:
        write_cube(
            writer, cube, rows, first=first, last=YESTERDAY, packages=packages, source="bigquery"
        )


def test_the_table_names_every_question_of_the_catalog() -> None:
    assert set(ANSWERED_ON) == set(questions())


def test_keys_and_prompts_are_of_one_question_each_and_can_stand_in_an_address() -> None:
    prompts = [question.prompt for question in questions().values()]
    assert len(set(prompts)) == len(prompts)
    assert all(prompt.endswith("?") for prompt in prompts)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", key) for key in questions())


@pytest.mark.parametrize(("key", "store"), ANSWERED)
def test_a_finding_is_whole(catalog: Catalog, key: str, store: str) -> None:
    asked = catalog.ask(key, store)
    finding = asked.finding
    texts = (finding.sentence, finding.number, finding.interval, finding.certainty)
    assert all(text.strip() for text in (*texts, finding.would_change, *finding.caveats))
    assert finding.sentence.endswith(".")
    written = " ".join(filter(None, (*texts, finding.details, *finding.caveats)))
    assert not re.search(r"\bnan\b|None\b(?! of)|\bNaT\b|  |[`*]{2}", written)
    assert finding.figures
    assert len(finding.table) > 0
    assert finding.table.columns.is_unique
    assert not any("_" in str(column) for column in finding.table.columns)
    assert finding.answers
    assert all("SELECT" in answer.sql for answer in finding.answers)


@pytest.mark.parametrize(("key", "store"), ANSWERED)
def test_the_sentence_holds_the_number(catalog: Catalog, key: str, store: str) -> None:
    finding = catalog.ask(key, store).finding
    figures = re.findall(r"\d[\d.,]*\d|\d", finding.number)
    assert all(figure in finding.sentence for figure in figures), (
        finding.number,
        finding.sentence,
    )


@pytest.mark.parametrize(("key", "store"), ANSWERED)
def test_a_finding_is_about_days_and_packages_that_are_held(
    catalog: Catalog, key: str, store: str
) -> None:
    asked = catalog.ask(key, store)
    held, period = asked.asking.found.state.held, asked.finding.period
    assert period.days > 0
    assert held.first <= period.first <= period.last <= held.last
    assert all(asked.asking.found.holds(name) for name in asked.finding.packages)


@pytest.mark.parametrize(("key", "store"), ANSWERED)
def test_figures_draw_in_both_themes_with_their_source_inside(
    catalog: Catalog, key: str, store: str
) -> None:
    asked = catalog.ask(key, store)
    source = asked.asking.found.state.source_words
    for figure in asked.finding.figures:
        assert figure.title and figure.unit and figure.alt
        light, dark = (figure.draw(theme) for theme in (LIGHT, DARK))
        assert len(light.data) > 0
        for drawn in (light, dark):
            written = [note["text"] for note in drawn.to_dict()["layout"]["annotations"]]
            assert any(source in text for text in written)
        assert light.layout.font.color != dark.layout.font.color


SIMULATED_ON = [
    (key, "sample" if "sample" in stores else WITH_SIGNALS)
    for key, stores in sorted(ANSWERED_ON.items())
]


@pytest.mark.parametrize(("key", "store"), SIMULATED_ON)
def test_simulated_data_is_called_so_wherever_it_goes(
    catalog: Catalog, key: str, store: str
) -> None:
    asked = catalog.ask(key, store)
    state = asked.asking.found.state
    for figure in asked.finding.figures:
        texts = [note["text"] for note in figure.draw(LIGHT).to_dict()["layout"]["annotations"]]
        assert any("simulated" in text for text in texts)
    origin = Origin(asked.question.prompt, "", state.source_text, state.simulated)
    assert "Simulated sample data" in as_markdown(asked.finding, origin)


@pytest.mark.parametrize(("key", "store"), ANSWERED)
def test_a_finding_names_every_change_of_levels_within_its_days(
    catalog: Catalog, key: str, store: str
) -> None:
    asked = catalog.ask(key, store)
    sources = asked.asking.found.state.sources
    crossed = breaks_in(asked.finding.period, sources)
    assert [found.title for found in crossed if found not in asked.finding.breaks] == []


@pytest.mark.parametrize(("key", "store"), REFUSED)
def test_a_question_that_cannot_be_answered_says_why(
    catalog: Catalog, key: str, store: str
) -> None:
    asked = catalog.ask(key, store)
    assert isinstance(asked.outcome, PulseError), getattr(asked.outcome, "sentence", "")
    text = str(asked.outcome)
    assert text.endswith(".") and len(text.split()) > 3
    assert isinstance(asked.outcome, CannotTell) or _lacks(asked)


def _lacks(asked: Asked) -> bool:
    """Whether the store lacks a cube that the question names, or a package that it is about."""
    asking = asked.asking
    cubes = (asking.holds(need.grain, *need.dimensions) for need in asked.question.needs)
    return not all((*cubes, *map(asking.found.holds, asking.asked.packages)))


@pytest.mark.parametrize(("key", "store"), ANSWERED)
def test_a_question_lacks_no_cube_that_it_says_it_needs(
    catalog: Catalog, key: str, store: str
) -> None:
    asked = catalog.ask(key, store)
    assert asked.question.lacking(asked.asking) == ()


@pytest.mark.parametrize(("key", "store"), SIMULATED_ON)
def test_the_same_data_gives_the_same_answer(catalog: Catalog, key: str, store: str) -> None:
    first, again = catalog.ask(key, store).finding, catalog.ask_again(key, store).finding
    assert first.sentence == again.sentence
    assert (first.number, first.interval) == (again.number, again.interval)
    pd.testing.assert_frame_equal(first.table, again.table)
