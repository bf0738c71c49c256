"""Keeps what was made of a scene for all viewers, who make it once however many come for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

_MOST = 12
"""How many drawings of each card are kept: viewers share them, and a minute later all are new."""

P = ParamSpec("P")
Made = TypeVar("Made")


def kept(make: Callable[P, Made]) -> Callable[P, Made]:
    """`make`, with its latest results kept by its arguments.

    When a minute ends all viewers ask for the same at once: the first makes it, the others wait
    for that, and nobody waits for anything else. What fails is not kept.
    """
    results: OrderedDict[Hashable, Future[Made]] = OrderedDict()
    lock = Lock()

    @wraps(make)
    def once(*arguments: P.args, **options: P.kwargs) -> Made:
        key = (arguments, tuple(sorted(options.items())))
        with lock:
            if (found := results.get(key)) is not None:
                results.move_to_end(key)
            else:
                mine = results[key] = Future[Made]()
                while len(results) > _MOST:
                    results.popitem(last=False)
        if found is not None:
            return found.result()
        try:
            mine.set_result(make(*arguments, **options))
        except BaseException as error:
            with lock:
                results.pop(key, None)
            mine.set_exception(error)
        return mine.result()

    return once
