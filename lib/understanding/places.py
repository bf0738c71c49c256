"""The countries that a text names: by their names, what people call them, and ISO codes."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from lib.geography import countries, country_name
from lib.understanding.mentions import Kind, Mention
from lib.understanding.text import Word

_FILE = Path(__file__).with_name("places.csv")

US = "us"
"""A word that is a country or a pronoun, by what stands beside it."""

_LONGEST = 6
"""The most words that a country's name has here."""

_OTHER_MEANINGS = frozenset({"AI", "CD", "CI", "IO", "ML", "QA", "PR", "TV", "ID"})
"""Codes that mean something else to programmers."""

_BEFORE_CODES = frozenset({"in", "from", "for", "of", "to", "vs", "across", "by", "the"})

_BEFORE_US = frozenset({"in", "from", "the", "of", "vs", "not"})

_AFTER_US = frozenset({"dominance", "dominant", "dominate", "dominates", "dominated", "share"})


@cache
def place_names() -> Mapping[str, str]:
    """Codes by name, as `key` writes it; no code for regions and for names of several countries."""
    # It reads its tables when it is imported.
    import pycountry

    found: dict[str, str] = {}
    for entry in pycountry.countries:
        for name in ("name", "official_name", "common_name"):
            if hasattr(entry, name) and entry.alpha_2 in countries():
                found[key(getattr(entry, name))] = entry.alpha_2
    found |= {key(country.name): code for code, country in countries().items()}
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        found |= {key(row["name"]): row["code"] for row in rows}
    return found


def key(name: str) -> str:
    """A name in lower case, without accents, dots and commas."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in letters if not unicodedata.combining(c) and c not in ".,")
    return " ".join(plain.replace("-", " ").split())


def places(words: Sequence[Word], free: frozenset[int]) -> tuple[Mention, ...]:
    """The countries that the free words name, longest names first; regions name nothing."""
    found: list[Mention] = []
    shouted = all(word.text.isupper() for word in words if word.text.isalpha())
    at = 0
    while at < len(words):
        mention = _longest_at(words, at, free) or _code_at(words, at, free, shouted)
        if mention:
            found.append(mention)
        at = mention.end if mention else at + 1
    return tuple(found)


def country(first: int, end: int, code: str, *, certain: bool = True) -> Mention:
    """The mention of a country."""
    name = country_name(code) + ("" if certain else "?")
    return Mention(first, end, Kind.COUNTRY, code, name, certain)


def _longest_at(words: Sequence[Word], at: int, free: frozenset[int]) -> Mention | None:
    names = place_names()
    for end in range(min(at + _LONGEST, len(words)), at, -1):
        name = " ".join((*(word.text for word in words[at : end - 1]), words[end - 1].plain))
        if name == US or not free.issuperset(range(at, end)):
            continue
        code = names.get(key(name))
        if code:
            return country(at, end, code)
        if code == "":
            meaning = "not understood: more than one country"
            return Mention(at, end, Kind.NOTHING, "", meaning, certain=False)
    return None


def _code_at(words: Sequence[Word], at: int, free: frozenset[int], shouted: bool) -> Mention | None:
    """An ISO code in capitals, where not all is in capitals; and `us` where it is no pronoun."""
    text, before = words[at].text, words[at - 1].plain if at else ""
    after = words[at + 1].plain if at + 1 < len(words) else ""
    if at not in free:
        return None
    if words[at].plain == US:
        meant = text == "US" and not shouted
        is_country = meant or before in _BEFORE_US or after in _AFTER_US or len(words) == 1
        return country(at, at + 1, "US") if is_country else None
    if text not in countries() or text in _OTHER_MEANINGS or (shouted and len(words) > 1):
        return None
    if before in _BEFORE_CODES or after in ("vs", "versus") or len(words) == 1:
        return country(at, at + 1, text)
    return None
