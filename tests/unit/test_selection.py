"""The selection: to and from the URL, to days, to a query and to words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.aggregate import Filter
from lib.cubes import Grain
from lib.installers import InstallerClass
from lib.parameters import LONGEST_VALUE
from lib.router import Period
from lib.selection import (
    FILTERS,
    SPLITS,
    Measure,
    Preset,
    Selection,
    Shape,
    View,
    auto_grain,
    from_parameters,
    to_parameters,
)

names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)

values = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=LONGEST_VALUE)

fixed_periods = st.tuples(st.dates(date(2016, 1, 1), date(2030, 1, 1)), st.integers(0, 4000)).map(
    lambda pair: Period(pair[0], date.fromordinal(pair[0].toordinal() + pair[1]))
)

selections = st.builds(
    Selection,
    packages=st.lists(names, unique=True, max_size=10).map(tuple),
    period=st.one_of(st.sampled_from(Preset), fixed_periods),
    grain=st.one_of(st.none(), st.sampled_from(Grain)),
    filters=st.dictionaries(
        st.sampled_from(FILTERS), st.lists(values, unique=True, min_size=1, max_size=3)
    ).map(lambda chosen: tuple(Filter(n, tuple(chosen[n])) for n in FILTERS if n in chosen)),
    counting=st.sets(st.sampled_from(InstallerClass), min_size=1).map(
        lambda chosen: tuple(c for c in InstallerClass if c in chosen)
    ),
    view=st.sampled_from(View),
    split=st.sampled_from(SPLITS),
    shape=st.sampled_from(Shape),
    measure=st.sampled_from(Measure),
)


@given(selections)
def test_a_selection_survives_the_url(selection: Selection) -> None:
    assert from_parameters(to_parameters(selection)) == (selection, ())


def test_the_default_selection_has_a_clean_url() -> None:
    assert to_parameters(Selection()) == {}
    assert from_parameters({}) == (Selection(), ())


parameter_names = st.sampled_from(
    ["packages", "period", "grain", "counting", "view", "split", "shape", "measure", *FILTERS, "x"]
)


@given(st.dictionaries(parameter_names, st.lists(st.text(max_size=200), max_size=60)))
def test_no_url_raises_and_what_is_read_is_clean(parameters: dict[str, list[str]]) -> None:
    selection, ignored = from_parameters(parameters)
    assert from_parameters(to_parameters(selection)) == (selection, ())
    assert all(text.isprintable() for text in ignored)
    assert len(selection.packages) <= 10


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"packages": ["<script>alert(1)</script>"]}, "no package name"),
        ({"packages": ["../../etc/passwd"]}, "no package name"),
        ({"packages": [f"p{n}" for n in range(11)]}, "at most 10"),
        ({"period": ["garbage"]}, "use 30d"),
        ({"period": ["2026-02-01..2026-01-01"]}, "comes before"),
        ({"period": ["0001-01-01..9999-12-31"]}, "out of range"),
        ({"grain": ["decade"]}, "use auto"),
        ({"country": ["x" * 500]}, "no value"),
        ({"python": ["3.9\x00"]}, "no value"),
        ({"counting": ["everyone"]}, "use installers"),
        ({"view": ["3d"]}, "use absolute"),
        ({"split": ["downloads); DROP TABLE"]}, "use python"),
    ],
)
def test_what_makes_no_sense_is_ignored_and_said(
    parameters: dict[str, list[str]], said: str
) -> None:
    _, ignored = from_parameters(parameters)
    assert len(ignored) == 1
    assert said in ignored[0]


def test_names_are_normalized_and_may_be_listed_with_commas() -> None:
    selection, ignored = from_parameters({"packages": ["Flask_SQLAlchemy, NumPy", "numpy"]})
    assert selection.packages == ("flask-sqlalchemy", "numpy")
    assert not ignored


HELD = Period(date(2018, 1, 1), date(2026, 11, 21))


@pytest.mark.parametrize(
    ("preset", "first"),
    [
        (Preset.MONTH, date(2026, 10, 23)),
        (Preset.QUARTER, date(2026, 8, 24)),
        (Preset.YEAR, date(2025, 11, 22)),
        (Preset.ALL, date(2018, 1, 1)),
    ],
)
def test_a_preset_ends_on_the_last_day_held(preset: Preset, first: date) -> None:
    assert Selection(period=preset).days(HELD) == Period(first, HELD.last)


def test_a_preset_does_not_reach_before_what_is_held() -> None:
    short = Period(date(2026, 11, 1), date(2026, 11, 21))
    assert Selection(period=Preset.YEAR).days(short) == short


@pytest.mark.parametrize("finest", [Grain.DAY, Grain.MONTH])
@given(period=fixed_periods)
def test_the_automatic_grain_draws_few_points(finest: Grain, period: Period) -> None:
    grain = auto_grain(period, finest)
    assert not grain.is_finer_than(finest)
    days = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28}[grain]
    assert period.days / days < 220


def test_the_words_say_every_filter() -> None:
    selection = Selection(
        ("numpy", "pandas", "polars"),
        filters=(Filter("country", ("DE",)), Filter("python", ("3.12", "3.13"))),
        counting=(InstallerClass.INSTALLERS, InstallerClass.UNKNOWN),
    )
    assert selection.words() == (
        "Country: DE · Python version: 3.12, 3.13 · Counting installers and unknown"
    )


def test_replacing_a_filter_keeps_the_others_in_order() -> None:
    selection = Selection().with_values("system", ["Linux"]).with_values("country", ["DE"])
    assert [c.dimension for c in selection.filters] == ["country", "system"]
    assert selection.with_values("country", []).filters == (Filter("system", ("Linux",)),)
