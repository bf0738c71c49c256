"""Writes a finding for use elsewhere: as Markdown, and as HTML that needs nothing else."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib import maps
from lib.breaks import Break
from lib.exports import markdown_table
from lib.formats import NOT_KNOWN, day, days, portable
from lib.questions.finding import CountryMap, Finding
from lib.selection import Measure
from lib.theme import FONT, LIGHT

_MOST_ROWS = 30
"""More rows than this of a table are left to the CSV, unless a caller says otherwise."""

_MOST_NAMED = 12
"""More packages than this are counted, not named."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{prompt}</title>
<style>
body{{font-family:{font};color:{text};max-width:1100px;margin:2rem auto;padding:0 1rem;
line-height:1.5}}
h1{{font-size:1.9rem;line-height:1.25}} h2{{font-size:1.15rem;margin-top:2rem}}
.muted{{color:{muted}}} .number{{font-size:2.4rem;font-weight:650}}
table{{border-collapse:collapse;font-size:.9rem}} td,th{{padding:.25rem .7rem;text-align:left;
border-bottom:1px solid {grid}}} pre{{white-space:pre-wrap;background:#f4f6f9;padding:1rem}}
figure{{margin:0}} svg{{max-width:100%;height:auto}}
</style></head><body>
{body}
</body></html>
"""


@dataclass(frozen=True)
class Origin:
    """Where a finding comes from: the question's prompt, its link, and the source of the rows."""

    prompt: str
    link: str
    source: str
    simulated: bool


def as_markdown(finding: Finding, origin: Origin, most_rows: int = _MOST_ROWS) -> str:
    """The finding as Markdown: sentence, number, certainty, caveats, table, SQL, and its link."""
    parts = [
        f"## {portable(origin.prompt)}",
        f"**{portable(finding.sentence)}**",
        f"{portable(finding.number)} ({portable(finding.interval)})",
        portable(finding.details),
        *(portable(line) for line in _lines(finding, origin)),
        markdown_table(finding.table.head(most_rows).map(_cell)),
        *(f"```sql\n{answer.sql}\n```" for answer in finding.answers),
        f"<{origin.link}>" if origin.link else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def as_html(finding: Finding, origin: Origin, most_rows: int = _MOST_ROWS) -> str:
    """The finding as one HTML file with live figures, which asks no host for anything."""
    figures = [
        f"<h2>{html.escape(figure.title)}</h2><figure>"
        + figure.draw(LIGHT).to_html(
            full_html=False,
            include_plotlyjs=position == 0,
            auto_play=False,
            config={"displaylogo": False},
        )
        + "</figure><p class=muted>"
        + html.escape(" · ".join(filter(None, (figure.unit, figure.note))))
        + "</p>"
        for position, figure in enumerate(finding.figures)
    ]
    body = [
        f"<p class=muted>{html.escape(origin.prompt)}</p>",
        f"<h1>{html.escape(finding.sentence)}</h1>",
        f"<p><span class=number>{html.escape(finding.number)}</span> "
        f"{html.escape(finding.interval)}</p>",
        f"<p>{html.escape(finding.details)}</p>" if finding.details else "",
        *figures,
        _map(finding.map, origin) if finding.map else "",
        *(f"<p>{html.escape(line)}</p>" for line in _lines(finding, origin)),
        finding.table.head(most_rows).map(_cell).to_html(index=False, border=0),
        *(f"<h2>SQL</h2><pre>{html.escape(answer.sql)}</pre>" for answer in finding.answers),
        f"<p class=muted>{html.escape(origin.link)}</p>",
    ]
    return _PAGE.format(
        prompt=html.escape(origin.prompt),
        font=FONT,
        text=LIGHT.text,
        muted=LIGHT.muted,
        grid=LIGHT.grid,
        body="\n".join(filter(None, body)),
    )


def about(finding: Finding) -> str:
    """What a finding is about: its period and packages."""
    when = days(finding.period.first, finding.period.last)
    named = ", ".join(finding.packages[:_MOST_NAMED])
    if more := len(finding.packages) - _MOST_NAMED:
        named += f" and {more} more" if more > 0 else ""
    return f"{when} UTC · {named or 'all packages held'}"


def break_lines(finding: Finding) -> Sequence[str]:
    """The breaks of the record that a finding crosses, each in a sentence or two."""
    return [break_line(each) for each in finding.breaks]


def break_line(found: Break) -> str:
    """When a break of the record was, and what it changes."""
    when = days(found.first, found.last) if found.last else f"since {day(found.first)}"
    return f"{when}: {found.title}. {found.effect}"


def _lines(finding: Finding, origin: Origin) -> list[str]:
    """What limits a finding, and where it comes from, a line each."""
    called = "Simulated sample data. " if origin.simulated else ""
    return [
        f"How sure: {finding.certainty}",
        f"What would change it: {finding.would_change}",
        *(f"Caveat: {caveat}" for caveat in finding.caveats),
        *(f"Break of the record, {line}" for line in break_lines(finding)),
        f"{called}{about(finding)} · Source: {origin.source}",
    ]


def _map(drawn: CountryMap, origin: Origin) -> str:
    title = f"{drawn.title} · {origin.source}"
    image = maps.map_svg(drawn.frame, drawn.measure, False, title)
    meaning = drawn.meaning if drawn.measure is Measure.PREFERENCE else ""
    heading = f"<h2>{html.escape(drawn.title)}</h2>"
    return f"{heading}{image}<p class=muted>{html.escape(meaning)}</p>"


def _cell(value: object) -> object:
    """A cell as text: numbers to four significant digits, times as days."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        if pd.isna(value):
            return NOT_KNOWN
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return value
