"""Files of signals: every variant of an export is read, and every other file refused in words."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.cubes import Grain
from lib.errors import ImportRejected
from lib.signals import Signal, SignalSeries
from lib.signals.files import is_of_signals, understand
from lib.signals.understood import Understood

NOW = datetime(2026, 11, 28, 12)
SUNDAY = datetime(2025, 11, 23)
DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)


def rows(
    count: int,
    step: timedelta,
    form: str = "%Y-%m-%d",
    start: datetime = SUNDAY,
    values: Callable[[int], str] = str,
) -> str:
    return "".join(f"{(start + step * i).strftime(form)},{values(i % 101)}\n" for i in range(count))


def read(text: str, now: datetime = NOW) -> Understood:
    return understand(text.encode(), "multiTimeline.csv", now)


def only(understood: Understood) -> SignalSeries:
    (series,) = understood.series
    return series


def values(series: SignalSeries) -> list[tuple[str, float, bool]]:
    frame = series.frame
    return [
        (f"{row.period:%Y-%m-%d}", float(row.value), bool(row.flagged))
        for row in frame.itertuples()
    ]


def test_weeks_of_several_terms_are_read_value_by_value() -> None:
    understood = read(
        "Category: All categories\n\nWeek,polars: (Worldwide),duckdb: (Worldwide)\n"
        "2026-11-01,0,<1\n2026-11-08,57,3\n2026-11-15,100,<1\n2026-11-22,90,1\n"
    )
    polars, duckdb = understood.series
    assert values(polars) == [
        ("2026-11-01", 0.0, False), ("2026-11-08", 57.0, False), ("2026-11-15", 100.0, False),
    ]  # fmt: skip
    assert values(duckdb) == [
        ("2026-11-01", 0.5, True), ("2026-11-08", 3.0, False), ("2026-11-15", 0.5, True),
    ]  # fmt: skip
    assert (polars.term, polars.signal, polars.grain) == (
        "polars", Signal.GOOGLE_TRENDS, Grain.WEEK,
    )  # fmt: skip
    assert understood.region == "Worldwide"
    assert understood.remarks == ("1 week not over yet, left out",)
    assert understood.flagged == 2
    assert "Worldwide" in polars.source
    assert polars.fetched_at == NOW


@pytest.mark.parametrize(
    ("header", "region"),
    [
        ("Kategorie: Alle Kategorien\n\nWoche,polars: (Weltweit)", "Weltweit"),
        ("Categoría: Todas las categorías\n\nSemana,polars: (España)", "España"),
        ("Catégorie : Toutes catégories\n\nSemaine,polars: (Dans tous les pays)",
         "Dans tous les pays"),
        ("カテゴリ: すべてのカテゴリ\n\n週,polars: (すべての国)", "すべての国"),
        ("Категория: Все категории\n\nНеделя,polars: (По всему миру)", "По всему миру"),
        ("類別：所有類別\n\n週,polars：（全球）", "全球"),
        ("Category: Food, drink\n\nWeek,polars: (Congo (DRC))", "Congo (DRC)"),
        ("Week,polars: (Worldwide)", "Worldwide"),
        ("Time,polars", ""),
        ("Something unheard of: all\n\nUnheard,polars", ""),
    ],
    ids=["german", "spanish", "french", "japanese", "russian", "full-width", "comma", "no-category",
         "no-region", "unknown-language"],
)  # fmt: skip
def test_every_language_of_the_header_is_understood(header: str, region: str) -> None:
    understood = read(f"{header}\n{rows(20, WEEK)}")
    series = only(understood)
    assert series.term == "polars"
    assert understood.region == region
    assert series.grain is Grain.WEEK
    assert [value for _, value, _ in values(series)] == [float(i) for i in range(20)]


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (lambda text: ("\ufeff" + text).encode(), "a.csv"),
        (lambda text: text.replace("\n", "\r\n").encode(), "a.csv"),
        (lambda text: text.replace(",", ";").encode(), "a.csv"),
        (lambda text: text.replace(",", "\t").encode(), "a.tsv"),
        (lambda text: text.encode("utf-16"), "a.csv"),
        (lambda text: gzip.compress(text.encode()), "a.csv.gz"),
        (lambda text: "\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) if line else ""
            for line in text.split("\n")
        ).encode(), "a.csv"),
        (lambda text: text.replace("\n", ",\n").encode(), "a.csv"),
    ],
    ids=["bom", "crlf", "semicolons", "tabs", "utf-16", "gzip", "quotes", "trailing-commas"],
)  # fmt: skip
def test_every_way_of_writing_the_file_gives_the_same(
    write: Callable[[str], bytes], name: str
) -> None:
    text = f"Category: All categories\n\nWeek,polars: (Worldwide)\n{rows(20, WEEK)}"
    expected = values(only(read(text)))
    assert values(only(understand(write(text), name, NOW))) == expected


@pytest.mark.parametrize(
    ("form", "step", "grain"),
    [
        ("%Y-%m-%d", DAY, Grain.DAY),
        ("%d.%m.%Y", DAY, Grain.DAY),
        ("%Y-%m-%d", WEEK, Grain.WEEK),
        ("%Y-%m-%dT00:00:00Z", WEEK, Grain.WEEK),
    ],
    ids=["days", "dotted-days", "weeks", "weeks-with-midnights"],
)
def test_the_grain_is_told_by_the_steps(form: str, step: timedelta, grain: Grain) -> None:
    assert only(read(f"x\n\nDay,polars: (Worldwide)\n{rows(30, step, form)}")).grain is grain


@pytest.mark.parametrize("form", ["%Y-%m", "%Y-%m-%d"])
def test_months_are_read_as_months(form: str) -> None:
    months = [datetime(2024 + i // 12, i % 12 + 1, 1) for i in range(35)]
    text = "".join(f"{month.strftime(form)},{i}\n" for i, month in enumerate(months))
    understood = read(f"Category: All categories\n\nMonth,polars: (Worldwide)\n{text}")
    assert only(understood).grain is Grain.MONTH
    assert len(only(understood).frame) == 34
    assert understood.remarks == ("1 month not over yet, left out",)


def test_hours_are_averaged_to_whole_days() -> None:
    start = datetime(2026, 11, 1, 7)
    text = rows(24 * 7, HOUR, "%Y-%m-%dT%H", start, lambda i: "<1" if i == 30 else str(i))
    understood = read(f"Category: All categories\n\nTime,polars: (Worldwide)\n{text}")
    series = only(understood)
    hours = {start + HOUR * i: (0.5 if i % 101 == 30 else i % 101) for i in range(24 * 7)}
    expected = []
    for day in range(2, 8):
        found = [value for moment, value in hours.items() if moment.day == day]
        flagged = any(value == 0.5 for value in found)
        expected.append((f"2026-11-{day:02d}", pytest.approx(sum(found) / 24), flagged))
    assert values(series) == expected
    assert series.grain is Grain.DAY
    assert "2 days of fewer hours left out" in understood.remarks


def test_the_hours_of_one_day_are_too_few() -> None:
    text = rows(20, timedelta(minutes=8), "%Y-%m-%dT%H:%M:%S")
    with pytest.raises(ImportRejected, match="no whole day"):
        read(f"Category: All categories\n\nTime,polars: (Worldwide)\n{text}")


def test_a_last_period_that_may_have_been_open_is_flagged() -> None:
    understood = read(f"Week,polars: (Worldwide)\n{rows(10, WEEK)}")
    assert [flag for _, _, flag in values(only(understood))] == [False] * 9 + [True]
    assert "may not have been over" in understood.remarks[0]


def test_a_period_without_a_value_is_not_known_rather_than_zero() -> None:
    series = only(read("Week,a: (X)\n2026-01-04,5\n2026-01-11,\n2026-01-18,7\n2026-01-25,8\n"))
    assert [period for period, _, _ in values(series)] == ["2026-01-04", "2026-01-18", "2026-01-25"]


def test_one_empty_term_among_others_is_left_out_and_said() -> None:
    understood = read("Week,a: (X),b: (X)\n2026-01-04,5,0\n2026-01-11,6,0\n2026-01-18,7,0\n")
    assert understood.terms == ("a",)
    assert "Left out, for every value is 0: b" in understood.remarks


HEAD = "Category: All categories\n\nWeek,polars: (Worldwide)\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Category: All categories\n\nRegion,polars: (11/22/20 - 11/22/25)\nGermany,100\nFrance,\n",
         "map of regions"),
        ("Kategorie: Alle Kategorien\n\nLand,polars: (22.11.20 - 22.11.25)\nGermany,100\n",
         "map of regions"),
        ("Category: All categories\n\nTOP\npolars python,100\n\nRISING\nnew,+300%\n",
         "related searches"),
        (HEAD, "too few searches for polars: the file has no values"),
        (HEAD + rows(9, WEEK, values=lambda i: "0"), "too few searches for polars: every value"),
        (HEAD + "2026-01-04,101\n2026-01-11,5\n", "Line 4: “101” is neither"),
        (HEAD + "2026-01-04,many\n2026-01-11,5\n", "Line 4: “many” is neither"),
        (HEAD + "2026-01-04,-3\n2026-01-11,5\n", "Line 4: “-3” is neither"),
        (HEAD + "2026-01-04,3\nyesterday,5\n", "Line 5 is not a period"),
        (HEAD + "2026-01-04,3\n2026-02-30,5\n", "Line 5 is not a period"),
        (HEAD + "2026-01-04,3\n2026-01-11\n", "Line 5 is not a period followed by 1 value"),
        (HEAD + "2026-01-04,3\n2026-01-11,5,6\n", "Line 5 is not a period followed by 1 value"),
        (HEAD + "2026-01-11,3\n2026-01-04,5\n", "do not come in order"),
        (HEAD + "2026-01-04,3\n", "one period only"),
        (HEAD + "2026-01-04,3\n2026-01-07,5\n2026-01-10,5\n", "neither hours nor days"),
        (HEAD + "2027-01-03,3\n2027-01-10,5\n", "None of its periods is over"),
        ("Week,a: (Germany),a: (France)\n2026-01-04,3,4\n2026-01-11,3,4\n", "compares regions"),
        ("Week,a: (Germany),b: (France)\n2026-01-04,3,4\n2026-01-11,3,4\n", "compares regions"),
        (f"Week,{'a' * 101}: (Germany)\n2026-01-04,3\n2026-01-11,3\n", "more than 100 characters"),
        ("date,project,downloads\n2026-01-01,numpy,5\n", "neither Google Trends"),
        ("", "neither Google Trends"),
        ("hello", "neither Google Trends"),
        ("\0\1\2", "no text"),
    ],
    ids=["map", "german-map", "related", "no-values", "all-zero", "above-100", "a-word", "negative",
         "no-date", "no-such-day", "short-row", "long-row", "unordered", "one-row", "odd-steps",
         "future", "two-regions", "other-regions", "long-term", "downloads", "empty",
         "a-word-alone", "binary"],
)  # fmt: skip
def test_what_is_no_series_is_refused_in_one_sentence(text: str, why: str) -> None:
    with pytest.raises(ImportRejected) as refusal:
        read(text)
    assert why in str(refusal.value)
    assert str(refusal.value).startswith("multiTimeline.csv: ")
    assert "\n" not in str(refusal.value)


def test_a_damaged_gzip_file_is_refused() -> None:
    content = gzip.compress(HEAD.encode() * 100)[:-20]
    with pytest.raises(ImportRejected, match="no whole gzip"):
        understand(content, "a.csv.gz", NOW)


def test_a_huge_file_is_refused_before_it_is_unpacked_whole() -> None:
    with pytest.raises(ImportRejected, match="more than 10 MB"):
        understand(gzip.compress(b"a,b\n" * 5_000_000), "a.csv.gz", NOW)


def test_a_hostile_term_is_text_like_any_other() -> None:
    term = "<script>alert(1)</script>"
    series = only(read(f'Week,"{term}: (X)"\n2026-01-04,3\n2026-01-11,5\n'))
    assert series.term == term


def test_the_time_of_an_import_is_kept_in_utc() -> None:
    series = only(read(HEAD + rows(5, WEEK), NOW.replace(tzinfo=UTC)))
    assert series.fetched_at == NOW
    assert series.fetched_at.tzinfo is None


def explorer(lines: Sequence[str], header: str = "month,tag,questions") -> str:
    return "\n".join([header, *lines]) + "\n"


@pytest.mark.parametrize(
    "header",
    ["month,tag,questions", "Month,TagName,Count", '"month","tag","questions"'],
)
def test_questions_by_month_and_tag_are_read(header: str) -> None:
    text = explorer(
        ["2026-07-01 00:00:00,polars,5", "2026-07-01 00:00:00,pandas,50",
         "2026-09-01 00:00:00,polars,7", "2026-11-01 00:00:00,polars,1"], header
    )  # fmt: skip
    understood = read(text)
    polars, pandas = understood.series
    assert values(polars) == [
        ("2026-07-01", 5.0, False), ("2026-08-01", 0.0, True), ("2026-09-01", 7.0, False),
    ]  # fmt: skip
    assert values(pandas) == [
        ("2026-07-01", 50.0, False), ("2026-08-01", 0.0, True), ("2026-09-01", 0.0, True),
    ]  # fmt: skip
    assert polars.signal is Signal.STACK_OVERFLOW
    assert "3 months without a row counted as no questions" in understood.remarks[0]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["2026-07-01,polars,5", "2026-07-01,polars,6"], "Line 3 repeats a month"),
        (["2026-07-02,polars,5"], "Line 2: no month"),
        (["2026-07-01,polars,few"], "Line 2: the count"),
        (["2026-07-01,polars"], "Line 2 does not have"),
        ([], "no rows"),
        (["2026-11-01,polars,5"], "no month that is over"),
    ],
    ids=["twice", "no-month", "no-count", "short", "empty", "open-month"],
)
def test_a_wrong_row_of_questions_is_named(lines: list[str], why: str) -> None:
    with pytest.raises(ImportRejected, match=why):
        read(explorer(lines))


def test_files_are_told_apart_by_their_content(tmp_path: Path) -> None:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    assert is_of_signals(written("downloads.csv", HEAD + rows(5, WEEK)))
    assert is_of_signals(written("map.csv", "x\n\nRegion,a: (1/2/20 - 1/2/21)\nGermany,3\n"))
    assert is_of_signals(written("questions.csv", explorer(["2026-07-01,polars,5"])))
    for name, text in (
        ("months.csv", "month,project,downloads\n2026-01,numpy,5\n"),
        ("days.csv", "date,downloads\n2026-01-01,5000\n"),
        ("rows.jsonl", '{"date": "2026-01-01", "project": "numpy", "downloads": 5}\n'),
        ("nothing.csv", ""),
    ):
        assert not is_of_signals(written(name, text))
    assert not is_of_signals(tmp_path / "absent.csv")
    assert not is_of_signals(tmp_path)
