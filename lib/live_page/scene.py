"""What the cards of the Live page are about: a look at the feed, what is watched, the colors."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isnan

import pandas as pd

from lib.aggregate import Filter
from lib.cubes import DIMENSION
from lib.formats import value_label
from lib.live import EARLIER_WEEKS, MINUTE, Look, Span, Where
from lib.live.watch import LENGTHS, STEPS, Watch
from lib.live_page.kept import kept
from lib.theme import Theme

NOW = 15 * MINUTE
"""What "now" is where downloads are ranked and compared: one minute alone is mostly noise."""

MOSTLY = 0.5
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
        return self.look.world if self.is_world else f"{self.watch.group or 'what is filtered'}"

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
        """Whether the feed counts packages at all, and not only everything as one number."""
        return bool(options(only(self), "project"))

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
        return html.escape(" · ".join(filter(None, (filter_words(self.watch), kind, "PyPI Pulse"))))

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

    def known_weeks(self, span: Span) -> tuple[Span, ...]:
        """The same span in each earlier week that the feed knows whole."""
        spans = (span.back(weeks) for weeks in range(1, EARLIER_WEEKS + 1))
        return tuple(back for back in spans if not isnan(self.look.counted(back)))


def scene_of(look: Look, watch: Watch, theme: Theme) -> Scene:
    """The scene of a look: how often the reader looks does not tell it from others."""
    kept = replace(watch, pace=Watch().pace, paused=False)
    shown = theme.stronger if watch.present else theme
    colors = shown.faded if look.trouble else shown
    return Scene(look, kept, colors, f"{look.feed} {look.version}", watch.paused)


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
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // step * step


def filter_words(watch: Watch) -> str:
    """The filters in words: `Plotting · Country: Germany`; or nothing."""
    parts = [watch.group] if watch.group else []
    for condition in watch.where:
        if condition.dimension != "project":
            names = ", ".join(value_label(condition.dimension, v) for v in condition.values)
            parts.append(f"{DIMENSION[condition.dimension].label}: {names}")
    return " · ".join(parts)
