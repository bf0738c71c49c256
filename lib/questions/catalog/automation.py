"""What share of downloads is CI, mirrors, browsers and scripts, or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lib import charts
from lib.analysis.automation import CI, Part, mirrored
from lib.analysis.shares import course_grain, shares_over_time
from lib.cubes import Grain
from lib.formats import percent
from lib.installers import LABELS, InstallerClass
from lib.panels.context import last_values
from lib.questions.finding import COUNTED, Figure, Finding
from lib.questions.question import (
    Asking,
    CannotTell,
    Need,
    PackageChoice,
    Parameters,
    Question,
    Shelf,
)
from lib.questions.rows.automation_rows import (
    KINDS,
    MIRRORS,
    Told,
    covering,
    packages_told,
    told_of,
)
from lib.questions.telling import wording
from lib.questions.telling.row_figures import bar_figure
from lib.questions.telling.wording import during, when
from lib.router import Period
from lib.selection import Preset, listed

_LABELS = {
    CI: "In CI, at least",
    MIRRORS: LABELS[InstallerClass.MIRRORS],
    str(InstallerClass.BROWSERS): LABELS[InstallerClass.BROWSERS],
    str(InstallerClass.UNKNOWN): "Unknown installer",
}

_PHRASES = {
    CI: "say that they run in CI",
    MIRRORS: "go to mirrors",
    str(InstallerClass.BROWSERS): "to browsers and scripts",
    str(InstallerClass.UNKNOWN): "to an unknown installer",
}

_MOST_BARS = 12


def _answer(asking: Asking) -> Finding:
    told = [each for name in KINDS if (each := told_of(asking, name))]
    if not told:
        asking.found.answer(asking.selection.query(asking.period, by=("installer",)))
        raise CannotTell("No downloads are held of what is asked in these days.")
    found = {part.kind: part for each in told for part in each.parts}
    packages, answers = packages_told(asking, told)
    first, period = told[0].parts[0], covering(told)
    return Finding(
        sentence=_sentence(asking, found),
        details=_mirrored_most(packages),
        number=_number(first),
        interval=f"{COUNTED}; {percent(first.low)} to {percent(first.high)} in a {first.grain}",
        certainty=(
            "Every download held is counted. The CI flag is true or missing, never false, and "
            "hardly any installer but pip and uv sends it: what is not flagged may be CI or not, "
            "and the share is a lower bound. Mirrors, browsers and scripts are told by the "
            "installer's name."
        ),
        would_change=(
            "CI that does not say so, and mirrors and scripts under another name: unknown "
            "downloads may be any of these. The CI flag and the installer's name are two "
            "properties of one download: their shares are not to be added."
        ),
        period=period,
        figures=(_course(asking, told, period), *_most_mirrored(asking, packages, found)),
        table=_table(asking, packages, found),
        answers=(*(each.answer for each in told), *answers),
        packages=asking.packages,
        breaks=asking.breaks(period, *(each.dimension for each in told)),
        caveats=(*_caveats(asking, told, packages), *wording.caveats(asking, period)),
    )


def _number(part: Part) -> str:
    return (
        f"at least {percent(part.share)} CI"
        if part.kind == CI
        else f"{percent(part.share)} mirrors"
    )


def _sentence(asking: Asking, found: Mapping[str, Part]) -> str:
    of = f"downloads of {wording.subject(asking)}"
    by_name = [found[kind] for kind in KINDS["installer"] if kind in found]
    if not by_name:
        return f"{_flagged(found[CI], of)}."
    named = listed([f"{percent(part.share)} {_PHRASES[part.kind]}" for part in by_name])
    days = during(by_name[0].period)
    if CI not in found:
        return f"Of {of} {days}, {named}."
    same_days = by_name[0].period == found[CI].period
    return f"{_flagged(found[CI], of)}; {named}{'' if same_days else f' {days}'}."


def _flagged(part: Part, of: str) -> str:
    return f"At least {percent(part.share)} of {of} {during(part.period)} {_PHRASES[CI]}"


def _mirrored_most(packages: pd.DataFrame) -> str:
    if MIRRORS not in packages or len(packages) < 2:
        return ""
    most = packages.iloc[int(packages[MIRRORS].argmax())]
    share = percent(float(most[MIRRORS]))
    return f"{most['project']} is mirrored most, with {share} of its downloads."


def _caveats(asking: Asking, told: Sequence[Told], packages: pd.DataFrame) -> list[str]:
    found = []
    held = {each.dimension for each in told}
    if "ci" not in held:
        found.append("The share of CI is not told: the store does not hold it for these days.")
    if "installer" not in held:
        found.append(
            "Mirrors, browsers and unknown installers are not told: the store does not hold them "
            "for these days."
        )
    for period in dict.fromkeys(each.parts[0].period for each in told):
        if period.days < covering(told).days:
            found.append(
                f"The shares told are those of {when(period)}: other days are counted otherwise, "
                "or not recorded."
            )
    relation = mirrored(packages) if MIRRORS in packages else None
    if relation and relation.p_value < 0.05 and relation.correlation < 0:
        found.append(
            f"Packages with fewer downloads are mirrored more (Spearman's rank correlation "
            f"{relation.correlation:.2f} over {relation.packages} packages, p "
            f"{_chance(relation.p_value)}); possibly because a mirror takes each file once, "
            "however popular it is."
        )
    return found


def _chance(p_value: float) -> str:
    return "under 0.001" if p_value < 0.001 else f"= {p_value:.2g}"


def _course(asking: Asking, told: Sequence[Told], period: Period) -> Figure:
    """The shares of each week, or month."""
    daily = all(each.grain is Grain.DAY for each in told)
    grain = course_grain(period, daily=daily)
    drawn = []
    for each in told:
        shares = shares_over_time(each.frame, grain, period)
        drawn.append(shares[shares["series"].isin(KINDS[each.dimension])])
    frame = pd.concat(drawn, ignore_index=True)
    frame["label"] = frame["series"].map(_LABELS)
    axis = asking.axis(period, grain, *(each.dimension for each in told))
    unit = f"Share of downloads, each {grain}"
    return Figure(
        title=f"Shares in downloads of {wording.subject(asking)}",
        unit=unit,
        alt=f"{unit}. {last_values(frame, share=True)}",
        draw=lambda theme: charts.lines(frame, theme, axis, unit=unit, share=True),
        axis=axis,
    )


def _most_mirrored(
    asking: Asking, packages: pd.DataFrame, found: Mapping[str, Part]
) -> tuple[Figure, ...]:
    """The packages of whose downloads mirrors make the largest share, where there are several."""
    if MIRRORS not in packages or len(packages) < 2:
        return ()
    most = packages.sort_values([MIRRORS, "project"], ascending=[False, True]).head(_MOST_BARS)
    frame = pd.DataFrame({"label": most["project"], "value": most[MIRRORS]})
    usual = found[MIRRORS].share
    unit = "Share of mirrors in the package's downloads"
    return (
        bar_figure(
            asking,
            frame,
            title=f"The packages mirrored most, {when(found[MIRRORS].period)}",
            unit=unit,
            show=percent,
            reference=usual,
            note=f"Dashed: {percent(usual)}, the share of mirrors in all of these downloads.",
        ),
    )


def _table(asking: Asking, packages: pd.DataFrame, found: Mapping[str, Part]) -> pd.DataFrame:
    """The shares together, and then of each package."""
    together = {kind: part.share for kind, part in found.items()}
    whole = max(part.whole for part in found.values())
    first = pd.DataFrame([{"project": "Together", "downloads": whole, **together}])
    rows = pd.concat([first, packages], ignore_index=True) if len(packages) > 1 else first
    names = {"project": "Package", "downloads": "Downloads"}
    kinds_told = [kind for names_told in KINDS.values() for kind in names_told if kind in found]
    names |= {kind: _LABELS[kind] for kind in kinds_told}
    return rows.reindex(columns=list(names)).rename(columns=names)


QUESTION = Question(
    key="automation",
    prompt="What share is CI, mirrors, unknown?",
    teaser="How much says that it is a machine, by share and over time, and what is mirrored most",
    shelf=Shelf.BEYOND,
    parameters=Parameters(packages=PackageChoice(fewest=0), period=Preset.YEAR),
    needs=(
        Need(Grain.MONTH, ("ci",), optional=True),
        Need(Grain.MONTH, ("installer",), optional=True),
    ),
    answer=_answer,
    words=("ci", "mirrors", "mirror", "bots", "automation", "unknown installers", "scripts"),
)
