"""Times contenders in turns, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Contender:
    """Something to time. `prepare` runs before every repetition and is not timed."""

    run: Callable[[], object]
    prepare: Callable[[], object] = lambda: None

    def seconds(self) -> float:
        """How long one run takes."""
        self.prepare()
        start = perf_counter()
        self.run()
        return perf_counter() - start


def medians(contenders: Mapping[str, Contender], repetitions: int) -> dict[str, float]:
    """The median seconds of each contender, all of them run in turns after one warm-up."""
    for contender in contenders.values():
        contender.seconds()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repetitions):
        for name, contender in contenders.items():
            seconds[name].append(contender.seconds())
    return {name: median(values) for name, values in seconds.items()}
