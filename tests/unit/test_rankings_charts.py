"""The figures of rankings: what they draw where, and that names in them are text."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from lib.breaks import breaks_in
from lib.charts import TimeAxis
from lib.cubes import Grain
from lib.rankings_charts.bump import bump
from lib.rankings_charts.treemap import treemap
from lib.router import Period
from lib.theme import DARK, LIGHT, Theme

HOSTILE = "<img src=x onerror=alert(7)>"

PERIOD = Period(date(2026, 7, 1), date(2026, 9, 30))

RANKS = pd.DataFrame(
    [
        (month, project, rank, 1000.0 / rank, 0.1 / rank)
        for month, projects in (
            ("2026-07-01", ("first", "second", "leaver")),
            ("2026-08-01", ("second", "first", HOSTILE)),
            ("2026-09-01", ("second", HOSTILE, "first")),
        )
        for rank, project in enumerate(projects, start=1)
    ],
    columns=["period", "project", "rank", "value", "share"],
).astype({"period": "datetime64[s]"})

AXIS = TimeAxis(PERIOD, Grain.MONTH, "made up", breaks_in(PERIOD, ["bigquery"]))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_rank_one_is_on_top_and_both_ends_have_names(theme: Theme) -> None:
    figure = bump(RANKS, theme, AXIS)
    low, high = figure.layout.yaxis.range
    assert low > high
    left, right = figure.layout.yaxis.ticktext, figure.layout.yaxis2.ticktext
    assert ["first" in left[0], "leaver" in left[2]] == [True, True]
    assert ["second" in right[0], "first" in right[2]] == [True, True]
    assert figure.layout.yaxis2.side == "right"
    assert [text.text for text in figure.layout.annotations][-1] == "<b>1</b>"


def test_what_leaves_goes_below_the_last_place_and_what_comes_is_from_there() -> None:
    figure = bump(RANKS, LIGHT, AXIS)
    below = {
        tuple(value is not None and value > 3 for value in trace.y)
        for trace in figure.data
        if trace.line.dash == "dot"
    }
    assert (False, True, False) in below
    assert (True, False, False) in below


def test_names_are_text_in_both_figures() -> None:
    parts = pd.DataFrame(
        [(HOSTILE, HOSTILE, 10.0, 0.5, 1), ("group", "other", 90.0, float("nan"), 2)],
        columns=["group", "name", "downloads", "change", "groups"],
    ).assign(share=[0.1, 0.9])
    tiles = treemap(parts, LIGHT, "made up").data[0]
    shown = [*tiles.labels, *tiles.customdata, *(str(bump(RANKS, LIGHT, AXIS).to_dict()),)]
    assert not any("<img" in text for text in shown)


def test_tiles_make_the_whole_and_one_whose_change_is_not_told_is_gray() -> None:
    parts = pd.DataFrame(
        [
            ("a", "up", 60.0, 0.5, 1),
            ("a", "down", 30.0, -1 / 3, 1),
            ("b", "?", 10.0, float("nan"), 1),
        ],
        columns=["group", "name", "downloads", "change", "groups"],
    ).assign(share=[0.6, 0.3, 0.1])
    tiles = treemap(parts, LIGHT, "made up").data[0]
    assert sum(tiles.values) == 100
    assert tiles.parents[2:] == ("a", "a", "b")
    assert tiles.marker.colors[2:] == (LIGHT.diverging[-1], LIGHT.diverging[0], LIGHT.rest)
    assert "change not told" in tiles.customdata[-1]
