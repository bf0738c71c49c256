"""Where the package stands: its rank among all held, and month by month."""

from __future__ import annotations

import math
from functools import lru_cache

import pandas as pd
import streamlit as st

from lib.cubes import Grain
from lib.formats import NARROW_SPACE, day, plain
from lib.package_charts import ranks
from lib.panels.card import Drawing, draw, panel
from lib.panels.context import KEPT, Context
from lib.profile.standing import Rank, Standing, standing
from lib.questions.telling import wording

_FEWEST_MONTHS = 2


def draw_standing(context: Context) -> None:
    """The rank in the last whole month and in the last 30 days, and its history as a chart."""
    name = context.selection.packages[0]
    with panel(f"Rank by month: {name}", "standing") as card:
        found = _standing(context)
        place = st.grid(2, min_column_width=200)
        for label, rank in (("Last whole month", found.month), ("Last 30 days", found.days)):
            if rank:
                place.metric(
                    f"{label}: {wording.when(rank.period)}",
                    f"#{rank.place:,}",
                    delta_description=told(context, rank),
                )
        if not (found.month or found.days):
            st.info(_no_rank(context, found), icon=":material/leaderboard:")
        if found.months["rank"].notna().sum() < _FEWEST_MONTHS:
            return
        draw(context.found, card, _drawing(context))
        if found.months["stretch"].nunique() > 1:
            st.caption(
                "Within a month all packages are counted alike. Where the record breaks, ranks can "
                "move without any change in what is downloaded: what is no longer counted was more "
                "of some packages than of others."
            )


def told(context: Context, rank: Rank) -> str:
    """A rank in words, of what: `top 3 % of 160 packages held`."""
    held = "packages of PyPI" if context.found.state.packages is None else "packages held"
    where = " with downloads under these filters" if context.selection.conditions()[1:] else ""
    return f"top {_percent_up(rank.top)} of {rank.counted:,} {held}{where}"


def _percent_up(share: float) -> str:
    """A share as a whole percentage that is not less than it; below one percent with digits."""
    value = share * 100
    if value >= 1:
        return f"{math.ceil(round(value, 6))}{NARROW_SPACE}%"
    return f"{float(f'{value:.1g}'):g}{NARROW_SPACE}%"


def _no_rank(context: Context, found: Standing) -> str:
    held = found.answer.period
    return plain(
        f"No rank can be told: no downloads of {context.selection.packages[0]} are held beside "
        f"those of all other packages in the last whole month before {day(held.last)}."
    )


@lru_cache(maxsize=KEPT)
def _standing(context: Context) -> Standing:
    return standing(context.asking)


@lru_cache(maxsize=KEPT)
def _drawing(context: Context) -> Drawing:
    found = _standing(context)
    axis = context.asking.axis(found.answer.period, Grain.MONTH)
    name = context.selection.packages[0]
    unit = "Rank by downloads in the month, 1 = most"
    last = found.months.dropna(subset="rank").iloc[-1]
    return Drawing(
        ranks(found.months, context.theme, axis, unit="Rank by downloads"),
        alt=f"Rank of {name} by month since {pd.Timestamp(found.months['period'].iloc[0]):%b %Y}. "
        f"Last: {last['rank']:.0f} of {last['counted']:.0f}.",
        answer=found.answer,
        unit=unit,
        name=f"{name}-rank-by-month",
        axis=axis,
    )
