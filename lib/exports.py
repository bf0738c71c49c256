"""Writes the rows of an answer as JSON, CSV, Parquet or Markdown."""

from __future__ import annotations

import io
from typing import BinaryIO

import pandas as pd

from lib.formats import portable


def as_csv(frame: pd.DataFrame, source: str) -> bytes:
    """The rows as CSV, the source in a last column so that it goes where the file goes."""
    return frame.assign(source=source).to_csv(index=False).encode()


def as_parquet(frame: pd.DataFrame, source: str) -> bytes:
    """The rows as Parquet, with the source in a last column."""
    buffer = io.BytesIO()
    frame.assign(source=source).to_parquet(buffer, index=False)
    return buffer.getvalue()


def write_rows(frame: pd.DataFrame, form: str, target: BinaryIO) -> None:
    """Write the rows alone in `form`: json (a list of rows), csv, parquet or markdown."""
    shown = frame
    if "period" in frame and form != "parquet":
        midnight = (frame["period"] == frame["period"].dt.normalize()).all()
        pattern = "%Y-%m-%d" if midnight else "%Y-%m-%dT%H:%M:%SZ"
        shown = frame.assign(period=frame["period"].dt.strftime(pattern))
    if form == "parquet":
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        target.write(buffer.getvalue())
    elif form == "csv":
        target.write(shown.to_csv(index=False).encode())
    elif form == "markdown":
        target.write(markdown_table(shown).encode())
    else:
        target.write(shown.to_json(orient="records").encode() + b"\n")


def markdown_table(frame: pd.DataFrame) -> str:
    """The rows as a Markdown table; what a cell holds is escaped."""
    rows = [list(frame.columns), ["---"] * len(frame.columns)]
    rows += [[portable(str(cell)) for cell in row] for row in frame.itertuples(index=False)]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)
