"""Asking in words: what people type becomes the question that they mean, or is asked back."""

from __future__ import annotations

import csv
import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import understanding
from lib.geography import countries
from lib.packages import groups
from lib.questions.finding import Finding
from lib.questions.question import (
    Asking,
    Option,
    PackageChoice,
    PackageSet,
    Parameters,
    Question,
    SetChoice,
    Shelf,
)
from lib.questions.registry import questions
from lib.router import Period
from lib.selection import Preset
from lib.understanding import Piece, Understood, understood
from lib.understanding.text import cleaned, words_of
from lib.understanding.vocabulary import is_silent

TODAY = date(2026, 11, 22)

HELD = Period(date(2019, 1, 1), date(2026, 11, 21))

MORE = """numpy scipy six certifi pydantic rich click attrs setuptools botocore packaging pytz
build wheel notebook mock datasets pillow pyyaml opencv-python beautifulsoup4 theano sqlalchemy
jinja2 langgraph virtualenv redis ray accelerate typing-extensions python-dateutil"""

KNOWN = tuple(dict.fromkeys([n for members in groups().values() for n in members] + MORE.split()))


def never_asked(asking: Asking) -> Finding:
    raise AssertionError("understanding a question does not answer it")


def question(key: str, prompt: str, parameters: Parameters) -> Question:
    return Question(key, prompt, "", Shelf.SIMPLE, parameters, (), never_asked)


ANY, ONE, TWO = PackageChoice(0), PackageChoice(1, 1), PackageChoice(2, 2)

FRAMEWORKS = (
    PackageSet("PyTorch", ("torch",)),
    PackageSet("TensorFlow", ("tensorflow",)),
    PackageSet("JAX", ("jax",)),
)

GROUPS = tuple(PackageSet(name, groups()[name]) for name in ("LLM clients", "Deep learning", "NLP"))

SHARES = (("2", "2 % of downloads"), ("1", "1 %"), ("5", "5 %"), ("10", "10 %"))

THRESHOLD = Option("threshold", "Droppable under", SHARES)

HOLIDAY = Option(
    "holiday",
    "Holiday",
    (
        ("christmas", "Christmas"),
        ("thanksgiving", "Thanksgiving"),
        ("lunar-new-year", "Lunar New Year"),
        ("new-year", "New Year"),
        ("may-day", "May Day"),
    ),
)

SPAN = Option("span", "Compared", (("28d", "Last 28 days"), ("month", "Last whole month")))

OVER = Option(
    "over",
    "Trend over",
    (("24", "the last 2 years"), ("12", "the last year"), ("all", "the whole period")),
)

SIGNAL = Option(
    "signal",
    "Interest",
    (
        ("stack-overflow", "Stack Overflow"),
        ("google-trends", "Google Trends"),
        ("wikipedia", "Wikipedia"),
    ),
)

EVER, MONTH = Preset.ALL, Preset.MONTH

QUESTIONS = (
    question(
        "country-downloads",
        "How many downloads come from a country?",
        Parameters(ANY, country=True, default_country="DE"),
    ),
    question("rate", "What is the rate of download?", Parameters(ANY, country=True, period=MONTH)),
    question(
        "packages-downloaded",
        "How many packages are being downloaded?",
        Parameters(country=True, period=MONTH),
    ),
    question("top-now", "Which package is on top now?", Parameters(country=True, period=MONTH)),
    question(
        "rate-over-time",
        "How does the rate of download look over time?",
        Parameters(ANY, country=True, period=EVER),
    ),
    question("top-packages", "What are the top packages?", Parameters(country=True, period=MONTH)),
    question(
        "one-against-another",
        "How does one package do against another?",
        Parameters(PackageChoice(2), country=True, period=EVER),
    ),
    question("countries-compared", "How do countries compare?", Parameters(ANY)),
    question(
        "framework",
        "Which deep learning framework is preferred?",
        Parameters(sets=SetChoice(2, 10, FRAMEWORKS), country=True, period=EVER),
    ),
    question(
        "technology-trends",
        "Do downloads follow technology trends?",
        Parameters(sets=SetChoice(1, 20, GROUPS), options=(OVER,), period=EVER),
    ),
    question("weekly-dip", "Is there a weekly dip?", Parameters(ANY, country=True)),
    question(
        "us-dominance",
        "Does the United States dominate every package?",
        Parameters(country=True, default_country="US"),
    ),
    question(
        "topics-by-region",
        "Do regions prefer topics?",
        Parameters(sets=SetChoice(2, 2, GROUPS[1:]), country=True),
    ),
    question(
        "always-ahead",
        "Was one package always ahead of another?",
        Parameters(TWO, country=True, period=EVER),
    ),
    question(
        "race",
        "How did the top packages race over the years?",
        Parameters(ANY, country=True, period=EVER),
    ),
    question(
        "python-to-drop",
        "Which Python versions can I drop?",
        Parameters(ONE, options=(THRESHOLD,)),
    ),
    question("upgrade-speed", "How fast do users upgrade?", Parameters(ONE)),
    question("automation", "What share is CI?", Parameters(ANY)),
    question("installers", "Which installers are taking over?", Parameters(ANY)),
    question(
        "movers", "What rose, fell, emerged or went quiet this month?", Parameters(options=(SPAN,))
    ),
    question(
        "holiday",
        "What did a holiday do?",
        Parameters(ANY, country=True, options=(HOLIDAY,)),
    ),
    question("spikes", "When did a package spike?", Parameters(ONE, country=True)),
    question(
        "interest-leads",
        "Does interest lead or follow downloads?",
        Parameters(ONE, options=(SIGNAL,), period=EVER),
    ),
    question(
        "interest-parts",
        "Where do questions and downloads part ways?",
        Parameters(ONE, options=(SIGNAL,), period=EVER),
    ),
)

CATALOG: Mapping[str, Question] = MappingProxyType({each.key: each for each in QUESTIONS})

PHRASINGS = Path(__file__).with_name("phrasings.csv")

FOLDER = Path(understanding.__file__).parent

PLOTTING = "Plotting: matplotlib, plotly, seaborn, bokeh, altair, plotnine, holoviews, pygal"


def read(text: str) -> Understood:
    return understood(text, CATALOG, KNOWN, HELD, TODAY)


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def phrasings() -> list[dict[str, str]]:
    return csv_rows(PHRASINGS)


def period_of(text: str, asked: Question) -> Preset | Period:
    if not text:
        return asked.parameters.period
    if text in ("all", "now"):
        return EVER if text == "all" else MONTH
    first, last = map(date.fromisoformat, text.split(".."))
    return Period(first, last)


def differences(
    row: Mapping[str, str], found: Understood, catalog: Mapping[str, Question] = CATALOG
) -> list[str]:
    """What of a phrasing's meaning is not as the table has it, `sure` aside."""
    if not row["key"]:
        return []
    if found.key != row["key"]:
        return [f"{found.key or 'nothing'} instead of {row['key']}"]
    selection, options = found.asked.selection, dict(found.asked.options)
    wanted = dict(pair.split("=") for pair in row["options"].split())
    found_and_wanted = {
        "packages": (set(selection.packages), set(row["packages"].split())),
        "country": (selection.values("country"), tuple(row["country"].split())),
        "period": (selection.period, period_of(row["period"], catalog[row["key"]])),
        "sets": ({s.name for s in found.asked.sets}, set(filter(None, row["sets"].split("|")))),
        "options": ({name: options.get(name) for name in wanted}, wanted),
    }
    return [f"{n}: {got} instead of {to}" for n, (got, to) in found_and_wanted.items() if got != to]


def read_wrong(catalog: Mapping[str, Question]) -> tuple[list[str], list[str], int]:
    """What is silently wrong and what is only missed, each in words, and how many were read."""
    silent, missed = [], []
    rows = phrasings()
    for row in rows:
        found = understood(row["text"], catalog, KNOWN, HELD, TODAY)
        wanted, wrong = row["sure"] == "yes", differences(row, found, catalog)
        told = f"{row['text']!r}: {'; '.join(wrong) or found.key}, {found.pieces}"
        if found.sure and (wrong or not wanted):
            silent.append(told)
        elif wanted and not found.sure:
            missed.append(told)
    print(f"{len(missed)} of {len(rows)} missed", *missed, sep="\n")
    return silent, missed, len(rows)


def test_the_table_of_phrasings_is_large_and_has_what_cannot_be_answered() -> None:
    rows = phrasings()
    assert len({row["text"] for row in rows}) == len(rows) >= 140
    assert sum(row["sure"] == "no" for row in rows) >= 25
    assert {row["key"] for row in rows if row["sure"] == "yes"} == set(CATALOG)


def test_what_people_type_is_understood_and_nothing_is_silently_wrong() -> None:
    silent, missed, count = read_wrong(CATALOG)
    assert silent == []
    assert len(missed) <= 0.05 * count, "\n".join(missed)


def test_the_catalog_as_it_is_understands_the_same() -> None:
    silent, missed, count = read_wrong(questions())
    assert silent == []
    assert len(missed) <= 0.05 * count, "\n".join(missed)


@pytest.mark.parametrize("row", [row for row in phrasings() if row["sure"] == "no" and row["key"]])
def test_what_is_asked_back_keeps_what_was_understood(row: dict[str, str]) -> None:
    found = read(row["text"])
    assert found.key == row["key"]
    assert set(row["packages"].split()) <= set(found.asked.selection.packages)
    assert found.nearest[0] == row["key"]


def sample(phrase: str) -> str:
    """A phrase with something in each of its slots."""
    named = {
        "package": iter(("polars", "sqlalchemy", "pillow", "theano")),
        "group": iter(("plotting", "NLP")),
        "country": iter(("Norway", "Peru")),
    }
    others = {"option": "christmas", "number": "7", "version": "3.9", "now": "right now"}
    parts = []
    for text, slot, _, _ in string.Formatter().parse(phrase):
        parts.append(text)
        if slot:
            parts.append(next(named[slot]) if slot in named else others.get(slot, "over time"))
    return "".join(parts)


def test_no_phrase_of_a_question_is_taken_for_another() -> None:
    rows = csv_rows(FOLDER / "phrases.csv")
    found = [(row, read(sample(row["phrase"]))) for row in rows]
    assert [(row, got.key) for row, got in found if got.sure and got.key != row["question"]] == []
    assert sum(got.sure for row, got in found if row["question"]) > 0.9 * sum(
        bool(row["question"]) for row in rows
    )


@pytest.mark.parametrize("key", list(CATALOG))
def test_a_prompt_is_read_as_its_own_question(key: str) -> None:
    assert read(CATALOG[key].prompt).key == key


def test_a_question_is_found_by_its_own_words_alone() -> None:
    new = replace(question("sizes", "How large are files?", Parameters(ANY)), words=("megabytes",))
    found = understood("megabytes of numpy", {**CATALOG, "sizes": new}, KNOWN, HELD, TODAY)
    assert (found.key, found.sure) == ("sizes", True)


@pytest.mark.parametrize("row", [row for row in phrasings() if row["sure"] == "yes"][::8])
@pytest.mark.parametrize("word", ["zzqx", "on windows", "without mirrors"])
def test_a_word_that_no_question_knows_is_told_and_asked_back(
    row: dict[str, str], word: str
) -> None:
    found = read(f"{row['text']} {word}")
    assert not found.sure
    told = " ".join(each.text for each in found.pieces if each.kind != "question")
    assert any(part in told.split() for part in word.split())


def piece(text: str, words: str) -> Piece:
    return next(each for each in read(text).pieces if each.text == words)


@pytest.mark.parametrize(
    ("text", "words", "kind", "meaning"),
    [
        ("numpy in Germany since 2023", "Germany", "country", "Germany"),
        ("numpy in Germany since 2023", "since 2023", "period", "1 Jan 2023 – 21 Nov 2026"),
        ("pytorch vs jax", "pytorch", "package", "torch"),
        ("nunpy vs pandas", "nunpy", "package", "numpy?"),
        ("pytroch over time", "pytroch", "package", "torch?"),
        ("foobarbaz vs numpy", "foobarbaz", "package", "foobarbaz, not held"),
        ("top packages in germny", "germny", "country", "Germany?"),
        ("top pakages in India", "pakages", "unknown", "packages?"),
        ("how many requests from India", "requests", "package", "requests?"),
        ("numpy vs pandas on windows", "windows", "unknown", "not understood"),
        ("numpy vs pandas in 2031", "in 2031", "unknown", "not understood: that is still to come"),
        (
            "how do countries compare in Germany",
            "Germany",
            "unknown",
            "Germany: not asked of one country",
        ),
        (
            "top packages of numpy",
            "numpy",
            "unknown",
            "numpy: not asked of chosen packages",
        ),
        ("effect of Christmas on numpy", "Christmas", "option", "Holiday: Christmas"),
        ("race of plotting packages", "plotting packages", "set", PLOTTING),
        ("which python versions can I drop for numpy", "numpy", "package", "numpy"),
    ],
)
def test_a_piece_says_what_it_was_taken_to_mean(
    text: str, words: str, kind: str, meaning: str
) -> None:
    assert piece(text, words) == Piece(words, kind, meaning)


def test_a_name_of_one_package_that_is_another_too_is_asked_back() -> None:
    found = understood("sklearn vs xgboost", CATALOG, (*KNOWN, "sklearn"), HELD, TODAY)
    assert (found.asked.selection.packages, found.sure) == (("scikit-learn", "xgboost"), False)
    assert read("sklearn vs xgboost").sure


def test_the_words_of_a_question_are_one_piece_in_the_order_of_the_text() -> None:
    found = read("what did christmas do to downloads in Germany")
    assert [(each.text, each.kind) for each in found.pieces] == [
        ("what … downloads", "question"),
        ("christmas", "option"),
        ("Germany", "country"),
    ]


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("since 2023", "2023-01-01", "2026-11-21"),
        ("from 2023 on", "2023-01-01", "2026-11-21"),
        ("since March", "2026-03-01", "2026-11-21"),
        ("since 1 March 2024", "2024-03-01", "2026-11-21"),
        ("since March 3rd, 2024", "2024-03-03", "2026-11-21"),
        ("after 2023", "2024-01-01", "2026-11-21"),
        ("in 2024", "2024-01-01", "2024-12-31"),
        ("in 2026", "2026-01-01", "2026-11-21"),
        ("in February 2024", "2024-02-01", "2024-02-29"),
        ("in december", "2025-12-01", "2025-12-31"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("last week", "2026-11-09", "2026-11-15"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("over the last year", "2025-11-22", "2026-11-21"),
        ("last 90 days", "2026-08-24", "2026-11-21"),
        ("in the past three months", "2026-08-22", "2026-11-21"),
        ("past week", "2026-11-15", "2026-11-21"),
        ("this year", "2026-01-01", "2026-11-21"),
        ("year to date", "2026-01-01", "2026-11-21"),
        ("yesterday", "2026-11-21", "2026-11-21"),
        ("today", "2026-11-21", "2026-11-21"),
        ("since two weeks ago", "2026-11-08", "2026-11-21"),
        ("since two months ago", "2026-09-22", "2026-11-21"),
        ("since last Tuesday", "2026-11-17", "2026-11-21"),
        ("since Nov 5", "2026-11-05", "2026-11-21"),
        ("since Nov 24th", "2025-11-24", "2026-11-21"),
        ("between March and June 2025", "2025-03-01", "2025-06-30"),
        ("between 1 March 2025 and 5 April 2025", "2025-03-01", "2025-04-05"),
        ("from 31 January to March 2025", "2025-01-31", "2025-03-31"),
        ("from November to February", "2025-11-01", "2026-02-28"),
        ("from 2024-01-01 to 2024-06-30", "2024-01-01", "2024-06-30"),
        ("2023-2025", "2023-01-01", "2025-12-31"),
        ("2024-03 to 2024-05", "2024-03-01", "2024-05-31"),
        ("from 2024 to today", "2024-01-01", "2026-11-21"),
        ("Q1 2025", "2025-01-01", "2025-03-31"),
        ("in the third quarter of 2025", "2025-07-01", "2025-09-30"),
        ("H2 2025", "2025-07-01", "2025-12-31"),
        ("before 2020", "2019-01-01", "2019-12-31"),
        ("until June 2020", "2019-01-01", "2020-06-30"),
        ("on 25.12.2025", "2025-12-25", "2025-12-25"),
        ("since the beginning of 2024", "2024-01-01", "2026-11-21"),
        ("since 2012", "2016-01-01", "2026-11-21"),
    ],
)
def test_a_period_is_the_days_that_it_names(words: str, first: str, last: str) -> None:
    found = read(f"numpy {words}")
    assert (found.key, found.sure) == ("rate-over-time", True), found.pieces
    wanted = Period(date.fromisoformat(first), date.fromisoformat(last))
    assert found.asked.selection.period == wanted


@pytest.mark.parametrize(
    "words",
    [
        "in 2031", "next month", "tomorrow", "until 2030", "on 31 February 2025", "2025-13-45",
        "since 01/02/2024", "in 1999", "between 2024 and 2022", "from 2024", "3 months ago",
        "in 2023 and 2024", "before 2019", "since Nov 24",
    ],
)  # fmt: skip
def test_days_that_are_not_or_not_yet_are_asked_back(words: str) -> None:
    found = read(f"numpy {words}")
    assert (found.key, found.sure) == ("rate-over-time", False)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("in the United States of America", "US"), ("from the States", "US"), ("in the us", "US"),
        ("in England", "GB"), ("in the U.K.", "GB"), ("in Holland", "NL"), ("in Korea", "KR"),
        ("in North Korea", "KP"), ("in Russia", "RU"), ("in the Czech Republic", "CZ"),
        ("in Côte d'Ivoire", "CI"), ("in Türkiye", "TR"), ("in Viet Nam", "VN"), ("in BR", "BR"),
        ("in the People's Republic of China", "CN"), ("in São Tomé and Príncipe", "ST"),
        ("in Bosnia", "BA"), ("in Swaziland", "SZ"), ("in the UAE", "AE"), ("in IN", "IN"),
    ],
)  # fmt: skip
def test_a_country_has_many_names(words: str, code: str) -> None:
    found = read(f"downloads {words}")
    assert (found.key, found.sure) == ("country-downloads", True), found.pieces
    assert found.asked.selection.values("country") == (code,)


@pytest.mark.parametrize("words", ["in de", "in Congo", "in South America", "in CI", "for us"])
def test_what_is_not_one_country_is_none(words: str) -> None:
    found = read(f"top packages {words}")
    assert found.asked.selection.values("country") == ()
    assert not found.sure or words == "for us"


def test_files_of_names_agree_with_the_countries_groups_and_questions() -> None:
    places = csv_rows(FOLDER / "places.csv")
    assert {row["code"] for row in places if row["code"]} <= set(countries())
    named = {row["stands_for"] for row in csv_rows(FOLDER / "names.csv") if row["kind"] == "group"}
    assert named <= set(groups())
    assert {row["question"] for row in csv_rows(FOLDER / "phrases.csv")} == {"", *CATALOG}


WORDS = st.sampled_from(
    [word for row in phrasings() for word in row["text"].split()]
    + ["2024-99-99", "31/31/2031", "last 9999 years", "99999999999 days ago", "Q9", "%", "us", "IN"]
)

TEXTS = st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=40).map(" ".join))


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_every_word_that_means_something_is_told(text: str) -> None:
    found = read(text)
    kinds = {"question", "package", "country", "period", "set", "option", "unknown"}
    assert {each.kind for each in found.pieces} <= kinds
    assert set(found.nearest) <= set(CATALOG)
    assert len(found.nearest) <= 4
    told = " ".join(each.text for each in found.pieces)
    for word in words_of(cleaned(text), lambda _: False):
        assert is_silent(word.plain) or word.plain == "us" or word.text in told, word
    if found.sure:
        assert found.key == found.nearest[0]
        assert all(each.kind != "unknown" for each in found.pieces)


def test_a_nearest_question_gets_what_it_takes_of_the_text() -> None:
    found = read("downloads from Germany excluding CI")
    assert found.asked_of("country-downloads").selection.values("country") == ("DE",)
    assert found.asked_of("automation").selection.values("country") == ()
    with pytest.raises(KeyError):
        found.asked_of("spikes")


def test_a_long_text_is_cut() -> None:
    assert read("numpy " * 2000) == read("numpy " * 50)


def test_a_catalog_without_questions_understands_nothing() -> None:
    found = understood("numpy vs pandas", {}, KNOWN, HELD, TODAY)
    assert (found.key, found.sure, found.nearest) == ("", False, ())
