"""Whether interest leads or follows downloads: at which lag their changes go together, if any."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from lib.analysis.discoveries import FALSE_DISCOVERIES
from lib.analysis.lead_lag import FEWEST_CHANGES, Lag, LeadLag, Order, lead_lag
from lib.cubes import Grain
from lib.finding_charts.lags import lag_plot
from lib.formats import moment, percent
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.interest import SIGNAL, Interest, interest_in, too_few
from lib.questions.telling import wording
from lib.questions.telling.interest_figure import indexed_figure
from lib.questions.telling.interest_words import caveats, short, subject
from lib.selection import Preset, listed


@dataclass(frozen=True, eq=False)
class Lead:
    """What is found of interest and downloads, at all lags."""

    interest: Interest
    told: LeadLag

    @property
    def strongest(self) -> Lag:
        """The lag at which they go together the most."""
        return self.told.strongest

    @property
    def span(self) -> str:
        """The months that were looked at: `Mar 2018 to Oct 2026`."""
        first, last = (moment(each, Grain.MONTH) for each in (self.told.first, self.told.last))
        return f"{first} to {last}"


def _answer(asking: Asking) -> Finding:
    interest = interest_in(asking)
    told = lead_lag(interest.frame)
    if told is None:
        raise too_few(
            interest,
            FEWEST_CHANGES + 1,
            "in a row or nearly so, that are counted alike and vary: choose a longer period",
        )
    found = Lead(interest, told)
    return Finding(
        sentence=_sentence(found),
        details=_details(found),
        number=_number(found),
        interval=f"{_correlation(found.strongest)} at {_apart(found.strongest)}",
        certainty=_certainty(found),
        would_change=(
            "More months: of few, only a close connection shows. Leads of less than a month cannot "
            "be told from months. Another signal, for people who ask are not those who search."
        ),
        period=interest.period,
        figures=(_lags(found), indexed_figure(interest)),
        table=_table(found),
        answers=(interest.answer,),
        packages=asking.packages,
        breaks=interest.breaks,
        caveats=(
            *caveats(interest),
            "Changes are never taken across a break of the record or a month that it spoils.",
            *wording.caveats(asking, interest.period),
        ),
    )


def _sentence(found: Lead) -> str:
    lag, package = found.strongest, found.interest.package
    who = _who(found)
    begin = {
        Order.LEADS: f"{who} run {_months(lag)} ahead of the downloads of {package}",
        Order.FOLLOWS: f"{who} run {_months(lag)} behind the downloads of {package}",
        Order.TOGETHER: f"{who} and the downloads of {package} move in the same month",
        Order.UNCLEAR: f"{who} and the downloads of {package} move together, but which is first "
        "cannot be told",
        Order.NONE: f"No lead found between {subject(found.interest)} and the downloads of "
        f"{package}: the strongest connection, at {_apart(lag)}, may be chance",
    }[found.told.order]
    return f"{begin} ({_correlation(lag)}; {found.span})."


def _who(found: Lead) -> str:
    """What is counted, at the beginning of a sentence."""
    text = subject(found.interest)
    return text[:1].upper() + text[1:]


def _details(found: Lead) -> str:
    """What else is found: in which direction, and at which other lags."""
    if found.told.order is Order.NONE:
        return ""
    told = []
    if found.strongest.correlation < 0:
        told.append("They move against each other: where one rises, the other falls.")
    others = [
        lag
        for lag in found.told.lags
        if lag.adjusted <= FALSE_DISCOVERIES and lag is not found.strongest
    ]
    if others:
        told.append(f"They go together too at {listed([_apart(lag) for lag in others])}.")
    if found.told.order is Order.UNCLEAR:
        told.append(f"The connection is strongest at {_apart(found.strongest)}.")
    return " ".join(told)


def _number(found: Lead) -> str:
    lag = found.strongest
    return {
        Order.LEADS: f"{_months(lag)} ahead",
        Order.FOLLOWS: f"{_months(lag)} behind",
        Order.TOGETHER: "Same month",
        Order.UNCLEAR: "Together",
        Order.NONE: "No lead found",
    }[found.told.order]


def _certainty(found: Lead) -> str:
    told = found.told
    sure = (
        ""
        if told.side is None
        else f" In {percent(told.side)} of resamples the strongest lag is on the same side; an "
        "order is told from 80 % on."
    )
    return (
        f"From {told.changes} changes from month to month, of logarithms, without the season, and "
        f"without what each change of interest owes to those before (an autoregression of order "
        f"{told.terms}). The p-value is {_p_value(found.strongest)} after the correction for "
        f"{len(told.lags)} lags, by permutations.{sure}"
    )


def _months(lag: Lag) -> str:
    return wording.counted(abs(lag.months), "month")


def _apart(lag: Lag) -> str:
    """A lag in words: `2 months ahead`, `the same month`."""
    if lag.months == 0:
        return "the same month"
    return f"{_months(lag)} {'ahead' if lag.months > 0 else 'behind'}"


def _correlation(lag: Lag) -> str:
    return f"r = {lag.correlation:.2f}, 95 % interval {lag.low:.2f} to {lag.high:.2f}"


def _p_value(lag: Lag) -> str:
    return f"{lag.adjusted:.3f}" if lag.adjusted < 0.1 else f"{lag.adjusted:.2f}"


def _lags(found: Lead) -> Figure:
    told, interest = found.told, found.interest
    frame = pd.DataFrame(
        {
            "lag": [lag.months for lag in told.lags],
            "correlation": [lag.correlation for lag in told.lags],
            "low": [lag.low for lag in told.lags],
            "high": [lag.high for lag in told.lags],
            "strong": [lag.adjusted <= FALSE_DISCOVERIES for lag in told.lags],
            "label": [html.escape(f"{_apart(lag)}: {_correlation(lag)}") for lag in told.lags],
        }
    )
    unit = "Correlation of prewhitened monthly changes"
    label = short(interest)
    return Figure(
        title=f"How changes of {label} go with those of downloads of {interest.package}, by lag",
        unit=unit,
        alt=f"{unit}. " + "; ".join(f"{_apart(lag)} {lag.correlation:.2f}" for lag in told.lags),
        draw=lambda theme: lag_plot(
            frame,
            theme,
            interest.axis.signature,
            band=told.band,
            unit=unit,
            across="Months by which interest is ahead",
            sides=("← downloads first", "interest first →"),
        ),
        note="Shaded: what the strongest of all lags of unrelated series stays within in 19 of 20 "
        "cases. Thin lines: 95 % intervals of each lag alone.",
    )


def _table(found: Lead) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Interest ahead by (months)": lag.months,
                "Correlation": lag.correlation,
                "Low (95 %)": lag.low,
                "High (95 %)": lag.high,
                "p-value, all lags": lag.adjusted,
                "Months": lag.pairs,
            }
            for lag in found.told.lags
        ]
    )


QUESTION = Question(
    key="interest-leads",
    prompt="Does interest lead or follow downloads?",
    teaser="Whether questions, searches or page views run ahead of a package's downloads",
    shelf=Shelf.BEYOND,
    parameters=Parameters(
        packages=PackageChoice(fewest=1, most=1, default=("polars",)),
        period=Preset.ALL,
        options=(SIGNAL,),
    ),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
)
