"""What is known of packages by now: kept for a day, and asked for in the background, once."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from threading import Lock, Thread

from lib.pypi_facts.client import Unreachable, ask
from lib.pypi_facts.facts import PackageFacts, read_facts
from lib.settings import Settings

_log = logging.getLogger(__name__)

_A_DAY = 86_400.0

_SOME_MINUTES = 300.0

_MOST = 300
"""How many packages are kept."""

_MOST_ASKED = 8
"""How many are asked for at once; others are asked for when their page is drawn again."""


@dataclass(frozen=True)
class Look:
    """What is known of a package now, and whether more is awaited."""

    facts: PackageFacts | None
    awaited: bool


def look(name: str, settings: Settings) -> Look:
    """What PyPI says of a package of this normalized name, as far as it is known.

    Where it is not, it is asked for in the background, and awaited for some seconds. Nothing is
    known and nothing awaited without a network, of a package that PyPI does not know, and where
    the settings say that PyPI is not asked.
    """
    return _kept(settings.pypi).look(name) if settings.pypi else Look(None, awaited=False)


@lru_cache(maxsize=4)
def _kept(base: str) -> KeptFacts:
    return KeptFacts(partial(ask, base))


class KeptFacts:
    """Facts by package, asked for by `fetch` in threads; any thread may look.

    Facts are kept for a day, a package that is not known for some minutes. Where PyPI cannot be
    reached, nothing at all is asked for some minutes.
    """

    def __init__(
        self,
        fetch: Callable[[str], bytes | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._found: OrderedDict[str, tuple[PackageFacts | None, float]] = OrderedDict()
        self._asked: set[str] = set()
        self._silent_until = -1.0

    def look(self, name: str) -> Look:
        """What is known of a package; where nothing is, it is asked for."""
        with self._lock:
            facts, until = self._found.get(name, (None, -1.0))
            if self._clock() < until:
                self._found.move_to_end(name)
                return Look(facts, awaited=False)
            if name in self._asked:
                return Look(None, awaited=True)
            if self._clock() < self._silent_until or len(self._asked) >= _MOST_ASKED:
                return Look(None, awaited=False)
            self._asked.add(name)
        Thread(target=self._ask, args=(name,), daemon=True).start()
        return Look(None, awaited=True)

    def _ask(self, name: str) -> None:
        facts, reached = None, True
        try:
            body = self._fetch(name)
            facts = read_facts(name, body, datetime.now(UTC).date()) if body else None
        except Unreachable:
            reached = False
        except Exception:
            _log.exception("What PyPI says of %s could not be read.", name)
        with self._lock:
            now = self._clock()
            self._asked.discard(name)
            if reached:
                self._found[name] = (facts, now + (_A_DAY if facts else _SOME_MINUTES))
                self._found.move_to_end(name)
            else:
                self._silent_until = now + _SOME_MINUTES
            while len(self._found) > _MOST:
                self._found.popitem(last=False)
