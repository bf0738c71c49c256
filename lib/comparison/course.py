"""How much a package is downloaded, where it stands, how that changes: cells of a comparison."""

from __future__ import annotations

from lib.analysis.growth import daily_means, growth, mean_grain
from lib.analysis.seasonality import weekly_dips
from lib.comparison.cell import Cell, untold
from lib.cubes import Grain
from lib.formats import change, compact, day, days
from lib.profile.levels import levels
from lib.profile.standing import standing
from lib.profile.unusual import unusual
from lib.questions.question import Asking
from lib.questions.rows.by_day import by_package
from lib.questions.rows.package_change import package_change


def levels_of(asking: Asking) -> dict[str, Cell]:
    """The newest day, 7 and 30 days (of months month and year) with their change, and all held."""
    cells: dict[str, Cell] = {}
    for level in levels(asking):
        if level.downloads is None:
            cells[level.label] = untold(level.why_not)
            continue
        text = compact(level.downloads)
        if level.compared:
            ratio = level.compared.ratio
            text += f" ({level.compared.why_not if ratio is None else change(ratio)})"
        else:
            text += f" since {day(level.period.first)}"
        cells[level.label] = Cell(text, level.downloads, period=level.period)
    return cells


def rank_of(asking: Asking) -> Cell:
    """The rank among all that are held, in the last whole month."""
    rank = standing(asking).month
    if rank is None:
        return untold("No downloads in the last whole month.")
    text = f"#{rank.place:,} of {rank.counted:,}"
    return Cell(text, rank.place, period=rank.period)


def change_of(asking: Asking) -> Cell:
    """The change of the last whole month from the one before, of shares across a break."""
    found = package_change(asking)
    row = found.row
    if row["low"] != row["low"]:
        return untold(f"{days(found.after.first, found.after.last)}: {row['movement']}.")
    of = " of its share" if found.moves.by_share else ""
    ends = f"{change(row['low'])} to {change(row['high'])}"
    text = f"{change(row['change'])}{of} ({ends})"
    return Cell(text, row["change"], row["low"], row["high"], found.both)


def growth_of(asking: Asking) -> Cell:
    """The growth a year since the last break in the period."""
    daily = asking.holds(Grain.DAY)
    grain = Grain.DAY if daily else Grain.MONTH
    answer = asking.found.over_time(asking.selection, asking.period, grain)
    frame = asking.with_stretches(answer.frame[~answer.frame["partial"]], grain)
    means = daily_means(frame, grain)
    name = asking.packages[0]
    found = growth(means[name], mean_grain(grain)) if name in means else None
    if found is None:
        return untold("Too few weeks or months since the last break of the record.")
    text = f"{change(found.rate)} ({change(found.low)} to {change(found.high)})"
    return Cell(text, found.rate, found.low, found.high, answer.period)


def weekend_of(asking: Asking) -> Cell:
    """Downloads of a weekend day over those of a midweek day."""
    rows = by_package(asking, asking.period)
    dip = weekly_dips(rows.of_first).get(rows.first)
    if dip is None:
        return untold("Too few whole weeks.")
    text = f"{dip.ratio:.2f} ({dip.low:.2f} to {dip.high:.2f})"
    return Cell(text, dip.ratio, dip.low, dip.high, rows.answer.period)


def spikes_of(asking: Asking) -> Cell:
    """How many runs of unusual days the period has, and the highest."""
    found = unusual(asking)
    if found is None:
        return untold("Too few days to tell what is usual.")
    if not found.spikes:
        return Cell("none", 0, period=asking.period)
    highest = max(found.spikes, key=lambda each: each.height)
    most = f"×{highest.height:.1f}, {days(highest.first, highest.last)}"
    return Cell(f"{len(found.spikes)}, highest {most}", len(found.spikes), period=asking.period)
