"""The questions about days: the weekly dip, a holiday and spikes, on stores built for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from lib.analysis.seasonality import WeekdayFactor, WeeklyDip
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.formats import change
from lib.questions.catalog import holiday, spikes, weekly_dip
from lib.questions.catalog.weekly_dip import ci_reading, dips
from lib.questions.finding import Finding
from lib.questions.question import Asked, Asking, CannotTell, Question
from lib.questions.rows.around_holiday import effects
from lib.questions.rows.by_day import TOGETHER
from lib.questions.rows.spiked import made_of, spiked
from lib.router import NotHeld, Period
from lib.selection import Preset, Selection
from lib.sources.files import import_files
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.theme import LIGHT
from tests.conftest import YESTERDAY, Row, raw_row, write_cube

FIRST = date(2025, 3, 3)
LAST = date(2026, 4, 5)

CHRISTMAS = {date(2025, 12, day) for day in (24, 25, 26)}
SPIKE = {date(2025, 9, day) for day in (16, 17, 18)}

WEEKEND = {("US", "true"): 0.4, ("US", "unknown"): 0.8, ("CN", "true"): 1.0, ("CN", "unknown"): 1.0}
SHARES = {("US", "true"): 0.3, ("US", "unknown"): 0.3, ("CN", "true"): 0.1, ("CN", "unknown"): 0.3}

CUBES = (
    ("project",),
    ("country",),
    ("project", "country"),
    ("project", "ci"),
    ("project", "system"),
)


def rows_of(project: str, level: float, seed: int) -> Iterable[Row]:
    """Days of a package. `dipping` has weekends, Christmas in the US, and a spike from Korea."""
    noise = np.random.default_rng(seed).normal(size=((LAST - FIRST).days + 1, len(SHARES)))
    for at, row in enumerate(noise):
        day = FIRST + timedelta(at)
        for (cell, share), shock in zip(SHARES.items(), row, strict=True):
            country, ci = cell
            downloads = level * share * np.exp(0.03 * shock)
            if project == "dipping":
                downloads *= WEEKEND[cell] if day.weekday() >= 5 else 1
                downloads *= 0.5 if day in CHRISTMAS and country == "US" else 1
            yield raw_row(day, project, round(downloads), country=country, ci=ci, system="Linux")
        if project == "dipping" and day in SPIKE:
            yield raw_row(day, project, round(2 * level), country="KR", system="Windows")


def build(path: Path, cubes: Iterable[tuple[str, ...]], first: date = FIRST) -> Downloads:
    rows = [*rows_of("dipping", 10_000, 1), *rows_of("even", 5_000, 2)]
    rows = [row for row in rows if row["period"] >= first]  # type: ignore[operator]
    with StoreWriter(path) as writer:
        for dimensions in cubes:
            write_cube(
                writer, Cube(Grain.DAY, dimensions), rows, first=first, last=LAST,
                packages=("dipping", "even"), source="bigquery",
            )  # fmt: skip
    return Downloads(DuckDBStore(path))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    return build(tmp_path_factory.mktemp("whole") / "pulse.duckdb", CUBES)


@pytest.fixture(scope="module")
def by_package_alone(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    return build(tmp_path_factory.mktemp("alone") / "pulse.duckdb", [("project",)])


def asking(
    found: Downloads,
    question: Question,
    *packages: str,
    period: Period | None = None,
    **options: str,
) -> Asking:
    chosen = {option.name: option.default for option in question.parameters.options} | options
    held = Selection(packages, Preset.ALL).days(found.held(packages))
    selection = Selection(packages, period or held)
    return Asking(found, Asked(selection, (), tuple(chosen.items())), YESTERDAY)


def in_country(asked: Asking, code: str) -> Asking:
    selection = asked.selection.with_values("country", (code,))
    return replace(asked, asked=replace(asked.asked, selection=selection))


def check(finding: Finding) -> Finding:
    """Whatever it is about, a finding can be drawn, has rows, and says where it is from."""
    for figure in finding.figures:
        drawn = figure.draw(LIGHT)
        assert 0 < sum(len(trace.x) for trace in drawn.data if trace.x is not None) <= 1000
        assert figure.title
        assert figure.alt
    assert finding.answers
    assert finding.number.lstrip("+-").lower() in finding.sentence
    return finding


def test_a_weekly_dip_is_found_with_its_size_and_its_lowest_day(whole: Downloads) -> None:
    asked = asking(whole, weekly_dip.QUESTION, "dipping")
    expected = sum(SHARES[cell] * WEEKEND[cell] for cell in SHARES)
    found = dips(asked).first
    assert found.low < expected < found.high
    assert found.lowest in {5, 6}
    finding = check(weekly_dip.QUESTION.answer(asked))
    assert finding.number == f"{found.ratio:.2f}"
    assert finding.sentence.startswith(
        f"There is a weekly dip: on a weekend day dipping has {found.ratio:.2f} "
    )


def test_without_a_weekly_dip_none_is_claimed(whole: Downloads) -> None:
    finding = check(weekly_dip.QUESTION.answer(asking(whole, weekly_dip.QUESTION, "even")))
    assert finding.sentence.startswith("No weekly dip is sure: ")


def test_a_weekly_dip_is_told_by_country_and_by_ci(whole: Downloads) -> None:
    found = dips(asking(whole, weekly_dip.QUESTION, "dipping"))
    assert (found.countries["US"].found, found.countries["CN"].found) == (True, False)
    assert found.ci["true"].ratio < found.ci["unknown"].ratio
    finding = weekly_dip.QUESTION.answer(asking(whole, weekly_dip.QUESTION, "dipping"))
    assert "build servers that rest on weekends are a possible cause" in finding.details
    assert set(finding.table["Split"]) == {"Package", "Country", "CI"}


def test_a_weekly_dip_of_one_country_is_that_of_its_downloads(whole: Downloads) -> None:
    asked = in_country(asking(whole, weekly_dip.QUESTION, "dipping"), "CN")
    assert not dips(asked).first.found
    finding = check(weekly_dip.QUESTION.answer(asked))
    assert "from China" in finding.sentence
    assert "Country" not in set(finding.table["Split"])


def test_without_a_package_the_most_downloaded_are_told_together_and_each(
    whole: Downloads,
) -> None:
    asked = asking(whole, weekly_dip.QUESTION)
    assert list(dips(asked).packages) == [TOGETHER, "dipping", "even"]
    finding = check(weekly_dip.QUESTION.answer(asked))
    assert "the 2 most downloaded packages held, taken together, have" in finding.sentence
    assert "1 of 2 packages dip" in finding.details
    assert finding.packages == ("dipping", "even")


def one_dip(low: float, high: float) -> WeeklyDip:
    days = tuple(WeekdayFactor(day, 1.0, 0.9, 1.1) for day in range(7))
    return WeeklyDip((low + high) / 2, low, high, days, 6, 1.0, 10)


@pytest.mark.parametrize(
    ("flagged", "rest", "words"),
    [
        ((0.4, 0.5), (0.6, 0.7), "build servers that rest on weekends are a possible cause"),
        ((0.6, 0.7), (0.4, 0.5), "people who rest on weekends"),
        ((0.5, 0.65), (0.6, 0.7), "without a sure difference"),
    ],
)
def test_ci_against_people_is_a_possible_cause_only_where_they_differ(
    flagged: tuple[float, float], rest: tuple[float, float], words: str
) -> None:
    assert words in ci_reading("numpy", {"true": one_dip(*flagged), "unknown": one_dip(*rest)})


def test_ci_is_not_read_where_it_is_not_recorded() -> None:
    assert ci_reading("numpy", {"unknown": one_dip(0.5, 0.6)}) == ""


def test_a_holiday_is_found_where_it_was_one(whole: Downloads) -> None:
    asked = asking(whole, holiday.QUESTION, "dipping")
    found = effects(asked)
    assert set(found.days) == CHRISTMAS
    assert found.first.low < 0.3 * 0.5 + 0.3 * 0.5 + 0.4 < found.first.high
    assert (found.countries["US"].found, found.countries["CN"].found) == (True, False)
    finding = check(holiday.QUESTION.answer(asked))
    assert "fewer downloads on 24 Dec – 26 Dec 2025 (Christmas)" in finding.sentence
    assert finding.number == change(found.first.ratio - 1)
    assert finding.number.startswith("-3")


def test_a_holiday_that_did_nothing_is_not_claimed(whole: Downloads) -> None:
    asked = asking(whole, holiday.QUESTION, "dipping", holiday="thanksgiving")
    finding = check(holiday.QUESTION.answer(asked))
    assert finding.sentence.startswith("No effect of Thanksgiving is sure: dipping had ")


def test_a_holiday_is_told_of_all_packages_together_and_each(whole: Downloads) -> None:
    finding = check(holiday.QUESTION.answer(asking(whole, holiday.QUESTION)))
    assert finding.sentence.startswith("The 2 most downloaded packages held, taken together, had ")
    assert "It is sure for 1 of 2 packages" in finding.details


def test_a_holiday_outside_the_days_or_near_their_start_cannot_be_told(
    whole: Downloads, tmp_path: Path
) -> None:
    spring = Period(date(2026, 1, 10), LAST)
    with pytest.raises(CannotTell, match="Christmas does not lie as a whole"):
        holiday.QUESTION.answer(asking(whole, holiday.QUESTION, "dipping", period=spring))
    held = build(tmp_path / "pulse.duckdb", [("project",)], first=date(2025, 12, 20))
    with pytest.raises(CannotTell, match="two before it"):
        holiday.QUESTION.answer(asking(held, holiday.QUESTION, "dipping"))


def test_days_before_the_period_tell_what_a_holiday_did_too(whole: Downloads) -> None:
    december = Period(date(2025, 12, 1), date(2025, 12, 31))
    found = effects(asking(whole, holiday.QUESTION, "dipping", period=december))
    assert found.first.weeks > 8
    assert found.first.found


def test_a_spike_is_found_with_what_it_was_made_of(whole: Downloads) -> None:
    asked = asking(whole, spikes.QUESTION, "dipping")
    found = spiked(asked)
    assert [(spike.first, spike.last) for spike in found.spikes] == [(min(SPIKE), max(SPIKE))]
    assert found.largest.low < 3 < found.largest.high
    assert found.largest.excess == pytest.approx(60_000, rel=0.05)
    made = made_of(found.rises[min(SPIKE)])
    assert [(name, rise.value) for name, rise in made][:2] == [
        ("country", "KR"),
        ("system", "Windows"),
    ]
    assert all(rise.made == pytest.approx(1, abs=0.05) for _, rise in made[:2])
    finding = check(spikes.QUESTION.answer(asked))
    assert finding.sentence.endswith(", made of South Korea and Windows.")
    assert "South Korea had 66.7" in finding.details
    assert "spiked once on 16 Sep – 18 Sep 2025" in finding.sentence


def test_without_a_spike_none_is_claimed(whole: Downloads) -> None:
    finding = check(spikes.QUESTION.answer(asking(whole, spikes.QUESTION, "even")))
    assert finding.sentence.startswith("even had no spike ")
    assert (finding.table["Downloads"] < finding.table["A spike from"]).all()


def test_a_spike_of_another_country_is_not_told_of_this_one(whole: Downloads) -> None:
    asked = in_country(asking(whole, spikes.QUESTION, "dipping"), "CN")
    assert spiked(asked).spikes == ()


def test_a_store_of_packages_alone_answers_without_the_splits(by_package_alone: Downloads) -> None:
    for question in (weekly_dip.QUESTION, holiday.QUESTION, spikes.QUESTION):
        asked = asking(by_package_alone, question, "dipping")
        assert question.lacking(asked) == ()
        finding = check(question.answer(asked))
        assert len(finding.answers) == 1
    assert any("days are held by package alone" in caveat for caveat in finding.caveats)


@pytest.mark.parametrize("module", [weekly_dip, holiday, spikes])
def test_a_store_of_months_lacks_days(monthly_store: Path, module: object) -> None:
    question: Question = module.QUESTION  # type: ignore[attr-defined]
    asked = asking(Downloads(DuckDBStore(monthly_store)), question, "plotly")
    assert [need.grain for need in question.lacking(asked)] == [Grain.DAY]
    with pytest.raises(NotHeld):
        question.answer(asked)


def test_too_few_days_cannot_be_told(whole: Downloads) -> None:
    period = Period(LAST - timedelta(days=20), LAST)
    for question in (weekly_dip.QUESTION, spikes.QUESTION):
        with pytest.raises(CannotTell, match="21 days are held"):
            question.answer(asking(whole, question, "dipping", period=period))


def test_a_level_that_a_break_lowers_is_neither_dip_nor_spike(tmp_path: Path) -> None:
    first, broken, last = date(2026, 5, 4), date(2026, 8, 24), date(2026, 11, 21)
    days = [first + timedelta(at) for at in range((last - first).days + 1)]
    rows = [raw_row(day, "even", 3000 if day < broken else 1000) for day in days]
    with StoreWriter(tmp_path / "pulse.duckdb") as writer:
        write_cube(
            writer, Cube(Grain.DAY, ("project",)), rows, first=first, last=last,
            packages=("even",), source="bigquery",
        )  # fmt: skip
    found = Downloads(DuckDBStore(tmp_path / "pulse.duckdb"))
    dip = check(weekly_dip.QUESTION.answer(asking(found, weekly_dip.QUESTION, "even")))
    assert dip.sentence.startswith("No weekly dip is sure: on a weekend day even has 1.00 ")
    none = check(spikes.QUESTION.answer(asking(found, spikes.QUESTION, "even")))
    assert none.number == "No spike"
    assert [each.first for each in dip.breaks] == [broken]
    assert [each.first for each in none.breaks] == [broken]


REAL = Path("/work/shared/reference/real/daily_by_package.csv")


@pytest.mark.skipif(not REAL.exists(), reason="the real daily file is not here")
def test_on_real_days_most_packages_dip_and_christmas_is_found(tmp_path: Path) -> None:
    path = tmp_path / "pulse.duckdb"
    import_files([REAL], path, datetime(2026, 11, 22), lambda text: None)
    found = Downloads(DuckDBStore(path))
    told = [
        dips(asking(found, weekly_dip.QUESTION, *names)).single
        for names in np.array_split(np.array(found.packages()), 10)
    ]
    ratios = [dip.ratio for each in told for dip in each.values()]
    assert np.mean([0.55 <= ratio <= 0.80 for ratio in ratios]) > 0.7
    assert all(dip.found for each in told for dip in each.values())
    together = effects(asking(found, holiday.QUESTION))
    assert together.first.found
    assert together.first.ratio == pytest.approx(0.67, abs=0.02)
    assert all(effect.found for effect in together.single.values())
