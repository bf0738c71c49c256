"""Whether a country dominates every package: how its shares of them are distributed."""

from __future__ import annotations

import pandas as pd

from lib.analysis.dominance import FEWEST, Dominance, dominance
from lib.cubes import Grain
from lib.finding_charts.distribution import share_histogram
from lib.formats import percent
from lib.geography import country_name
from lib.questions.finding import Figure, Finding
from lib.questions.question import Asking, CannotTell, Need, Parameters, Question, Shelf
from lib.questions.rows.country_shares import LEAST, Shares, shares_of_packages
from lib.questions.telling import wording
from lib.questions.telling.row_figures import interval_figure
from lib.questions.telling.wording import during, place, when
from lib.router import Period
from lib.selection import Preset, listed

_DEFAULT_COUNTRY = "US"

_NAMED = 5

_SHOWN = 12


def _answer(asking: Asking) -> Finding:
    country = asking.country or _DEFAULT_COUNTRY
    shares = shares_of_packages(asking, country)
    if len(shares.judged) < FEWEST:
        raise CannotTell(
            f"{wording.counted(len(shares.judged), 'package')} with {LEAST:,} downloads or more of "
            f"known country {during(shares.period)}: it takes {FEWEST} to speak of a distribution."
        )
    by_package = shares.judged.set_index("project")["share"]
    found = dominance(by_package)
    exceptions = _exceptions(by_package, found)
    detail, detail_answers = shares.detail(asking, exceptions[:_SHOWN])
    return Finding(
        sentence=_sentence(country, shares, found),
        details=_details(by_package, found, exceptions),
        number=f"{found.majority} of {found.count} packages",
        interval=f"{percent(found.majority / found.count)}; {_interval(found)}",
        certainty="Every download held is counted, and the country's share of those with a known "
        "country taken, package by package. The interval of the part of packages is Wilson's "
        f"(1927). The median is {percent(found.median)}, 95 % interval "
        f"{percent(found.median_low)} to {percent(found.median_high)} (Thompson, 1936).",
        would_change="Other packages: those held are mostly much downloaded ones. And where "
        "machines stand: most downloads are made by builds in data centers.",
        period=shares.period,
        figures=tuple(
            figure
            for figure in (
                _histogram(asking, country, by_package, found, shares.period),
                _bars(asking, country, detail, found, shares.period),
            )
            if figure
        ),
        table=_table(country, shares),
        answers=(*shares.answers, *detail_answers),
        caveats=tuple(filter(None, (shares.days.caveat, *_caveats(asking, shares)))),
        breaks=asking.breaks(shares.period, "country"),
    )


def _exceptions(shares: pd.Series[float], found: Dominance) -> tuple[str, ...]:
    """The packages on the side of the fewer: without a majority, or with one; farthest first."""
    if found.majority * 2 >= found.count:
        return tuple(shares[shares <= 0.5].index)
    return tuple(shares[shares > 0.5].index[::-1])


def _sentence(country: str, shares: Shares, found: Dominance) -> str:
    of_all = f"{found.count} packages held"
    if found.count < len(shares.frame):
        of_all = f"{found.count} packages with {LEAST:,} downloads or more"
    parts = {
        0: ("No", f"none of the {of_all}"),
        found.count: ("Yes, every package", f"all {of_all}"),
    }
    begin, part = parts.get(found.majority, ("Not every package", f"{found.majority} of {of_all}"))
    return (
        f"{begin}: {place(country)} makes more than half of the downloads of {part} "
        f"{during(shares.period)}, {percent(found.majority / found.count)} ({_interval(found)})."
    )


def _interval(found: Dominance) -> str:
    return (
        f"95 % interval {percent(found.part_low)} to {percent(found.part_high)}, were these "
        "packages drawn at random"
    )


def _details(by_package: pd.Series[float], found: Dominance, exceptions: tuple[str, ...]) -> str:
    told = (
        f"Its share of the middle package is {percent(found.median)}, and half of them lie between "
        f"{percent(found.lower_quartile)} and {percent(found.upper_quartile)}."
    )
    ends = by_package.index[[0, -1]]
    if not exceptions:
        return (
            f"{told} The least is {ends[0]} with {percent(by_package[ends[0]])}, the most "
            f"{ends[1]} with {percent(by_package[ends[1]])}."
        )
    named = [f"{name} ({percent(by_package[name])})" for name in exceptions[:_NAMED]]
    more = len(exceptions) - _NAMED
    rest = [f"{more} more"] if more > 0 else []
    one = "The exception is" if len(exceptions) == 1 else "The exceptions are"
    return f"{told} {one} {listed([*named, *rest])}."


def _histogram(
    asking: Asking, country: str, shares: pd.Series[float], found: Dominance, period: Period
) -> Figure:
    unit = f"Share of {place(country)} in a package's downloads"
    return Figure(
        title=f"How the share of {place(country)} is distributed over packages, {when(period)}",
        unit=unit,
        alt=f"Histogram of {found.count} packages. {unit}: median {percent(found.median)}, "
        f"quartiles {percent(found.lower_quartile)} and {percent(found.upper_quartile)}, from "
        f"{percent(float(shares.min()))} to {percent(float(shares.max()))}.",
        draw=lambda theme: share_histogram(
            shares, theme, asking.signature, unit=unit, counted="packages", reference=0.5
        ),
        note="Shade: the middle half of the packages. Dashes: half of a package's downloads.",
    )


def _bars(
    asking: Asking, country: str, detail: pd.DataFrame | None, found: Dominance, period: Period
) -> Figure | None:
    if detail is None:
        return None
    ordered = detail.sort_values("share", ascending=found.majority * 2 >= found.count)
    frame = pd.DataFrame(
        {
            "label": ordered["series"],
            "value": ordered["share"],
            "low": ordered["low"],
            "high": ordered["high"],
        }
    )
    unit = f"Share of {place(country)} in the package's downloads"
    return interval_figure(
        asking,
        frame,
        title=f"Packages that are the exceptions, by their share, {when(period)}",
        unit=unit,
        show=percent,
        reference=0.5,
        note="Lines: 95 % intervals, of resampled whole weeks (Künsch, 1989).",
    )


def _caveats(asking: Asking, shares: Shares) -> tuple[str, ...]:
    frame = shares.frame
    unknown = int(frame["unknown"].sum())
    whole = max(unknown + int(frame["known"].sum()), 1)
    few = list(frame["project"][frame["known"] < LEAST])
    left_out = (
        [
            f"Left out, of fewer than {LEAST:,} downloads: {wording.counted(len(few), 'package')}, "
            f"{listed(few[:_NAMED])}{' and others' if len(few) > _NAMED else ''}."
        ]
        if few
        else []
    )
    every = asking.found.state.packages is None
    return (
        f"{percent(unknown / whole)} of the downloads have no known country: shares are of the "
        "others.",
        *left_out,
        *([f"Looked at are the {len(frame):,} most downloaded packages of PyPI."] if every else []),
        *wording.caveats(asking, shares.period),
    )


def _table(country: str, shares: Shares) -> pd.DataFrame:
    rows = shares.frame.sort_values(["share", "project"], ignore_index=True)
    return pd.DataFrame(
        {
            "Package": rows["project"],
            f"Share of {country_name(country)}": rows["share"],
            f"Downloads from {country_name(country)}": rows["country"],
            "Downloads with a known country": rows["known"],
            "Downloads of unknown country": rows["unknown"],
            "Counted here": rows["known"] >= LEAST,
        }
    )


QUESTION = Question(
    key="us-dominance",
    prompt="Does the United States dominate every package?",
    teaser="How a country's share is distributed over packages, with the exceptions named",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(country=True, default_country=_DEFAULT_COUNTRY, period=Preset.YEAR),
    needs=(Need(Grain.MONTH, ("project", "country")),),
    answer=_answer,
    words=(
        "dominate",
        "dominates",
        "dominance",
        "share of the US",
        "American share",
        "every package",
    ),
)
