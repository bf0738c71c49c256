"""What is watched: to and from the URL, and into filters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lib.aggregate import Filter
from lib.live.watch import Pace, Watch, Window, from_parameters, to_parameters
from lib.packages import groups
from lib.parameters import LONGEST_VALUE, MOST_VALUES

values = st.lists(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=LONGEST_VALUE),
    max_size=5,
    unique=True,
).map(tuple)

watches = st.builds(
    Watch,
    group=st.sampled_from(["", *groups()]),
    country=values,
    system=values,
    installer=values,
    window=st.sampled_from(Window),
    pace=st.sampled_from(Pace),
    package=st.sampled_from(["", "numpy", "scikit-learn"]),
    paused=st.booleans(),
    present=st.booleans(),
)


@given(watches)
def test_a_watch_comes_back_from_its_address(watch: Watch) -> None:
    assert from_parameters(to_parameters(watch)) == (watch, ())


@given(st.dictionaries(st.sampled_from([*Watch.__dataclass_fields__]), st.lists(st.text())))
def test_any_address_gives_a_watch_that_keeps_its_own_address(
    parameters: dict[str, list[str]],
) -> None:
    watch, _ = from_parameters(parameters)
    assert from_parameters(to_parameters(watch)) == (watch, ())


def test_the_default_watch_has_no_parameters() -> None:
    assert to_parameters(Watch()) == {}


def test_what_makes_no_sense_is_told_and_left_out() -> None:
    watch, ignored = from_parameters(
        {"group": ["Nonsense"], "pace": ["1ms"], "window": ["1y"], "package": ["/etc/passwd"]}
    )
    assert watch == Watch()
    assert [text.partition("=")[0] for text in ignored] == ["group", "window", "pace", "package"]


def test_no_more_values_are_taken_than_a_filter_may_have() -> None:
    watch, ignored = from_parameters({"country": [f"C{n}" for n in range(MOST_VALUES + 5)]})
    assert len(watch.country) == MOST_VALUES
    assert len(ignored) == 1


def test_a_watch_filters_by_its_group_and_by_each_dimension_with_values() -> None:
    watch = Watch(group="Plotting", country=("DE", "FR"), installer=("uv",))
    assert watch.where == (
        Filter("project", groups()["Plotting"]),
        Filter("country", ("DE", "FR")),
        Filter("installer", ("uv",)),
    )
    assert Watch().where == ()


def test_each_pace_is_a_number_of_seconds() -> None:
    assert [pace.seconds for pace in Pace] == [2, 5, 15, 60]
