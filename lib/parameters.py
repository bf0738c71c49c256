"""Reads the query parameters of an address: any input gives a value, and what is odd is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

LONGEST_VALUE = 100
MOST_VALUES = 50

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass
class Reading:
    """The query parameters being read, and what of them was ignored and why."""

    parameters: Mapping[str, Sequence[str]]
    ignored: list[str] = field(default_factory=list)

    def ignore(self, name: str, text: str, why: str) -> None:
        """Remember that a value was not taken over."""
        shown = "".join(filter(str.isprintable, text[:LONGEST_VALUE]))
        self.ignored.append(f"{name}={shown} ({why})")

    def texts(self, name: str) -> list[str]:
        """The values of a parameter, each once."""
        found = (text.strip() for text in self.parameters.get(name, ()))
        return list(dict.fromkeys(text for text in found if text))

    def choice(self, name: str, choices: type[Choice], default: Choice) -> Choice:
        """One of the choices, or the default."""
        for text in self.texts(name)[:1]:
            if text in list(choices):
                return choices(text)
            self.ignore(name, text, f"use {', '.join(choices)}")
        return default

    def values(self, name: str) -> tuple[str, ...]:
        """Values of a dimension: printable, none too long, and not too many."""
        values: list[str] = []
        for text in self.texts(name):
            if len(text) > LONGEST_VALUE or not text.isprintable():
                self.ignore(name, text, "no value of this kind")
            elif len(values) == MOST_VALUES:
                self.ignore(name, text, f"at most {MOST_VALUES} at once")
                break
            else:
                values.append(text)
        return tuple(values)
