"""What is asked, to and from an address: the same comes back, and anything odd is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.data import Downloads
from lib.questions.address import (
    first_asked,
    first_asked_now,
    from_parameters,
    read_set,
    to_parameters,
    with_fixed_days,
)
from lib.questions.finding import Finding
from lib.questions.question import (
    Asked,
    Asking,
    Option,
    PackageChoice,
    PackageSet,
    Parameters,
    Question,
    SetChoice,
    Shelf,
    group_set,
)
from lib.router import Period
from lib.selection import Preset, Selection
from lib.stores.duckdb import DuckDBStore


def unanswered(asking: Asking) -> Finding:
    raise NotImplementedError


EVERYTHING = Question(
    key="everything",
    prompt="What takes every kind of parameter?",
    teaser="",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(
        packages=PackageChoice(fewest=1, most=2, default=("no-such-package", "torch")),
        sets=SetChoice(
            2, 3, (group_set("Deep learning"), group_set("NLP"), group_set("Type checkers"))
        ),
        country=True,
        period=Preset.QUARTER,
        options=(Option("threshold", "Under", (("2", "2 %"), ("5", "5 %"))),),
    ),
    needs=(),
    answer=unanswered,
)

NOTHING = replace(EVERYTHING, key="nothing", parameters=Parameters())


@pytest.fixture(scope="module")
def found(sample_store: Path) -> Downloads:
    return Downloads(DuckDBStore(sample_store))


def test_first_come_the_defaults_that_are_held(found: Downloads) -> None:
    asked = first_asked(EVERYTHING, found)
    assert asked.selection.packages == ("torch",)
    assert [each.name for each in asked.sets][:1] == ["Deep learning"]
    assert asked.options == (("threshold", "2"),)


def test_packages_that_are_not_held_give_way_to_the_most_downloaded(found: Downloads) -> None:
    choice = PackageChoice(fewest=2, default=("no-such-package",))
    question = replace(EVERYTHING, parameters=replace(EVERYTHING.parameters, packages=choice))
    assert first_asked(question, found).selection.packages == found.packages()[:2]


def test_a_preset_becomes_the_days_that_it_means_now(found: Downloads) -> None:
    asked = first_asked_now(EVERYTHING, found)
    assert asked.selection.period == Period(date(2026, 8, 24), date(2026, 11, 21))


def test_an_address_gives_back_what_was_asked(found: Downloads) -> None:
    asked = Asked(
        Selection(("torch", "keras"), Period(date(2025, 9, 1), date(2025, 9, 30))).with_values(
            "country", ("DE",)
        ),
        (group_set("NLP"), PackageSet("Mine, too", ("torch", "no-such-package"))),
        (("threshold", "5"),),
    )
    parameters = to_parameters(EVERYTHING, asked)
    assert parameters["q"] == ["everything"]
    again, ignored = from_parameters(EVERYTHING, parameters, first_asked(EVERYTHING, found))
    assert again == asked
    assert ignored == ()


def test_what_a_question_does_not_take_is_told(found: Downloads) -> None:
    given_parameters = {"q": ["nothing"], "packages": ["torch"], "country": ["DE"], "x": ["<b>"]}
    asked, ignored = from_parameters(NOTHING, given_parameters, first_asked(NOTHING, found))
    assert asked.packages == ()
    assert asked.selection.filters == ()
    assert {text.partition("=")[0] for text in ignored} == {"packages", "country", "x"}


def test_one_country_is_taken_and_the_others_told(found: Downloads) -> None:
    given_parameters = {"country": ["ZZ", "FR", "DE"]}
    asked, ignored = from_parameters(EVERYTHING, given_parameters, first_asked(EVERYTHING, found))
    assert asked.selection.values("country") == ("FR",)
    assert len(ignored) == 2


def test_too_few_packages_are_made_up_from_the_defaults(found: Downloads) -> None:
    choice = PackageChoice(fewest=2, default=("torch", "keras"))
    question = replace(EVERYTHING, parameters=replace(EVERYTHING.parameters, packages=choice))
    first = first_asked(question, found)
    asked, _ = from_parameters(question, {"packages": ["keras"]}, first)
    assert asked.selection.packages == ("keras", "torch")


@pytest.mark.parametrize("text", ["", "no such group", ":torch", "Mine:<script>", "x" * 101])
def test_a_set_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_set(text)


def test_names_in_a_set_are_normalized() -> None:
    assert read_set("Mine:Torch,scikit_learn,torch").packages == ("torch", "scikit-learn")


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["q", "packages", "country", "set", "period", "threshold", "grain", "a"]),
        st.lists(st.text(max_size=120), max_size=4),
    )
)
def test_any_address_asks_something(parameters: dict[str, list[str]]) -> None:
    first = Asked(Selection(("torch",)), (group_set("NLP"), group_set("Linters")))
    asked, ignored = from_parameters(EVERYTHING, parameters, first)
    assert 1 <= len(asked.selection.packages) <= 2
    assert 2 <= len(asked.sets) <= 3
    assert asked.option("threshold") in {"2", "5"}
    assert all(isinstance(text, str) for text in ignored)


def test_fixed_days_stay_as_they_are(found: Downloads) -> None:
    days = Period(date(2019, 1, 1), date(2019, 2, 1))
    asked = Asked(Selection(("torch",), days))
    assert with_fixed_days(found, asked) == asked
