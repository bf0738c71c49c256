"""What a sample is made by, as its store's note tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from lib.sources.sample.days import simulated_years
from lib.sources.sample.simulation import Simulation
from lib.sources.sample.tables import packages as known_packages

MODEL_VERSION = 2
"""Raised by one whenever the same seed would give other numbers."""


@dataclass(frozen=True)
class Recipe:
    """All that the rows of a sample depend on."""

    seed: int
    packages: int
    days: int | None
    model_version: int = MODEL_VERSION

    @classmethod
    def told_by(cls, note: Mapping[str, Any]) -> Self:
        """The recipe in a note."""
        return cls(note["seed"], note["packages"], note["days"], note["model_version"])


def recipe_of(note: str) -> Recipe | None:
    """The recipe of a store's note, or None where its sample is not whole or of another model."""
    told = json.loads(note)
    recipe = Recipe.told_by(told)
    return recipe if told.get("complete") and recipe.model_version == MODEL_VERSION else None


def sample_is_complete(note: str, until: date) -> bool:
    """Whether the note of a store tells of a sample that lacks nothing up to `until`."""
    return recipe_of(note) is not None and date.fromisoformat(json.loads(note)["until"]) >= until


def simulations_of(recipe: Recipe, until: date) -> Iterator[Simulation]:
    """The packages of a recipe, in the order of their names, for any day up to `until`."""
    chosen = sorted(known_packages()[: recipe.packages], key=lambda package: package.name)
    years = simulated_years(until)
    return (Simulation(package, recipe.seed, years) for package in chosen)
