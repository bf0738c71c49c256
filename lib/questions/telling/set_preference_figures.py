"""Figures of a preference among sets of packages: now, over time, by country, and a map."""

from __future__ import annotations

import html

import pandas as pd

from lib import charts
from lib.cubes import Grain
from lib.formats import percent, value_label
from lib.panels.context import last_values
from lib.questions.finding import CountryMap, Figure
from lib.questions.question import Asking
from lib.questions.rows.set_countries import LEAST, SetCountries
from lib.questions.rows.set_preference import Preference
from lib.questions.telling import wording
from lib.questions.telling.factors import factor
from lib.questions.telling.preference_words import LEAST_OF_EACH
from lib.questions.telling.row_figures import interval_figure
from lib.selection import Measure

_SHOWN = 8


def now_figure(asking: Asking, found: Preference) -> Figure:
    """The share of each set now, with its interval."""
    shares = found.now.shares
    frame = pd.DataFrame(
        {
            "label": list(shares),
            "value": [each.value for each in shares.values()],
            "low": [each.low for each in shares.values()],
            "high": [each.high for each in shares.values()],
        }
    )
    frame[["value", "low", "high"]] *= 100
    unit = f"Share of the downloads of these {len(shares)} sets together, %"
    return interval_figure(
        asking,
        frame,
        title=f"Share of each set, {wording.when(found.days)}, with 95 % intervals",
        unit=unit,
        show=lambda value: percent(value / 100),
    )


def course_figure(asking: Asking, found: Preference) -> Figure:
    """The share of each set in every month."""
    wide = found.over_time.reset_index()
    frame = wide.melt("period", var_name="series", value_name="value")
    frame["label"] = frame["series"].map(html.escape)
    frame["partial"] = False
    axis = asking.axis(found.monthly.period, Grain.MONTH)
    unit = "Share of these sets together, each month"
    return Figure(
        title="Share of each set over time",
        unit=unit,
        alt=f"{unit}. {last_values(frame, share=True)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, share=True),
        axis=axis,
    )


def country_figure(asking: Asking, found: SetCountries | None) -> Figure | None:
    """The countries that surely prefer the leader more or less; None where there are none."""
    if found is None:
        return None
    told = found.different[found.different["downloads"] >= LEAST_OF_EACH]
    ranked = told.sort_values("ratio", ascending=False)
    if ranked.empty:
        return None
    shown = pd.concat([ranked.head(_SHOWN), ranked.tail(_SHOWN)]).drop_duplicates("country")
    frame = pd.DataFrame(
        {
            "label": [
                _named(row["country"], row["first"], found.leader)
                for row in shown.to_dict("records")
            ],
            "value": shown["ratio"].to_numpy(),
            "low": shown["low"].to_numpy(),
            "high": shown["high"].to_numpy(),
        }
    )
    unit = f"Share of {found.leader} in these sets, times that of all countries"
    return interval_figure(
        asking,
        frame,
        title=f"Where {found.leader} is preferred more and less, {wording.when(found.days.period)}",
        unit=unit,
        show=factor,
        reference=1.0,
        log=True,
        note="Countries that surely differ, with 95 % intervals. "
        f"{found.leader} leads where no other set is named.",
    )


def _named(country: str, first: str, leader: str) -> str:
    """A country, with the set that leads there where it is another than in the world."""
    label = value_label("country", country)
    return label if first == leader else f"{label} ({first} leads)"


def preference_map(found: SetCountries | None) -> CountryMap | None:
    """The world by how far each country prefers the leader; None where countries are not held."""
    if found is None:
        return None
    frame = found.frame[["country", "downloads", "share"]].assign(
        preference=found.frame["ratio"].where(found.frame["compared"] >= LEAST)
    )
    title = f"Preference for {found.leader} among these sets, {wording.when(found.days.period)}"
    meaning = (
        f"Preference: {found.leader}'s share of these sets in a country, over its share in all "
        "countries."
    )
    return CountryMap(title, frame, Measure.PREFERENCE, meaning)
