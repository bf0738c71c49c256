"""Downloads by feature version, against a count by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from lib.aggregate import REST
from lib.analysis.feature_versions import by_feature, feature_of
from lib.cubes import UNKNOWN


@pytest.mark.parametrize(
    ("version", "feature"),
    [("2.1.3", "2.1"), ("2.1rc1", "2.1"), ("2", "2.0"), ("v1.10.0", "1.10"), ("1!2.0", "1!2.0"),
     ("2.1.0+local", "2.1"), ("2020.4.5.1", "2020.4"), (UNKNOWN, UNKNOWN), ("", REST),
     ("<b>1.0</b>", REST), ("2004d-fixed!", REST)],
)  # fmt: skip
def test_a_version_belongs_to_its_x_y(version: str, feature: str) -> None:
    assert feature_of(version) == feature


def test_sums_equal_a_count_by_hand() -> None:
    random = np.random.default_rng(0)
    versions = [f"{x}.{y}.{z}" for x in range(2) for y in range(9) for z in range(3)]
    rows = [
        (pd.Timestamp("2026-01-01") + pd.Timedelta(days=int(day)), str(version), int(downloads))
        for day, version, downloads in zip(
            random.integers(0, 5, 400),
            random.choice([*versions, UNKNOWN, "odd!"], 400),
            random.integers(0, 100, 400),
            strict=True,
        )
    ]
    frame = pd.DataFrame(rows, columns=["period", "version", "downloads"])
    told = by_feature(frame, 4)
    kept = [name for name in told["series"].unique() if name not in (REST, UNKNOWN)]
    expected: Counter[tuple[pd.Timestamp, str]] = Counter()
    totals: Counter[str] = Counter()
    for period, version, downloads in rows:
        name = version if version == UNKNOWN else ".".join(version.split(".")[:2])
        totals[name] += downloads
        expected[period, name if name in (*kept, UNKNOWN) else REST] += downloads
    greatest = [name for name, _ in totals.most_common() if name not in (UNKNOWN, "1.8", "odd!")]
    assert kept == sorted([*greatest[:3], "1.8"])
    for row in told.itertuples():
        assert row.downloads == expected[row.period, row.series]
    assert told["downloads"].sum() == frame["downloads"].sum()


def test_the_newest_stands_alone_however_few_ask_for_it() -> None:
    days = [pd.Timestamp("2026-01-01")] * 4
    frame = pd.DataFrame(
        {"period": days, "version": ["1.8", "1.9", "1.10", "0.1"], "downloads": [50, 40, 1, 30]}
    )
    assert list(by_feature(frame, 2)["series"]) == ["1.8", "1.10", REST]


def test_nothing_stays_nothing() -> None:
    empty = pd.DataFrame({"period": pd.to_datetime([]), "version": [], "downloads": []})
    assert by_feature(empty, 9).empty
