"""The rate, how many packages, what is on top, and the race: each against counting by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import data
from lib.aggregate import REST
from lib.analysis.race import a_day, beside_breaks, reigns_beside, standings, thinned
from lib.analysis.rates import fitting_pace, hour_profile, mean_rates, weekend_days
from lib.analysis.standing import leaders, rank_size, reigns, with_ranks
from lib.breaks import Break, all_breaks
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.finding_charts.race import race, race_colors
from lib.finding_charts.shares import share_bars
from lib.questions.address import first_asked, from_parameters, with_fixed_days
from lib.questions.finding import Finding
from lib.questions.question import Asking, CannotTell
from lib.questions.registry import questions
from lib.questions.telling import wording
from lib.router import NotHeld, Period
from lib.sources.files import import_files
from lib.stores.duckdb import DuckDBStore, StoreWriter
from lib.theme import DARK, LIGHT, Theme
from tests.conftest import raw_row, write_cube

REAL = Path(__file__).parents[3] / "shared/reference/real/monthly_by_package.csv"

FIRST, LAST = date(2026, 9, 21), date(2026, 11, 21)

NAMES = ("beta", "alpha", "gamma", "delta")

LEVELS = {("beta", "US"): 700, ("beta", "DE"): 90, ("alpha", "US"): 250, ("alpha", "DE"): 220,
          ("gamma", "US"): 40, ("gamma", "DE"): 300}  # fmt: skip
"""Downloads of a midweek day; delta has none."""

BUSIEST = 14

LEVELS_CHANGE = [each for each in all_breaks() if not each.splits and each.kind != "start"]
"""The breaks before and after which levels cannot be compared."""


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=passed) for passed in range((last - first).days + 1)]


def level(name: str, country: str, day: date) -> int:
    """A count that differs by weekday, and grows by half from the 30 days before to the last."""
    weekend = 0.5 if day.weekday() > 4 else 1.0
    late = 1.5 if day > LAST - timedelta(days=30) else 1.0
    return int(LEVELS[name, country] * weekend * late)


def daily_rows() -> list[Mapping[str, object]]:
    return [
        raw_row(day, name, level(name, country, day), country=country,
                system="Linux" if country == "US" else "unknown")
        for day in days_of(FIRST, LAST)
        for name, country in LEVELS
    ]  # fmt: skip


def hourly_rows() -> list[Mapping[str, object]]:
    """The last two days by hour: twice as many in the busiest hour."""
    starts = [datetime(2026, 11, 20) + timedelta(hours=passed) for passed in range(48)]
    return [
        raw_row(start, name, 10 * size * (2 if start.hour == BUSIEST else 1))  # type: ignore[arg-type]
        for start in starts
        for name, size in (("beta", 5), ("alpha", 1))
    ]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """Two months by day, country and system, two days by hour, of four packages."""
    path = tmp_path_factory.mktemp("simple") / "pulse.duckdb"
    with StoreWriter(path) as writer:
        for cube in (
            Cube(Grain.DAY, ("project", "country")),
            Cube(Grain.DAY, ("project", "system")),
        ):
            write_cube(
                writer, cube, daily_rows(), first=FIRST, last=LAST, packages=NAMES,
                source="bigquery",
            )  # fmt: skip
        write_cube(
            writer, Cube(Grain.HOUR, ("project",)), hourly_rows(), first=date(2026, 11, 20),
            last=LAST, packages=NAMES, source="bigquery",
        )  # fmt: skip
    return Downloads(DuckDBStore(path))


def store_of_days(
    path: Path, downloads: Mapping[date, Mapping[str, int]], *, source: str = "bigquery"
) -> Downloads:
    rows = [
        raw_row(day, name, n) for day, counts in downloads.items() for name, n in counts.items()
    ]
    names = tuple(sorted({name for counts in downloads.values() for name in counts}))
    with StoreWriter(path) as writer:
        write_cube(
            writer, Cube(Grain.DAY, ("project",)), rows, first=min(downloads), last=max(downloads),
            packages=names, source=source,
        )  # fmt: skip
    return Downloads(DuckDBStore(path))


def asked(found: Downloads, key: str, **parameters: str | list[str]) -> Asking:
    question = questions()[key]
    texts = {
        name: [value] if isinstance(value, str) else value for name, value in parameters.items()
    }
    chosen, ignored = from_parameters(question, texts, first_asked(question, found))
    assert ignored == ()
    return Asking(found, with_fixed_days(found, chosen), found.state.held.last)


def ask(found: Downloads, key: str, **parameters: str | list[str]) -> Finding:
    return questions()[key].answer(asked(found, key, **parameters))


def counted(first: date, last: date, *names: str, country: str = "") -> int:
    return sum(
        level(name, place, day)
        for day in days_of(first, last)
        for name, place in LEVELS
        if (not names or name in names) and country in {"", place}
    )


def months(*leaders_of: Mapping[str, float], first: str = "2024-01-01") -> pd.DataFrame:
    """A frame of months with the values of each package in them."""
    starts = pd.date_range(first, periods=len(leaders_of), freq="MS", unit="s")
    rows = [
        (start, name, value)
        for start, values in zip(starts, leaders_of, strict=True)
        for name, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["period", "project", "value"])


# The rate


def test_the_rate_is_downloads_over_the_seconds_of_the_period(found: Downloads) -> None:
    first = LAST - timedelta(days=29)
    expected = counted(first, LAST) / (30 * 86_400)
    finding = ask(found, "rate")
    now = finding.table.iloc[0]
    assert now["Downloads a second"] == pytest.approx(expected)
    assert now["Downloads a day"] == pytest.approx(counted(first, LAST) / 30)
    assert finding.period == Period(first, LAST)
    assert not finding.clipped


def test_the_rate_is_compared_with_as_many_days_before(found: Downloads) -> None:
    first = LAST - timedelta(days=29)
    earlier = counted(first - timedelta(days=30), first - timedelta(days=1))
    ratio = counted(first, LAST) / earlier - 1
    assert f"+{ratio * 100:.0f}\u202f% on the 30 days before" in ask(found, "rate").sentence


def test_slow_packages_are_told_in_a_longer_time(found: Downloads) -> None:
    finding = ask(found, "rate", packages="gamma", country="US")
    first = LAST - timedelta(days=29)
    an_hour = counted(first, LAST, "gamma", country="US") / (30 * 24)
    assert finding.number == f"{an_hour:.1f} an hour"
    assert "from the United States" in finding.sentence


def test_packages_are_told_each_and_together(found: Downloads) -> None:
    finding = ask(found, "rate", packages=["alpha", "beta"])
    first = LAST - timedelta(days=29)
    told = finding.table.set_index(["Package", "Days (UTC)"])["Downloads a day"]
    latest = told[told.index.get_level_values(1) == finding.table["Days (UTC)"].iloc[0]]
    for name in ("alpha", "beta"):
        assert latest.xs(name, level=0).iloc[0] == pytest.approx(counted(first, LAST, name) / 30)
    assert "were together downloaded" in finding.sentence


def test_the_busiest_hour_is_the_one_with_most(found: Downloads) -> None:
    finding = ask(found, "rate", packages=["alpha", "beta"])
    assert f"most in the hour from {BUSIEST}:00 UTC" in finding.sentence
    assert any("Hours of the day" in figure.title for figure in finding.figures)


def test_without_hours_nothing_is_said_of_them(monthly_store: Path) -> None:
    finding = ask(Downloads(DuckDBStore(monthly_store)), "rate")
    assert "hour" not in finding.sentence
    assert finding.sentence.startswith("All 2 packages held were downloaded")
    assert "on average in Dec 2025" in finding.sentence


def test_a_rate_over_time_is_told_in_a_time_in_which_there_are_downloads(
    monthly_store: Path,
) -> None:
    finding = ask(Downloads(DuckDBStore(monthly_store)), "rate-over-time")
    assert finding.number == "96.8 an hour"
    assert "96.8 downloads an hour in Dec 2025, the highest" in finding.sentence
    assert finding.figures[0].unit == "Downloads an hour"
    assert finding.table["Downloads an hour"].iloc[-1] == pytest.approx(72_000 / 31 / 24, rel=1e-3)


def test_a_package_without_rows_is_no_fall_of_the_rate(monthly_store: Path) -> None:
    finding = ask(
        Downloads(DuckDBStore(monthly_store)), "rate", packages=["plotly", "seaborn"],
        period="2024-12-01..2024-12-31",
    )  # fmt: skip
    assert "%" not in finding.sentence
    assert any("not every package has rows in both" in caveat for caveat in finding.caveats)


def test_a_store_without_countries_cannot_tell_of_one(monthly_store: Path) -> None:
    asking = asked(Downloads(DuckDBStore(monthly_store)), "rate", country="DE")
    assert questions()["rate"].lacking(asking)
    with pytest.raises(NotHeld, match="Country"):
        questions()["rate"].answer(asking)


@pytest.mark.parametrize("found_break", LEVELS_CHANGE, ids=lambda each: f"{each.first}")
def test_no_change_of_the_rate_is_told_across_a_break(tmp_path: Path, found_break: Break) -> None:
    """The same level all along, but for what the break itself does to it."""
    source = "files" if "files" in found_break.sources else "sample"
    first, after = _around(found_break)
    counts = {
        day: {"alpha": 1000 if day < found_break.first else 500} for day in days_of(first, after)
    }
    period = f"{found_break.first}..{after}"
    store = store_of_days(tmp_path / "pulse.duckdb", counts, source=source)
    finding = ask(store, "rate", period=period)
    assert "%" not in finding.sentence
    assert any("break of the record" in caveat for caveat in finding.caveats)


def _around(found_break: Break) -> tuple[date, date]:
    """Twenty days before a break, and as many from its start on."""
    return (
        found_break.first - timedelta(days=20),
        found_break.first + timedelta(days=19),
    )


def test_a_period_that_is_not_told_counts_as_neither_downloads_nor_time() -> None:
    starts = pd.date_range("2026-11-01", periods=3, unit="s")
    frame = pd.DataFrame(
        {"period": starts, "series": "alpha", "downloads": [86_400.0, np.nan, 3 * 86_400.0]}
    )
    assert mean_rates(frame, Grain.DAY)["alpha"] == pytest.approx(2.0)
    assert np.isnan(mean_rates(frame.assign(downloads=np.nan), Grain.DAY)["alpha"])


def test_months_of_other_lengths_have_the_same_rate_at_the_same_daily_level() -> None:
    starts = pd.date_range("2026-01-01", periods=2, freq="MS", unit="s")
    frame = pd.DataFrame({"period": starts, "series": ["jan", "feb"], "downloads": [31.0, 28.0]})
    rates = mean_rates(frame, Grain.MONTH)
    assert rates["jan"] == pytest.approx(rates["feb"])


@pytest.mark.parametrize(
    ("rate", "name"),
    [(2.0, "a second"), (0.5, "a minute"), (1 / 60, "a minute"), (1 / 200, "an hour"),
     (1 / 80_000, "a day"), (1e-9, "a day"), (0.0, "a second")],
)  # fmt: skip
def test_the_pace_is_the_shortest_with_a_download(rate: float, name: str) -> None:
    assert fitting_pace(pd.Series([rate, 50.0])).name == name


def test_a_profile_is_the_mean_of_each_hour_and_its_ratio_to_the_mean_hour() -> None:
    starts = pd.date_range("2026-11-01", periods=48, freq="h", unit="s")
    downloads = [3600.0 * (2 if start.hour == 5 else 1) for start in starts]
    frame = pd.DataFrame({"period": starts, "series": "alpha", "downloads": downloads})
    profile = hour_profile(frame).set_index("hour")
    assert profile.loc[5, "rate"] == pytest.approx(2.0)
    assert profile.loc[5, "ratio"] == pytest.approx(2 / (25 / 24))
    assert profile["ratio"].mean() == pytest.approx(1.0)


def test_weekend_days_are_counted() -> None:
    assert weekend_days(Period(date(2026, 11, 16), date(2026, 11, 22))) == 2
    assert weekend_days(Period(date(2026, 11, 21), date(2026, 11, 21))) == 1


# How many packages


def test_packages_with_a_download_are_counted_of_those_held(found: Downloads) -> None:
    finding = ask(found, "packages-downloaded")
    assert finding.number == "3 of 4 packages"
    assert "3 of the 4 packages held" in finding.sentence
    assert list(finding.table["Package"]) == ["beta", "alpha", "gamma"]


def test_the_few_that_make_half_are_counted_from_the_first(found: Downloads) -> None:
    first = LAST - timedelta(days=29)
    sums = sorted((counted(first, LAST, name) for name in ("alpha", "beta", "gamma")), reverse=True)
    half = next(n for n in range(1, 4) if sum(sums[:n]) >= sum(sums) / 2)
    assert half == 2 or sums[0] * 2 >= sum(sums)
    makes = "makes" if half == 1 else "make"
    assert f"; {half} {makes} half of the downloads" in ask(found, "packages-downloaded").sentence


def test_a_mean_day_counts_the_packages_of_each_day(tmp_path: Path) -> None:
    counts = {
        day: {"alpha": 5, "beta": 3 * (day.day % 2), "gamma": int(day.day == 1)}
        for day in days_of(date(2026, 9, 1), date(2026, 9, 30))
    }
    finding = ask(store_of_days(tmp_path / "pulse.duckdb", counts), "packages-downloaded")
    assert f"{1 + 15 / 30 + 1 / 30:.1f} of them on a mean day" in finding.sentence


def test_all_of_pypi_is_counted_whole_and_by_one_day(
    empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty packages, of which ten may be listed, and rows of none: half are there on one day."""
    monkeypatch.setattr(data, "MOST_LISTED", 10)
    monkeypatch.setattr("lib.questions.catalog.packages_downloaded._MOST_ROWS", 40)
    first, last = date(2026, 11, 20), date(2026, 11, 21)
    rows = [raw_row(first, f"package-{number:02}", 100 - number) for number in range(40)]
    rows += [raw_row(last, f"package-{number:02}", 100 - number) for number in range(20)]
    rows += [raw_row(last, "unknown", 5000)]
    with StoreWriter(empty_store) as writer:
        write_cube(
            writer, Cube(Grain.DAY, ("project",)), rows, first=first, last=last, packages=None,
            source="bigquery",
        )  # fmt: skip
    finding = ask(Downloads(DuckDBStore(empty_store)), "packages-downloaded")
    assert finding.sentence.startswith("40 packages of PyPI were downloaded")
    assert "20 of them on 21 Nov 2026" in finding.sentence
    assert any("name no package" in caveat for caveat in finding.caveats)


def test_a_country_without_downloads_is_said_to_have_none(found: Downloads) -> None:
    with pytest.raises(CannotTell, match="No downloads from the Netherlands"):
        ask(found, "packages-downloaded", country="NL")


def test_a_rank_size_curve_is_short_and_ends_where_the_field_ends() -> None:
    downloads = pd.Series(np.arange(1, 20_001))
    curve = rank_size(downloads)
    assert len(curve) <= 300
    assert list(curve["rank"].iloc[[0, -1]]) == [1, 20_000]
    assert list(curve["downloads"].iloc[[0, -1]]) == [20_000, 1]
    assert curve["cumulative"].iloc[-1] == pytest.approx(1.0)
    tenth = curve[curve["rank"] >= 10].iloc[0]
    largest = downloads.sort_values(ascending=False)[: int(tenth["rank"])]
    assert tenth["cumulative"] == pytest.approx(largest.sum() / downloads.sum())


# On top now


def test_now_is_the_last_seven_days(found: Downloads) -> None:
    finding = ask(found, "top-now")
    first = LAST - timedelta(days=6)
    assert finding.period == Period(first, LAST)
    share = counted(first, LAST, "beta") / counted(first, LAST)
    lead = counted(first, LAST, "beta") / counted(first, LAST, "alpha")
    assert finding.number == f"{share * 100:.1f}\u202f%"
    assert f"{lead:.2f} times as many as alpha" in finding.sentence
    assert "led in 30 of the 30 days" in finding.certainty


def test_the_package_on_top_is_split_by_what_is_held(found: Downloads) -> None:
    finding = ask(found, "top-now")
    first = LAST - timedelta(days=6)
    american = counted(first, LAST, "beta", country="US") / counted(first, LAST, "beta")
    shares = finding.table[finding.table["Of"] == "beta"].set_index(["Split", "Value"])["Share"]
    assert shares["Country", "United States"] == pytest.approx(american)
    assert shares["System", "Unknown"] == pytest.approx(1 - american)
    assert f"{american * 100:.1f}\u202f% come from the United States" in finding.details
    assert any("Python version, Installer and CI" in caveat for caveat in finding.caveats)
    assert finding.map is not None
    assert dict(finding.map.frame[["country", "share"]].to_numpy())["US"] == pytest.approx(american)


def test_in_a_country_another_package_may_be_on_top(found: Downloads) -> None:
    finding = ask(found, "top-now", country="DE")
    assert finding.packages == ("gamma",)
    assert finding.map is None


def test_of_months_alone_the_last_is_now(monthly_store: Path) -> None:
    finding = ask(Downloads(DuckDBStore(monthly_store)), "top-now", period="all")
    assert finding.period == Period(date(2025, 12, 1), date(2025, 12, 31))
    assert finding.sentence.startswith("seaborn was on top in Dec 2025")
    assert "2.00 times as many as plotly" in finding.sentence


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_of_shares_end_at_the_whole_with_unknown_last_and_gray(theme: Theme) -> None:
    frame = pd.DataFrame(
        [("system", "unknown", 60, 0.6), ("system", "Linux", 30, 0.3), ("system", REST, 10, 0.1)],
        columns=["dimension", "value", "downloads", "share"],
    )
    figure = share_bars(frame, theme, "source")
    drawn = [(bar.x[0], bar.marker.color) for bar in figure.data]
    assert drawn == [(0.3, theme.series[0]), (0.1, theme.rest), (0.6, theme.unknown)]
    assert figure.data[2].textfont.color == theme.text


# The top packages


def test_the_top_packages_stand_in_order_with_their_shares(found: Downloads) -> None:
    first = LAST - timedelta(days=29)
    table = ask(found, "top-packages").table
    sums = {name: counted(first, LAST, name) for name in ("alpha", "beta", "gamma")}
    ranked = sorted(sums, key=lambda name: -sums[name])
    assert list(table["Package"]) == ranked
    assert list(table["Rank"]) == [1, 2, 3]
    whole = sum(sums.values())
    assert list(table["Share"]) == pytest.approx([sums[name] / whole for name in ranked])


def test_a_country_is_ranked_beside_the_world(found: Downloads) -> None:
    finding = ask(found, "top-packages", country="DE")
    table = finding.table.set_index("Package")
    world = next(name for name in table if name.startswith("Rank in the world"))
    assert table.loc["gamma", "Rank"] == 1
    assert table.loc["gamma", world] == 3
    assert "gamma is number 1 there, and 3 in the world" in finding.details


def test_places_gained_are_told_against_the_days_before(tmp_path: Path) -> None:
    counts = {
        day: {"alpha": 10, "beta": 12 if day.day > 15 else 1, "gamma": 5}
        for day in days_of(date(2026, 9, 1), date(2026, 9, 30))
    }
    found = store_of_days(tmp_path / "pulse.duckdb", counts)
    finding = ask(found, "top-packages", period="2026-09-16..2026-09-30")
    assert "beta rose most, from 3 to 1 against the 15 days before" in finding.details
    labels = list(finding.figures[0].draw(LIGHT).data[0].y)
    assert labels == ["1. beta ▲2", "2. alpha ▼1", "3. gamma ▼1"]


@pytest.mark.parametrize("found_break", LEVELS_CHANGE, ids=lambda each: f"{each.first}")
def test_ranks_are_not_compared_across_a_break(tmp_path: Path, found_break: Break) -> None:
    source = "files" if "files" in found_break.sources else "sample"
    first, after = _around(found_break)
    counts = {
        day: {"alpha": 10, "beta": 5 if day < found_break.first else 20}
        for day in days_of(first, after)
    }
    found = store_of_days(tmp_path / "pulse.duckdb", counts, source=source)
    finding = ask(found, "top-packages", period=f"{found_break.first}..{after}")
    assert "rose" not in finding.details
    assert any("Ranks are not compared" in caveat for caveat in finding.caveats)


def test_equals_share_the_better_rank() -> None:
    ranked = with_ranks(pd.DataFrame({"downloads": [5, 9, 9, 1]}))
    assert list(ranked["rank"]) == [3, 1, 1, 4]


# The race


def test_a_leader_that_is_equalled_keeps_the_lead() -> None:
    frame = months({"a": 1, "b": 2}, {"a": 3, "b": 3}, {"a": 4, "b": 3})
    assert list(leaders(frame, "value")) == ["b", "b", "a"]
    table = reigns(leaders(frame, "value"))
    assert list(zip(table["leader"], table["periods"], strict=True)) == [("b", 2), ("a", 1)]


def test_a_month_that_is_cut_is_told_by_its_days() -> None:
    frame = months({"a": 0}, {"a": 0}, {"a": 0}).assign(downloads=[170, 290, 60])
    period = Period(date(2024, 1, 15), date(2024, 3, 6))
    told = a_day(frame, period)
    assert list(told["value"]) == pytest.approx([170 / 17, 290 / 29])


def test_the_first_places_of_a_month_are_told_without_ties() -> None:
    frame = months({"c": 5, "a": 5, "b": 9, "d": 0, "e": 1})
    told = standings(frame, 3)
    assert list(zip(told["project"], told["rank"], strict=True)) == [("b", 1), ("a", 2), ("c", 3)]
    assert len(standings(frame, 9)) == 4


@pytest.mark.parametrize("count", [1, 2, 109, 110, 111, 219, 220, 221, 1000])
def test_so_many_months_as_can_be_drawn_are_left_and_the_last_is_one(count: int) -> None:
    starts = pd.date_range("2016-01-01", periods=count, freq="MS", unit="s")
    left = thinned(starts, 110)
    assert len(left) <= 110
    assert left[-1] == starts[-1]
    assert count > 110 or len(left) == count


@pytest.mark.parametrize("found_break", all_breaks(), ids=lambda each: f"{each.first}")
def test_a_level_that_the_record_changes_is_no_change_of_the_lead(found_break: Break) -> None:
    """Alpha has twice as many as beta all along; the break scales both, or empties its months."""
    first = found_break.first.replace(day=1) - timedelta(days=100)
    last = found_break.last or found_break.first
    starts = pd.date_range(first, last + timedelta(days=200), freq="MS", unit="s")
    rows = []
    for start in starts:
        within = found_break.first.replace(day=1) <= start.date() <= last
        if found_break.kind == "gap" and within:
            continue
        scale = 0.3 if within else 1.0
        rows += [(start, "alpha", 200 * scale), (start, "beta", 100 * scale)]
    frame = pd.DataFrame(rows, columns=["period", "project", "value"])
    table = reigns_beside(frame, Period(first, starts[-1].date()), [found_break])
    assert list(table["leader"]) == ["alpha"]


@pytest.mark.parametrize("found_break", all_breaks(), ids=lambda each: f"{each.first}")
def test_a_change_of_the_lead_where_the_record_changes_is_marked(found_break: Break) -> None:
    """The record turns the lead over in the month in which it changes, and some months later."""
    month = found_break.first.replace(day=1)
    starts = pd.date_range(month - timedelta(days=100), periods=9, freq="MS", unit="s")
    turned = [start.date() >= month for start in starts]
    back = [start.date() >= month + timedelta(days=100) for start in starts]
    frame = months(
        *(
            {"alpha": 1 + (not is_turned or is_back), "beta": 1.5}
            for is_turned, is_back in zip(turned, back, strict=True)
        ),
        first=str(starts[0].date()),
    )
    period = Period(starts[0].date(), date(2030, 1, 1))
    table = reigns_beside(frame, period, [found_break])
    assert list(table["leader"]) == ["alpha", "beta", "alpha"]
    assert table["beside"].iloc[1]


def test_a_month_says_which_breaks_it_lies_beside() -> None:
    starts = pd.date_range("2018-06-01", "2026-11-01", freq="MS", unit="s")
    breaks = [each for each in all_breaks() if not each.splits]
    told = beside_breaks(starts, Period(date(2018, 6, 1), date(2026, 11, 21)), breaks)
    assert told[pd.Timestamp("2018-07-01")] == ("End of: More than half of all rows were lost",)
    assert told[pd.Timestamp("2026-08-01")] == ("PyPI redefined a download",)
    assert told[pd.Timestamp("2021-12-01")] == ("Rows lost in the log pipeline",)
    assert pd.Timestamp("2026-09-01") not in told
    assert pd.Timestamp("2022-06-01") not in told


def test_a_month_that_ends_before_its_break_does_not_lie_beside_it() -> None:
    starts = pd.date_range("2026-07-01", periods=2, freq="MS", unit="s")
    told = beside_breaks(starts, Period(date(2026, 7, 1), date(2026, 8, 20)), all_breaks())
    assert told == {}


def race_frame(count: int, packages: int) -> pd.DataFrame:
    """A race whose places change all the time."""
    levels = np.random.default_rng(3).lognormal(sigma=1.0, size=(count, packages)).cumsum(axis=0)
    frame = months(
        *({f"package-{n:02}": float(1e6 * value) for n, value in enumerate(row)} for row in levels),
        first="2017-01-01",
    )
    return standings(frame, 10)


def test_a_race_is_small_enough_and_has_a_frame_for_each_month() -> None:
    figure = race(race_frame(110, 40), {}, LIGHT, "source")
    assert len(figure.frames) == 110
    assert len(figure.to_json()) < 400_000
    assert figure.layout.sliders[0].steps[0].label == "Jan 2017"
    assert {button.label for button in figure.layout.updatemenus[0].buttons} == {
        "▶ Play",
        "❚❚ Pause",
    }
    assert "Plotly.addFrames" in figure.to_html(include_plotlyjs=False)


def test_every_frame_of_a_race_has_ten_bars_that_are_named_and_in_place() -> None:
    frame = race_frame(30, 25)
    figure = race(frame, {}, DARK, "source")
    names = list(frame["project"].drop_duplicates())
    for start, drawn in zip(frame["period"].drop_duplicates(), figure.frames, strict=True):
        rows = frame[frame["period"] == start].set_index("project")
        bars, words = drawn.data[0], drawn.data[1]
        assert len(bars.x) == len(bars.y) == len(words.text) == len(names)
        assert all(words.text), "Plotly takes empty texts away, and then names the wrong bars"
        for name, length, place, text in zip(names, bars.x, bars.y, words.text, strict=True):
            if name in rows.index:
                assert round(place - 0.2) == rows.loc[name, "rank"]
                assert length == pytest.approx(
                    rows.loc[name, "value"] / rows["value"].max(), abs=1e-4
                )
                assert f"<b>{name}</b>" in text
            else:
                assert place > 11


def test_a_race_shows_the_last_month_first_and_marks_the_months_of_breaks() -> None:
    frame = race_frame(12, 12)
    last = frame["period"].max()
    figure = race(frame, {last: "The record changed"}, LIGHT, "source")
    assert list(figure.data[2].text) == ["<b>Dec 2017</b>", "⚠ The record changed"]
    assert figure.layout.sliders[0].active == 11
    assert "changed" not in figure.frames[0].data[2].text[1]


def test_ten_packages_have_ten_colors_and_keep_them() -> None:
    colors = race_colors(race_frame(40, 10), LIGHT.series)
    assert len(set(colors.values())) == 10


def test_the_race_is_led_by_who_has_most_in_each_month(found: Downloads) -> None:
    finding = ask(found, "race")
    assert finding.number == "3 of 3 months"
    assert finding.sentence == (
        "Of all 4 packages held, beta led in each of the 3 months from Sep 2026 to Nov 2026."
    )
    november = finding.table[finding.table["Month"] == "2026-11"].set_index("Package")
    expected = counted(date(2026, 11, 1), LAST, "beta") / 21
    assert november.loc["beta", "Downloads a day"] == round(expected)


def test_a_race_tells_who_led_how_long_and_how_often_the_lead_changed(tmp_path: Path) -> None:
    leads = {9: "alpha", 10: "beta", 11: "alpha", 12: "alpha"}
    counts = {
        day: {name: 20 if leads[day.month] == name else 10 for name in ("alpha", "beta")}
        for day in days_of(date(2025, 9, 1), date(2025, 12, 31))
    }
    finding = ask(store_of_days(tmp_path / "pulse.duckdb", counts), "race")
    assert finding.number == "3 of 4 months"
    assert finding.sentence == (
        "Of all 2 packages held, alpha led longest: 3 of the 4 months from Sep 2025 to Dec 2025."
    )
    assert finding.details == "The lead changed 2 times, and alpha has it since Nov 2025."


def test_a_race_across_a_break_says_which_changes_it_may_have_made(tmp_path: Path) -> None:
    counts = {
        day: {"alpha": 20 if day < date(2026, 8, 1) else 5, "beta": 10}
        for day in days_of(date(2026, 6, 1), date(2026, 10, 31))
    }
    finding = ask(store_of_days(tmp_path / "pulse.duckdb", counts), "race")
    assert "1 of the changes is beside a break of the record" in finding.details
    assert any("beta in Aug 2026" in caveat for caveat in finding.caveats)
    assert [each.title for each in finding.breaks] == ["PyPI redefined a download"]


def test_a_race_of_one_package_or_one_month_is_none(found: Downloads) -> None:
    with pytest.raises(CannotTell, match="2 packages"):
        ask(found, "race", packages="alpha")
    with pytest.raises(CannotTell, match="3 months"):
        ask(found, "race", period="2026-11-01..2026-11-21")


def test_a_package_without_a_row_is_not_in_that_month(monthly_store: Path) -> None:
    finding = ask(Downloads(DuckDBStore(monthly_store)), "race")
    assert finding.number == "24 of 24 months"
    november = finding.table[finding.table["Month"] == "2024-11"]
    assert list(november["Package"]) == ["seaborn"]


def test_a_month_without_any_row_is_passed_over_and_told(empty_store: Path) -> None:
    starts = [date(2025, month, 1) for month in (1, 2, 3, 5, 6)]
    rows = [
        raw_row(start, name, size) for start in starts for name, size in (("a", 200), ("b", 100))
    ]
    with StoreWriter(empty_store) as writer:
        write_cube(
            writer, Cube(Grain.MONTH, ("project",)), rows, first=date(2025, 1, 1),
            last=date(2025, 6, 30), packages=("a", "b"),
        )  # fmt: skip
    finding = ask(Downloads(DuckDBStore(empty_store)), "race")
    assert finding.number == "5 of 5 months"
    assert any(caveat.endswith("fewer than seven days: Apr 2025.") for caveat in finding.caveats)


def test_the_race_of_all_of_pypi_is_that_of_its_most_downloaded(
    empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.questions.catalog.race.MOST_LISTED", 12)
    first, last = date(2025, 11, 1), date(2026, 2, 28)
    starts = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    rows = [raw_row(start, f"package-{n:02}", 1000 - n) for start in starts for n in range(30)]
    rows += [raw_row(start, "newcomer", 5000) for start in starts[2:]]
    rows += [raw_row(start, "unknown", 9000) for start in starts]
    with StoreWriter(empty_store) as writer:
        write_cube(
            writer, Cube(Grain.MONTH, ("project",)), rows, first=first, last=last, packages=None,
            source="bigquery",
        )  # fmt: skip
    finding = ask(Downloads(DuckDBStore(empty_store)), "race")
    assert finding.details == "The lead changed once, and newcomer has it since Jan 2026."
    assert set(finding.table["Package"]) == {"newcomer", *(f"package-{n:02}" for n in range(10))}


def test_on_the_real_months_torch_passes_tensorflow_for_good_in_march_2024(tmp_path: Path) -> None:
    if not REAL.exists():
        pytest.skip(f"the real monthly downloads are not here: {REAL}")
    import_files([REAL], tmp_path / "real.duckdb", datetime(2026, 11, 22), lambda _: None)
    found = Downloads(DuckDBStore(tmp_path / "real.duckdb"))
    finding = ask(found, "race", packages=["torch", "tensorflow"])
    assert finding.details == "The lead changed once, and torch has it since Mar 2024."
    whole = ask(found, "race")
    assert whole.number == "49 of 98 months"
    assert any("Dec 2024" in caveat for caveat in whole.caveats)


# The words


@pytest.mark.parametrize(
    ("code", "name"),
    [("US", "the United States"), ("DE", "Germany"), ("NL", "the Netherlands"),
     ("CZ", "Czechia"), ("DO", "the Dominican Republic"), ("KY", "the Cayman Islands"),
     ("CD", "the DR Congo"), ("NZ", "New Zealand")],
)  # fmt: skip
def test_a_country_has_its_article(code: str, name: str) -> None:
    assert wording.place(code) == name


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [("2026-03-01", "2026-03-31", "in Mar 2026"),
     ("2026-02-01", "2026-03-31", "in Feb – Mar 2026"),
     ("2026-03-02", "2026-03-31", "in the 30 days to 31 Mar 2026"),
     ("2026-03-31", "2026-03-31", "on 31 Mar 2026"),
     ("2020-01-05", "2026-03-31", "from 5 Jan 2020 to 31 Mar 2026")],
)  # fmt: skip
def test_a_period_is_told_as_people_say_it(first: str, last: str, words: str) -> None:
    assert wording.during(Period(date.fromisoformat(first), date.fromisoformat(last))) == words


def test_provisional_days_are_a_caveat_but_of_files(found: Downloads, monthly_store: Path) -> None:
    told = wording.caveats(asked(found, "rate"), Period(FIRST, LAST))
    assert told == ("Days from 15 Nov 2026 on are provisional: late rows may still come.",)
    of_files = asked(Downloads(DuckDBStore(monthly_store)), "rate")
    assert wording.caveats(of_files, of_files.period) == (wording.FILES,)


def shown(finding: Finding) -> Sequence[str]:
    return [figure.title for figure in finding.figures]


def test_one_period_alone_is_drawn_as_a_bar_and_several_as_a_course(
    found: Downloads, monthly_store: Path
) -> None:
    months_alone = ask(Downloads(DuckDBStore(monthly_store)), "rate")
    assert len(shown(months_alone)) == 1
    assert len(shown(ask(found, "rate"))) == 3
