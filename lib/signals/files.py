"""Files of signals: which kind each is, told by its content, and what is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lib.errors import ImportRejected
from lib.signals import data_explorer, google_trends
from lib.signals.tables import MOST_BYTES, lines_of
from lib.signals.understood import Understood

_LONGEST_NAME = 80


def is_of_signals(path: Path) -> bool:
    """Whether the content of a file is that of an export of signals.

    What cannot be read is not: whoever takes files of downloads says why.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            return False
        lines = lines_of(path.read_bytes())
    except (ImportRejected, OSError):
        return False
    return google_trends.is_trends(lines) or data_explorer.is_export(lines)


def understand(content: bytes, name: str, now: datetime) -> Understood:
    """What a file called `name` holds; `now` is the time of the import (UTC without a zone).

    Raises ImportRejected with one sentence where it is no export of signals, or a damaged one.
    """
    shown = "".join(filter(str.isprintable, name))[-_LONGEST_NAME:] or "without a name"
    time = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    try:
        lines = lines_of(content)
        if google_trends.is_trends(lines):
            return google_trends.understand(lines, shown, time)
        if data_explorer.is_export(lines):
            return data_explorer.understand(lines, shown, time)
    except ImportRejected as refusal:
        raise ImportRejected(f"{shown}: {refusal}") from refusal.__cause__
    raise ImportRejected(
        f"{shown}: it is neither Google Trends' “Interest over time” nor a table of month, tag and "
        "questions from Stack Exchange Data Explorer."
    )
