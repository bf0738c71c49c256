"""One package against others over time: how many times its downloads are theirs, and its growth."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from lib import charts
from lib.analysis.growth import FEWEST, daily_means, growth_many, mean_grain
from lib.analysis.latest_ratio import Ratio, latest_ratio
from lib.cubes import MAX_PACKAGES, Grain
from lib.formats import moment
from lib.panels.context import last_values
from lib.questions.finding import Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.rivals import Rivals, rival_packages
from lib.questions.telling import wording
from lib.questions.telling.factors import factor, factor_interval
from lib.questions.telling.growth_figure import growth_figure, growth_words
from lib.questions.telling.row_figures import interval_figure
from lib.selection import Preset, listed

_TOLD = 3
"""How many others the sentence names; all are in the figures and the table."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is found of the packages: the ratio of the first to each other, and the growth of each.

    `ratios` are those that are known. `growth` has the columns of `growth_many`, and `sure`:
    whether the interval leaves out no growth.
    """

    rivals: Rivals
    ratios: dict[str, Ratio]
    growth: pd.DataFrame

    @property
    def one(self) -> str:
        """The package named first, which the others are held against."""
        return self.rivals.names[0]

    @property
    def others(self) -> list[str]:
        """The others whose ratio is known, from the one that it is most ahead of."""
        return sorted(self.ratios, key=lambda name: -self.ratios[name].value)


def _answer(asking: Asking) -> Finding:
    found = _comparison(asking)
    rivals = found.rivals
    first = found.ratios[found.others[0]]
    course = rivals.answer
    return Finding(
        sentence=_sentence(asking, found),
        details=_grows(found),
        number=factor(first.value),
        interval=f"{_interval(first)}: {found.one} over {found.others[0]}",
        certainty=(
            "A ratio is of all downloads counted in the last twelve months held, or of those asked "
            f"for where they are fewer; its 95 % interval is from resampling {rivals.grain}s in "
            "blocks. Growth is the Theil–Sen slope of the logarithms within the latest days that "
            "are counted alike; its interval allows for neighbors that resemble each other."
        ),
        would_change=(
            "Another period; and what installs the packages: one that is a dependency of much "
            "else is downloaded with it."
        ),
        period=rivals.period,
        figures=tuple(
            figure
            for figure in (
                _lines(asking, found),
                _ratio_figure(asking, found),
                growth_figure(
                    asking,
                    found.growth,
                    title="Growth a year",
                    unit="Downloads a year later over those now",
                    note="Gray: an interval that holds no growth.",
                ),
            )
            if figure
        ),
        table=_table(found),
        answers=(course,),
        packages=asking.packages,
        breaks=asking.breaks(rivals.period),
        caveats=(*_caveats(found), *rivals.caveats, *wording.caveats(asking, rivals.period)),
    )


def _comparison(asking: Asking) -> Comparison:
    finest = asking.found.grains(tuple(filter(asking.found.holds, asking.packages)))
    grain = Grain.DAY if Grain.DAY in finest and asking.holds(Grain.DAY) else Grain.MONTH
    rivals = rival_packages(asking, grain, fewest=2)
    one, *others = rivals.names
    told = ((name, latest_ratio(rivals.frame, grain, one, name)) for name in others)
    ratios = {name: ratio for name, ratio in told if ratio}
    if not ratios:
        raise CannotTell(
            f"{one} is known together with another of these in fewer than four months, or four "
            "weeks of days: choose a longer period."
        )
    means = daily_means(rivals.frame, grain).reindex(columns=list(rivals.names))
    growth = growth_many(means, mean_grain(grain))
    sure = (growth["low"] > 0) | (growth["high"] < 0)
    return Comparison(rivals, ratios, growth.assign(sure=sure))


def _sentence(asking: Asking, found: Comparison) -> str:
    first = found.ratios[found.others[0]]
    told = [
        f"{factor(ratio.value)} those of {name} ({_interval(ratio)})"
        for name in found.others[:_TOLD]
        if (ratio := found.ratios[name])
    ]
    return (
        f"Downloads of {found.one}{wording.from_where(asking)} were {listed(told)} in the "
        f"{first.periods} {found.rivals.grain}s to {moment(first.last, found.rivals.grain)}."
    )


def _grows(found: Comparison) -> str:
    """The growth of each package in words, as far as it can be told."""
    known = found.growth[found.growth["rate"].notna()]
    known = known[known["series"].isin([found.one, *found.others[:_TOLD]])]
    if known.empty:
        return "Growth cannot be told: too little is counted alike."
    rows = known[["series", "rate", "low", "high"]].itertuples(index=False)
    told = [f"{name} {growth_words(*growth)}" for name, *growth in rows]
    first, last = known["first"].min(), known["last"].max()
    grain = mean_grain(found.rivals.grain)
    return f"Growth a year from {moment(first, grain)} to {moment(last, grain)}: {'; '.join(told)}."


def _interval(ratio: Ratio) -> str:
    return factor_interval(ratio.low, ratio.high)


def _caveats(found: Comparison) -> tuple[str, ...]:
    told = []
    grain = mean_grain(found.rivals.grain)
    missing = list(found.growth.loc[found.growth["rate"].isna(), "series"])
    if missing:
        told.append(
            f"No growth is told of {listed(missing)}: it takes {FEWEST[grain]} {grain}s that are "
            "counted alike."
        )
    known = found.growth[found.growth["rate"].notna()]
    if len(known) and (known["last"] - known["first"]).max() < pd.Timedelta(days=340):
        told.append(
            "Growth is from less than a year: a season, such as the end of holidays, looks like "
            "growth too."
        )
    if len({(each.first, each.last, each.periods) for each in found.ratios.values()}) > 1:
        told.append(f"Each ratio is of the {found.rivals.grain}s known of both: not all the same.")
    unknown = [name for name in found.rivals.names[1:] if name not in found.ratios]
    if unknown:
        told.append(f"{found.one} is not known together with {listed(unknown)} for long enough.")
    return tuple(told)


def _lines(asking: Asking, found: Comparison) -> Figure:
    names = found.rivals.names
    grain = asking.found.grain(asking.selection, found.rivals.period)
    rivals = found.rivals if grain is found.rivals.grain else rival_packages(asking, grain)
    frame = rivals.frame.sort_values("period", kind="stable").assign(partial=False)
    frame["label"] = frame["series"].map(html.escape)
    frame["value"] = frame["downloads"].where(frame["downloads"] > 0)
    axis = asking.axis(rivals.period, grain)
    unit = f"Downloads per {grain}"
    return Figure(
        title=f"{unit} of {listed(names)}, log scale",
        unit=unit,
        alt=f"{unit}, {wording.when(rivals.period)}. {last_values(frame, share=False)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, log=True),
        axis=axis,
        note="Equal distances are equal ratios.",
    )


def _ratio_figure(asking: Asking, found: Comparison) -> Figure:
    ratios = [found.ratios[name] for name in found.others]
    frame = pd.DataFrame(
        {
            "label": [f"over {name}" for name in found.others],
            "value": [ratio.value for ratio in ratios],
            "low": [max(ratio.low, 1e-6) for ratio in ratios],
            "high": [min(ratio.high, 1e6) for ratio in ratios],
        }
    )
    unit = f"Downloads of {found.one} over those of another, last twelve months held"
    return interval_figure(
        asking,
        frame,
        title=f"Downloads of {found.one} over those of each other package",
        unit=unit,
        show=factor,
        reference=1.0,
        log=True,
        note="The line at ×1 is as many downloads as the other.",
    )


def _table(found: Comparison) -> pd.DataFrame:
    sums = found.rivals.frame.groupby("series")["downloads"].sum()
    growth = found.growth.set_index("series").reindex(list(found.rivals.names))
    ratios = [found.ratios.get(name) for name in found.rivals.names]
    return pd.DataFrame(
        {
            "Package": list(found.rivals.names),
            "Downloads in the period": sums.reindex(list(found.rivals.names)).to_numpy(),
            f"{found.one} over it": [each.value if each else None for each in ratios],
            "Ratio, low": [each.low if each else None for each in ratios],
            "Ratio, high": [each.high if each else None for each in ratios],
            "Growth a year": growth["rate"].to_numpy(),
            "Growth, low": growth["low"].to_numpy(),
            "Growth, high": growth["high"].to_numpy(),
        }
    )


QUESTION = Question(
    key="one-against-another",
    prompt="How does one package do against another over time?",
    teaser="How many times the downloads of one are those of another, and how fast each grows",
    shelf=Shelf.SIMPLE,
    parameters=Parameters(
        packages=PackageChoice(fewest=2, most=MAX_PACKAGES, default=("numpy", "pandas")),
        country=True,
        period=Preset.ALL,
    ),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
)
