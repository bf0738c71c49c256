"""Questions about countries and recent moves: on stores whose answers are known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.breaks import Break, all_breaks
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.geography import countries
from lib.questions.address import first_asked, with_fixed_days
from lib.questions.catalog import (
    countries_compared,
    country_downloads,
    movers,
    topics_by_region,
    us_dominance,
)
from lib.questions.finding import Finding
from lib.questions.question import Asking, CannotTell, PackageSet, Question
from lib.questions.rows.comparable_days import latest_run
from lib.router import NotHeld, Period
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.theme import DARK, LIGHT
from tests.conftest import Row, raw_row, write_cube

LAST = date(2026, 11, 21)

DAYS = Period(date(2026, 9, 5), LAST)

Levels = Mapping[str, Mapping[str, float]]
"""Downloads a day by package and country."""

SPREAD = {"US": 5000.0, "DE": 1000.0, "IE": 800.0, "CH": 300.0, "IN": 900.0, "unknown": 200.0}

PACKAGES = ("numpy", "requests", "six", "torch", "transformers", "jieba")

LEVELS: Levels = dict.fromkeys(PACKAGES, SPREAD)


def rows_of(levels: Levels, period: Period, seed: int = 0, **values: str) -> list[Row]:
    """Rows with a weekly dip and a little noise."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(period.days):
        day = period.first + timedelta(days=number)
        week = 0.7 if day.weekday() >= 5 else 1.0
        for name, by_country in levels.items():
            for country, level in by_country.items():
                count = round(level * week * np.exp(random.normal(0, 0.03)))
                rows.append(raw_row(day, name, count, country=country, **values))
    return rows


def store_of(
    path: Path,
    rows: list[Row],
    period: Period,
    *,
    cube: Cube | None = None,
    packages: tuple[str, ...] = PACKAGES,
    source: str = "bigquery",
) -> Downloads:
    cube = cube or Cube(Grain.DAY, ("project", "country"))
    with StoreWriter(path) as writer:
        write_cube(
            writer, cube, rows, first=period.first, last=period.last, packages=packages,
            source=source,
        )  # fmt: skip
    return Downloads(DuckDBStore(path))


def answer(
    question: Question,
    found: Downloads,
    *,
    country: str = "",
    packages: tuple[str, ...] = (),
    period: Period | None = None,
    sets: tuple[PackageSet, ...] = (),
    **options: str,
) -> Finding:
    """The question's answer, its figures drawn in both themes."""
    asked = first_asked(question, found)
    selection = replace(asked.selection, packages=packages or asked.selection.packages)
    if country:
        selection = selection.with_values("country", (country,))
    if period:
        selection = replace(selection, period=period)
    asked = replace(asked, selection=selection, sets=sets or asked.sets)
    asked = replace(asked, options=tuple((dict(asked.options) | options).items()))
    finding = question.answer(Asking(found, with_fixed_days(found, asked), LAST))
    for figure in finding.figures:
        assert figure.draw(LIGHT).data
        assert figure.draw(DARK).data
        assert figure.alt.endswith(".")
    return finding


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """Six packages that are downloaded alike, but jieba, which few download in the US."""
    levels = {**LEVELS, "jieba": {**SPREAD, "US": 1000.0, "CN": 1500.0}}
    path = tmp_path_factory.mktemp("regions") / "pulse.duckdb"
    return store_of(path, rows_of(levels, DAYS), DAYS)


@pytest.fixture(scope="module")
def by_month(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """Months by country: six of them, which is too few for an interval."""
    period = Period(date(2025, 1, 1), date(2025, 6, 30))
    path = tmp_path_factory.mktemp("months") / "pulse.duckdb"
    cube = Cube(Grain.MONTH, ("project", "country"))
    return store_of(path, rows_of(LEVELS, period), period, cube=cube, source="files")


ALL = (country_downloads, countries_compared, us_dominance, topics_by_region, movers)

BY_COUNTRY = ALL[:4]


def total(finding: Finding, country: str) -> int:
    table = finding.table.set_index("Country")
    return int(table.loc[countries()[country].name, "Downloads"])


def test_the_downloads_of_a_country_are_counted_with_share_and_rank(found: Downloads) -> None:
    finding = answer(country_downloads.QUESTION, found, country="IN")
    query = Asking(found, first_asked(country_downloads.QUESTION, found), LAST).selection
    frame = found.totals(query.with_values("country", ()), DAYS, "country").frame
    india = frame.set_index("country").loc["IN"]
    assert total(finding, "IN") == india["downloads"]
    assert "came from India" in finding.sentence
    assert "rank 3 of 6 countries" in finding.sentence
    assert finding.interval == "counted, not estimated"
    assert finding.table["Country"].iloc[-1] == "Unknown"
    assert "no known country" in finding.caveats[0]


def test_germany_is_meant_where_no_country_is_chosen(found: Downloads) -> None:
    asked = with_fixed_days(found, first_asked(country_downloads.QUESTION, found))
    everywhere = replace(asked, selection=asked.selection.with_values("country", ()))
    finding = country_downloads.QUESTION.answer(Asking(found, everywhere, LAST))
    assert "came from Germany" in finding.sentence


def test_a_country_without_downloads_is_told_so(found: Downloads) -> None:
    finding = answer(country_downloads.QUESTION, found, country="BR", packages=("numpy",))
    assert finding.sentence.startswith("No download of numpy came from Brazil")
    assert finding.number == "0"


def test_downloads_per_head_are_the_share_of_downloads_over_that_of_people(
    found: Downloads,
) -> None:
    finding = answer(countries_compared.QUESTION, found)
    table = finding.table.set_index("Country")
    known = table.drop("Unknown")
    people = sum(country.population for country in countries().values())
    share = known.loc["Switzerland", "Downloads"] / known["Downloads"].sum()
    by_hand = share / (countries()["CH"].population / people)
    assert table.loc["Switzerland", "Per head, times the world's"] == pytest.approx(by_hand, 1e-3)
    assert finding.table["Country"].iloc[0] == "Ireland"
    assert "come from Ireland as from the world" in finding.sentence
    assert "possible cloud region" in finding.details
    assert "of the rest Switzerland is first" in finding.details
    assert "In raw numbers the United States leads" in finding.details
    assert "95 % interval" in finding.interval
    assert finding.map is not None


def test_a_country_of_few_people_is_listed_and_not_the_greatest(tmp_path: Path) -> None:
    levels = {"numpy": {**SPREAD, "GI": 3000.0}}
    small = store_of(tmp_path / "s.duckdb", rows_of(levels, DAYS), DAYS, packages=("numpy",))
    finding = answer(countries_compared.QUESTION, small)
    row = finding.table.set_index("Country").loc["Gibraltar"]
    assert row["Against the world"] == "too few people"
    assert "come from Ireland" in finding.sentence


def test_the_country_that_makes_half_of_all_but_one_package_dominates_not_every_one(
    found: Downloads,
) -> None:
    finding = answer(us_dominance.QUESTION, found)
    assert finding.number == "5 of 6 packages"
    assert finding.sentence.startswith("Not every package: the United States")
    assert "The exception is jieba (18." in finding.details
    assert finding.table["Package"].iloc[0] == "jieba"
    assert len(finding.figures) == 2
    germany = answer(us_dominance.QUESTION, found, country="DE")
    assert germany.number == "0 of 6 packages"
    assert germany.sentence.startswith("No: Germany makes more than half of the downloads of none")


def test_of_few_packages_there_is_no_distribution(tmp_path: Path) -> None:
    rows = rows_of(dict.fromkeys(PACKAGES[:4], SPREAD), DAYS)
    few = store_of(tmp_path / "f.duckdb", rows, DAYS, packages=PACKAGES[:4])
    with pytest.raises(CannotTell, match="4 packages"):
        answer(us_dominance.QUESTION, few)


def test_a_small_package_is_left_out_and_named(tmp_path: Path) -> None:
    levels = {**LEVELS, "tiny": {"CN": 2.0}}
    names = (*PACKAGES, "tiny")
    small = store_of(tmp_path / "t.duckdb", rows_of(levels, DAYS), DAYS, packages=names)
    finding = answer(us_dominance.QUESTION, small)
    assert finding.number == "6 of 6 packages"
    assert finding.sentence.startswith("Yes, every package")
    assert any("tiny" in caveat for caveat in finding.caveats)


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """India downloads transformers twice as much as others do, against torch."""
    levels = {**LEVELS, "transformers": {**SPREAD, "IN": 1800.0}}
    path = tmp_path_factory.mktemp("topics") / "pulse.duckdb"
    return store_of(path, rows_of(levels, DAYS), DAYS)


def test_a_region_that_prefers_a_topic_is_found_with_how_much(topics: Downloads) -> None:
    finding = answer(topics_by_region.QUESTION, topics)
    assert "1 surely prefers NLP to Deep learning" in finding.details
    assert "highest in India" in finding.sentence
    assert finding.number.startswith("India: 2.0 times")
    table = finding.table.set_index("Country")
    assert table.loc["India", "NLP against Deep learning"] == "more"
    row = table.loc["India"]
    assert row["Low (95 %)"] < 2 < row["High (95 %)"]
    assert "NLP, times its share of all held" in table
    assert finding.packages == ("transformers", "torch")
    assert any("tensorflow" in caveat and "not held" in caveat for caveat in finding.caveats)


def test_a_region_asked_about_has_the_sentence(topics: Downloads) -> None:
    finding = answer(topics_by_region.QUESTION, topics, country="DE")
    assert finding.sentence.startswith("From Germany NLP is downloaded")
    assert finding.number.startswith("Germany")
    nowhere = answer(topics_by_region.QUESTION, topics, country="BR")
    assert nowhere.sentence.startswith("No downloads of NLP or Deep learning from Brazil")


def test_exchanging_the_sets_puts_the_region_at_the_other_end(topics: Downloads) -> None:
    sets = (PackageSet("Deep", ("torch",)), PackageSet("Language", ("transformers",)))
    finding = answer(topics_by_region.QUESTION, topics, sets=sets)
    # All others have a little more of the other set, for India is part of their rest of the world.
    assert "Deep against Language is highest in the United States" in finding.sentence
    assert finding.number.startswith("United States: 1.")
    assert "It is lowest in India, 0.50 times" in finding.details


def test_sets_that_are_downloaded_alike_are_preferred_nowhere(topics: Downloads) -> None:
    sets = (PackageSet("Old", ("six",)), PackageSet("Numbers", ("numpy",)))
    finding = answer(topics_by_region.QUESTION, topics, sets=sets)
    assert "none surely prefers Old to Numbers" in finding.sentence
    assert "0 surely prefer Old to Numbers, and 0 the reverse" in finding.details


def test_a_set_of_which_nothing_is_held_is_named(topics: Downloads) -> None:
    sets = (PackageSet("Mine", ("numpy",)), PackageSet("Absent", ("left-pad", "vispy")))
    with pytest.raises(CannotTell, match=r"Of “Absent” nothing is held by country: left-pad"):
        answer(topics_by_region.QUESTION, topics, sets=sets)
    with pytest.raises(NotHeld):
        answer(topics_by_region.QUESTION, topics, sets=(sets[1], replace(sets[1], name="Too")))


def test_few_months_give_an_answer_without_an_interval(by_month: Downloads) -> None:
    compared = answer(countries_compared.QUESTION, by_month)
    assert compared.interval.startswith("no interval")
    finding = answer(topics_by_region.QUESTION, by_month)
    assert "too few months are held" in finding.sentence
    assert answer(us_dominance.QUESTION, by_month).number == "6 of 6 packages"
    assert "came from Germany" in answer(country_downloads.QUESTION, by_month).sentence


@pytest.mark.parametrize("module", BY_COUNTRY, ids=lambda module: module.QUESTION.key)
def test_a_store_without_countries_says_that_they_are_not_held(
    module: object, monthly_store: Path
) -> None:
    without = Downloads(DuckDBStore(monthly_store))
    question: Question = module.QUESTION  # type: ignore[attr-defined]
    asked = with_fixed_days(without, first_asked(question, without))
    assert question.lacking(Asking(without, asked, LAST))
    with pytest.raises(NotHeld):
        answer(question, without)


@pytest.mark.parametrize("module", BY_COUNTRY[1:], ids=lambda module: module.QUESTION.key)
def test_levels_before_the_redefinition_of_a_download_are_left_out(
    module: object, tmp_path: Path
) -> None:
    period = Period(date(2026, 7, 1), date(2026, 10, 31))
    levels = {**LEVELS, "transformers": {**SPREAD, "DE": 4000.0}}
    changed = date(2026, 8, 24)
    rows = [
        *rows_of(levels, Period(period.first, changed - timedelta(days=1))),
        *rows_of(LEVELS, Period(changed, period.last)),
    ]
    crossing = store_of(tmp_path / "c.duckdb", rows, period)
    question: Question = module.QUESTION  # type: ignore[attr-defined]
    finding = answer(question, crossing)
    assert finding.period == Period(changed, period.last)
    assert any("PyPI redefined a download" in caveat for caveat in finding.caveats)


RECENT = Period(date(2025, 10, 1), LAST)

CHANGED = Period(LAST - timedelta(days=27), LAST)


def moving(levels: Levels, changed: Levels) -> list[Row]:
    before = Period(RECENT.first, CHANGED.first - timedelta(days=1))
    return [*rows_of(levels, before, seed=1), *rows_of({**levels, **changed}, CHANGED, seed=2)]


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """Torch doubles, by India alone; jieba halves; transformers appear, and six goes quiet."""
    levels = {name: {"US": 4000.0, "IN": 1000.0} for name in PACKAGES if name != "transformers"}
    changed = {
        "torch": {"US": 4000.0, "IN": 6000.0},
        "jieba": {"US": 2000.0, "IN": 500.0},
        "transformers": {"US": 3000.0, "IN": 500.0},
        "six": {"US": 2.0},
    }
    path = tmp_path_factory.mktemp("moved") / "pulse.duckdb"
    return store_of(path, moving(levels, changed), RECENT)


def what_it_did(finding: Finding) -> dict[str, str]:
    return dict(zip(finding.table["Package"], finding.table["What it did"], strict=True))


def test_what_rose_fell_emerged_and_went_quiet_is_told(moved: Downloads) -> None:
    finding = answer(movers.QUESTION, moved)
    assert what_it_did(finding) == {
        "transformers": "emerged",
        "torch": "rose",
        "numpy": "no sure change",
        "requests": "no sure change",
        "jieba": "fell",
        "six": "went quiet",
    }
    assert finding.number.startswith("torch: ")
    assert "torch rose most" in finding.sentence
    assert "1 emerged (transformers) and 1 went quiet (six)" in finding.details
    assert "concentrated by country: India made 10" in finding.details
    assert len(finding.figures) == 2
    assert finding.period == Period(CHANGED.first - timedelta(days=28), LAST)


def test_the_last_whole_month_is_compared_by_the_day(moved: Downloads) -> None:
    finding = answer(movers.QUESTION, moved, span="month")
    assert finding.period == Period(date(2026, 9, 1), date(2026, 10, 31))
    assert "Downloads a day, Oct 2026" in finding.table


def test_across_a_changed_count_shares_are_compared_and_no_cause_is_told(tmp_path: Path) -> None:
    changed = date(2026, 8, 24)
    period = Period(date(2026, 3, 1), date(2026, 9, 10))
    inflated = {name: {code: 1.5 * level for code, level in SPREAD.items()} for name in PACKAGES}
    rows = [
        *rows_of(inflated, Period(period.first, changed - timedelta(days=1)), seed=1),
        *rows_of(LEVELS, Period(changed, period.last), seed=2),
    ]
    finding = answer(movers.QUESTION, store_of(tmp_path / "b.duckdb", rows, period))
    assert set(what_it_did(finding).values()) == {"no sure change"}
    assert "by share of all downloads held" in finding.sentence
    assert "PyPI redefined a download" in finding.caveats[0]
    assert "Change of share" in finding.table


def test_months_of_a_file_are_compared_with_how_they_usually_differ(monthly_store: Path) -> None:
    finding = answer(movers.QUESTION, Downloads(DuckDBStore(monthly_store)))
    assert finding.period == Period(date(2025, 11, 1), date(2025, 12, 31))
    assert set(finding.table["Package"]) == {"plotly", "seaborn"}


def test_too_little_to_compare_is_said(tmp_path: Path) -> None:
    period = Period(LAST - timedelta(days=39), LAST)
    short = store_of(tmp_path / "s.duckdb", rows_of(LEVELS, period), period)
    with pytest.raises(CannotTell, match="is needed to compare"):
        answer(movers.QUESTION, short)


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.QUESTION.key)
def test_a_period_that_is_not_held_is_not_answered(module: object, found: Downloads) -> None:
    question: Question = module.QUESTION  # type: ignore[attr-defined]
    with pytest.raises(NotHeld):
        answer(question, found, period=Period(date(2025, 1, 1), date(2025, 3, 31)))


@pytest.mark.parametrize("found_break", all_breaks(), ids=lambda found: found.title)
def test_no_run_of_comparable_days_holds_a_break(found_break: Break) -> None:
    around = Period(
        found_break.first - timedelta(days=80),
        (found_break.last or found_break.first) + timedelta(days=80),
    )
    splits = found_break.splits
    run = latest_run(around, Grain.DAY, ("bigquery", "clickhouse", "files", "sample"), splits)
    inside = pd.date_range(run.first, run.last)
    begins = pd.Timestamp(found_break.first)
    if found_break.kind == "gap":
        assert begins not in inside
    elif found_break.kind != "start":
        assert begins not in inside[1:]
    if found_break.last and found_break.last != found_break.first:
        assert pd.Timestamp(found_break.last + timedelta(days=1)) not in inside[1:]
