"""Questions about rivals: what they compute on small stores whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.cubes import UNKNOWN, Cube, Grain
from lib.data import Downloads
from lib.formats import NARROW_SPACE
from lib.questions.address import first_asked_now, with_fixed_days
from lib.questions.catalog import (
    always_ahead,
    framework_preference,
    one_against_another,
    technology_trends,
    upgrade_speed,
)
from lib.questions.finding import Finding
from lib.questions.question import Asking, CannotTell, PackageSet, Question
from lib.questions.rows.rivals import rival_sets
from lib.router import NotHeld, Period
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.theme import DARK, LIGHT
from tests.conftest import YESTERDAY, Row, raw_row, write_cube

QUESTIONS = [
    module.QUESTION
    for module in (
        always_ahead,
        one_against_another,
        framework_preference,
        technology_trends,
        upgrade_speed,
    )
]

REAL = Path(__file__).parents[2].parent / "shared/reference/real/monthly_by_package.csv"


def asking(
    path: Path,
    question: Question,
    *,
    packages: Sequence[str] = (),
    sets: Sequence[PackageSet] = (),
    country: str = "",
    **options: str,
) -> Asking:
    found = Downloads(DuckDBStore(path))
    asked = first_asked_now(question, found)
    if sets:
        asked = replace(asked, sets=tuple(sets))
    selection = replace(asked.selection, period=question.parameters.period)
    if packages:
        selection = replace(selection, packages=tuple(packages))
    if country:
        selection = selection.with_values("country", (country,))
    chosen = tuple({**dict(asked.options), **options}.items())
    asked = with_fixed_days(found, replace(asked, selection=selection, options=chosen))
    return Asking(found, asked, YESTERDAY)


def answer(path: Path, question: Question, **parameters: object) -> Finding:
    return question.answer(asking(path, question, **parameters))  # type: ignore[arg-type]


def plain(text: str) -> str:
    return text.replace(NARROW_SPACE, " ")


def month(number: int) -> date:
    return date(2022 + number // 12, number % 12 + 1, 1)


def monthly(path: Path, months: int, level: dict[str, Callable[[int], float]]) -> Path:
    """A store of months alone; a level of 0 is a month that the file leaves out."""
    rows = [
        raw_row(month(number), name, int(at(number)))
        for number in range(months)
        for name, at in level.items()
        if at(number)
    ]
    last = month(months) - timedelta(days=1)
    with StoreWriter(path) as writer:
        write_cube(
            writer, Cube(Grain.MONTH, ("project",)), rows, first=month(0), last=last,
            packages=tuple(sorted(level)),
        )  # fmt: skip
    return path


@pytest.fixture
def rivals(empty_store: Path) -> Path:
    """The new one passes the old one in 2023-01; the third is unknown in two months."""
    return monthly(
        empty_store, 36,
        {
            "new": lambda at: 500_000 if at < 12 else 1_500_000,
            "old": lambda at: 1_000_000,
            "third": lambda at: 0 if at in (3, 4) else 100_000 * 1.05**at,
        },
    )  # fmt: skip


def test_a_change_of_the_lead_is_told_with_its_month_and_the_ratio_now(rivals: Path) -> None:
    found = answer(rivals, always_ahead.QUESTION, packages=("new", "old"))
    assert found.sentence.startswith("No: new passed old in Jan 2023, for good so far.")
    assert "new had ×1.50 the downloads of old" in found.details
    assert "In running totals new passed old in Jan 2024." in found.details
    assert found.number == "new since Jan 2023"
    assert list(found.table["Month"]) == ["Jan 2023", "Jan 2024"]


def test_who_was_always_ahead_is_told_as_such(rivals: Path) -> None:
    found = answer(rivals, always_ahead.QUESTION, packages=("third", "old"))
    assert found.sentence.startswith(
        "Yes: old was downloaded more than third in every month known of both, from Jan 2022 to "
        "Dec 2024."
    )
    assert any("Of 36 months, 2 are not known of both" in caveat for caveat in found.caveats)


def test_a_crossing_beside_a_break_is_told_with_it(empty_store: Path) -> None:
    path = monthly(
        empty_store, 40,
        {"new": lambda at: 50 if at < 28 else 150, "old": lambda at: 100},
    )  # fmt: skip
    found = answer(path, always_ahead.QUESTION, packages=("new", "old"))
    assert found.table["Beside a break"].iloc[0] == "yes"
    assert any(caveat.startswith("Within 3 months of a break") for caveat in found.caveats)
    assert found.breaks


def test_a_lead_of_the_last_month_is_no_change_yet(empty_store: Path) -> None:
    path = monthly(
        empty_store, 20, {"new": lambda at: 50 if at < 18 else 150, "old": lambda at: 100}
    )
    found = answer(path, always_ahead.QUESTION, packages=("new", "old"))
    assert found.sentence.startswith("Yes: old")
    assert "but for 2 months that made no lead of its own" in found.sentence
    assert any("new was ahead in the last 2 months" in caveat for caveat in found.caveats)


def test_two_packages_of_which_one_is_not_held_cannot_be_told_apart(rivals: Path) -> None:
    with pytest.raises(CannotTell, match="nope not"):
        answer(rivals, always_ahead.QUESTION, packages=("new", "nope"))


def test_one_package_is_held_against_each_other(rivals: Path) -> None:
    found = answer(rivals, one_against_another.QUESTION, packages=("new", "old", "third", "nope"))
    assert "Downloads of new were" in found.sentence
    assert "×1.50 those of old (95 % interval ×1.50 to ×1.50)" in found.sentence
    table = found.table.set_index("Package")
    last = sum(100_000 * 1.05**at for at in range(24, 36))
    assert table.loc["third", "new over it"] == pytest.approx(18_000_000 / last, rel=1e-3)
    assert "nope is not held, and in none of the figures." in found.caveats


def test_growth_is_of_the_latest_months_that_are_counted_alike(empty_store: Path) -> None:
    """Levels step up in 2024-11, when lists of top packages count every installer."""

    def days(at: int) -> int:
        return int(pd.Timestamp(month(at)).days_in_month)

    path = monthly(
        empty_store, 50,
        {
            "steady": lambda at: 1e6 * (3 if at >= 34 else 1) * days(at),
            "grows": lambda at: 1e6 * 1.05**at * days(at),
        },
    )  # fmt: skip
    table = answer(
        path, one_against_another.QUESTION, packages=("steady", "grows")
    ).table.set_index("Package")
    assert table.loc["steady", "Growth a year"] == pytest.approx(0, abs=1e-3)
    assert table.loc["grows", "Growth a year"] == pytest.approx(1.05**12 - 1, abs=0.01)


SETS = (
    PackageSet("PyTorch", ("torch",)),
    PackageSet("TensorFlow", ("tensorflow", "tensorflow-cpu", "missing")),
)


@pytest.fixture
def frameworks(empty_store: Path) -> Path:
    """Days by country: torch is 60 % of the whole, but tensorflow leads in India."""
    first, last = date(2026, 8, 24), YESTERDAY
    split = {
        "US": (600, 200, 50), "DE": (300, 90, 10), "IN": (40, 150, 50), UNKNOWN: (20, 5, 0),
    }  # fmt: skip
    rows: list[Row] = []
    for at in range((last - first).days + 1):
        today = first + timedelta(days=at)
        wobble = 1.0 + 0.1 * np.sin(at) - (0.4 if today.weekday() > 4 else 0)
        for country, counts in split.items():
            for name, count in zip(("torch", "tensorflow", "tensorflow-cpu"), counts, strict=True):
                rows.append(raw_row(today, name, int(100 * count * wobble), country=country))
    names = ("tensorflow", "tensorflow-cpu", "torch")
    with StoreWriter(empty_store) as writer:
        for dimensions in (("project",), ("project", "country")):
            write_cube(
                writer, Cube(Grain.DAY, dimensions), rows, first=first, last=last, packages=names
            )
    return empty_store


def test_the_preferred_set_is_told_with_its_share_and_its_countries(frameworks: Path) -> None:
    found = answer(frameworks, framework_preference.QUESTION, sets=SETS)
    share = 960 / (960 + 445 + 110)
    assert plain(found.number) == f"PyTorch: {100 * share:.1f} %"
    assert "Of 3 countries with 1,000 downloads or more, it leads in 2; not in India" in (
        found.details
    )
    assert "missing is not held, and in none of the figures." in found.caveats
    assert found.map is not None
    preference = found.map.frame.set_index("country")["preference"]
    assert preference["IN"] == pytest.approx(40 / 240 / share, rel=1e-3)
    assert preference["US"] > 1


def test_what_cannot_be_seen_of_frameworks_is_said(frameworks: Path) -> None:
    caveats = " ".join(answer(frameworks, framework_preference.QUESTION, sets=SETS).caveats)
    assert "PyTorch's own index" in caveats
    assert "Who wants a framework cannot be seen" in caveats
    assert "keras" not in caveats


def test_a_country_has_its_own_shares_of_the_sets(frameworks: Path) -> None:
    found = answer(frameworks, framework_preference.QUESTION, sets=SETS, country="IN")
    assert found.sentence.startswith("TensorFlow from India: ")
    assert plain(found.number) == "TensorFlow: 83.3 %"


def test_no_month_is_told_since_which_it_leads_where_one_other_takes_turns_with_it(
    empty_store: Path,
) -> None:
    path = monthly(
        empty_store, 24,
        {
            "new": lambda at: 50_000 if at < 12 else 150_000,
            "old": lambda at: 100_000,
            "turns": lambda at: 160_000 if at % 2 == 0 else 40_000,
        },
    )  # fmt: skip
    sets = tuple(PackageSet(name.capitalize(), (name,)) for name in ("new", "old", "turns"))
    found = answer(path, framework_preference.QUESTION, sets=sets)
    assert found.sentence.startswith("New: ")
    assert "has led since" not in found.details
    found = answer(path, framework_preference.QUESTION, sets=sets[:2])
    assert "New has led since Jan 2023" in found.details


def test_months_alone_have_shares_without_countries(rivals: Path) -> None:
    sets = (PackageSet("New", ("new",)), PackageSet("Old", ("old",)))
    found = answer(rivals, framework_preference.QUESTION, sets=sets)
    assert plain(found.number) == "New: 60.0 %"
    assert "in Dec 2024" in found.sentence
    assert "New has led since Jan 2023" in found.details
    assert found.map is None


def test_a_package_in_two_sets_is_said_to_count_twice(rivals: Path) -> None:
    sets = (PackageSet("New", ("new",)), PackageSet("Both", ("new", "old")))
    rows = rival_sets(
        asking(rivals, framework_preference.QUESTION, sets=sets),
        Period(month(0), month(36) - timedelta(days=1)),
        Grain.MONTH,
    )
    sums = rows.frame.groupby("series")["downloads"].sum()
    assert sums["Both"] == sums["New"] + 36_000_000
    assert "In more than one set, and counted in each: new." in rows.caveats


def test_sets_of_which_fewer_than_two_are_held_cannot_be_compared(rivals: Path) -> None:
    sets = (PackageSet("New", ("new",)), PackageSet("Gone", ("nope", "neither")))
    with pytest.raises(CannotTell, match="nope and neither not"):
        answer(rivals, framework_preference.QUESTION, sets=sets)


@pytest.fixture
def trends(empty_store: Path) -> Path:
    """A package that takes a growing share, one on an S-curve, and one that makes up the rest."""
    rng = np.random.default_rng(4)
    noise = np.exp(0.03 * rng.normal(size=(3, 48)))
    return monthly(
        empty_store, 48,
        {
            "riser": lambda at: 1e5 * 1.04**at * noise[0, at],
            "curve": lambda at: 4e5 / (1 + np.exp(-(at - 24) / 3)) * noise[1, at],
            "bulk": lambda at: 2e7 * noise[2, at],
        },
    )  # fmt: skip


TRENDS = (PackageSet("Rising", ("riser",)), PackageSet("Adopted", ("curve", "missing")))


def test_a_group_that_rises_is_told_with_its_growth_and_an_s_curve_with_its_middle(
    trends: Path,
) -> None:
    found = answer(trends, technology_trends.QUESTION, sets=TRENDS, over="24")
    table = found.table[found.table["Kind"] == "Group"].set_index("Name")
    assert table.loc["Rising", "Trend"] == "rises"
    assert table.loc["Rising", "Growth of its share a year"] == pytest.approx(0.6, abs=0.08)
    assert "1 of 3 packages has a clear S-curve" in found.details
    assert "curve (13 months, half in " in found.details
    curve = found.table[found.table["Name"] == "curve"].iloc[0]
    assert curve["Half of its ceiling"] in {"Dec 2023", "Jan 2024", "Feb 2024"}
    assert "missing is not held, and in none of the figures." in found.caveats


def test_a_trend_across_a_break_says_so(trends: Path) -> None:
    caveats = answer(trends, technology_trends.QUESTION, sets=TRENDS, over="24").caveats
    assert any("Monthly lists of top packages count pip alone, until 31 Oct 2024" in each
               for each in caveats)  # fmt: skip
    later = answer(trends, technology_trends.QUESTION, sets=TRENDS, over="12").caveats
    assert not any("Monthly lists" in each for each in later)


def test_one_group_alone_can_be_asked_about(trends: Path) -> None:
    found = answer(trends, technology_trends.QUESTION, sets=TRENDS[:1], over="24")
    assert found.sentence.startswith("Rising surely rises as a share of the downloads of all 3")


def test_too_few_months_tell_no_trend(empty_store: Path) -> None:
    path = monthly(empty_store, 7, {"riser": lambda at: 100 * 2**at, "bulk": lambda at: 1e6})
    with pytest.raises(CannotTell, match="it takes 8"):
        answer(path, technology_trends.QUESTION, sets=TRENDS)


def test_the_days_to_half_of_new_versions_are_told(empty_store: Path) -> None:
    first, days = date(2026, 1, 5), 200
    rows: list[Row] = []
    for at in range(days):
        share = 1 - 0.5 ** (max(at - 40, 0) / 10)
        counts = {"1.0": 1e5 * (1 - share), "1.1": 1e5 * share + (at == 40), UNKNOWN: 2e3}
        rows += [
            raw_row(first + timedelta(days=at), "pandas", int(count), version=version)
            for version, count in counts.items()
            if int(count)
        ]
    last = first + timedelta(days=days - 1)
    with StoreWriter(empty_store) as writer:
        write_cube(
            writer, Cube(Grain.DAY, ("project", "version")), rows, first=first, last=last,
            packages=("pandas",),
        )  # fmt: skip
    found = answer(empty_store, upgrade_speed.QUESTION, packages=("pandas",))
    assert found.number in {"10 days", "11 days"}
    assert found.interval == "no interval: one version is too few"
    assert "1.1, first downloaded on 14 Feb 2026, or a later one makes 100 %" in plain(
        found.details
    )
    assert any(each.startswith("2.0 % of the downloads name no version")
               for each in map(plain, found.caveats))  # fmt: skip


def test_a_store_without_versions_lacks_a_cube(rivals: Path) -> None:
    asked = asking(rivals, upgrade_speed.QUESTION, packages=("new",))
    assert [need.words for need in upgrade_speed.QUESTION.lacking(asked)] == [
        "day × package × package version"
    ]
    with pytest.raises(NotHeld):
        upgrade_speed.QUESTION.answer(asked)


@pytest.mark.parametrize("store", ["sample_store", "monthly_store", "mixed_store"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.key)
def test_every_question_has_a_finding_or_says_why_not(
    store: str, question: Question, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(store)
    try:
        found = answer(path, question)
    except (NotHeld, CannotTell):
        assert store != "sample_store"
        return
    assert found.sentence.endswith(".")
    assert "nan" not in found.sentence
    assert found.answers[0].sql
    assert len(found.table)
    for figure in found.figures:
        assert figure.alt
        assert figure.draw(LIGHT).to_dict() != figure.draw(DARK).to_dict()


@pytest.fixture(scope="module")
def real_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real monthly downloads; a month that the file leaves out is not known."""
    if not REAL.exists():
        pytest.skip(f"the real monthly downloads are not here: {REAL}")
    path = tmp_path_factory.mktemp("real") / "pulse.duckdb"
    frame = pd.read_csv(REAL, parse_dates=["month"])
    wanted = ("torch", "tensorflow", "plotly", "seaborn", "fastapi", "django", "poetry", "pipenv")
    rows = [
        raw_row(each.month.date(), each.project, each.downloads)
        for each in frame[frame["project"].isin(wanted)].itertuples()
    ]
    with StoreWriter(path) as writer:
        write_cube(
            writer, Cube(Grain.MONTH, ("project",)), rows, first=date(2018, 1, 1),
            last=date(2026, 3, 31), packages=tuple(sorted(wanted)),
        )  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("new", "old", "told"),
    [
        ("torch", "tensorflow", "torch passed tensorflow in Mar 2024, for good so far"),
        ("fastapi", "django", "fastapi passed django in Sep 2022, for good so far"),
        ("poetry", "pipenv", "poetry passed pipenv in Dec 2021, for good so far"),
        ("plotly", "seaborn", "plotly and seaborn changed the lead 7 times from Jan 2018 to Mar "
         "2026, first in Mar 2018"),
    ],
)  # fmt: skip
def test_known_crossings_of_the_real_record_are_told(
    real_store: Path, new: str, old: str, told: str
) -> None:
    assert told in answer(real_store, always_ahead.QUESTION, packages=(new, old)).sentence
