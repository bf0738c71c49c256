"""The audit of packages: what counts as needed, and what an answer means."""

from __future__ import annotations

import json

import pytest

from scripts.audit import needed, told


def answer(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": packages})


KNOWN = {
    "name": "streamlit",
    "version": "1.0",
    "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}],
}

SKIPPED = {"name": "plotly", "skip_reason": "not found"}

CLEAN = {"name": "numpy", "version": "2.0", "vulns": []}


def test_what_an_app_runs_on_is_audited_and_not_what_tests_it() -> None:
    found = needed(["streamlit==1.67.0", "streamlit-authenticator==0.4.2"])
    assert {"streamlit", "streamlit-authenticator", "pyjwt", "bcrypt", "starlette"} <= found.keys()
    assert "pytest" not in found


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (answer(CLEAN), 0, "0 known vulnerabilities"),
        (answer(CLEAN, KNOWN), 1, "CVE-1, fixed by 1.1"),
        (answer(KNOWN, SKIPPED), 1, "1 of 2 packages checked"),
        (answer(SKIPPED), 0, "Skipped: no database"),
        ("", 0, "Skipped: no database"),
        ("no answer", 0, "Skipped: no database"),
    ],
)
def test_a_vulnerability_fails_and_no_database_does_not(
    capsys: pytest.CaptureFixture[str], text: str, code: int, says: str
) -> None:
    assert told(text, 2) == code
    assert says in capsys.readouterr().out
