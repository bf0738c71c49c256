"""Interest in a package and its downloads as two lines, on one axis."""

from __future__ import annotations

import html

import pandas as pd

from lib.cubes import Grain
from lib.finding_charts.partings import Marked, indexed_lines
from lib.formats import compact, moment
from lib.questions.finding import Figure
from lib.questions.rows.interest import Interest
from lib.questions.telling.interest_words import short
from lib.signal_chart import Line

_DOWNLOADS = "downloads"


def indexed_figure(found: Interest, marked: Marked | None = None) -> Figure:
    """Interest and downloads by month, each 100 in the first month known of both."""
    rows = found.frame[found.frame["period"] >= found.frame.loc[found.known, "period"].iloc[0]]
    base = rows.iloc[0]
    label = short(found)
    names = {"interest": label, "downloads": f"Downloads of {found.package}"}
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "period": rows["period"],
                    "series": column,
                    "value": 100 * rows[column] / base[column],
                    "flagged": False,
                }
            )
            for column in ("downloads", "interest")
        ]
    )
    lines = [
        Line(
            column,
            html.escape(names[column]),
            color=column,
            kind=str(found.series.signal) if column == "interest" else _DOWNLOADS,
        )
        for column in ("downloads", "interest")
    ]
    unit = f"Index of months, 100 = {moment(base['period'], Grain.MONTH)}"
    ends = ", ".join(
        f"{name} {compact(frame.loc[frame['series'] == column, 'value'].dropna().iloc[-1])}"
        for column, name in names.items()
    )
    return Figure(
        title=f"{label} and downloads of {found.package}, log scale",
        unit=unit,
        alt=f"{unit}. Last: {ends}.",
        draw=lambda theme: indexed_lines(
            frame, theme, found.axis, lines=lines, unit=unit, marked=marked
        ),
        axis=found.axis,
        note="Equal distances are equal changes; the index says nothing of which is more.",
    )
