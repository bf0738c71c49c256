"""How many downloads come from a country: the count, its share and rank, and its course."""

from __future__ import annotations

import html

import pandas as pd

from lib import charts
from lib.analysis.standing import with_ranks
from lib.cubes import UNKNOWN, Grain
from lib.data import Answer
from lib.formats import compact, percent, value_label
from lib.geography import country_name
from lib.panels.context import last_values
from lib.questions.finding import COUNTED, CountryMap, Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.telling import wording
from lib.questions.telling.row_figures import bar_figure
from lib.questions.telling.wording import during, place, when
from lib.selection import Measure, Preset

_DEFAULT_COUNTRY = "DE"

_SHOWN = 12

_UNIT = "Downloads (file requests)"


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """The known countries of `frame` (`country`, `downloads`, `share`) with their `rank`."""
    known = frame[(frame["country"] != UNKNOWN) & (frame["downloads"] > 0)]
    return with_ranks(known).reset_index(drop=True)


def _answer(asking: Asking) -> Finding:
    country = asking.country or _DEFAULT_COUNTRY
    answer = asking.found.countries(asking.selection, asking.period)
    if not answer.frame["downloads"].sum() > 0:
        raise CannotTell(f"No downloads of these packages are held {during(answer.period)}.")
    countries = ranked(answer.frame)
    count = int(answer.frame.loc[answer.frame["country"] == country, "downloads"].sum())
    breaks = asking.breaks(answer.period, "country")
    selection = asking.selection.with_values("country", (country,))
    grain = asking.found.grain(selection, answer.period)
    course = asking.found.split_over_time(selection, answer.period, grain, "country", 1)
    return Finding(
        sentence=_sentence(asking, country, countries, answer),
        details=f"That is {compact(count / answer.period.days)} a day."
        + (" Breaks of the record lie within these days." if breaks else ""),
        number=compact(count),
        interval=COUNTED,
        certainty="Every download held is counted. The country is that of the address which asked "
        "for the file, as PyPI records it: of a machine in a data center, not of who runs it.",
        would_change="Packages that are not held, late rows of provisional days, and a company or "
        "a mirror that moves its machines to another country.",
        period=answer.period,
        figures=tuple(
            figure
            for figure in (_course(asking, country, course, grain), _bars(asking, country, answer))
            if figure
        ),
        table=_table(countries, answer.frame),
        answers=(answer, course),
        packages=asking.packages,
        caveats=(_unknown(answer.frame), *wording.caveats(asking, answer.period)),
        breaks=breaks,
        map=CountryMap(
            f"Downloads by country, {when(answer.period)}", answer.frame, Measure.DOWNLOADS
        ),
    )


def _sentence(asking: Asking, country: str, countries: pd.DataFrame, answer: Answer) -> str:
    subject, days = wording.subject(asking), during(answer.period)
    rows = countries[countries["country"] == country]
    if rows.empty:
        return f"No download of {subject} came from {place(country)} {days}."
    row = rows.iloc[0]
    downloads = wording.agreeing(int(row["downloads"]), "download", "downloads")
    return (
        f"{compact(int(row['downloads']))} {downloads} of {subject} came from {place(country)} "
        f"{days}: {percent(float(row['share']))} of the world's, which is rank {int(row['rank'])} "
        f"of {wording.counted(len(countries), 'country', 'countries')}."
    )


def _unknown(frame: pd.DataFrame) -> str:
    share = float(frame.loc[frame["country"] == UNKNOWN, "share"].sum())
    return (
        f"{percent(share)} of the downloads have no known country; they are part of the world's, "
        "and of no country's."
    )


def _course(asking: Asking, country: str, course: Answer, grain: Grain) -> Figure | None:
    if course.frame.empty:
        return None
    label = html.escape(country_name(country))
    frame = course.frame.assign(label=label, value=course.frame["downloads"])
    axis = asking.axis(course.period, grain, "country")
    return Figure(
        title=f"Downloads from {place(country)}, each {grain}",
        unit=_UNIT,
        alt=f"Downloads from {place(country)}, each {grain}. {last_values(frame, share=False)}.",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=_UNIT),
        axis=axis,
    )


def _bars(asking: Asking, country: str, answer: Answer) -> Figure:
    """The first countries and the one asked about, with unknown where it would stand."""
    rows = answer.frame
    shown = rows[(rows.index < _SHOWN) | (rows["country"] == country)]
    frame = pd.DataFrame(
        {
            "label": [value_label("country", code) for code in shown["country"]],
            "value": shown["share"],
            "strong": shown["country"] == country,
        }
    )
    unit = "Share of the world's downloads"
    return bar_figure(
        asking,
        frame,
        title=f"{unit}, {when(answer.period)}",
        unit=unit,
        show=percent,
    )


def _table(countries: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Every country with its rank, and unknown last without one."""
    rows = pd.concat([countries, frame[frame["country"] == UNKNOWN]], ignore_index=True)
    return pd.DataFrame(
        {
            "Rank": rows["rank"].astype("Int64"),
            "Country": [value_label("country", code) for code in rows["country"]],
            "Downloads": rows["downloads"],
            "Share of the world's": rows["share"],
        }
    )


QUESTION = Question(
    key="country-downloads",
    prompt="How many downloads come from a country?",
    teaser="The count, its share of the world's and its rank, over time",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(
        packages=PackageChoice(fewest=0),
        country=True,
        default_country=_DEFAULT_COUNTRY,
        period=Preset.YEAR,
    ),
    needs=(Need(Grain.MONTH, ("country",)),),
    answer=_answer,
    words=(
        "downloads from",
        "how many downloads come from",
        "how many from",
        "downloads in",
        "rank of a country",
    ),
)
