"""What the command line is asked for: the pages' own answers, under the pages' own filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lib.cubes import DIMENSION, Grain
from lib.data import Answer, Downloads
from lib.errors import PulseError
from lib.installers import InstallerClass
from lib.packages import suggestions
from lib.router import NotHeld, Period
from lib.selection import FILTERS, Selection

_MOST_NAMED = 12


@dataclass(frozen=True)
class RowsAsked:
    """The rows that are asked for.

    No `packages` means all that are held, no `last` the last day held. With packages, rows are
    split by them too. `where` keeps, for each dimension named, the downloads with one of the
    values; `top` leaves so many values of `by`, or so many packages, and sums the others.
    """

    packages: tuple[str, ...]
    first: date
    last: date | None = None
    by: str = ""
    grain: Grain | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counting: tuple[InstallerClass, ...] = tuple(InstallerClass)
    top: int | None = None


def conditions(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The values to keep by dimension, from texts such as `country=US,DE`.

    Raises ValueError for a text of another form.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, _, listed = text.partition("=")
        values = [value.strip() for value in listed.split(",") if value.strip()]
        if name.strip() not in FILTERS or not values:
            raise ValueError(
                f"--where {text!r} is not a dimension and its values, such as country=US,DE. The "
                f"dimensions are {', '.join(FILTERS)}; --packages names packages."
            )
        kept = found.get(name.strip(), ())
        found[name.strip()] = tuple(dict.fromkeys((*kept, *values)))
    return found


def classes(text: str) -> tuple[InstallerClass, ...]:
    """The classes of installer that count; all where none is named. Raises ValueError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in list(InstallerClass):
            raise ValueError(f"--counting takes some of {', '.join(InstallerClass)}; not {name!r}.")
    return tuple(each for each in InstallerClass if each in names) or tuple(InstallerClass)


def answer(found: Downloads, asked: RowsAsked) -> Answer:
    """The rows: `period` with a grain, `project` with packages, the dimension, `downloads`.

    Raises ValueError for what no store could answer and for values that this one does not know,
    PulseError for packages that are not held, and NotHeld.
    """
    for name in asked.packages:
        if not found.holds(name):
            near = suggestions(name, found.packages())
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise PulseError(f"No package {name} is held.{hint} `status` says what is.")
    last = asked.last or found.state.held.last
    if last < asked.first:
        raise ValueError("--to comes before --from.")
    if asked.by and asked.by not in DIMENSION:
        raise ValueError(f"--by takes one of {', '.join(DIMENSION)}.")
    by = tuple(dict.fromkeys(filter(None, ("project" if asked.packages else "", asked.by))))
    if asked.top and not by:
        raise ValueError("--top needs --by: there is nothing to leave out.")
    selection = Selection(asked.packages, counting=asked.counting)
    for name, values in asked.where.items():
        _check_known(found, asked.packages, name, values)
        selection = selection.with_values(name, values)
    query = selection.query(Period(asked.first, last), by=by, top=asked.top)
    return found.answer(replace(query, grain=asked.grain))


def _check_known(
    found: Downloads, packages: tuple[str, ...], name: str, values: tuple[str, ...]
) -> None:
    """Raise ValueError for a value that the store does not know: its rows would all be zero."""
    try:
        known = found.values(name, packages if name == "version" else ())
    except NotHeld:
        return
    for value in values:
        if known and value not in known:
            near = suggestions(value, known) or known[:_MOST_NAMED]
            raise ValueError(
                f"No downloads are held with the {DIMENSION[name].label.lower()} {value!r}. There "
                f"are {len(known):,} values, such as {', '.join(near)}."
            )
