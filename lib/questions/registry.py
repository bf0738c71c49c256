"""Finds the questions of the catalog, and answers them."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import import_module
from types import MappingProxyType

from lib.questions import catalog
from lib.questions.finding import Finding
from lib.questions.question import Asking, Question, Shelf

_KEPT = 100
"""How many findings are kept: some of them take a second to find."""


@cache
def questions() -> Mapping[str, Question]:
    """Every question by its key: shelf by shelf, and on a shelf in the order of prompts."""
    found: list[Question] = [
        import_module(f"{catalog.__name__}.{module.name}").QUESTION
        for module in pkgutil.iter_modules(catalog.__path__)
    ]
    shelves = list(Shelf)
    found.sort(key=lambda question: (shelves.index(question.shelf), question.prompt))
    by_key = {question.key: question for question in found}
    if len(by_key) != len(found):
        raise ValueError("Two questions of the catalog have the same key.")
    return MappingProxyType(by_key)


@lru_cache(maxsize=_KEPT)
def finding(key: str, asking: Asking) -> Finding:
    """The answer to the question of this key.

    Raises NotHeld where the store lacks a cube, CannotTell where it holds too little.
    """
    return questions()[key].answer(asking)
