"""Reads the small CSV files that people export, as rows of cells, whatever program wrote them."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from dataclasses import dataclass

from lib.errors import ImportRejected

MOST_BYTES = 10_000_000
"""More than any export of a series takes."""

_GZIP = b"\x1f\x8b"

_ENCODINGS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_DELIMITERS = (",", ";", "\t")

_LINES_TRIED = 40


@dataclass(frozen=True)
class Line:
    """One row of a file: the number of its line, from 1, and its cells without spaces around."""

    number: int
    cells: tuple[str, ...]


def lines_of(content: bytes) -> tuple[Line, ...]:
    """The rows of a CSV file that hold anything: separated by commas, semicolons or tabs.

    Raises ImportRejected for what is no text, or larger than any export.
    """
    text = _decoded(_unpacked(content))
    delimiter = max(_DELIMITERS, key=lambda each: _most_cells(text, each))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = []
    try:
        for row in rows:
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                found.append(Line(rows.line_num, cells))
    except csv.Error as error:
        raise ImportRejected(f"Line {rows.line_num} cannot be read as CSV ({error}).") from error
    return tuple(found)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        plain = content
    else:
        try:
            with gzip.open(io.BytesIO(content)) as file:
                plain = file.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ImportRejected("It is no whole gzip file: export it again.") from error
    if len(plain) > MOST_BYTES:
        raise ImportRejected(
            f"It has more than {MOST_BYTES // 1_000_000} MB, more than any export of a signal."
        )
    return plain


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _ENCODINGS if content.startswith(mark)), "utf-8-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ImportRejected("It is no text in UTF-8 or UTF-16: export it again as CSV.") from error
    if "\0" in text:
        raise ImportRejected("It is no text: export it as CSV.")
    return text


def _most_cells(text: str, delimiter: str) -> int:
    """The most cells that a line near the beginning has; 0 where it cannot be read so."""
    head = io.StringIO("".join(text.splitlines(keepends=True)[:_LINES_TRIED]), newline="")
    try:
        return max((len(row) for row in csv.reader(head, delimiter=delimiter)), default=0)
    except csv.Error:
        return 0
