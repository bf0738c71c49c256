"""The feed of the sample: simulated downloads that follow the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from lib.errors import FeedNotReady
from lib.live.sample.counting import Counting
from lib.live.sample.days import Days, days_around
from lib.live.sample.kept import folder_beside
from lib.live.sample.look import SampleLook
from lib.sources.sample.recipe import Recipe, recipe_of


class SampleFeed:
    """Replays the sample by the clock, from the model that makes the sample store.

    Nothing runs between looks. Any minute can be counted again, in any process, and comes out
    the same; the hours of a day are those of the store, with short spikes on top.
    """

    def __init__(self, recipe: Recipe, now: Callable[[], datetime], folder: Path | None) -> None:
        """`now` tells the time, aware. `folder` keeps simulated days, or they are in memory."""
        self._now = now
        self._counting = Counting(Days(recipe, folder))

    def look(self) -> SampleLook:
        """What is known now. The first look at a day simulates what is not kept: some seconds."""
        found = SampleLook(self._counting, self._now())
        today = found.up_to.date()
        self._counting.days.all_of(days_around(today, today - timedelta(days=1)))
        return found


def open_sample_feed(note: str, now: Callable[[], datetime], store: Path) -> SampleFeed:
    """The feed of the sample that a store's note tells of; days are kept beside the store's file.

    Raises FeedNotReady where there is no note (an empty one), or where it tells of a sample that
    is not complete or of another model: building the sample mends all three.
    """
    if not note:
        raise FeedNotReady(
            "The store holds no simulated sample to replay. Build one with "
            "`python -m lib sample`, or set PULSE_LIVE=bigquery to watch PyPI's own table."
        )
    recipe = recipe_of(note)
    if recipe is None:
        raise FeedNotReady(
            "The sample is still being built. If it was cut off, `python -m lib sample` or "
            "starting the app again completes it."
        )
    return SampleFeed(recipe, now, folder_beside(store))
