"""Views of articles of the English Wikipedia by day, from Wikimedia's pageviews REST API.

https://wikitech.wikimedia.org/wiki/Analytics/AQS/Pageviews says what is relied upon here. Views are
those of `user`: of people, as far as Wikimedia can tell. Since the end of April 2020 what looks
automated is a class of its own and is left out; before, it is among them, 8 to 10 % of the English
Wikipedia's (analytics@lists.wikimedia.org, 2020-05-04). Views of a redirect are those of its own
title: none is followed, so that an article that was renamed begins anew under its new name.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from urllib.parse import quote

from lib.errors import SignalError
from lib.signals.service import Service

ADDRESS = "https://wikimedia.org"

SOURCE = "Wikimedia pageviews API"

FIRST_DAY = date(2015, 7, 1)
"""Nothing is told of earlier days."""

AUTOMATED_APART_SINCE = date(2020, 4, 30)
"""From about this day on views that look automated are not counted as people's any more: the main
page's fell on it, and Wikimedia told of it on 2020-05-04."""

_LOADED_AFTER = timedelta(hours=24)
"""A day is told so long after its end, usually sooner (MusikAnimal/pageviews#27)."""

_PACE = 0.2
"""Seconds between requests, which come one after the other."""

_PATH = "/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user"

_NOT_IN_TITLES = re.compile(r"[\x00-\x1f\x7f#<>\[\]|{}]")
"""What no title has (Wikipedia: naming conventions, technical restrictions)."""

_MOST_BYTES_OF_TITLE = 255

_NOT_FOUND = 404


class ArticleRefused(SignalError):
    """A title is none that Wikipedia could have."""


class Wikimedia:
    """The API, asked by one process at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def views(self, article: str, first: date, last: date) -> Mapping[date, int]:
        """The views of an article on each day from `first` to `last` that is told of.

        A day that is missing had none, or is not loaded yet: the API does not tell which, but
        between two that it tells of all are loaded. Empty where it knows of none at all: no such
        article, or none yet. Raises ArticleRefused, and SignalError where the API cannot be asked.
        """
        path = f"{_PATH}/{quote(title(article), safe='')}/daily/{first:%Y%m%d}/{last:%Y%m%d}"
        answer = self._service.ask(path)
        if answer.status == _NOT_FOUND:
            return {}
        items = answer.fields.get("items")
        if answer.status >= 300 or not isinstance(items, list):
            raise self._service.refused(answer)
        told: dict[date, int] = {}
        for item in items:
            day, views = _day_of(item), _views_of(item)
            if day is None or views is None or day in told or not first <= day <= last:
                raise self._service.refused(answer)
            told[day] = views
        return dict(sorted(told.items()))


def title(article: str) -> str:
    """A title as its address has it: with underscores, and the first letter a capital.

    Raises ArticleRefused for what can be none.
    """
    name = re.sub(r"[ _]+", "_", article.strip(" _"))
    if not name or _NOT_IN_TITLES.search(name) or len(name.encode()) > _MOST_BYTES_OF_TITLE:
        raise ArticleRefused(f"{article!r} is no title of an article of Wikipedia.")
    return name[0].upper() + name[1:]


def service(
    contact: str, *, address: str = ADDRESS, sleep: Callable[[float], None] = time.sleep
) -> Service:
    """The service that a `Wikimedia` asks."""
    return Service("Wikimedia's pageviews API", address, contact, pace=_PACE, sleep=sleep)


def newest_day(now: datetime) -> date:
    """The last day that is likely to be told of."""
    return (now - _LOADED_AFTER).date() - timedelta(days=1)


def _day_of(item: object) -> date | None:
    """The day that an item is about, by its `timestamp` such as 2026112800."""
    text = item.get("timestamp") if isinstance(item, dict) else None
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{8}00", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _views_of(item: object) -> int | None:
    found = item.get("views") if isinstance(item, dict) else None
    right = isinstance(found, int) and not isinstance(found, bool) and found >= 0
    return found if right else None
