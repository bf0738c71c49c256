"""Random numbers that depend on a seed and on what they are for, and on nothing else."""

from __future__ import annotations

from calendar import isleap
from hashlib import blake2b

import numpy as np

from lib.sources.sample.arrays import Floats, Integers

_JITTER_ROWS = 2048


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """A stream of its own for each seed and purpose, the same on every machine and in every run.

    Keyed by a digest and not by Python's hash(), which differs from one process to the next.
    """
    text = "/".join(str(part) for part in (seed, *purpose))
    key = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))


def daily_normals(seed: int, purpose: str, package: str, years: range) -> Floats:
    """A standard normal for each day of whole years: shape [days of the years].

    Drawn year by year, so that a day keeps its number whichever other years are asked for.
    """
    lengths = [366 if isleap(year) else 365 for year in years]
    normals = np.empty(sum(lengths))
    start = 0
    for year, length in zip(years, lengths, strict=True):
        stream = generator(seed, purpose, package, year)
        normals[start : start + length] = stream.standard_normal(length)
        start += length
    return normals


def day_fractions(seed: int, purpose: str, package: str, days: Integers) -> Floats:
    """A uniform number in [0, 1) for each day (days since 1970): shape [days].

    A low-discrepancy walk from a random start: cheap, and known for any day without the others.
    """
    start = generator(seed, purpose, package).random()
    golden = 0.6180339887498949
    return np.asarray((start + days * golden) % 1.0, dtype=np.float64)


def jitter(
    seed: int, purpose: str, package: str, days: Integers, columns: int, *, spread: float
) -> Floats:
    """Factors around 1 with a log SD of `spread` and a mean of 1: shape [days, columns].

    Rows are cut from one short table at a place that is scattered by day. That costs a
    twentieth of drawing them, and a row does not depend on which other days are asked for.
    """
    stream = generator(seed, purpose, package)
    normals = stream.standard_normal(_JITTER_ROWS + columns)
    table = np.exp(spread * normals - spread * spread / 2)
    rows = np.lib.stride_tricks.sliding_window_view(table, columns)
    scattered = ((days * 2654435761) >> 9) % _JITTER_ROWS
    factors: Floats = rows[scattered]
    return factors
