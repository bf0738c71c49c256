"""The command line: every documented example, the filters of `query`, and what is refused."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from lib.__main__ import _parser, main
from lib.dependency_report.report import ATTENTION
from lib.installers import MEMBERS, InstallerClass
from lib.settings import Settings
from tests.conftest import NOON

ROOT = Path(__file__).resolve().parents[2]

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")

LEFT_OUT = "…"


@dataclass
class Ran:
    """A command that has ended: its exit code, and what it wrote where."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Runs a command on the sample."""
    monkeypatch.setenv("PULSE_STORE", str(sample_store))
    monkeypatch.setenv("PULSE_NOW", NOON)

    def run_it(*arguments: str) -> Ran:
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(str(ended.code))
        written = capfdbinary.readouterr()
        return Ran(code, written.out.decode(), written.err.decode())

    return run_it


# The documentation


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


EXAMPLES = [
    (command.strip(), shown)
    for block in blocks("console")
    for command, shown in re.findall(r"^\$ (.*\n)((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE)
]


def is_shown(written: str, shown: str) -> bool:
    """Whether a command wrote what a document shows, which may leave out the end."""
    whole, wanted = written.rstrip("\n"), shown.rstrip("\n")
    if wanted.endswith(LEFT_OUT):
        return whole.startswith(wanted.removesuffix(LEFT_OUT))
    return whole == wanted


@pytest.mark.parametrize(
    ("command", "shown"),
    [(command, shown) for command, shown in EXAMPLES if command.startswith("python -m lib ")],
    ids=lambda text: "" if "\n" in text else text.removeprefix("python -m lib "),
)
def test_every_example_prints_what_the_documentation_shows(
    command: str, shown: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.py").touch()
    for other, content in EXAMPLES:
        if other.startswith("cat "):
            (tmp_path / other.removeprefix("cat ")).write_text(content, encoding="utf-8")
    ran = run(*shlex.split(command)[3:])
    assert is_shown(ran.err + ran.out, shown), ran


def test_the_examples_are_many() -> None:
    assert len(EXAMPLES) > 10
    assert not is_shown("a\nb\n", "a\n")
    assert is_shown("a\nb\n", "a\n…\n")


@pytest.mark.parametrize(
    "line",
    [
        line
        for block in blocks("bash")
        for line in block.splitlines()
        if line.startswith("python -m lib ")
    ],
)
def test_every_other_command_of_the_documentation_is_one(line: str) -> None:
    command = re.split(r" [|>] ", line)[0]
    assert _parser(Settings()).parse_args(shlex.split(command)[3:]).run


def test_every_command_is_documented() -> None:
    choices = next(
        action.choices for action in _parser(Settings())._actions if action.choices is not None
    )
    told = re.findall(r"^\| `([a-z-]+)", PAGE, flags=re.MULTILINE)
    assert set(choices) == set(told) & set(choices)


# What `query` answers, against the most detailed rows of the store


def rows(ran: Ran) -> list[dict[str, object]]:
    assert ran.code == 0, ran.err
    found: list[dict[str, object]] = json.loads(ran.out)
    for row in found:
        assert row.pop("source") == "simulated sample, modeled on published figures"
    return found


def brute_force(store: Path, sql: str) -> list[dict[str, object]]:
    with duckdb.connect(str(store), read_only=True) as connection:
        frame = connection.execute(sql.replace("EVERYTHING", "cube_day_all")).df()
    return [dict(row) for row in json.loads(frame.to_json(orient="records"))]


def test_filters_combine_as_on_the_pages(run: Run, sample_store: Path) -> None:
    ran = run(
        "query", "--packages", "numpy,torch", "--by", "python", "--from", "2026-09-01",
        "--to", "2026-09-30", "--where", "country=US,DE", "--where", "system=Linux",
        "--where", "country=FR",
    )  # fmt: skip
    assert rows(ran) == brute_force(
        sample_store,
        """SELECT project, python, sum(downloads)::bigint downloads FROM EVERYTHING
           WHERE project IN ('numpy', 'torch') AND country IN ('US', 'DE', 'FR')
           AND system = 'Linux' AND period BETWEEN '2026-09-01' AND '2026-09-30'
           GROUP BY ALL ORDER BY ALL""",
    )


def test_what_counts_is_what_counts_on_the_pages(run: Run, sample_store: Path) -> None:
    for classes in (("installers",), ("mirrors", "browsers"), ("unknown", "installers")):
        ran = run("query", "--packages", "numpy", "--from", "2026-11-01", "--counting",
                  ",".join(classes))  # fmt: skip
        named = [name for members in MEMBERS.values() for name in members]
        kept = [name for each in classes for name in MEMBERS.get(InstallerClass(each), ())]
        others = f"installer NOT IN {tuple(named)}" if "installers" in classes else "false"
        listed = ", ".join(f"'{name}'" for name in kept) or "NULL"
        assert rows(ran) == brute_force(
            sample_store,
            f"""SELECT project, sum(downloads)::bigint downloads FROM EVERYTHING
                WHERE project = 'numpy' AND period >= '2026-11-01'
                AND ({others} OR installer IN ({listed})) GROUP BY ALL""",
        )


def test_the_rest_is_summed_and_unknown_stands_alone(run: Run, sample_store: Path) -> None:
    ran = run("query", "--by", "country", "--top", "3", "--from", "2026-11-01")
    counts = {row["country"]: row["downloads"] for row in rows(ran)}
    every = brute_force(
        sample_store,
        """SELECT country, sum(downloads)::bigint n FROM EVERYTHING WHERE period >= '2026-11-01'
           GROUP BY ALL ORDER BY n DESC""",
    )
    named = [row for row in every if row["country"] != "unknown"]
    expected = {row["country"]: row["n"] for row in named[:3]}
    expected["unknown"] = next(row["n"] for row in every if row["country"] == "unknown")
    expected["all other"] = sum(int(str(row["n"])) for row in named[3:])
    assert counts == expected


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--where", "country"], 2, "country=US,DE"),
        (["--where", "country="], 2, "country=US,DE"),
        (["--where", "project=numpy"], 2, "--packages names packages"),
        (["--where", "country=XX"], 2, "'XX'"),
        (["--where", "country=' OR 1=1"], 2, "country"),
        (["--counting", "pip"], 2, "installers, mirrors"),
        (["--top", "3"], 2, "--top needs --by"),
        (["--top", "0", "--by", "country"], 2, "above zero"),
        (["--by", "color"], 2, "--by takes one of"),
        (["--to", "2026-10-01"], 2, "--to comes before --from"),
        (["--packages", "a b"], 2, "is not a package name"),
        (["--packages", "no-such-package"], 1, "No package no-such-package is held."),
        (["--by", "version", "--where", "country=US", "--to", "2026-11-02", "--grain", "hour"], 1,
         "not held"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_on_standard_error(
    arguments: list[str], code: int, told: str, run: Run
) -> None:
    ran = run("query", "--from", "2026-11-01", *arguments)
    assert ran.code == code
    assert told in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_an_empty_store_says_how_to_fill_it(
    run: Run, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_STORE", str(empty_store))
    (empty_store.parent / "r.txt").write_text("numpy")
    for command in (
        ["query", "--from", "2026-11-01"],
        ["report", str(empty_store.parent / "r.txt")],
    ):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "python -m lib" in ran.err or "`sample`" in ran.err


# What `report` answers


def test_several_files_make_one_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy\nplotly\nnot-held-here\n-r more.txt")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["torch", "numpy"]')
    names = [str(tmp_path / name) for name in ("requirements.txt", "pyproject.toml")]
    ran = run("report", *names, "--format", "json")
    found = json.loads(ran.out)
    assert found["name"] == "requirements.txt and pyproject.toml"
    assert {row["package"] for row in found["packages"]} == {"numpy", "plotly", "torch"}
    assert found["not_held"] == ["not-held-here"]
    assert found["not_read"] == ["line 4: -r more.txt (another file: give that one too)"]
    assert found["simulated"] is True
    order = [list(map(str, ATTENTION)).index(row["movement"]) for row in found["packages"]]
    assert order == sorted(order)


def test_a_report_is_one_file_that_asks_nobody(run: Run, tmp_path: Path) -> None:
    name = "<img src=x>.txt"
    (tmp_path / name).write_text("numpy\n-r <script>x</script>")
    ran = run("report", str(tmp_path / name), "--format", "html")
    assert ran.out.startswith("<!doctype html>")
    assert "<img src=x" not in ran.out
    assert "<script>x" not in ran.out
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", ran.out)
    assert "Simulated sample data." in ran.out


@pytest.mark.parametrize(
    ("content", "told"),
    [("x y", "names no package"), ("no-such-package", "None of the packages of r.txt is held")],
)
def test_a_report_that_cannot_be_made_is_told(
    content: str, told: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "r.txt").write_text(content)
    ran = run("report", str(tmp_path / "r.txt"))
    assert (ran.code, ran.out) == (1, "")
    assert told in ran.err


def test_a_file_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    ran = run("report", str(tmp_path / "no.txt"))
    assert (ran.code, ran.out) == (1, "")
    assert "No such file" in ran.err
