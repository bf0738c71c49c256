"""What a check finds, and how that is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from google.api_core import exceptions as google

from lib.bigquery.failures import is_passing, reason_of
from lib.budget import priced
from lib.errors import PulseError

TOLERANCE = 0.2
"""By so large a part a figure may differ from what was expected."""

NO_BYTES = "BigQuery names no bytes"
"""What is found where a price is nothing, as an emulator's are."""

_WIDTHS = (44, 42, 9)
"""The widths of the columns printed: a hundred characters with the gaps."""


class Verdict(StrEnum):
    """Whether an assumption is so."""

    HOLDS = "holds"
    DIFFERS = "differs"
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Finding:
    """One assumption, what was found, and whether they agree.

    Where an essential one differs, the app cannot work.
    """

    assumption: str
    found: str
    verdict: Verdict
    essential: bool = False


def verdict(holds: bool | None) -> Verdict:
    """The verdict on what holds or not; None where that cannot be told."""
    if holds is None:
        return Verdict.NOT_KNOWN
    return Verdict.HOLDS if holds else Verdict.DIFFERS


def is_near(found: float, expected: float, tolerance: float = TOLERANCE) -> bool:
    """Whether two figures are the same but for a part of the expected one."""
    return abs(found - expected) <= tolerance * expected


def is_refusal(error: PulseError) -> bool:
    """Whether BigQuery will not do this at all, and not only not now."""
    cause = error.__cause__
    if not isinstance(cause, google.BadRequest | google.Forbidden | google.NotFound):
        return False
    return reason_of(cause) != "quotaExceeded" and not is_passing(cause)


def said(error: PulseError) -> str:
    """BigQuery's own words for a failure: who runs the checks knows what to make of them."""
    listed = getattr(error.__cause__, "errors", None) or [{}]
    first = listed[0]
    message = first.get("message") if isinstance(first, dict) else None
    return " ".join(str(message or error).split())


def heading() -> str:
    """What is printed above the first finding."""
    return _row("Assumption", "Found", "Verdict")


def in_columns(finding: Finding) -> str:
    """A finding as it is printed: columns of a hundred characters in all, wrapped where needed."""
    return _row(finding.assumption, finding.found, finding.verdict)


def summary(found: Sequence[Finding], billed: int) -> str:
    """How many assumptions hold, and what it cost to find out."""
    verdicts = [one.verdict for one in found]
    return (
        f"{verdicts.count(Verdict.HOLDS)} hold, {verdicts.count(Verdict.DIFFERS)} differ, "
        f"{verdicts.count(Verdict.NOT_KNOWN)} not known; {priced(billed)} billed."
    )


def _row(*texts: str) -> str:
    """Texts side by side, each wrapped within its column."""
    cells = [textwrap.wrap(text, width) for text, width in zip(texts, _WIDTHS, strict=True)]
    return "\n".join(
        "  ".join(part.ljust(width) for part, width in zip(line, _WIDTHS, strict=True)).rstrip()
        for line in zip_longest(*cells, fillvalue="")
    )
