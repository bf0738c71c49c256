"""What the cards of the Live page are about: a look at the feed, what is watched, the colors."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isnan
from textwrap import shorten

import pandas as pd

from lib.aggregate import Filter
from lib.cubes import DIMENSION, UNKNOWN
from lib.formats import day, value_label
from lib.live import EARLIER_WEEKS, MINUTE, Look, Span, Where, midnight
from lib.live.usual import made_of
from lib.live.watch import LENGTHS, STEPS, Watch
from lib.live_page.kept import kept
from lib.theme import Theme

NOW = 15 * MINUTE
"""What "now" is where downloads are ranked and compared: one minute alone is mostly noise."""

_FRESH = 30 * MINUTE
"""Older minutes are shown as old: rows take some minutes to arrive, not half an hour."""

_LONGEST_WORDS = 40
"""More letters of filters than this would push the source out of a figure."""

_MOSTLY = 0.5
"""What makes more than this part of an excess is named as what mostly made it."""


@dataclass(frozen=True)
class Scene:
    """A look, what is watched of it, and the theme. Scenes of one version are drawn the same."""

    look: Look = field(compare=False)
    watch: Watch
    theme: Theme
    version: str
    paused: bool = field(default=False, compare=False)

    @property
    def where(self) -> Where:
        """The filters of the watch."""
        return self.watch.where

    @property
    def of_package(self) -> Where:
        """The filters, and that only the chosen package counts."""
        return (*self.where, Filter("project", (self.watch.package,)))

    @property
    def is_world(self) -> bool:
        """Whether the rate is that of all that the feed knows, and not of what was filtered."""
        return not self.where

    @property
    def is_split(self) -> bool:
        """Whether the minutes tell what the rate is made of."""
        return not self.is_world or self.look.scope == self.look.world

    @property
    def subject(self) -> str:
        """What the rate is about, in words."""
        return self.look.world if self.is_world else self.watch.group or "what is filtered"

    @property
    def scope(self) -> str:
        """What packages, countries and shares are of, in words."""
        words = filter_words(self.watch)
        return f"{self.look.scope}, only {words}" if words else self.look.scope

    @property
    def downloads(self) -> str:
        """What the figures count, in words: the sample is called simulated wherever it is seen."""
        return "simulated downloads" if self.look.feed == "sample" else "downloads"

    @property
    def rate_up_to(self) -> datetime:
        """The second before which the rate is known."""
        return self.look.world_up_to if self.is_world else self.look.up_to

    @property
    def settled_to(self) -> datetime:
        """The second before which the rate is known whole: no late rows will raise it."""
        return self.look.world_up_to if self.is_world else self.look.settled_to

    @property
    def is_counted(self) -> bool:
        """Whether the feed has counted packages, and not only everything as one number."""
        return not isnan(self.look.counted(self.minute))

    @property
    def window(self) -> Span:
        """What the rate chart shows: whole steps up to the latest."""
        step = STEPS[self.watch.window]
        after = floored(self.rate_up_to, step)
        return Span(after - LENGTHS[self.watch.window], after)

    @property
    def now(self) -> Span:
        """The latest whole minutes to which nothing will be added, in which packages are ranked."""
        after = floored(self.look.settled_to, MINUTE)
        return Span(after - NOW, after)

    @property
    def minute(self) -> Span:
        """The latest whole minute."""
        return Span(self.now.after - MINUTE, self.now.after)

    @property
    def signature(self) -> str:
        """The source as figures carry it inside, safe in Plotly's markup."""
        kind = "simulated sample data" if self.look.feed == "sample" else "PyPI in BigQuery"
        words = shorten(filter_words(self.watch), _LONGEST_WORDS, placeholder=" …")
        return html.escape(" · ".join(filter(None, (words, kind, "PyPI Pulse"))))

    def series(self, span: Span) -> pd.Series:
        """Downloads in each step of the chart's window, or of the same window weeks ago."""
        step = STEPS[self.watch.window]
        if self.is_world:
            return self.look.world_series(span, step)
        return self.look.series(span, step, self.where)

    def counted(self, span: Span) -> float:
        """The downloads that the rate is about, in a span of seconds; NaN where not known."""
        return (
            self.look.world_counted(span) if self.is_world else self.look.counted(span, self.where)
        )

    def known_weeks(self, span: Span, by: str, where: Where) -> tuple[Span, ...]:
        """The same span in each earlier week of which the feed knows the split that is asked for.

        A feed may keep less of earlier weeks than of today.
        """
        # A filter that leaves out nothing is known only where its dimension is.
        asked = (*where, Filter(by, (), excluded=True))
        spans = (span.back(weeks) for weeks in range(1, EARLIER_WEEKS + 1))
        return tuple(back for back in spans if not isnan(self.look.counted(back, asked)))

    @property
    def is_old(self) -> bool:
        """Whether the minutes are those of long ago, because the feed fails or may not go on."""
        return bool(self.look.trouble) or self.look.looked_at - self.look.up_to > _FRESH

    @property
    def is_rate_old(self) -> bool:
        """Whether the rate is that of long ago."""
        trouble = self.look.world_trouble if self.is_world else self.look.trouble
        return bool(trouble) or self.look.looked_at - self.rate_up_to > _FRESH


def scene_of(look: Look, watch: Watch, theme: Theme) -> Scene:
    """The scene of a look: how often the reader looks does not tell it from others."""
    kept = replace(watch, pace=Watch().pace, paused=False)
    colors = theme.stronger if watch.present else theme
    return Scene(look, kept, colors, f"{look.feed} {look.version}", watch.paused)


def main_maker(scene: Scene, span: Span, by: str, where: Where) -> str:
    """The value of a dimension that made more than half of what is above the usual in a span.

    Empty where none did, where that is `unknown`, or where the usual is not known.
    """
    weeks = scene.known_weeks(span, by, where)
    now, *earlier = (scene.look.totals(known, (by,), where) for known in (span, *weeks))
    parts = made_of(now, earlier, by)
    if parts.empty or not parts["part"].iloc[0] > _MOSTLY or parts[by].iloc[0] == UNKNOWN:
        return ""
    return str(parts[by].iloc[0])


@kept
def options(scene: Scene, dimension: str) -> tuple[str, ...]:
    """The values of a dimension in the last hours, most downloaded first, as the look has them."""
    return scene.look.options(dimension)


def only(scene: Scene, *names: str) -> Scene:
    """The scene for a card that of `window` and `package` depends on those named alone.

    What a reader changes elsewhere then leaves its figures the same objects.
    """
    default = Watch()
    others = {n: getattr(default, n) for n in ("window", "package") if n not in names}
    return replace(scene, watch=replace(scene.watch, **others))


def floored(at: datetime, step: timedelta) -> datetime:
    """The last whole step of the UTC day that is over."""
    start = midnight(at)
    return start + (at - start) // step * step


def times(span: Span, look: Look) -> str:
    """A span in words, with its day where that is not the day of the look."""
    return f"{clock(span.first, look)} to {span.after:%H:%M} UTC"


def clock(at: datetime, look: Look) -> str:
    """A time as a clock shows it, with its day where that is not the day of the look."""
    is_today = midnight(at) == midnight(look.looked_at)
    return f"{at:%H:%M}" if is_today else f"{day(at.date())}, {at:%H:%M}"


def filter_words(watch: Watch) -> str:
    """The filters in words: `Plotting · Country: Germany`; or nothing."""
    parts = [watch.group] if watch.group else []
    for condition in watch.where:
        if condition.dimension != "project":
            names = ", ".join(value_label(condition.dimension, v) for v in condition.values)
            parts.append(f"{DIMENSION[condition.dimension].label}: {names}")
    return " · ".join(parts)
