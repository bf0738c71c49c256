"""Own groups as values: the address restores them, whatever stands in it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.own_groups import OwnGroup, from_parameters, to_parameters
from lib.own_groups.group import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    MOST_GROUPS,
    MOST_PACKAGES,
    checked_name,
    without_room,
)
from lib.packages import groups

STACK = OwnGroup("My stack: web", ("numpy", "zope-interface"))


def test_the_address_restores_groups() -> None:
    own = (STACK, OwnGroup("Ähnliches, & = ?", ("a",)))
    assert to_parameters(own) == {
        "own": ["My stack: web:numpy,zope-interface", "Ähnliches, & = ?:a"]
    }
    assert from_parameters(to_parameters(own)) == (own, ())


def test_without_groups_the_address_has_no_parameter() -> None:
    assert to_parameters(()) == {}
    assert from_parameters({"packages": ["numpy"]}) == ((), ())


def test_names_of_packages_are_normalized_and_each_is_there_once() -> None:
    found, ignored = from_parameters({"own": ["  My   stack : NumPy, numpy,, Zope.Interface,b! "]})
    assert found == (OwnGroup("My stack", ("numpy", "zope-interface")),)
    assert ignored == ("own=b! (no package name)",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("numpy,pandas", "a group needs a name"),
        (":numpy", "a group needs a name"),
        ("Stack:", "no packages"),
        ("Stack:!,?", "no packages"),
        ("x" * 41 + ":numpy", f"at most {LONGEST_NAME}"),
        ("a\u202eb:numpy", "printable"),
        ("plotting:numpy", "a group of the app has this name"),
    ],
    ids=["packages alone", "no name", "nothing", "no packages", "long", "unprintable", "taken"],
)
def test_what_is_no_group_is_ignored_and_told(text: str, why: str) -> None:
    found, ignored = from_parameters({"own": [text, "Stack:numpy"]})
    assert found == (OwnGroup("Stack", ("numpy",)),)
    assert any(why in each for each in ignored)


def test_a_name_is_taken_once_and_there_are_not_many() -> None:
    texts = [f"Stack {number}:numpy" for number in range(MOST_GROUPS + 2)]
    found, ignored = from_parameters({"own": ["Stack 0:pandas", *texts]})
    assert [group.name for group in found] == [f"Stack {number}" for number in range(MOST_GROUPS)]
    assert found[0].packages == ("pandas",)
    assert ignored == (
        "own=Stack 0 (another group has this name)",
        f"own=Stack {MOST_GROUPS} (at most {MOST_GROUPS} own groups)",
    )


def test_a_group_is_cut_at_the_bound() -> None:
    names = [f"package-{number}" for number in range(MOST_PACKAGES + 5)]
    found, ignored = from_parameters({"own": [f"Stack:{','.join(names)},package-0"]})
    assert found[0].packages == tuple(names[:MOST_PACKAGES])
    assert ignored == (f"own=Stack (at most {MOST_PACKAGES} packages in a group)",)


def test_an_address_does_not_grow_longer_than_servers_take() -> None:
    names = tuple(f"a-long-name-of-a-package-{number}" for number in range(150))
    own = (OwnGroup("One", names), OwnGroup("Two", names), STACK)
    assert without_room(own) == (own[1],)
    assert len(urlencode(to_parameters(own), doseq=True)) <= LONGEST_ADDRESS
    assert from_parameters(to_parameters(own))[0] == (own[0], STACK)


def test_the_largest_group_of_usual_names_fits_into_an_address() -> None:
    usual = [name for packages in groups().values() for name in packages]
    names = tuple(f"{name[:12]}{number}" for number, name in enumerate((usual * 9)[:MOST_PACKAGES]))
    assert len(names) == MOST_PACKAGES
    assert without_room((OwnGroup("Stack", names),)) == ()


NAMES = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,8}", fullmatch=True)

OF_THE_APP = {name.casefold() for name in groups()}

TITLES = st.text(max_size=30).map(lambda text: " ".join(text.split())).filter(
    lambda text: text.isprintable() and bool(text) and text.casefold() not in OF_THE_APP
)  # fmt: skip


@settings(max_examples=60)
@given(st.dictionaries(TITLES, st.lists(NAMES, min_size=1, max_size=9, unique=True), max_size=5))
def test_any_groups_survive_an_address(own: dict[str, list[str]]) -> None:
    made = tuple(OwnGroup(name, tuple(packages)) for name, packages in own.items())
    assert from_parameters(to_parameters(made)) == (made, ())


@settings(max_examples=60)
@given(st.lists(st.text(max_size=60) | st.text(alphabet=":,aB. ", max_size=20), max_size=9))
def test_any_address_gives_groups(texts: list[str]) -> None:
    found, _ = from_parameters({"own": texts})
    assert len(found) <= MOST_GROUPS
    for group in found:
        assert checked_name(group.name) == group.name
        assert 0 < len(group.packages) <= MOST_PACKAGES
    assert from_parameters(to_parameters(found)) == (found, ())
