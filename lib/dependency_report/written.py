"""Writes a report for use elsewhere: as Markdown, as one HTML file, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from lib.dependency_report.report import Report
from lib.dependency_report.words import finding_of, written_table
from lib.questions import takeaway
from lib.questions.finding import Finding
from lib.questions.takeaway import Origin

_MOST_ROWS = 1000


def as_markdown(report: Report, link: str = "", not_read: Sequence[str] = ()) -> str:
    """The report as Markdown, with every package; `not_read` are entries of a file, and why."""
    return takeaway.as_markdown(_document(report, not_read), _origin(report, link), _MOST_ROWS)


def as_html(report: Report, link: str = "", not_read: Sequence[str] = ()) -> str:
    """The report as one HTML file with a live figure, which asks no host for anything."""
    return takeaway.as_html(_document(report, not_read), _origin(report, link), _MOST_ROWS)


def as_json(report: Report, not_read: Sequence[str] = ()) -> str:
    """The report as JSON: what it is about, and the list `packages` with a row for each held."""
    finding, found = finding_of(report), report.found
    state = report.asking.found.state
    about = {
        "name": report.name,
        "sentence": finding.sentence,
        "from": str(found.after.first),
        "to": str(found.after.last),
        "compared_from": str(found.before.first),
        "compared_to": str(found.before.last),
        "change_of": "share of all downloads held" if found.moves.by_share else "downloads a day",
        "ranked": report.ranked,
        "source": state.source_text,
        "simulated": state.simulated,
        "caveats": list(finding.caveats),
        "not_held": list(report.unheld),
        "not_read": list(not_read),
        "packages": json.loads(report.frame.to_json(orient="records")),
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def title_of(report: Report) -> str:
    """The question that the report answers."""
    return f"How is everything in {report.name} doing?"


def _document(report: Report, not_read: Sequence[str]) -> Finding:
    finding = finding_of(report)
    left = [f"Not read of the file: {entry}." for entry in not_read]
    return replace(finding, table=written_table(report), caveats=(*finding.caveats, *left))


def _origin(report: Report, link: str) -> Origin:
    state = report.asking.found.state
    return Origin(title_of(report), link, state.source_text, state.simulated)
