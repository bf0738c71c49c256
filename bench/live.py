"""Measures what viewers of the Live page cost the server: CPU, memory and bytes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from time import monotonic

import numpy as np

from bench.figures import Figure, Outcome, at_least, at_most
from bench.server import Server, serving
from bench.stores import current_sample
from bench.viewers import Viewer, viewing

_QUIET_SECONDS = 20
"""How long a server is watched that nobody looks at."""

_STRETCHES = {1: 60, 10: 60, 19: 60, 20: 120}
"""Seconds for so many viewers: whole minutes, for with a new minute all is drawn anew."""

_SETTLING_SECONDS = 8
_SAMPLE_SECONDS = 5
_MEMORY_FROM = 30

_DEARER = 1.1
"""How much dearer a part may be where many look: what they share pays for what they wait."""

_LEFT_OVER = 10
"""A hundredth of a core: less than any tab that goes on costing."""

_MOSTLY = 0.95
"""The part of what is due that must be drawn, and in time: Streamlit loses some under load."""

_QUICKEST_PACE = 2000
"""In milliseconds: what takes longer is late for its next turn."""

_GROWTH = 10
"""Half a megabyte a minute for each viewer. Kept sums and drawings fill up to their bounds in the
first half hour (about 2 MB a minute for all viewers together); a leak of sessions is steeper."""

_ONE, _MOST = min(_STRETCHES), max(_STRETCHES)


@dataclass(frozen=True)
class Stretch:
    """What some seconds with the same viewers took."""

    viewers: int
    seconds: float
    cpu_seconds: float
    due: float
    """Parts of pages that were to be drawn."""
    waits: tuple[float, ...]
    """Of each part drawn, the seconds from first asking for it until it was there."""
    received: int
    """Bytes that arrived at all viewers."""
    memory: tuple[tuple[float, float], ...]
    """Seconds since the start, and the megabytes that the server then held."""

    @property
    def busy(self) -> float:
        """CPU milliseconds a second."""
        return 1000 * self.cpu_seconds / self.seconds

    @property
    def kilobytes_a_second(self) -> float:
        """What arrives at each viewer."""
        return self.received / 1000 / self.seconds / max(self.viewers, 1)

    def milliseconds_a_part(self, idle: Stretch) -> float:
        """CPU for each part drawn, above that of the idle server."""
        return (self.busy - idle.busy) * self.seconds / len(self.waits)

    def memory_from(self, seconds: float) -> list[tuple[float, float]]:
        """The samples of memory from some seconds after the start."""
        return [row for row in self.memory if row[0] >= seconds]


def measure() -> Outcome:
    """One server whose clock runs: without viewers, with more and more, and when all have left."""
    with serving(current_sample(), now="") as server:
        return _told(*asyncio.run(_measure(server)))


async def _measure(server: Server) -> tuple[Stretch, list[Stretch], Stretch]:
    before = await _watched(server, [], _QUIET_SECONDS)
    found = []
    async with AsyncExitStack() as leaving:
        viewers: list[Viewer] = []
        for count, seconds in _STRETCHES.items():
            while len(viewers) < count:
                viewers.append(await leaving.enter_async_context(viewing(server.stream)))
            await asyncio.sleep(_SETTLING_SECONDS)
            found.append(await _watched(server, viewers, seconds))
    await asyncio.sleep(_SETTLING_SECONDS)
    return before, found, await _watched(server, [], _QUIET_SECONDS)


async def _watched(server: Server, viewers: list[Viewer], seconds: float) -> Stretch:
    for viewer in viewers:
        viewer.forget()
    start, used = monotonic(), server.cpu_seconds()
    memory = [(0.0, server.resident_bytes() / 1e6)]
    while (gone := monotonic() - start) < seconds:
        await asyncio.sleep(min(_SAMPLE_SECONDS, seconds - gone))
        memory.append((monotonic() - start, server.resident_bytes() / 1e6))
    gone = monotonic() - start
    return Stretch(
        viewers=len(viewers),
        seconds=gone,
        cpu_seconds=server.cpu_seconds() - used,
        due=gone * sum(viewer.due for viewer in viewers),
        waits=tuple(wait for viewer in viewers for wait in viewer.waits),
        received=sum(viewer.received for viewer in viewers),
        memory=tuple(memory),
    )


def _told(before: Stretch, found: list[Stretch], after: Stretch) -> Outcome:
    """The figures. CPU is that above the idle server's, and 1000 ms/s are one core."""
    one, most = found[0], found[-1]
    parts = {stretch.viewers: stretch.milliseconds_a_part(before) for stretch in (one, most)}
    counts = [stretch.viewers for stretch in found]
    further = float(np.polyfit(counts, [stretch.busy for stretch in found], 1)[0])
    return Outcome(
        (
            Figure("Live page, CPU of the idle server", before.busy, "ms/s"),
            Figure("Live page, CPU of one viewer", one.busy - before.busy, "ms/s"),
            Figure(f"Live page, CPU of each of {_MOST}", further, "ms/s"),
            Figure("Live page, CPU of a part drawn, one viewer", parts[_ONE], "ms"),
            Figure(f"Live page, CPU of a part drawn, {_MOST} viewers", parts[_MOST], "ms"),
            Figure(
                f"Live page, CPU of a part: {_MOST} viewers over one",
                parts[_MOST] / parts[_ONE],
                "×",
                at_most(_DEARER),
            ),
            Figure(
                "Live page, CPU when all have left, over idle",
                after.busy - before.busy,
                "ms/s",
                at_most(_LEFT_OVER),
            ),
            *_of_viewers(most),
            *_of_memory(most),
        ),
        {"Live page, by viewers": [_row(stretch) for stretch in (before, *found, after)]},
    )


def _of_viewers(most: Stretch) -> tuple[Figure, ...]:
    """Whether all that was due was drawn, how soon, and how much was sent."""
    drawn = f"Live page, parts drawn of those due, {_MOST} viewers"
    wait = f"Live page, wait for a part, {_MOST} viewers"
    slow = 1000 * float(np.quantile(most.waits, _MOSTLY))
    share = len(most.waits) / most.due
    return (
        Figure(drawn, 100 * share, "%", at_least(100 * _MOSTLY)),
        Figure(f"{wait}: median", 1000 * median(most.waits), "ms"),
        Figure(f"{wait}: {_MOSTLY:.0%} within", slow, "ms", at_most(_QUICKEST_PACE)),
        Figure(f"{wait}: longest", 1000 * max(most.waits), "ms"),
        Figure("Live page, bytes of a part", most.received / 1000 / len(most.waits), "kB"),
        Figure("Live page, bytes for each viewer", most.kilobytes_a_second, "kB/s"),
    )


def _of_memory(most: Stretch) -> tuple[Figure, ...]:
    """What the server held, and whether that grew."""
    settled = most.memory_from(_MEMORY_FROM)
    at, held = zip(*settled, strict=True)
    growth = float(60 * np.polyfit(at, held, 1)[0])
    named = f"Live page, resident memory, {_MOST} viewers"
    return (
        Figure(f"{named}: after {at[0]:.0f} s", held[0], "MB"),
        Figure(f"{named}: after {at[-1]:.0f} s", held[-1], "MB"),
        Figure(f"{named}: growth", growth, "MB/min", at_most(_GROWTH)),
    )


def _row(stretch: Stretch) -> dict[str, object]:
    waits = stretch.waits or (0.0,)
    return {
        "viewers": stretch.viewers,
        "CPU, ms/s": round(stretch.busy, 1),
        "due": round(stretch.due),
        "drawn": len(stretch.waits),
        "wait, ms (median)": round(1000 * median(waits)),
        "wait, ms (longest)": round(1000 * max(waits)),
        "kB/s each": round(stretch.kilobytes_a_second, 2),
        "memory, MB": round(stretch.memory[-1][1]),
    }
