"""What a question makes of what a text names: its parameters, its own words, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.cubes import MAX_PACKAGES
from lib.packages import groups
from lib.questions.question import Asked, PackageSet, Parameters, Question, SetChoice
from lib.selection import Selection
from lib.understanding.mentions import PERIODS, Kind, Mention
from lib.understanding.names import group
from lib.understanding.vocabulary import Vocabulary, terms_of

Refusals = tuple[tuple[Mention, str], ...]
"""What a question does not take, each with the reason."""


@dataclass(frozen=True)
class Fit:
    """How the mentions of a text fit a question.

    `taken` are its parameters, `spoken` words of the question itself (uv, where it asks about
    installers), `refused` what it does not take. `lacking` are the kinds that it needs and the
    text does not name. In `asked` no packages or sets stand where the text names none.
    """

    question: Question
    asked: Asked
    taken: tuple[Mention, ...]
    spoken: tuple[Mention, ...]
    refused: Refusals
    lacking: frozenset[Kind]

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """All of them, in the order of the text."""
        all_of_them = (*self.taken, *self.spoken, *(mention for mention, _ in self.refused))
        return tuple(sorted(all_of_them, key=lambda mention: mention.first))


@dataclass(frozen=True)
class _Named:
    """What a question takes of the packages and groups that are named."""

    taken: tuple[Mention, ...] = ()
    packages: tuple[str, ...] = ()
    sets: tuple[PackageSet, ...] = ()
    refused: Refusals = ()


def fitted(
    question: Question,
    mentions: Sequence[Mention],
    vocabulary: Vocabulary,
    known: frozenset[str],
) -> Fit:
    """How the mentions fit the question; `known` are the packages held."""
    parameters = question.parameters
    spoken = tuple(each for each in mentions if _is_spoken(each, question, vocabulary))
    rest = [each for each in mentions if each not in spoken]
    countries, foreign = _countries(parameters, rest)
    periods, late = _period(rest)
    named = _named(parameters, rest, known)
    options, twice = _options(rest)
    nothing = tuple((each, each.meaning) for each in rest if each.kind is Kind.NOTHING)
    period = periods[0].period if periods else None
    selection = Selection(named.packages, period or parameters.period)
    selection = selection.with_values("country", [each.value for each in countries[:1]])
    return Fit(
        question,
        Asked(selection, named.sets, _chosen(parameters, options)),
        taken=(*countries, *periods, *named.taken, *options),
        spoken=spoken,
        refused=(*foreign, *late, *named.refused, *twice, *nothing),
        lacking=_lacking(parameters, named, countries),
    )


def _is_spoken(mention: Mention, question: Question, vocabulary: Vocabulary) -> bool:
    """Whether what is named stands literally in the phrases of a question."""
    is_name = mention.certain and mention.kind in (Kind.PACKAGE, Kind.GROUP)
    return is_name and vocabulary.names(question.key, mention.value)


def literal_terms(mention: Mention) -> tuple[str, ...]:
    """What is named, as the terms of a phrase that names it."""
    return tuple(terms_of(mention.value.lower()))


def _refused(mentions: Sequence[Mention], reason: str) -> Refusals:
    return tuple((each, f"{each.meaning}: {reason}") for each in mentions)


def _countries(
    parameters: Parameters, mentions: Sequence[Mention]
) -> tuple[tuple[Mention, ...], Refusals]:
    """The mentions of one country, and those that the question does not take."""
    named = tuple(each for each in mentions if each.kind is Kind.COUNTRY)
    if not parameters.country:
        return (), _refused(named, "not asked of one country")
    if len({each.value for each in named}) > 1:
        return (), _refused(named, "one country at a time")
    return named, ()


def _period(mentions: Sequence[Mention]) -> tuple[tuple[Mention, ...], Refusals]:
    """The first period, and the others; words for now and always give way to days."""
    named = [each for each in mentions if each.kind in PERIODS]
    named.sort(key=lambda each: (each.kind is not Kind.PERIOD, each.first))
    return tuple(named[:1]), _refused(named[1:], "one period at a time")


def _named(parameters: Parameters, mentions: Sequence[Mention], known: frozenset[str]) -> _Named:
    """The packages and groups: as sets where the question takes sets, else as packages."""
    named = [each for each in mentions if each.kind in (Kind.PACKAGE, Kind.GROUP)]
    if len({each.kind for each in named}) > 1:
        # `pandas dataframe` means pandas, and not the other packages of the group.
        return _Named(refused=_refused(named, "packages or groups, not both"))
    if parameters.sets:
        return _as_sets(parameters.sets, named, known)
    if parameters.packages is None:
        return _Named(refused=_refused(named, "not asked of chosen packages"))
    shown = tuple(_held_part(each, known) for each in named)
    packages = tuple(dict.fromkeys(name for each in shown for name in each.packages))
    most = parameters.packages.most
    if len(packages) > most:
        reason = "at most one package" if most == 1 else f"at most {most} packages"
        return _Named(refused=_refused(named, reason))
    return _Named(shown, packages)


def _held_part(mention: Mention, known: frozenset[str], most: int = MAX_PACKAGES) -> Mention:
    """A group cut to its first packages that are held, where some are."""
    if mention.kind is not Kind.GROUP:
        return mention
    held = tuple(name for name in mention.packages if name in known) or mention.packages
    return group(mention.first, mention.end, mention.value, held[:most])


def _as_sets(choice: SetChoice, named: Sequence[Mention], known: frozenset[str]) -> _Named:
    """What is named as sets: a group is one set where the question's own sets are groups.

    Elsewhere each package of a group is a set, as is each package that is named.
    """
    if any(groups().get(each.name) == each.packages for each in choice.default):
        single = [each for each in named if each.kind is Kind.PACKAGE]
        if single:
            return _Named(refused=_refused(named, "asked of groups"))
        shown = tuple(named)
        sets = [PackageSet(each.value, each.packages) for each in named]
    else:
        shown = tuple(_held_part(each, known, choice.most) for each in named)
        sets = [_set_of(name, choice.default) for each in shown for name in each.packages]
    distinct = {each.name: each for each in sets}
    if len(distinct) > choice.most:
        return _Named(refused=_refused(named, f"at most {choice.most} sets"))
    return _Named(shown, sets=tuple(distinct.values()))


def _set_of(package: str, default: Sequence[PackageSet]) -> PackageSet:
    """The question's own set with this package, or a set of it alone."""
    own = (each for each in default if package in each.packages)
    return next(own, PackageSet(package, (package,)))


def _options(mentions: Sequence[Mention]) -> tuple[tuple[Mention, ...], Refusals]:
    """The first mention of each option, and the others."""
    kept: dict[str, Mention] = {}
    others: list[tuple[Mention, str]] = []
    for mention in mentions:
        if mention.kind is not Kind.OPTION:
            continue
        name = mention.value.partition("=")[0]
        if kept.setdefault(name, mention).value != mention.value:
            others.append((mention, f"{mention.meaning}: one at a time"))
    return tuple(kept.values()), tuple(others)


def _chosen(parameters: Parameters, named: Sequence[Mention]) -> tuple[tuple[str, str], ...]:
    """Every option with its value: the one named, or the default."""
    chosen = {option.name: option.default for option in parameters.options}
    for mention in named:
        name, _, value = mention.value.partition("=")
        chosen[name] = value
    return tuple(chosen.items())


def _lacking(
    parameters: Parameters, named: _Named, countries: Sequence[Mention]
) -> frozenset[Kind]:
    """What the question needs and is not named: packages, sets, or a country.

    Sets it has of its own: it lacks some only where others are named, and too few.
    """
    found: set[Kind] = set()
    if parameters.packages and len(named.packages) < parameters.packages.fewest:
        found.add(Kind.PACKAGE)
    if parameters.sets and 0 < len(named.sets) < parameters.sets.fewest:
        found.add(Kind.GROUP)
    if parameters.default_country and not countries:
        found.add(Kind.COUNTRY)
    return frozenset(found)
