"""Google Trends: the CSV of "interest over time" that a person exports, in all its variants.

Its form as in exports that others have published: a line with the category and an empty one, both
in the language of the reader (or neither), a header `Week,polars: (Worldwide),…`, and rows
`2020-11-22,<1`. The first column has hours, days, weeks or months, as the range is long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from lib.cubes import Grain
from lib.errors import ImportRejected
from lib.periods import ends_of
from lib.signals import LONGEST_TERM, Signal, SignalSeries, is_term
from lib.signals.tables import Line
from lib.signals.understood import Understood

_PERIOD = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2}))?"
    r"(?:[T ](?P<hour>\d{2})(?::(?P<minute>\d{2}))?(?::\d{2}(?:\.\d+)?)?"
    r"(?:Z|[+-]\d{2}:?\d{2})?)?"
)

_DOTTED = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})")
"""As spreadsheets in many languages write a day that they have read."""

_TERM = re.compile(r"(?P<term>.+?)\s*[:：]\s*[(（](?P<region>[^:：]+)[)）]")

_WHOLE = re.compile(r"\d{1,3}(?:[.,]0+)?")

_BELOW_ONE = re.compile(r"(?:<|&lt;|＜)\s*1")

_MOST = 100

_LONGEST_PREAMBLE = 5

_MOST_TERMS = 30

_RELATED = {"TOP", "RISING"}
"""What stands above the two halves of a list of related searches, in every language."""

_TIME_WORDS = {
    "time", "day", "week", "month", "date", "zeit", "tag", "woche", "monat", "datum", "tiempo",
    "hora", "día", "semana", "mes", "fecha", "heure", "date et heure", "jour", "semaine", "mois",
    "tempo", "ora", "giorno", "settimana", "mese", "dia", "mês", "tijd", "maand", "dag",
    "czas", "dzień", "tydzień", "miesiąc", "время", "день", "неделя", "месяц", "时间", "日期",
    "天", "周", "月", "時間", "日", "週", "시간", "일", "주", "월",
}  # fmt: skip
"""What the first column is called, as far as known: asked only where nothing else tells."""

_MAP_HINT = (
    "It is Google's map of regions, which has no time. Export “Interest over time” instead: the "
    "arrow at the upper chart of Google Trends."
)

_DAYS = {Grain.DAY: 1, Grain.WEEK: 7}


@dataclass(frozen=True)
class _Table:
    """The header and the rows below it."""

    header: Line
    rows: Sequence[Line]


def is_trends(lines: Sequence[Line]) -> bool:
    """Whether rows are an export of Google Trends, be it one that cannot be kept."""
    table = _table(lines)
    if table is None:
        return _is_queries(lines)
    if _names_terms(table.header):
        return True
    told = lines[0] is not table.header or table.header.cells[0].casefold() in _TIME_WORDS
    cells = (cell for line in table.rows for cell in line.cells[1:])
    return told and _has_time(table) and all(map(_is_value, cells))


def understand(lines: Sequence[Line], file: str, now: datetime) -> Understood:
    """The series of an export. Periods that are not over by `now` (UTC) are left out.

    Raises ImportRejected with a sentence where it is another kind of export, where a row cannot
    be read, or where there is nothing in it.
    """
    table = _table(lines)
    if table is None:
        raise ImportRejected(
            "It is Google's list of related searches, which has no time. Export “Interest over "
            "time” instead."
        )
    if table.rows and not _has_time(table):
        raise ImportRejected(_MAP_HINT)
    terms, region = _terms(table.header)
    if not table.rows:
        raise ImportRejected(
            f"Google Trends had too few searches for {', '.join(terms)}: the file has no values."
        )
    values = _values(table, terms)
    grain, values, remarks = _at_kept_grain(values)
    values, more = _over(values, grain, now, averaged=bool(remarks))
    remarks += more
    empty = [term for term in terms if not values["value", term].gt(0).any()]
    if len(empty) == len(terms):
        raise ImportRejected(
            f"Google Trends had too few searches for {', '.join(terms)}: every value is 0."
        )
    if empty:
        remarks.append(f"Left out, for every value is 0: {', '.join(empty)}")
    if not region:
        remarks.append("The file does not say of which region it is")
    source = f"Google Trends, {region or 'region not told'}, file {file}"
    unit = f"search interest by {grain}, 100 = the most in its export"
    series = [
        SignalSeries(
            Signal.GOOGLE_TRENDS, term, grain, unit, source, now.replace(tzinfo=None),
            _frame(values, term),
        )
        for term in terms
        if term not in empty
    ]  # fmt: skip
    return Understood(file, Signal.GOOGLE_TRENDS, tuple(series), region, tuple(remarks))


def _table(lines: Sequence[Line]) -> _Table | None:
    """The header, which few lines precede, and the rows below it; None for related searches."""
    near = lines[: _LONGEST_PREAMBLE + 1]
    if any(line.cells[0] in _RELATED and not any(line.cells[1:]) for line in near):
        return None
    tables = [
        _Table(line, lines[position + 1 :])
        for position, line in enumerate(near)
        if any(line.cells[1:])
    ]
    # A category may have a comma of its own.
    told = [table for table in tables if _names_terms(table.header) or _has_time(table)]
    return next(iter((*told, *tables)), None)


def _is_queries(lines: Sequence[Line]) -> bool:
    """Whether rows are those of related searches: `TOP` and `RISING` stand between them."""
    return any(line.cells[0] in _RELATED for line in lines[: _LONGEST_PREAMBLE + 1])


def _names_terms(header: Line) -> bool:
    """Whether every cell of a header but the first is a term with its region."""
    others = [cell for cell in header.cells[1:] if cell]
    return bool(others) and all(_TERM.fullmatch(cell) for cell in others)


def _has_time(table: _Table) -> bool:
    return bool(table.rows) and _period(table.rows[0].cells[0]) is not None


def _terms(header: Line) -> tuple[list[str], str]:
    """The terms of a header, and the region that all of them are of; empty without one."""
    cells = [cell for cell in header.cells[1:] if cell]
    found = [_TERM.fullmatch(cell) for cell in cells]
    terms = [match["term"] if match else cell for match, cell in zip(found, cells, strict=True)]
    regions = list(dict.fromkeys(match["region"] for match in found if match))
    if len(cells) > _MOST_TERMS:
        raise ImportRejected(f"It has {len(cells)} columns; Google Trends compares five terms.")
    if not all(is_term(term) for term in terms):
        raise ImportRejected(f"A term has more than {LONGEST_TERM} characters, or odd ones.")
    if len(regions) > 1 or len(set(terms)) < len(terms):
        raise ImportRejected(
            "It compares regions, or has a term twice. Export each term of one region."
        )
    return terms, regions[0] if regions else ""


def _values(table: _Table, terms: Sequence[str]) -> pd.DataFrame:
    """The values (`value`) and flags (`flagged`) of each term by moment."""
    moments, rows = [], []
    for line in table.rows:
        cells = line.cells[: len(terms) + 1]
        moment = _period(cells[0])
        if moment is None or len(cells) <= len(terms) or any(line.cells[len(terms) + 1 :]):
            raise ImportRejected(
                f"Line {line.number} is not a period followed by {_count(len(terms))}: "
                f"{_shown(', '.join(line.cells))}."
            )
        moments.append(moment)
        rows.append([_value(cell, line.number) for cell in cells[1:]])
    index = pd.DatetimeIndex(moments, dtype="datetime64[s]")
    if not index.is_monotonic_increasing:
        raise ImportRejected("Its periods do not come in order. Export it again.")
    parts = {
        ("value", term): [row[column][0] for row in rows] for column, term in enumerate(terms)
    } | {("flagged", term): [row[column][1] for row in rows] for column, term in enumerate(terms)}
    return pd.DataFrame(parts, index=index)


def _at_kept_grain(values: pd.DataFrame) -> tuple[Grain, pd.DataFrame, list[str]]:
    """The grain of the rows, the values at it, and remarks: what is finer than days is averaged."""
    moments = pd.DatetimeIndex(values.index)
    if (moments != moments.normalize()).any() or moments.duplicated().any():
        return Grain.DAY, *_daily_means(values)
    steps = moments.to_series().diff().dropna().dt.days.unique()
    if len(moments) < 2:
        raise ImportRejected("It has one period only: export a longer range.")
    if (moments.day == 1).all() and min(steps) >= 28:
        return Grain.MONTH, values, []
    for grain in (Grain.WEEK, Grain.DAY):
        if min(steps) == _DAYS[grain] and not (steps % _DAYS[grain]).any():
            return grain, values, []
    raise ImportRejected("Its rows are neither hours nor days, weeks or months apart.")


def _daily_means(values: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The means of whole days, and what became of the others.

    A day has 24 hours, but for one in spring: Google writes the hours of the reader's own place.
    """
    step = values.index.to_series().diff()
    step = step[step > pd.Timedelta(0)].min()
    days = values.groupby(pd.DatetimeIndex(values.index).normalize())
    whole = days.size() * step >= pd.Timedelta(hours=23)
    if not whole.any():
        raise ImportRejected(
            "Its hours make up no whole day, and signals are kept by day, week or month. Export a "
            "longer range."
        )
    parts = {
        column: days[[column]].max()[column]
        if column[0] == "flagged"
        else days[[column]].mean()[column]
        for column in values.columns
    }
    found = pd.DataFrame(parts)[whole.to_numpy()].astype(
        {column: bool for column in values.columns if column[0] == "flagged"}
    )
    remarks = ["Hours are averaged to days, of the time zone in which the file was exported"]
    if cut := int((~whole).sum()):
        remarks.append(f"{cut} {'day' if cut == 1 else 'days'} of fewer hours left out")
    return found, remarks


def _over(
    values: pd.DataFrame, grain: Grain, now: datetime, *, averaged: bool
) -> tuple[pd.DataFrame, list[str]]:
    """The periods that are over, the last of them flagged: it may not have been at the export.

    Days that were `averaged` have all their hours.
    """
    today = pd.Timestamp(now.date())
    is_over = ends_of(pd.DatetimeIndex(values.index), grain) <= today
    kept = values[is_over].copy()
    if kept.empty:
        raise ImportRejected("None of its periods is over yet.")
    remarks = []
    if left := int((~is_over).sum()):
        remarks.append(f"{left} {grain if left == 1 else f'{grain}s'} not over yet, left out")
    elif not averaged:
        flags = [column for column in kept.columns if column[0] == "flagged"]
        kept.loc[kept.index[-1], flags] = True
        remarks.append(f"The last {grain} is flagged: it may not have been over at the export")
    return kept, remarks


def _frame(values: pd.DataFrame, term: str) -> pd.DataFrame:
    """The periods of one term that have a value."""
    frame = pd.DataFrame(
        {
            "period": values.index,
            "value": values["value", term].to_numpy(),
            "flagged": values["flagged", term].to_numpy(),
        }
    )
    return frame.dropna(subset="value")


def _period(text: str) -> datetime | None:
    """The moment at which a period begins, or None for what is none."""
    found = _PERIOD.fullmatch(text) or _DOTTED.fullmatch(text)
    if found is None:
        return None
    part = {name: int(digits) for name, digits in found.groupdict().items() if digits}
    try:
        return datetime(
            part["year"], part["month"], part.get("day", 1), part.get("hour", 0),
            part.get("minute", 0),
        )  # fmt: skip
    except ValueError:
        return None


def _is_value(text: str) -> bool:
    if not text or _BELOW_ONE.fullmatch(text):
        return True
    return bool(_WHOLE.fullmatch(text)) and float(text.replace(",", ".")) <= _MOST


def _value(text: str, line: int) -> tuple[float, bool]:
    """A value and whether it is flagged; not a number for an empty cell."""
    if not _is_value(text):
        raise ImportRejected(
            f"Line {line}: {_shown(text)} is neither a whole number from 0 to {_MOST} nor <1."
        )
    if not text:
        return float("nan"), False
    below = bool(_BELOW_ONE.fullmatch(text))
    return (0.5, True) if below else (float(text.replace(",", ".")), False)


def _count(values: int) -> str:
    return "1 value" if values == 1 else f"{values} values"


def _shown(text: str) -> str:
    return f"“{text[:60]}”"
