"""Whether downloads follow technology trends: groups that rise and fall, and their S-curves."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from lib.breaks import Break
from lib.cubes import Grain
from lib.formats import day, moment, percent
from lib.packages import groups
from lib.questions.finding import Finding
from lib.questions.question import (
    Asking,
    Need,
    Option,
    Parameters,
    Question,
    SetChoice,
    Shelf,
    group_set,
)
from lib.questions.rows.set_trends import SetTrends, set_trends
from lib.questions.telling import wording
from lib.questions.telling.growth_figure import growth_parts, growth_words
from lib.questions.telling.set_trend_figures import adoption_curves, group_growth, group_shares
from lib.router import Period
from lib.selection import Preset, listed

_SPANS = (
    ("36", "the last 3 years"),
    ("24", "the last 2 years"),
    ("12", "the last year"),
    ("all", "the whole period"),
)

_MOST_NAMED = 3


def _answer(asking: Asking) -> Finding:
    span = asking.asked.option("over")
    found = set_trends(asking, None if span == "all" else int(span))
    rivals = found.rivals
    told = _most_moved(found)
    crossed = asking.breaks(found.period)
    return Finding(
        sentence=_sentence(asking, found),
        details=" ".join(filter(None, (_risen(found), _curved(found)))),
        number=f"{told[0]} {growth_parts(*told[1:])[0]} a year" if told else "No sure trend",
        interval=_interval(told),
        certainty=(
            "A trend is the Theil–Sen slope of the logarithm of a group's share of all downloads "
            "held, month by month; its 95 % interval allows for months that resemble each other. "
            "Of the groups said to rise or fall, about 5 % may do neither (Benjamini and "
            "Hochberg, 1995). An S-curve is told where it fits better than exponential growth and "
            "than a line, and where its ceiling is known."
        ),
        would_change=(
            "The packages of a group, which can be changed, and what else is held: a share falls "
            "too where everything else grows."
        ),
        period=rivals.period,
        figures=tuple(
            figure
            for figure in (
                group_growth(asking, found),
                group_shares(asking, found),
                adoption_curves(asking, found),
            )
            if figure
        ),
        table=_table(found),
        answers=(rivals.answer, found.everything, found.packages),
        packages=rivals.packages,
        breaks=asking.breaks(rivals.period),
        caveats=tuple(filter(None, _caveats(asking, found, crossed))),
    )


def _most_moved(found: SetTrends) -> tuple[str, float, float, float] | None:
    """The group told first, with its growth: what rises fastest, or else what falls fastest."""
    rows = pd.concat([found.rising.head(1), found.falling.head(1)])
    if rows.empty:
        return None
    name, growth, low, high = rows[["series", "rate", "low", "high"]].iloc[0].to_list()
    return str(name), float(growth), float(low), float(high)


def _sentence(asking: Asking, found: SetTrends) -> str:
    rising, falling, count = found.rising, found.falling, len(found.growth)
    of = f"{wording.all_packages(asking)}, {wording.when(found.period)}"
    fastest = [
        f"{way} is {_called(found, name)}, {growth_words(*growth)} a year"
        for way, rows in (("fastest up", rising), ("fastest down", falling))
        for name, *growth in rows[["series", "rate", "low", "high"]].head(1).to_numpy().tolist()
    ]
    if not fastest:
        one = "The group neither rises nor falls surely"
        none = one if count == 1 else f"None of the {count} groups surely rises or falls"
        begin = f"{none} as a share of the downloads of {of}"
    elif count == 1:
        name, *growth = _most_moved(found) or ("", 0.0, 0.0, 0.0)
        begin = (
            f"{name} surely {'rises' if growth[0] > 0 else 'falls'} as a share of the downloads of "
            f"{of}: {growth_words(*growth)} a year"
        )
    else:
        begin = (
            f"Of {count} groups, {_how_many(rising, 'rises', 'rise')} and "
            f"{_how_many(falling, 'falls', 'fall')} surely as shares of the downloads of {of}: "
            f"{'; '.join(fastest)}"
        )
    return f"{begin}."


def _how_many(rows: pd.DataFrame, one: str, more: str) -> str:
    count = len(rows)
    return f"{count or 'none'} {wording.agreeing(count or 1, one, more)}"


def _called(found: SetTrends, name: str) -> str:
    """A group with the package that it comes down to, where one alone is held."""
    held = found.rivals.members[name]
    return f"{name} ({held[0]} alone)" if held != (name,) and len(held) == 1 else name


def _risen(found: SetTrends) -> str:
    """The package that rises fastest in words."""
    rows = found.risen_packages[["series", "rate", "low", "high"]].head(1).to_numpy().tolist()
    if not rows:
        return ""
    name, *growth = rows[0]
    return f"Of their packages {name} rises fastest, {growth_words(*growth)} a year."


def _curved(found: SetTrends) -> str:
    """The fastest S-curves in words."""
    packages = wording.counted(len(found.package_shares.columns), "package")
    if not found.adopted:
        return f"None of {packages} has a clear S-curve."
    named = [
        f"{name} ({_months(each.rise.value)}, half in {moment(each.midpoint, Grain.MONTH)})"
        for name, each in list(found.adopted.items())[:_MOST_NAMED]
    ]
    return (
        f"{len(found.adopted)} of {packages} {wording.agreeing(len(found.adopted), 'has', 'have')} "
        f"a clear S-curve; fastest from 10 % to 90 % of a ceiling: {listed(named)}."
    )


def _months(count: float) -> str:
    return "a month" if count < 1.5 else f"{count:.0f} months"


def _interval(told: tuple[str, float, float, float] | None) -> str:
    if told is None:
        return "no group differs from no growth after the correction for so many"
    return f"95 % interval {growth_parts(*told[1:])[1]}"


def _caveats(asking: Asking, found: SetTrends, crossed: tuple[Break, ...]) -> tuple[str, ...]:
    named = "; ".join(_when_it_breaks(each, found.period) for each in crossed)
    return (
        "Trends are of shares, in which breaks of the record that hit all packages alike cancel. "
        "Where one hits the groups differently, as when other installers are counted, a step "
        f"remains. Within the months of the trend: {named}."
        if crossed
        else "",
        f"Shares are of {wording.all_packages(asking)}: what is not held cannot take any."
        if asking.found.state.packages is not None
        else "",
        "A download follows a build more than an idea: what becomes a dependency of much else "
        "rises within weeks, whether anybody chose it or not.",
        "S-curves of packages that a file leaves out while they are small lack their beginning."
        if "files" in asking.found.state.sources
        else "",
        *found.rivals.caveats,
        *wording.caveats(asking, found.rivals.period),
    )


def _when_it_breaks(found: Break, period: Period) -> str:
    """A break with the day on which it begins or ends within a period."""
    if found.first > period.first:
        return f"{found.title}, from {day(found.first)}"
    return f"{found.title}, until {day(found.last or period.last)}"


def _table(found: SetTrends) -> pd.DataFrame:
    last = found.shares.ffill().iloc[-1]
    groups_told = [
        {
            "Kind": "Group",
            "Name": row["series"],
            "Packages": ", ".join(found.rivals.members[row["series"]]),
            "Share of all held": last[row["series"]],
            "Growth of its share a year": row["rate"],
            "Low": row["low"],
            "High": row["high"],
            "q": row["q_value"],
            "Trend": _trend(row["found"], row["rate"]),
        }
        for row in found.growth.sort_values("rate", ascending=False).to_dict("records")
    ]
    grown = {row["series"]: row for row in found.package_growth.to_dict("records")}
    last_package = found.package_shares.ffill().iloc[-1]
    names = dict.fromkeys((*found.adopted, *found.risen_packages["series"]))
    return pd.DataFrame([*groups_told, *(_row(found, grown, last_package, n) for n in names)])


def _row(
    found: SetTrends,
    grown: dict[str, dict[Hashable, Any]],
    last: pd.Series[float],
    name: str,
) -> dict[str, object]:
    row, curve = grown.get(name), found.adopted.get(name)
    told: dict[str, object] = {"Kind": "Package", "Name": name, "Share of all held": last[name]}
    if row:
        told["Growth of its share a year"] = row["rate"]
        told |= {"Low": row["low"], "High": row["high"], "q": row["q_value"]}
        told["Trend"] = _trend(row["found"], row["rate"])
    if curve:
        rise = curve.rise
        told["Half of its ceiling"] = moment(curve.midpoint, Grain.MONTH)
        told["Months from 10 % to 90 %"] = f"{rise.value:.0f} ({rise.low:.0f} to {rise.high:.0f})"
        told["Ceiling (share)"] = percent(curve.ceiling.value)
    return told


def _trend(found: bool, growth: float) -> str:
    if pd.isna(growth):
        return "too few months"
    return ("rises" if growth > 0 else "falls") if found else "no sure trend"


QUESTION = Question(
    key="technology-trends",
    prompt="Do downloads follow technology trends?",
    teaser="Groups of packages that rise and fall, and how fast the fastest were adopted",
    shelf=Shelf.INTERESTING,
    parameters=Parameters(
        sets=SetChoice(1, 20, tuple(group_set(name) for name in groups())),
        period=Preset.ALL,
        options=(Option("over", "Trend over", _SPANS),),
    ),
    needs=(Need(Grain.MONTH, ("project",)),),
    answer=_answer,
)
