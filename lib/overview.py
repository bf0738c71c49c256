"""The parts of the Overview page, each from the store to what is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import maps
from lib.aggregate import REST
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer, Downloads
from lib.facts import facts
from lib.formats import compact, days, percent, plain
from lib.packages import held_groups
from lib.panels.card import footer, panel
from lib.panels.package_table import shapes
from lib.panels.world_map import draw_map, world_map
from lib.recent import recent
from lib.router import NotHeld, Period
from lib.selection import Measure, Preset, Selection, to_parameters
from lib.theme import Theme

_SECONDS = 86_400

_BARS = 40

_HISTORICAL = "pages/historical.py"


@dataclass(frozen=True)
class Page:
    """What the parts share: the store and the colors."""

    found: Downloads
    theme: Theme

    @property
    def recent(self) -> Period:
        """The last 30 days in which all packages are held, or the last month of such months."""
        return recent(self.found)

    def headline(self) -> None:
        """Total downloads, rate, packages and countries."""
        place = st.grid(4, min_column_width=200)
        try:
            self._downloads_metric(place)
            self._rate_metric(place)
            self._packages_metric(place)
            self._countries_metric(place)
        except NotHeld as missing:
            place.info(plain(str(missing)))

    def top_ten(self) -> None:
        """The ten most downloaded packages, each with its year."""
        with panel(f"Top ten packages, {days(self.recent.first, self.recent.last)}", "top") as card:
            answer = self.found.by_package(Selection(), self.recent)
            top = answer.frame[~answer.frame["project"].isin([REST, UNKNOWN])].head(10)
            lines = shapes(self.found, Selection(), tuple(top["project"]), self._year())
            shown = pd.DataFrame(
                {
                    "Rank": range(1, len(top) + 1),
                    "Package": top["project"],
                    "Downloads": top["downloads"],
                    "Share": top["share"],
                    "Over time": [lines.get(name) for name in top["project"]],
                }
            )
            st.dataframe(
                shown,
                hide_index=True,
                column_config={
                    "Rank": st.column_config.NumberColumn(width=50),
                    "Downloads": st.column_config.NumberColumn(format="compact"),
                    "Share": st.column_config.NumberColumn(
                        format="percent", help="Of the downloads of all packages held"
                    ),
                    "Over time": st.column_config.AreaChartColumn(help="The last year held"),
                },
                alt="The ten most downloaded packages",
            )
            footer(self.found, card, answer, name="top-packages", unit="Downloads")

    def world(self) -> None:
        """The world by downloads."""
        with panel("Where packages are downloaded", "world") as card:
            answer: Answer = self.found.countries(Selection(), self.recent)
            drawn = world_map(answer.frame, Measure.DOWNLOADS, self.theme)
            draw_map(drawn, key="overview_world", height=400)
            when = days(self.recent.first, self.recent.last)
            title = f"Downloads by country, {when} · {self.found.state.source_words}"
            footer(
                self.found,
                card,
                answer,
                name="countries",
                unit="Downloads",
                image=lambda: maps.map_svg(answer.frame, Measure.DOWNLOADS, self.theme.dark, title),
            )

    def facts(self) -> None:
        """Three facts computed from what is held, each with the way to see it."""
        told = facts(self.found)
        if not told:
            return
        place = st.grid(len(told), min_column_width=260)
        for fact in told:
            with place.container(border=True, height="stretch"):
                st.metric(fact.title, fact.figure)
                st.write(plain(fact.sentence) + ".")
                when = days(fact.period.first, fact.period.last)
                st.caption(f"{when} UTC · {plain(self.found.state.source_words)}")
                st.page_link(
                    _HISTORICAL,
                    label="See it",
                    icon=":material/arrow_forward:",
                    query_params=to_parameters(fact.selection),
                )

    def ways_in(self) -> None:
        """Links into the pages, each with an example worth a look."""
        groups = held_groups(self.found.packages())
        examples = [
            (f"Compare: {name}", Selection(members[:4], Preset.ALL))
            for name, members in groups.items()
        ][:2]
        examples.append(("All packages by country", Selection(period=Preset.ALL, split="country")))
        with st.container(horizontal=True):
            for label, selection in examples:
                st.page_link(
                    _HISTORICAL,
                    label=label,
                    icon=":material/show_chart:",
                    query_params=to_parameters(selection),
                )
            st.page_link("pages/questions.py", label="Ask a question", icon=":material/help:")
            st.page_link("pages/data.py", label="What is held", icon=":material/database:")

    def _downloads_metric(self, place: DeltaGenerator) -> None:
        by_day = Grain.DAY in self.found.grains()
        period = self.recent if by_day else self.found.held()
        place.metric(
            "Downloads",
            compact(self.found.total(Selection(), self.recent)),
            delta_description=days(self.recent.first, self.recent.last),
            chart_data=self._series(period, Grain.DAY if by_day else Grain.MONTH),
            chart_type="area",
            border=True,
            height="stretch",
        )

    def _rate_metric(self, place: DeltaGenerator) -> None:
        """The mean rate, with the hours of the last two days for its shape where they are held."""
        last = self.recent.last
        hours = Period(last - timedelta(days=1), last)
        try:
            shape = self._series(hours, Grain.HOUR)
        except NotHeld:
            shape = None
        total = self.found.total(Selection(), self.recent)
        place.metric(
            "Downloads a second",
            compact(total / self.recent.days / _SECONDS),
            delta_description=f"mean of {self.recent.days} days; last 48 hours below"
            if shape
            else f"mean of {self.recent.days} days",
            chart_data=shape,
            border=True,
            height="stretch",
        )

    def _packages_metric(self, place: DeltaGenerator) -> None:
        packages = self.found.state.packages
        sizes = self.found.by_package(Selection(), self.recent).frame["downloads"]
        place.metric(
            "Packages held",
            "all of PyPI" if packages is None else f"{len(packages):,}",
            delta_description=f"since {self.found.held().first}; the first 40 below",
            chart_data=list(sizes.head(_BARS)),
            chart_type="bar",
            border=True,
            height="stretch",
        )

    def _countries_metric(self, place: DeltaGenerator) -> None:
        try:
            frame = self.found.countries(Selection(), self.recent).frame
        except NotHeld:
            place.metric("Countries", "not held", border=True, height="stretch")
            return
        known = frame[frame["country"] != UNKNOWN]
        unknown = 1 - float(known["share"].sum())
        place.metric(
            "Countries",
            f"{len(known):,}",
            delta_description=f"{percent(unknown)} from unknown; first 40 below, log",
            chart_data=[math.log10(n) for n in known["downloads"].head(_BARS) if n > 0],
            chart_type="bar",
            border=True,
            height="stretch",
        )

    def _series(self, period: Period, grain: Grain) -> list[float]:
        frame = self.found.over_time(Selection(), period, grain).frame
        return list(frame["downloads"].dropna())

    def _year(self) -> Period:
        """The last year held: whole months where nothing finer is held."""
        held = self.found.held()
        first = max(held.first, held.last - timedelta(days=364))
        weekly = Grain.WEEK in self.found.grains()
        return Period(first if weekly else first.replace(day=1), held.last)
