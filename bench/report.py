"""Prints what was measured as tables, and keeps it in `results.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, Outcome
from bench.machine import Machine

RESULTS = Path(__file__).parent / "results.json"

_MET = {True: "met", False: "MISSED", None: ""}


def print_outcomes(machine: Machine, outcomes: dict[str, Outcome]) -> None:
    """The medians of each measurement, then the table of all figures and their targets."""
    for outcome in outcomes.values():
        for title, rows in outcome.details.items():
            print(f"\n{title}\n\n{_table(rows)}")
    figures = [figure for outcome in outcomes.values() for figure in outcome.figures]
    print(f"\n{machine.words}\n\n{_table([_told(figure) for figure in figures])}")


def keep_outcomes(machine: Machine, outcomes: dict[str, Outcome]) -> None:
    """Write the outcomes beside those of the other measurements of the same machine."""
    measured_at = datetime.now(UTC).isoformat(timespec="seconds")
    about = asdict(machine)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    measurements = kept["measurements"] if kept.get("machine") == about else {}
    measurements |= {
        name: {
            "measured_at": measured_at,
            "figures": [_recorded(figure) for figure in outcome.figures],
            "medians": outcome.details,
        }
        for name, outcome in outcomes.items()
    }
    content = {"machine": about, "measurements": measurements}
    RESULTS.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _recorded(figure: Figure) -> dict[str, object]:
    return {
        "measurement": figure.measurement,
        "value": round(figure.value, 3),
        "unit": figure.unit,
        "target": f"{figure.target.bound} {figure.target.value:g}" if figure.target else None,
        "met": figure.met,
    }


def _told(figure: Figure) -> dict[str, object]:
    target = figure.target
    return {
        "measurement": figure.measurement,
        "value": f"{_rounded(figure.value)} {figure.unit}",
        "target": f"{target.bound} {target.value:g} {figure.unit}" if target else "",
        "": _MET[figure.met],
    }


def _rounded(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _table(rows: Sequence[dict[str, object]]) -> str:
    """Rows of one shape, their columns aligned: text to the left, numbers to the right."""
    names = list(rows[0])
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numeric = [isinstance(rows[0][name], int | float) for name in names]

    def line(texts: Sequence[str]) -> str:
        aligned = zip(texts, widths, numeric, strict=True)
        padded = (text.rjust(w) if right else text.ljust(w) for text, w, right in aligned)
        return "  ".join(padded).rstrip()

    rule = "  ".join("─" * width for width in widths)
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])
