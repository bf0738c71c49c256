"""Figures of technology trends: growth of groups, their shares over time, and S-curves."""

from __future__ import annotations

import html

import pandas as pd

from lib import charts
from lib.cubes import Grain
from lib.finding_charts.s_curves import s_curves
from lib.formats import moment
from lib.panels.context import last_values
from lib.questions.finding import Figure
from lib.questions.question import Asking
from lib.questions.rows.set_trends import SetTrends
from lib.questions.telling import wording
from lib.questions.telling.growth_figure import growth_figure

_MOST_LINES = 8

_MOST_CURVES = 6


def group_growth(asking: Asking, found: SetTrends) -> Figure | None:
    """The growth a year of each group's share, with its interval."""
    return growth_figure(
        asking,
        found.growth.assign(sure=found.growth["found"]),
        title=f"Growth a year of each group's share, {wording.when(found.period)}",
        unit="Share a year later over that now",
        note="Gray: no sure rise or fall.",
    )


def group_shares(asking: Asking, found: SetTrends) -> Figure:
    """The shares of the groups that move most, against their first month of the trend."""
    moved = found.growth.assign(size=(1 + found.growth["rate"]).clip(1e-6).map(_distance))
    shown = list(moved.sort_values("size", ascending=False)["series"].head(_MOST_LINES))
    recent = found.shares.loc[pd.Timestamp(found.period.first) : pd.Timestamp(found.period.last)]
    wide = 100 * recent[shown] / recent[shown].bfill().iloc[0]
    frame = wide.reset_index().melt("period", var_name="series", value_name="value")
    frame["label"] = frame["series"].map(html.escape)
    frame["partial"] = False
    axis = asking.axis(found.period, Grain.MONTH)
    unit = f"Index of its share, log scale, 100 = {moment(recent.index[0], Grain.MONTH)}"
    return Figure(
        title="Shares of the groups that move most, indexed",
        unit=unit,
        alt=f"{unit}. {last_values(frame, share=False)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, log=True),
        axis=axis,
    )


def _distance(ratio: float) -> float:
    """How far a ratio is from 1, up or down."""
    return max(ratio, 1 / ratio)


def adoption_curves(asking: Asking, found: SetTrends) -> Figure | None:
    """The fastest S-curves; None where no package has one."""
    chosen = list(found.adopted.items())[:_MOST_CURVES]
    if not chosen:
        return None
    periods = pd.DatetimeIndex(found.package_shares.index)
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "period": periods,
                    "series": name,
                    "value": found.package_shares[name].to_numpy() / each.ceiling.value,
                    "curve": each.at(periods) / each.ceiling.value,
                }
            )
            for name, each in chosen
        ]
    )
    axis = asking.axis(found.rivals.period, Grain.MONTH)
    unit = "Share, as a part of its own ceiling"
    told = (f"{name} half in {moment(each.midpoint, Grain.MONTH)}" for name, each in chosen)
    return Figure(
        title="The fastest S-curves: each share against its own ceiling",
        unit=unit,
        alt=f"{unit}: {', '.join(told)}.",
        draw=lambda theme: s_curves(frame, theme, axis, unit=unit),
        axis=axis,
        note="Points are months, lines the fitted curves.",
    )
