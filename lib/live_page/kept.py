"""Keeps what was made of a scene for all viewers, who make it once however many come for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Lock
from typing import ParamSpec, TypeVar

_MOST = 30
"""How many drawings of each card are kept: viewers share them, and a minute later all are new."""

P = ParamSpec("P")
Made = TypeVar("Made")


def kept(make: Callable[P, Made]) -> Callable[P, Made]:
    """`make`, with its latest results kept by its arguments; one caller makes, the others wait.

    When a minute ends all viewers ask for the same at once: without the lock each would make it.
    """
    remembered: Callable[..., Made] = lru_cache(maxsize=_MOST)(make)
    making = Lock()

    @wraps(make)
    def once(*arguments: P.args, **options: P.kwargs) -> Made:
        with making:
            return remembered(*arguments, **options)

    return once
