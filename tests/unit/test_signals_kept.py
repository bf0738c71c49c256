"""Signals in a store: kept whole or not at all, replaced whole, read as they are now."""

from __future__ import annotations

import os
import signal as signals_of_processes
import subprocess
import sys
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.__main__ import main
from lib.cubes import Cube, Grain
from lib.data import Downloads
from lib.errors import StoreError, StoreMissing
from lib.settings import read_settings
from lib.signals import Signal, SignalSeries
from lib.signals.beside import indexed
from lib.signals.grains import at_grain
from lib.signals.kept import forget, keep, keep_terms, signals_file
from lib.signals.terms import all_terms, known_terms, packages_of, term_of
from lib.sources.sample import build_sample
from lib.stores.duckdb import DuckDBStore, StoreWriter
from tests.conftest import raw_row, write_cube

DAY = date(2026, 1, 1)
FETCHED = datetime(2026, 11, 1, 8, 30)


def made(
    term: str = "polars",
    grain: Grain = Grain.WEEK,
    *,
    signal: Signal = Signal.GOOGLE_TRENDS,
    values: tuple[float, ...] = (1.0, 0.5, 100.0),
    first: str = "2026-01-04",
) -> SignalSeries:
    step = {Grain.DAY: "D", Grain.WEEK: "7D", Grain.MONTH: "MS"}[grain]
    frame = pd.DataFrame(
        {
            "period": pd.date_range(first, periods=len(values), freq=step),
            "value": values,
            "flagged": [value == 0.5 for value in values],
        }
    )
    return SignalSeries(signal, term, grain, "units", f"a test of {term}", FETCHED, frame)


@pytest.fixture
def store(empty_store: Path) -> Path:
    """A store with one day of downloads."""
    with StoreWriter(empty_store) as writer:
        cube = Cube(Grain.DAY, ("project",))
        rows = [raw_row(DAY, "polars", 7)]
        write_cube(writer, cube, rows, first=DAY, last=DAY, packages=("polars",))
    return empty_store


def test_what_was_kept_is_read_back_exactly(store: Path) -> None:
    series = [
        made(),
        made("pandas", Grain.MONTH, signal=Signal.STACK_OVERFLOW, first="2025-01-01"),
        made("Polars (software)", Grain.DAY, signal=Signal.WIKIPEDIA),
    ]
    keep(store, series)
    found = Downloads(DuckDBStore(store))
    assert len(found.signals()) == 3
    for one in series:
        held = found.signal(one.signal, one.term)
        assert held is not None
        pd.testing.assert_frame_equal(held.frame, one.frame)
        for name in ("signal", "term", "grain", "unit", "source", "fetched_at"):
            assert getattr(held, name) == getattr(one, name)
    assert found.signal(Signal.WIKIPEDIA, "polars") is None
    assert found.state.held.first == DAY


def test_a_series_is_replaced_whole_and_no_other(store: Path) -> None:
    keep(store, [made(values=tuple(range(1, 50))), made("duckdb")])
    keep(store, [made(values=(9.0, 8.0))])
    found = Downloads(DuckDBStore(store))
    replaced = found.signal(Signal.GOOGLE_TRENDS, "polars")
    assert replaced is not None
    assert replaced.frame["value"].tolist() == [9.0, 8.0]
    assert found.signal(Signal.GOOGLE_TRENDS, "duckdb") is not None


def test_a_store_written_before_there_were_signals_has_none(store: Path) -> None:
    found = Downloads(DuckDBStore(store))
    assert found.signals() == ()
    assert found.own_terms() == {}


def test_answers_and_signals_follow_the_store(store: Path) -> None:
    reading = DuckDBStore(store)
    before = Downloads(reading)
    assert before.signals() == ()
    keep(store, [made()])
    after = Downloads(reading)
    assert before != after
    assert [one.term for one in after.signals()] == ["polars"]
    assert after.signals() is after.signals()
    forget(store, after.signals())
    assert Downloads(reading).signals() == ()


class StoreElsewhere(DuckDBStore):
    """A store that keeps its signals in another file, as one in BigQuery does."""

    @property
    def beside(self) -> DuckDBStore:  # type: ignore[override]
        return DuckDBStore(self.path.with_name("elsewhere.signals"))


def test_signals_in_a_file_beside_a_store_leave_its_answers_alone(store: Path) -> None:
    reading = StoreElsewhere(store)
    before = Downloads(reading)
    assert before.signals() == ()
    assert before.own_terms() == {}
    keep(store.with_name("elsewhere.signals"), [made()])
    after = Downloads(reading)
    assert [one.term for one in after.signals()] == ["polars"]
    assert after.state is before.state
    assert after != before


def test_a_torn_write_leaves_the_store_byte_for_byte(store: Path) -> None:
    keep(store, [made()])
    before = store.read_bytes()
    with pytest.raises(RuntimeError, match="power cut"), StoreWriter(store) as writer:
        writer.replace_series(made(values=(5.0,)))
        raise RuntimeError("power cut")
    assert store.read_bytes() == before


def test_a_killed_writer_leaves_the_series_as_it_was(store: Path) -> None:
    keep(store, [made()])
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from lib.stores.duckdb import StoreWriter, DuckDBStore\n"
        "held = DuckDBStore(Path(sys.argv[1])).signals()\n"
        "with StoreWriter(Path(sys.argv[1])) as writer:\n"
        "    writer.remove_series(held[0].signal, held[0].term)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(store)], check=False, env=os.environ)
    assert ended.returncode == -signals_of_processes.SIGKILL
    assert len(DuckDBStore(store).signals()) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"values": ()}, "at least one"),
        ({"values": (-1.0,)}, "zero or more"),
        ({"values": (float("nan"),)}, "zero or more"),
        ({"term": " "}, "needs a term"),
        ({"term": "a\nb"}, "needs a term"),
        ({"term": "a" * 101}, "needs a term"),
    ],
    ids=["empty", "negative", "unknown", "no-term", "two-lines", "long"],
)
def test_a_series_of_another_shape_cannot_be_made(change: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        made(**change)  # type: ignore[arg-type]


def test_periods_that_do_not_ascend_cannot_be_made() -> None:
    series = made()
    with pytest.raises(ValueError, match="ascend"):
        SignalSeries(
            series.signal, "a", Grain.WEEK, "", "", FETCHED, series.frame.iloc[::-1]
        )  # fmt: skip


HOSTILE = "'); DROP TABLE signals; --"


def test_a_hostile_term_is_a_value_and_no_statement(store: Path) -> None:
    keep(store, [made(HOSTILE), made()], {("polars", Signal.GOOGLE_TRENDS): HOSTILE})
    found = Downloads(DuckDBStore(store))
    assert found.signal(Signal.GOOGLE_TRENDS, HOSTILE) is not None
    assert term_of("polars", Signal.GOOGLE_TRENDS, found.own_terms()) == HOSTILE
    forget(store, [made(HOSTILE)])
    assert [one.term for one in DuckDBStore(store).signals()] == ["polars"]


def test_terms_that_readers_set_come_before_those_of_the_file(store: Path) -> None:
    keep(store, [made()], {("polars", Signal.GOOGLE_TRENDS): "python polars"})
    keep(store, [made("x")], {("duckdb", Signal.WIKIPEDIA): ""})
    own = Downloads(DuckDBStore(store)).own_terms()
    assert term_of("polars", Signal.GOOGLE_TRENDS, own) == "python polars"
    assert term_of("polars", Signal.STACK_OVERFLOW, own) == "python-polars"
    assert term_of("duckdb", Signal.WIKIPEDIA, own) is None
    assert term_of("no-such-package", Signal.WIKIPEDIA, own) is None
    assert packages_of(Signal.GOOGLE_TRENDS, "Python Polars", own) == ("polars",)
    assert packages_of(Signal.GOOGLE_TRENDS, "polars", own) == ()
    keep_terms(store, {})
    assert DuckDBStore(store).own_terms() == {}


def test_the_file_of_terms_is_not_about_animals() -> None:
    terms = known_terms()
    assert terms["polars", Signal.STACK_OVERFLOW] == "python-polars"
    assert terms["polars", Signal.WIKIPEDIA] == "Polars (software)"
    assert terms["pandas", Signal.GOOGLE_TRENDS] != "pandas"
    assert terms["pandas", Signal.WIKIPEDIA] == "Pandas (software)"
    assert terms["torch", Signal.STACK_OVERFLOW] == "pytorch"
    assert len({package for package, _ in terms}) >= 40
    assert all(term == term.strip() and term for term in terms.values())
    for signal in Signal:
        named = [term.casefold() for (_, known), term in all_terms({}).items() if known is signal]
        assert len(set(named)) == len(named)


@pytest.mark.parametrize("signal", [Signal.WIKIPEDIA, Signal.GOOGLE_TRENDS])
@pytest.mark.parametrize("grain", [Grain.WEEK, Grain.MONTH])
def test_days_at_a_coarser_grain_are_sums_of_counts_and_means_of_levels(
    signal: Signal, grain: Grain
) -> None:
    random = np.random.default_rng(1)
    series = made(
        grain=Grain.DAY, signal=signal, values=tuple(random.integers(0, 90, 200) / 1.0),
        first="2026-01-07",
    )  # fmt: skip
    expected = {}
    rule = "W-MON" if grain is Grain.WEEK else "MS"
    starts = pd.date_range("2025-12-01", "2026-09-01", freq=rule)
    for start, after in pairwise(starts):
        days = series.frame[(series.frame["period"] >= start) & (series.frame["period"] < after)]
        if len(days) == (after - start).days:
            value = days["value"].sum() if signal is Signal.WIKIPEDIA else days["value"].mean()
            expected[start] = value
    found = at_grain(series, grain)
    assert len(expected) > 4
    assert list(found["period"]) == list(expected)
    np.testing.assert_allclose(found["value"], list(expected.values()))


def test_weeks_become_months_by_their_days() -> None:
    series = made(values=(10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0))
    found = at_grain(series, Grain.MONTH)
    # 4 January to 7 March 2026 hold one whole month. Weeks begin on 25 Jan, 1, 8, 15 and 22 Feb.
    assert found["period"].tolist() == [pd.Timestamp("2026-02-01")]
    assert found["value"].tolist() == pytest.approx([(50 + 60 + 70 + 80) / 4])


def test_a_week_from_sunday_is_the_week_that_has_most_of_its_days() -> None:
    found = at_grain(made(values=(1.0, 2.0)), Grain.WEEK)
    assert found["period"].tolist() == [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-12")]
    assert found["value"].tolist() == [1.0, 2.0]


def test_a_series_is_not_made_finer_than_it_is_held() -> None:
    with pytest.raises(ValueError, match="held by month"):
        at_grain(made(grain=Grain.MONTH, first="2026-01-01"), Grain.WEEK)
    with pytest.raises(ValueError, match="not by hour"):
        at_grain(made(grain=Grain.DAY), Grain.HOUR)


def test_a_month_with_a_day_that_is_not_known_is_left_out() -> None:
    series = made(grain=Grain.DAY, values=(1.0,) * 90, first="2026-01-01")
    frame = series.frame.drop(index=40)
    holed = SignalSeries(Signal.WIKIPEDIA, "a", Grain.DAY, "", "", FETCHED, frame)
    months = at_grain(holed, Grain.MONTH)["period"]
    assert [f"{month:%Y-%m}" for month in months] == ["2026-01", "2026-03"]


def part(name: str, amounts: list[float], flagged: list[int] | None = None) -> pd.DataFrame:
    periods = pd.date_range("2026-01-01", periods=len(amounts), freq="MS")
    flags = [number in (flagged or []) for number in range(len(amounts))]
    return pd.DataFrame(
        {"period": periods, "series": name, "amount": amounts, "flagged": flags}
    ).dropna(subset="amount")


def test_an_index_begins_where_all_are_known_exactly() -> None:
    downloads = part("downloads", [10, 20, 40, 80, 160])
    searches = part("searches", [0.5, 0.0, float("nan"), 4, 6], flagged=[0])
    frame, start = indexed([downloads, searches])
    assert start == pd.Timestamp("2026-04-01")
    table = frame.pivot(index="period", columns="series", values="value")
    assert table["downloads"].tolist() == [12.5, 25, 50, 100, 200]
    np.testing.assert_allclose(table["searches"], [12.5, 0, np.nan, 100, 150])
    assert frame["flagged"].sum() == 1


def test_series_without_a_period_in_common_begin_at_their_own_first() -> None:
    one, other = part("one", [5, 10]), part("other", [0.5, 0.5, 0.5, 1], flagged=[0, 1, 2])
    frame, start = indexed([one, other])
    assert start is None
    table = frame.pivot(index="period", columns="series", values="value")
    assert table["one"].tolist()[:2] == [100, 200]
    assert table["other"].tolist() == [50, 50, 50, 100]
    frame, start = indexed([part("all flagged", [0.5, 0.5], flagged=[0, 1])])
    assert frame["value"].tolist() == [100, 100]


def test_signals_of_a_dataset_are_in_a_file_beside_its_name() -> None:
    settings = read_settings({"PULSE_STORE": "bigquery://mine-project.pulse"}, {})
    assert signals_file(settings).name == "mine-project.pulse.signals"
    assert signals_file(read_settings({"PULSE_STORE": "a/b.duckdb"}, {})) == Path("a/b.duckdb")


TRENDS = "Category: All categories\n\nWeek,{}: (Worldwide)\n2026-01-04,5\n2026-01-11,<1\n"


def run_import(
    store: Path, monkeypatch: pytest.MonkeyPatch, *files: tuple[str, str]
) -> tuple[int, list[str]]:
    monkeypatch.setenv("PULSE_STORE", str(store))
    monkeypatch.setenv("PULSE_NOW", "2026-11-22T12:00:00")
    paths = []
    for name, text in files:
        path = store.parent / name
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return main(["import", *paths]), paths


def test_the_command_line_keeps_signals_beside_downloads(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = run_import(
        store, monkeypatch, ("multiTimeline.csv", TRENDS.format("polars")),
        ("other.csv", TRENDS.format("zyx")),
        ("downloads.csv", "date,project,downloads\n2026-01-02,polars,9\n"),
    )  # fmt: skip
    said = capsys.readouterr()
    assert code == 0
    assert "search term polars, Worldwide: 2 weeks" in said.err
    assert "1 of 2 values flagged" in said.err
    assert "Google Trends: polars: 2 weeks kept; shown beside polars" in said.out
    assert "no package is known by this search term" in said.out
    found = Downloads(DuckDBStore(store))
    assert {one.term for one in found.signals()} == {"polars", "zyx"}
    assert found.state.held.last == date(2026, 1, 2)


def test_the_command_line_keeps_nothing_where_one_file_is_wrong(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = store.read_bytes()
    code, _ = run_import(
        store, monkeypatch, ("good.csv", TRENDS.format("polars")),
        ("map.csv", "x\n\nRegion,polars: (1/2/25 - 1/2/26)\nGermany,100\n"),
        ("downloads.csv", "date,project,downloads\n2026-01-02,polars,9\n"),
    )  # fmt: skip
    assert code == 1
    assert "map.csv: It is Google's map of regions" in capsys.readouterr().err
    assert store.read_bytes() == before


def test_signals_alone_do_not_make_a_store(
    empty_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = run_import(empty_store, monkeypatch, ("t.csv", TRENDS.format("polars")))
    assert code == 1
    assert "There is no store" in capsys.readouterr().err
    with pytest.raises(StoreMissing):
        DuckDBStore(empty_store).version()


def test_what_is_no_store_takes_no_signals(empty_store: Path) -> None:
    empty_store.write_bytes(b"no database")
    with pytest.raises(StoreError):
        keep(empty_store, [made()])
    assert empty_store.read_bytes() == b"no database"


@pytest.fixture(scope="module")
def small_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("signals") / "pulse.duckdb"
    build_sample(path, date(2026, 10, 20), days=30, packages=6, progress=lambda *told: None)
    return path


def test_a_rebuilt_sample_keeps_what_readers_put_there(small_sample: Path) -> None:
    simulated = Downloads(DuckDBStore(small_sample)).signal(Signal.GOOGLE_TRENDS, "polars")
    assert simulated is not None
    assert simulated.simulated
    keep(small_sample, [made()], {("polars", Signal.WIKIPEDIA): "Mine"})
    build_sample(small_sample, date(2026, 10, 21), days=30, packages=6, progress=lambda *_: None)
    found = Downloads(DuckDBStore(small_sample))
    mine = found.signal(Signal.GOOGLE_TRENDS, "polars")
    assert mine is not None
    assert mine.source == "a test of polars"
    assert found.own_terms() == {("polars", Signal.WIKIPEDIA): "Mine"}
    others = [one for one in found.signals() if one.term != "polars"]
    assert others
    assert all(one.simulated for one in others)
