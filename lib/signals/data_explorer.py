"""Stack Exchange Data Explorer: the CSV of questions by month and tag that a person exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from lib.cubes import Grain
from lib.errors import ImportRejected
from lib.periods import ends_of
from lib.signals import Signal, SignalSeries, is_term
from lib.signals.tables import Line
from lib.signals.understood import Understood

QUERY = """\
SELECT DATEFROMPARTS(YEAR(p.CreationDate), MONTH(p.CreationDate), 1) AS month,
       t.TagName AS tag, COUNT(*) AS questions
FROM Posts p
JOIN PostTags pt ON pt.PostId = p.Id
JOIN Tags t ON t.Id = pt.TagId
WHERE p.PostTypeId = 1 AND t.TagName IN ('python-polars', 'pandas')
GROUP BY DATEFROMPARTS(YEAR(p.CreationDate), MONTH(p.CreationDate), 1), t.TagName
ORDER BY month, tag"""
"""What to run at data.stackexchange.com/stackoverflow/query/new, with tags of one's own."""

_COLUMNS = {
    "month": {"month", "date", "period", "creationmonth"},
    "tag": {"tag", "tagname", "tags"},
    "questions": {"questions", "question_count", "count", "posts", "n"},
}

_MOST_TAGS = 500

_LARGEST = 10_000_000


def is_export(lines: Sequence[Line]) -> bool:
    """Whether rows have a month, a tag and a count of questions."""
    return bool(lines) and _places(lines[0]) is not None


def understand(lines: Sequence[Line], file: str, now: datetime) -> Understood:
    """The series of an export, a tag each. Months that are not over by `now` (UTC) are left out.

    A query that counts groups has no row for a month without questions: such a month is 0 and
    flagged. Raises ImportRejected with a sentence where a row cannot be read.
    """
    rows = _rows(lines)
    rows = rows[ends_of(pd.DatetimeIndex(rows["month"]), Grain.MONTH) <= pd.Timestamp(now.date())]
    if rows.empty:
        raise ImportRejected("It has no month that is over.")
    tags = list(rows["tag"].drop_duplicates())
    if len(tags) > _MOST_TAGS:
        raise ImportRejected(f"It has {len(tags):,} tags; at most {_MOST_TAGS} are kept at once.")
    months = pd.date_range(rows["month"].min(), rows["month"].max(), freq="MS", unit="s")
    source = f"Stack Exchange Data Explorer, file {file}"
    series, filled = [], 0
    for tag, part in rows.groupby("tag", sort=False):
        counts = part.set_index("month")["questions"]
        counts = counts.reindex(months[months >= counts.index.min()])
        filled += int(counts.isna().sum())
        frame = pd.DataFrame(
            {"period": counts.index, "value": counts.fillna(0), "flagged": counts.isna()}
        )
        series.append(
            SignalSeries(
                Signal.STACK_OVERFLOW, str(tag), Grain.MONTH, "questions a month", source,
                now.replace(tzinfo=None), frame,
            )
        )  # fmt: skip
    remarks = []
    if filled:
        what = "1 month" if filled == 1 else f"{filled:,} months"
        remarks.append(f"{what} without a row counted as no questions, and flagged")
    return Understood(file, Signal.STACK_OVERFLOW, tuple(series), remarks=tuple(remarks))


def _places(header: Line) -> dict[str, int] | None:
    """Where the columns stand, or None where one is missing or there is another."""
    names = [cell.casefold().replace(" ", "_") for cell in header.cells if cell]
    places = {
        column: next((place for place, name in enumerate(names) if name in known), -1)
        for column, known in _COLUMNS.items()
    }
    return places if len(names) == len(places) and min(places.values()) >= 0 else None


def _rows(lines: Sequence[Line]) -> pd.DataFrame:
    """Columns `month`, `tag`, `questions`, by month."""
    places = _places(lines[0])
    if places is None:
        raise ImportRejected("It has no header with month, tag and questions.")
    found: dict[tuple[pd.Timestamp, str], int] = {}
    for line in lines[1:]:
        if len([cell for cell in line.cells if cell]) != len(places):
            raise ImportRejected(f"Line {line.number} does not have a month, a tag and a count.")
        month = _month(line.cells[places["month"]])
        tag = line.cells[places["tag"]].strip("<>").casefold()
        text = line.cells[places["questions"]]
        if month is None:
            raise ImportRejected(f"Line {line.number}: no month such as 2026-01 or 2026-01-01.")
        if not text.isdecimal() or int(text) > _LARGEST:
            raise ImportRejected(f"Line {line.number}: the count is no whole number.")
        if not is_term(tag):
            raise ImportRejected(f"Line {line.number}: no tag.")
        if (month, tag) in found:
            raise ImportRejected(f"Line {line.number} repeats a month of the tag {tag[:60]}.")
        found[month, tag] = int(text)
    if not found:
        raise ImportRejected("It has no rows: perhaps no question has one of the tags.")
    frame = pd.DataFrame(
        [(month, tag, count) for (month, tag), count in found.items()],
        columns=["month", "tag", "questions"],
    )
    return frame.sort_values("month").astype({"month": "datetime64[s]"})


def _month(text: str) -> pd.Timestamp | None:
    """The first day of a month, written as one or as a day that begins one."""
    day = text.split(" ", maxsplit=1)[0].split("T", maxsplit=1)[0]
    try:
        found = datetime.strptime(day, "%Y-%m" if len(day) == 7 else "%Y-%m-%d")
    except ValueError:
        return None
    return pd.Timestamp(found) if found.day == 1 else None
