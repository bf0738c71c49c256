"""What is asked, to and from the query parameters of an address; and what is asked at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lib import selection as selections
from lib.data import Downloads
from lib.geography import countries
from lib.packages import groups, held_groups, normalized
from lib.parameters import LONGEST_VALUE, Reading
from lib.questions.question import Asked, PackageSet, Parameters, Question
from lib.selection import Selection

_MOST_IN_A_SET = 20


def first_asked(question: Question, found: Downloads) -> Asked:
    """What a question asks before a reader chooses: its defaults, as far as the store holds them.

    In place of packages that are not held come the most downloaded, and of sets of which nothing
    is held, other groups.
    """
    parameters = question.parameters
    selection = Selection(_first_packages(parameters, found), parameters.period)
    if parameters.default_country:
        selection = selection.with_values("country", (parameters.default_country,))
    options = tuple((option.name, option.default) for option in parameters.options)
    return Asked(selection, _first_sets(parameters, found), options)


def first_asked_now(question: Question, found: Downloads) -> Asked:
    """What a question asks at first, with its period as fixed days."""
    return with_fixed_days(found, first_asked(question, found))


def with_fixed_days(found: Downloads, asked: Asked) -> Asked:
    """What is asked with its period as fixed days, so that an address gives the same answer again.

    A preset ends on the last day on which the packages asked for are held.
    """
    held = found.held(tuple(name for name in asked.packages if found.holds(name)))
    selection = replace(asked.selection, period=asked.selection.days(held))
    return replace(asked, selection=selection)


def to_parameters(question: Question, asked: Asked) -> dict[str, list[str]]:
    """What is asked as query parameters, with the question's key as `q`.

    Options that are as by default are left out.
    """
    found = {"q": [question.key], **selections.to_parameters(asked.selection)}
    if asked.sets:
        found["set"] = [_written(each) for each in asked.sets]
    for option in question.parameters.options:
        value = dict(asked.options).get(option.name, option.default)
        if value != option.default:
            found[option.name] = [value]
    return found


def from_parameters(
    question: Question, parameters: Mapping[str, Sequence[str]], first: Asked
) -> tuple[Asked, tuple[str, ...]]:
    """What query parameters ask of a question, and what of them was ignored and why.

    What they do not name is as in `first`. Any input gives something to ask: nothing here raises.
    """
    reading = Reading(_taken(parameters))
    selection, ignored = selections.from_parameters(_selected(question.parameters, parameters))
    if "period" not in parameters:
        selection = replace(selection, period=first.selection.period)
    if not selection.packages:
        selection = replace(selection, packages=first.selection.packages)
    selection = _with_one_country(question.parameters, selection, first, parameters, reading)
    selection = _with_fewest(question.parameters, selection, first)
    for name in sorted(set(parameters) - _known(question.parameters)):
        reading.ignore(name, ", ".join(parameters[name]), "this question does not take it")
    asked = Asked(selection, _sets(question.parameters, reading) or first.sets)
    options = tuple(
        (option.name, _option(reading, option.name, dict(option.values), option.default))
        for option in question.parameters.options
    )
    return replace(asked, options=options), (*ignored, *reading.ignored)


def read_set(text: str) -> PackageSet:
    """A set as an address writes it: `NLP` for a group, or `Mine:torch,jax`.

    Raises ValueError for a name that is no group and has no packages, or a package that is none.
    """
    name, _, listed = text.partition(":")
    name = name.strip()
    if not name or len(name) > LONGEST_VALUE or not name.isprintable():
        raise ValueError("a set has a name")
    if not listed.strip():
        if name not in groups():
            raise ValueError("no such group; write name:package,package")
        return PackageSet(name, groups()[name])
    packages = [normalized(part) for part in listed.split(",") if part.strip()]
    return PackageSet(name, tuple(dict.fromkeys(packages))[:_MOST_IN_A_SET])


def _written(each: PackageSet) -> str:
    if groups().get(each.name) == each.packages:
        return each.name
    return f"{each.name}:{','.join(each.packages)}"


def _first_packages(parameters: Parameters, found: Downloads) -> tuple[str, ...]:
    choice = parameters.packages
    if choice is None:
        return ()
    held = tuple(name for name in choice.default if found.holds(name))
    if len(held) >= choice.fewest:
        return held[: choice.most]
    others = (name for name in found.packages() if name not in held)
    return (*held, *others)[: choice.fewest]


def _first_sets(parameters: Parameters, found: Downloads) -> tuple[PackageSet, ...]:
    choice = parameters.sets
    if choice is None:
        return ()
    held = [each for each in choice.default if any(map(found.holds, each.packages))]
    named = {each.name for each in held}
    others = held_groups(found.packages()) if len(held) < choice.fewest else {}
    more = [PackageSet(name, groups()[name]) for name in others if name not in named]
    enough = [*held, *more][: max(choice.fewest, len(held))]
    return tuple(enough) if len(enough) >= choice.fewest else choice.default


def _known(parameters: Parameters) -> set[str]:
    """The names of the query parameters that a question takes."""
    taken = {"q", "ask", "period", *(option.name for option in parameters.options)}
    taken |= {"packages"} if parameters.packages else set()
    taken |= {"country"} if parameters.country else set()
    return taken | ({"set"} if parameters.sets else set())


def _taken(parameters: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {name: values for name, values in parameters.items() if values}


def _selected(
    parameters: Parameters, given: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """The query parameters that make up the selection."""
    names = {"packages", "period", "country"} & _known(parameters)
    return {name: values for name, values in given.items() if name in names}


def _with_one_country(
    parameters: Parameters,
    selection: Selection,
    first: Asked,
    given: Mapping[str, Sequence[str]],
    reading: Reading,
) -> Selection:
    """The selection with one country that there is, the first one's, or none."""
    chosen = selection.values("country")
    for code in chosen:
        if code not in countries():
            reading.ignore("country", code, "no country; use a code such as DE")
    known = [code for code in chosen if code in countries()]
    for code in known[1:]:
        reading.ignore("country", code, "one at a time")
    if not known and "country" not in given:
        known = list(first.selection.values("country"))
    return selection.with_values("country", known[:1] if parameters.country else ())


def _with_fewest(parameters: Parameters, selection: Selection, first: Asked) -> Selection:
    """The selection with as many packages as the question takes: more from the first ones."""
    choice = parameters.packages
    if choice is None:
        return replace(selection, packages=())
    others = (name for name in first.selection.packages if name not in selection.packages)
    lacking = max(choice.fewest - len(selection.packages), 0)
    packages = (*selection.packages, *list(others)[:lacking])
    return replace(selection, packages=packages[: choice.most])


def _sets(parameters: Parameters, reading: Reading) -> tuple[PackageSet, ...]:
    choice = parameters.sets
    if choice is None:
        return ()
    found: dict[str, PackageSet] = {}
    for text in reading.texts("set"):
        try:
            each = read_set(text)
        except ValueError as error:
            reading.ignore("set", text, str(error))
            continue
        if len(found) == choice.most:
            reading.ignore("set", text, f"at most {choice.most} at once")
        else:
            found[each.name] = each
    if len(found) >= choice.fewest:
        return tuple(found.values())
    for each in found.values():
        reading.ignore("set", each.name, f"this question takes {choice.fewest} sets or more")
    return ()


def _option(reading: Reading, name: str, values: Mapping[str, str], default: str) -> str:
    for text in reading.texts(name)[:1]:
        if text in values:
            return text
        reading.ignore(name, text, f"use {', '.join(values)}")
    return default
