"""Generates the rows that are measured on: downloads by package, day and country."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

DAYS = 730
LAST = date(2026, 10, 31)
FIRST = LAST - timedelta(days=DAYS - 1)

_BY_DOWNLOADS = (
    "US unknown DE IN CN GB FR SG NL JP IE BR CA KR AU ES PL IT SE RU ID CH TW VN FI TR IL MX AR NO"
)

COUNTRIES = tuple(_BY_DOWNLOADS.split())
"""The countries that a package is downloaded from, most downloads first."""

_PACKAGES_AT_ONCE = 40
_SEED = 1

_HIGHEST = 1_250_000
"""Downloads a day of the first package; with the exponents, a row in eleven has none."""

_PACKAGE_EXPONENT = 1.1
_COUNTRY_EXPONENT = 1.6
_GROWTH = 0.4
_WEEKEND = 0.6


def package_name(rank: int) -> str:
    """The name of a package by its rank, from 1; ranks and names have the same order."""
    return f"package-{rank:04d}"


def batches(packages: int) -> Iterator[pa.Table]:
    """All rows of the first `packages`, 40 packages at once.

    Columns `period`, `project`, `country`, `downloads`, ordered by project, period and country.
    A package has the same rows however many there are.
    """
    for start in range(1, packages + 1, _PACKAGES_AT_ONCE):
        yield _batch(np.arange(start, min(start + _PACKAGES_AT_ONCE, packages + 1)))


def _batch(ranks: np.ndarray) -> pa.Table:
    order = np.argsort(COUNTRIES)
    expected = (
        _HIGHEST
        * (ranks**-_PACKAGE_EXPONENT)[:, None, None]
        * _day_factors()[None, :, None]
        * _country_shares()[order][None, None, :]
    )
    downloads = np.random.default_rng((_SEED, int(ranks[0]))).poisson(expected)
    package, day, country = np.nonzero(downloads)
    names = [package_name(int(rank)) for rank in ranks]
    return pa.table(
        {
            "period": pa.array(np.datetime64(FIRST) + day),
            "project": pa.DictionaryArray.from_arrays(package.astype("int32"), names),
            "country": pa.DictionaryArray.from_arrays(
                country.astype("int32"), [COUNTRIES[index] for index in order]
            ),
            "downloads": pa.array(downloads[package, day, country].astype("int64")),
        }
    )


def _day_factors() -> np.ndarray:
    """Growth over the period, and weekends below weekdays."""
    days = np.arange(DAYS)
    weekend = (days + FIRST.weekday()) % 7 >= 5
    return (1 + _GROWTH * days / DAYS) * np.where(weekend, _WEEKEND, 1.0)


def _country_shares() -> np.ndarray:
    weights = np.arange(1, len(COUNTRIES) + 1) ** -_COUNTRY_EXPONENT
    return weights / weights.sum()
