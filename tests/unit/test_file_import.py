"""The source `files`: what it takes, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from lib.cubes import Coverage, Cube, Grain
from lib.errors import ImportRejected, StoreError
from lib.router import Period
from lib.sources.files import Imported, import_files
from lib.sources.files.columns import layout_of
from lib.stores.duckdb import DuckDBStore, StoreWriter

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

REAL = Path(__file__).parents[3] / "shared" / "reference" / "real"

DAY = Cube(Grain.DAY, ("project",))
MONTH = Cube(Grain.MONTH, ("project",))

DAILY = "date,project,downloads\n2026-01-01,numpy,5\n2026-01-02,pandas,7\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store" / "real.duckdb"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        data = content.encode() if isinstance(content, str) else content
        if name.endswith(".gz") and data[:2] != b"\x1f\x8b":
            data = gzip.compress(data)
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that a file was loaded into, to copy and never to write."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "first.csv").write_text(DAILY.replace("2026", "2025"), encoding="utf-8")
    load(folder / "real.duckdb", folder / "first.csv")
    return folder / "real.duckdb"


def load(store: Path, *paths: Path) -> tuple[Imported, ...]:
    return import_files(paths, store, NOW, lambda _: None)


def refusal(store: Path, *paths: Path) -> str:
    """The message of a refusal, after making sure that it changed nothing."""
    before = store.read_bytes() if store.exists() else None
    with pytest.raises(ImportRejected) as caught:
        load(store, *paths)
    assert (store.read_bytes() if store.exists() else None) == before
    assert {path.name for path in store.parent.glob("*")} <= {store.name, store.name + ".lock"}
    return str(caught.value)


def held(store: Path, cube: Cube) -> list[tuple[Any, ...]]:
    frame = DuckDBStore(store).query(f"SELECT * FROM {cube.name}")
    frame["period"] = frame["period"].astype(str).str[:10]
    return list(frame.itertuples(index=False, name=None))


def write_parquet(path: Path, **columns: Any) -> Path:
    parquet.write_table(pa.table(columns), path)
    return path


# What is taken


def test_a_file_becomes_a_cube_with_coverage_and_a_note(store: Path, written: Any) -> None:
    (imported,) = load(store, written("counts.csv", DAILY))
    period = Period(date(2026, 1, 1), date(2026, 1, 2))
    assert imported == Imported("counts.csv", DAY, 2, 2, period)
    assert held(store, DAY) == [("2026-01-01", "numpy", 5), ("2026-01-02", "pandas", 7)]
    written_at = datetime(2026, 11, 22, 12)
    assert DuckDBStore(store).coverage() == (
        Coverage(DAY, period.first, period.last, ("numpy", "pandas"), "files", written_at),
    )
    assert json.loads(DuckDBStore(store).note("imports") or "") == [
        {
            "file": "counts.csv",
            "cube": "cube_day_project",
            "rows": 2,
            "packages": 2,
            "first": "2026-01-01",
            "last": "2026-01-02",
            "written_at": "2026-11-22T12:00:00Z",
        }
    ]


def test_months_cover_whole_months(store: Path, written: Any) -> None:
    text = "month,project,downloads\n2024-02,numpy,5\n2024-01-01,numpy,6\n"
    (imported,) = load(store, written("counts.csv", text))
    assert imported.period == Period(date(2024, 1, 1), date(2024, 2, 29))
    assert held(store, MONTH) == [("2024-01-01", "numpy", 6), ("2024-02-01", "numpy", 5)]


def test_rows_are_kept_by_project_then_period_then_dimensions(store: Path, written: Any) -> None:
    text = (
        "country,date,project,downloads\n"
        "US,2026-01-02,b,1\nDE,2026-01-02,b,2\nUS,2026-01-01,b,3\nUS,2026-01-03,a,4\n"
    )
    load(store, written("counts.csv", text))
    assert held(store, Cube(Grain.DAY, ("project", "country"))) == [
        ("2026-01-03", "a", "US", 4),
        ("2026-01-01", "b", "US", 3),
        ("2026-01-02", "b", "DE", 2),
        ("2026-01-02", "b", "US", 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + DAILY,
        DAILY.replace("\n", "\r\n"),
        DAILY.replace("\n", "\r"),
        DAILY.replace("\n", "\r\n", 1),
        DAILY.rstrip("\n"),
        DAILY + "\n\n",
        DAILY.replace(",", ";"),
        DAILY.replace(",", "\t"),
        DAILY.replace("numpy", '"numpy"'),
        DAILY.replace("numpy", " NumPy "),
        DAILY.replace(",5", ",5.0"),
        DAILY.replace("2026-01-01", "2026-01-01 00:00:00 UTC"),
        DAILY.replace("2026-01-01", "2026-01-01T00:00:00Z"),
        DAILY.replace("date,project,downloads", "Day, Package ,Num_Downloads"),
        DAILY.replace("date,project,downloads", "download_date,file.project,f0_"),
    ],
)
def test_csv_is_taken_in_every_common_form(store: Path, written: Any, text: str) -> None:
    load(store, written("counts.csv", text))
    assert held(store, DAY) == [("2026-01-01", "numpy", 5), ("2026-01-02", "pandas", 7)]


JSONL = (
    '{"date": "2026-01-01", "project": "numpy", "downloads": "5", "ci": true}\n'
    '{"date": "2026-01-02", "project": "pandas", "downloads": 7, "ci": null}\n'
)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.ndjson", "a.jsonl.gz", "a.json.gz"])
def test_json_lines_may_have_counts_as_text(store: Path, written: Any, name: str) -> None:
    load(store, written(name, JSONL))
    assert held(store, Cube(Grain.DAY, ("project", "ci"))) == [
        ("2026-01-01", "numpy", "true", 5),
        ("2026-01-02", "pandas", "unknown", 7),
    ]


@pytest.mark.parametrize("name", ["counts.csv.gz", "COUNTS.CSV", "counts[1]*.csv", "a'b.csv"])
def test_a_file_may_be_compressed_and_have_any_name(store: Path, written: Any, name: str) -> None:
    data = gzip.compress(DAILY.encode()) if name.endswith(".gz") else DAILY
    assert load(store, written(name, data))[0].rows == 2


DAYS = [date(2026, 1, 1), date(2026, 1, 2)]
TIMES = [datetime(2026, 1, 1), datetime(2026, 1, 2)]


@pytest.mark.parametrize(
    ("dates", "downloads"),
    [
        (pa.array(DAYS), pa.array([5, 7], pa.int32())),
        (pa.array(TIMES, pa.timestamp("ns")), pa.array([5, 7], pa.uint64())),
        (pa.array(TIMES, pa.timestamp("us", tz="UTC")), pa.array([5.0, 7.0])),
        (pa.array(["2026-01-01", "2026-01-02"]), pa.array([Decimal("5.00"), Decimal("7.00")])),
        (pa.array(DAYS).dictionary_encode(), pa.array(["5", "7"])),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_parquet_may_have_typed_columns(
    store: Path, tmp_path: Path, dates: pa.Array, downloads: pa.Array, zipped: bool
) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, date=dates, project=["numpy", "pandas"], downloads=downloads)
    if zipped:
        compressed = tmp_path / "a.parquet.gz"
        compressed.write_bytes(gzip.compress(path.read_bytes()))
        path = compressed
    load(store, path)
    assert held(store, DAY) == [("2026-01-01", "numpy", 5), ("2026-01-02", "pandas", 7)]


def test_missing_values_are_unknown(store: Path, written: Any) -> None:
    text = "date,project,country,downloads\n2026-01-01,a,,1\n2026-01-01,b,None,2\n"
    load(store, written("counts.csv", text + "2026-01-01,c,NA,3\n"))
    rows = held(store, Cube(Grain.DAY, ("project", "country")))
    assert [row[2] for row in rows] == ["unknown", "unknown", "NA"]


def test_full_python_versions_add_up_to_minor_ones_and_the_rest_is_said(
    store: Path, written: Any
) -> None:
    text = "date,project,python_version,downloads\n" + "".join(
        f"2026-01-01,numpy,{version},{count}\n"
        for version, count in [("3.12.4", 1), ("3.12.5", 2), ("3.10", 4), ("Sure.0", 8), ("", 16)]
    )
    said: list[str] = []
    path = written("counts.csv", text)
    (imported,) = import_files([path], store, NOW, said.append)
    assert imported.rows == 5
    assert held(store, Cube(Grain.DAY, ("project", "python"))) == [
        ("2026-01-01", "numpy", "3.10", 4),
        ("2026-01-01", "numpy", "3.12", 3),
        ("2026-01-01", "numpy", "unknown", 24),
    ]
    assert "counts.csv: python_version: 'Sure.0' counted as unknown." in said
    assert any("python (from 'python_version')" in line for line in said)


def test_every_synonym_means_one_column() -> None:
    names = ["download_month", "name", "count", "file.version", "country_code"]
    names += ["details_python", "details.system.name", "details_cpu", "installer_name"]
    names += ["details installer version", "details_ci", "file_type"]
    layout = layout_of(names)
    assert layout.columns == (
        "period", "project", "downloads", "version", "country", "python", "system", "cpu",
        "installer", "installer_version", "ci", "file_type",
    )  # fmt: skip
    assert layout.cube.name == "cube_month_all"


def test_files_of_different_grain_go_to_different_cubes(store: Path, written: Any) -> None:
    monthly = written("monthly.csv", "month,project,downloads\n2025-12,numpy,100\n")
    imported = load(store, written("daily.csv", DAILY), monthly)
    assert [one.cube for one in imported] == [DAY, MONTH]
    assert DuckDBStore(store).row_counts() == {DAY.name: 2, MONTH.name: 1}


def test_a_second_file_adds_to_the_first(store: Path, written: Any) -> None:
    load(store, written("a.csv", DAILY))
    load(store, written("b.csv", DAILY.replace("numpy", "scipy").replace("pandas", "numpy")))
    assert len(held(store, DAY)) == 4
    assert len(DuckDBStore(store).coverage()) == 2
    notes = json.loads(DuckDBStore(store).note("imports") or "")
    assert [note["file"] for note in notes] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("name", "columns", "cube"),
    [
        ("daily_by_package.csv", ("date", "project"), "cube_day_project"),
        ("monthly_by_package.csv", ("month", "project"), "cube_month_project"),
        (
            "monthly_by_package_and_python.csv",
            ("month", "project"),
            "cube_month_project_python",
        ),
    ],
)
def test_real_files_hold_what_the_store_then_holds(
    store: Path, name: str, columns: tuple[str, str], cube: str
) -> None:
    if not REAL.is_dir():
        pytest.skip("the real files of ../shared/reference are not here")
    load(store, REAL / name)
    expected: Counter[tuple[str, str]] = Counter()
    with (REAL / name).open(newline="") as file:
        for row in csv.DictReader(file):
            expected[row[columns[0]], row["project"]] += int(row["downloads"])
    frame = DuckDBStore(store).query(
        "SELECT strftime(period, '%Y-%m-%d') AS period, project, "
        f"CAST(sum(downloads) AS BIGINT) FROM {cube} GROUP BY ALL"
    )
    actual = {(day, name): n for day, name, n in frame.itertuples(index=False, name=None)}
    assert actual == dict(expected)


# What is refused

HEADER = "date,project,downloads\n"
GOOD = "2026-01-01,numpy,5\n"
BAD_COUNTS = ["-5", '"1,234"', "NaN", "1.5", "9223372036854775808", "1e3", "", "0x10", "9" * 5000]
BAD_DATES = {
    "2026-13-01": "not a day",
    "2026-02-30": "not a day",
    "01/02/2026": "not a day",
    "2026-01": "not a day",
    "2026-01-01 10:00:00": "not a day",
    "": "not a day",
    "2026-11-23": "in the future",
    "2026-11-22": "not over yet",
    "2015-12-31": "before 2016-01-01",
}
BAD_NAMES = ["", "<script>", "../../x", "'; DROP TABLE coverage; --", "-a-", "é", "a" * 10_000]

WRONG_ROWS = [
    *((f"{HEADER}{GOOD}2026-01-02,b,{count}\n", "line 3: downloads: ") for count in BAD_COUNTS),
    *((f"{HEADER}{GOOD}{day},b,1\n", ("line 3: date: ", why)) for day, why in BAD_DATES.items()),
    *((f"{HEADER}{GOOD}2026-01-02,{name},1\n", "line 3: project: ") for name in BAD_NAMES),
    (
        "month,project,downloads\n2026-01-15,a,1\n",
        ("line 2: month: ", "2026-01-15 is not the first day of a month"),
    ),
    ("month,project,downloads\n2026-11,a,1\n", ("line 2: month: ", "not over yet")),
    ("month,project,downloads\nJanuary,a,1\n", ("line 2: month: ", "not a month such as")),
    ("day,project,downloads\nx,,-1\n", ("line 2: day: ", "project: it is empty; downloads: '-1'")),
    ("date,project,country,downloads\n2026-01-01,a,Germany,1\n", "line 2: country: 'Germany'"),
    ("date,project,ci,downloads\n2026-01-01,a,maybe,1\n", "line 2: ci: 'maybe'"),
    (f"date,project,cpu,downloads\n2026-01-01,a,{'x' * 101},1\n", "line 2: cpu: "),
    ("date,project,cpu,downloads\n2026-01-01,a,x\x1b[31m,1\n", r"line 2: cpu: 'x\x1b[31m'"),
    (HEADER + GOOD * 2, "line 3 repeats line 2: 2026-01-01, numpy."),
    (HEADER + "2026-01-01,a_b,1\n" + GOOD + "2026-01-01,A.B,2\n", "line 4 repeats line 2"),
    (
        "date,project,python,downloads\n2026-01-01,a,None,1\n2026-01-01,a,,2\n",
        "line 3 repeats line 2: 2026-01-01, a, unknown.",
    ),
    (
        "date,project,python,downloads\n2026-01-01,a,3.12.1,9223372036854775807\n"
        "2026-01-01,a,3.12.2,1\n",
        "add up to over 9223372036854775807",
    ),
    (HEADER + GOOD + "2026-01-02,b\n", "line 3: it has fewer values"),
    (HEADER + GOOD + "2026-01-02,b,1,2\n", "line 3: it has more values"),
    (HEADER + GOOD + "\n2026-01-02,b,1\n", "line 3: it is empty"),
    (HEADER + GOOD + '2026-01-02,"b,1\n', "line 3: a quotation mark is not closed"),
    (HEADER + GOOD + '2026-01-02,"b"x,1\n', "line 3: a quotation mark is not closed"),
    (HEADER + GOOD + '2026-01-02,"b\nc",1\n', "line 3: a value in quotation marks goes on"),
    (HEADER + GOOD + f"2026-01-02,{'b' * 3_000_000},1\n", "line 3: it is longer"),
    (HEADER + GOOD + "2026-01-02,b\0,1\n", "line 3: it is not text"),
    (HEADER.encode() + GOOD.encode() + b"2026-01-02,b\xff,1\n", "line 3: it is not UTF-8"),
    (DAILY.encode("utf-16"), "line 1: it is not UTF-8"),
    (HEADER, "it has no rows"),
    ("", "it is empty"),
    ("\n\n", "it is empty"),
    (GOOD, ("'2026-01-01', 'numpy', '5' are not known", "A file has `date` or `month`")),
    ("date,project,downloads,mirror\n", "column 'mirror' is not known"),
    ("date,project\n2026-01-01,a\n", "it has no column `downloads`"),
    ("downloads\n1\n", "it has no column `date` or `month`, `project`"),
    ("date,month,project,downloads\n", "keep one, for each row counts either"),
    ("date,day,project,downloads\n", "columns 'date' and 'day' both mean `date`"),
    ("date,project,count,count\n", "columns 'count' and 'count' both mean `downloads`"),
]


@pytest.mark.parametrize(
    ("content", "expected"), WRONG_ROWS, ids=["".join(reason)[:60] for _, reason in WRONG_ROWS]
)
def test_a_wrong_csv_is_refused_with_its_row_and_reason(
    store: Path, filled: Path, written: Any, content: str | bytes, expected: str | Sequence[str]
) -> None:
    store.parent.mkdir()
    shutil.copy(filled, store)
    path = written("counts.csv", content)
    message = refusal(store, path)
    assert message.startswith(f"{path}: ")
    for part in [expected] if isinstance(expected, str) else expected:
        assert part in message
    assert len(message) < 1500
    assert "SELECT" not in message
    assert "Error" not in message


DISGUISED = [
    ("a.jsonl", JSONL + "{]\n", "record 3: it is not one JSON object"),
    ("a.jsonl", JSONL + "\n" + JSONL, "record 3: it is not one JSON object"),
    ("a.jsonl", "[" + JSONL + "]", "record 1: it is not one JSON object"),
    ("a.jsonl", JSONL + '{"ci": 1, "ci": 2}\n', "record 3: it is not one JSON object"),
    ("a.jsonl", JSONL.replace('"5"', '"5.5"'), "record 1: downloads: '5.5'"),
    ("a.jsonl", JSONL.replace('"numpy"', "null"), "record 1: project: it is empty"),
    ("a.jsonl", JSONL.replace('"numpy"', '{"a": 1}'), "'project' must be written as text"),
    ("a.jsonl", JSONL.replace('"numpy"', r'"n\u0000"'), "record 1: project: "),
    ("a.jsonl", JSONL.replace("ci", "x"), "column 'x' is not known"),
    ("a.jsonl", JSONL.replace("ci", "python").replace("true", "3.10"), "record 1."),
    ("a.jsonl", "{}\n", "it has no column `date` or `month`"),
    ("a.jsonl", DAILY, "record 1: it is not one JSON object"),
    ("a.parquet", DAILY, "it is not a Parquet file"),
    ("a.parquet", b"PAR1" + b"x" * 100 + b"PAR1", "damaged Parquet file"),
    ("a.csv", b"PAR1" + b"x" * 100, "but it is a Parquet file"),
    ("a.csv", gzip.compress(DAILY.encode()), "its name must end in .gz"),
    ("a.csv.gz", b"\x1f\x8b" + b"x" * 100, "gzip compression is damaged"),
    ("a.csv.gz", gzip.compress(DAILY.encode() * 99)[:-20], "gzip compression is damaged"),
    ("a.csv", b"PK\x03\x04" + b"x" * 100, "ZIP archive"),
    ("a.csv", b"\x89PNG\r\n\x1a\n\0\0", "line 1: it is not UTF-8 text"),
    ("a.txt", DAILY, "its name must end in .csv"),
    ("csv", DAILY, "its name must end in .csv"),
]


@pytest.mark.parametrize(
    ("name", "content", "expected"), DISGUISED, ids=[reason for _, _, reason in DISGUISED]
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    store: Path, written: Any, name: str, content: str | bytes, expected: str
) -> None:
    assert expected in refusal(store, written(name, content))


def test_a_name_that_ends_in_gz_promises_gzip(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv.gz"
    path.write_text(DAILY)
    assert "it is not gzip-compressed" in refusal(store, path)


def test_what_is_no_file_is_refused(store: Path, tmp_path: Path) -> None:
    assert "there is no such file" in refusal(store, tmp_path / "gone.csv")
    (tmp_path / "folder.csv").mkdir()
    assert "it is a folder" in refusal(store, tmp_path / "folder.csv")
    assert "No file was named" in refusal(store)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"downloads": [5.5]}, "record 1: downloads: '5.5'"),
        ({"downloads": [float("nan")]}, "record 1: downloads: 'nan'"),
        ({"downloads": pa.array([None], pa.int64())}, "record 1: downloads: it is empty"),
        ({"downloads": pa.array([2**64 - 1], pa.uint64())}, "record 1: downloads: "),
        ({"downloads": pa.array([5.0], pa.float32())}, "cannot hold large counts exactly"),
        ({"project": [["numpy"]]}, "column 'project' holds lists or records"),
        ({"project": [b"n\0"]}, "record 1: project: "),
        ({"python": [3.1]}, "where 3.1 and 3.10 are the same"),
        ({"date": [datetime(2026, 1, 1, 5)]}, "record 1: date: '2026-01-01 05:00:00'"),
        ({"__index_level_0__": [0]}, "column '__index_level_0__' is not known"),
        ({"date": pa.array([], pa.date32()), "project": pa.array([], pa.string()),
          "downloads": pa.array([], pa.int64())}, "it has no rows"),
    ],
)  # fmt: skip
def test_a_wrong_parquet_is_refused(
    store: Path, tmp_path: Path, columns: dict[str, Any], expected: str
) -> None:
    good: dict[str, Any] = {"date": [DAYS[0]], "project": ["numpy"], "downloads": [5]}
    path = write_parquet(tmp_path / "a.parquet", **(good | columns))
    assert expected in refusal(store, path)


def test_five_wrong_rows_are_listed_and_the_others_counted(store: Path, written: Any) -> None:
    rows = "".join(f"2026-01-01,p{number},-1\n" for number in range(1207))
    message = refusal(store, written("counts.csv", HEADER + rows))
    assert "1,207 rows are wrong" in message
    assert "line 6: " in message
    assert "line 7: " not in message
    assert message.endswith("and 1,202 more.")


@pytest.mark.parametrize(("count", "more"), [(8, "and 3 more."), (5000, "and at least ")])
def test_broken_lines_are_listed_and_counted(
    store: Path, written: Any, count: int, more: str
) -> None:
    message = refusal(store, written("counts.csv", HEADER + GOOD + "2026-01-01\n" * count))
    assert "line 3: it has fewer values" in message
    assert more in message


def test_a_row_that_the_store_holds_is_refused(store: Path, written: Any) -> None:
    load(store, written("a.csv", DAILY))
    second = written("b.csv", HEADER + "2026-01-05,numpy,1\n2026-01-02,pandas,9\n")
    assert "line 3: 2026-01-02, pandas is in the store." in refusal(store, second)


def test_a_row_of_an_earlier_file_is_refused(store: Path, written: Any) -> None:
    first, second = written("a.csv", DAILY), written("b.jsonl", JSONL.replace(', "ci": null', ""))
    third = written("c.csv", HEADER + "2026-01-02,pandas,9\n")
    message = refusal(store, first, second, third)
    assert f"line 2: 2026-01-02, pandas is line 3 of {first}." in message


def test_one_wrong_file_keeps_all_out(store: Path, written: Any) -> None:
    good, wrong = written("a.csv", DAILY), written("b.csv", HEADER + "2026-01-01,x,-1\n")
    assert refusal(store, good, wrong).startswith(f"{wrong}: ")
    assert not store.exists()


def test_a_store_with_the_sample_takes_no_real_rows(store: Path, written: Any) -> None:
    with StoreWriter(store) as writer:
        writer.add_coverage(
            Coverage(DAY, date(2026, 1, 1), date(2026, 1, 2), None, "sample", datetime(2026, 2, 1))
        )
    path = written("my counts.csv", DAILY)
    message = refusal(store, path)
    assert "simulated sample" in message
    assert f"`PULSE_STORE=store/mine.duckdb python -m lib import '{path}'`" in message


def test_what_is_no_store_is_left_alone(store: Path, written: Any) -> None:
    store.parent.mkdir()
    store.write_text("my diary")
    with pytest.raises(StoreError):
        load(store, written("a.csv", DAILY))
    assert store.read_text() == "my diary"


def test_an_import_that_dies_while_writing_leaves_the_store(
    store: Path, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(store, written("a.csv", DAILY))
    before = store.read_bytes()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(StoreWriter, "set_note", die)
    with pytest.raises(KeyboardInterrupt):
        load(store, written("b.csv", DAILY.replace("2026", "2025")))
    assert store.read_bytes() == before
    assert not list(store.parent.glob("*.writing*"))


# Whatever is valid

KEYS = st.tuples(
    st.dates(date(2016, 1, 1), date(2026, 11, 21)),
    st.sampled_from(["numpy", "a", "x-1", "zope-interface"]),
    st.sampled_from(["US", "DE", "unknown"]),
)
TABLES = st.dictionaries(KEYS, st.integers(0, 2**63 - 1), min_size=1, max_size=30)


def as_csv(table: dict[tuple[date, str, str], int], path: Path) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["project", "date", "country", "downloads"])
        for (day, project, country), downloads in table.items():
            writer.writerow([project, day, country, downloads])
    return path


def as_parquet(table: dict[tuple[date, str, str], int], path: Path) -> Path:
    days, projects, countries = zip(*table, strict=True)
    return write_parquet(
        path,
        date=pa.array(days, pa.date32()),
        project=list(projects),
        country=list(countries),
        downloads=pa.array(table.values(), pa.int64()),
    )


@settings(max_examples=20, deadline=timedelta(seconds=5))
@given(TABLES)
def test_any_valid_table_is_held_as_it_is(table: dict[tuple[date, str, str], int]) -> None:
    expected = sorted((str(day), *key, count) for (day, *key), count in table.items())
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path in (as_csv(table, folder / "a.csv"), as_parquet(table, folder / "a.parquet")):
            store = folder / f"{path.suffix}.duckdb"
            load(store, path)
            assert sorted(held(store, Cube(Grain.DAY, ("project", "country")))) == expected
