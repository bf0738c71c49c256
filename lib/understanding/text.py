"""A text as words: cleaned, cut into words that know their place, each with its stem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

LONGEST_TEXT = 300
"""Where a text is cut: nobody asks in more characters."""

_WORD = re.compile(r"\d+(?:[/.]\d+)+|\w+(?:[.\-'+]\w+)*|%")

JOINT = re.compile(r"[.\-+_]")

_SMALLEST_STEM = 3


@dataclass(frozen=True)
class Word:
    """A word of a text: as written, without its possessive in lower case, its stem, its place."""

    text: str
    plain: str
    stem: str
    start: int
    end: int


def cleaned(text: str) -> str:
    """The text in one line of composed characters, with plain apostrophes and dashes, and cut."""
    composed = unicodedata.normalize("NFKC", text[: 4 * LONGEST_TEXT])
    visible = "".join(c if c.isprintable() else " " for c in composed)
    straight = re.sub("[\u2018\u2019\u00b4`]", "'", visible)
    dashed = re.sub("[\u2010-\u2015\u2212]", "-", straight)
    return " ".join(dashed.split())[:LONGEST_TEXT].strip()


@lru_cache(maxsize=5000)
def stem_of(word: str) -> str:
    """A word without its inflection: `downloads`, `downloaded` and `downloading` are one.

    After step 1 of Porter, "An algorithm for suffix stripping" (1980), without its measure of
    syllables: it need not give a word, only the same for all forms of one.
    """
    word = word.casefold()
    if len(word) <= _SMALLEST_STEM or not word.isalpha():
        return word.removesuffix("s") if "-" in word else word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ing", "ed"):
        if word.endswith(suffix) and len(word) - len(suffix) >= _SMALLEST_STEM:
            word = word[: -len(suffix)]
            break
    if len(word) > _SMALLEST_STEM and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > _SMALLEST_STEM else word


def words_of(text: str, joined: Callable[[str], bool] = lambda _: True) -> tuple[Word, ...]:
    """The words of a cleaned text, in order.

    A word with a hyphen, dot or underscore stays whole where `joined` says so of it in
    lower case, and is cut at its joints elsewhere.
    """
    found: list[Word] = []
    for match in _WORD.finditer(text):
        whole = match.group()
        if not JOINT.search(whole) or joined(whole.casefold()):
            found.append(_word(whole, match.start()))
            continue
        for part in re.finditer(r"[^.\-+_]+", whole):
            found.append(_word(part.group(), match.start() + part.start()))
    return tuple(found)


def _word(text: str, start: int) -> Word:
    plain = text.casefold()
    for ending in ("'s", "'re", "'ve"):
        plain = plain.removesuffix(ending)
    return Word(text, plain, stem_of(plain), start, start + len(text))
