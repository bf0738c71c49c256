"""The releases of a package: from PyPI where rows are real, else first downloads of versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from packaging.version import InvalidVersion, Version

from lib.analysis.turnover import appeared
from lib.cubes import Grain
from lib.pypi_facts import PackageFacts, Release
from lib.questions.question import Asking
from lib.router import NotHeld, Period
from lib.selection import Selection

_MANY = 30
"""With more releases than this in the days shown, only the first of each x.y is told."""

_BEFORE = timedelta(days=9)
"""Versions seen in the first week were there before, so that downloads are read from earlier on."""


@dataclass(frozen=True)
class Releases:
    """Final releases in some days, oldest first, and where they are known from.

    With `from_pypi` the days are those of PyPI's first file, else those of the first download.
    With `features_only` there were many, and only the first of each x.y is among them.
    """

    found: tuple[Release, ...]
    from_pypi: bool
    features_only: bool


def releases(asking: Asking, facts: PackageFacts | None) -> Releases:
    """The releases of the package named first in the days asked about.

    From `facts` where the store's rows are real and facts are known. Else each final version that
    is newer than all before it, on the day of its first download; none where days are not held by
    version.
    """
    real = facts is not None and not asking.found.state.simulated
    if real and facts is not None:
        known = _final(facts.releases)
        inside = [r for r in known if asking.period.first <= r.day <= asking.period.last]
        if len(inside) <= _MANY:
            return Releases(tuple(inside), True, False)
        firsts = set(_first_of_each_feature(known))
        return Releases(tuple(r for r in inside if r in firsts), True, True)
    every = _first_downloads(asking, features_only=False)
    if len(every) <= _MANY:
        return Releases(every, False, False)
    return Releases(_first_downloads(asking, features_only=True), False, True)


def _first_downloads(asking: Asking, *, features_only: bool) -> tuple[Release, ...]:
    """The versions that were new when they were first downloaded, whatever is filtered."""
    period = Period(asking.period.first - _BEFORE, asking.period.last)
    held = period.overlap(asking.found.held(asking.packages[:1])) or period
    query = Selection(asking.packages[:1]).query(held, grain=Grain.DAY, by=("version",))
    try:
        answer = asking.found.answer(query)
    except NotHeld:
        return ()
    plain = replace(asking.asked, selection=Selection(asking.packages[:1]))
    frame = replace(asking, asked=plain).with_stretches(answer.frame, Grain.DAY, "version")
    seen = appeared(frame, features_only=features_only)
    return tuple(
        Release(version, day.date(), yanked=False)
        for version, day in seen.items()
        if day.date() >= asking.period.first
    )


def _final(found: Iterable[Release]) -> tuple[Release, ...]:
    """The final releases that are not yanked, oldest first."""
    kept = [r for r in found if not r.yanked and (v := _version(r)) and not v.is_prerelease]
    return tuple(sorted(kept, key=lambda each: each.day))


def _first_of_each_feature(found: Iterable[Release]) -> tuple[Release, ...]:
    """The first of each x.y that is newer than all before it."""
    newest: tuple[int, ...] = ()
    first = []
    for release in found:
        version = _version(release)
        if version and version.release[:2] > newest:
            newest = version.release[:2]
            first.append(release)
    return tuple(first)


def _version(release: Release) -> Version | None:
    try:
        return Version(release.version)
    except InvalidVersion:
        return None
