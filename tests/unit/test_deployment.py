"""The notes on deployment: their policy fits what is installed, and their example is whole."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from pathlib import Path

import extra_streamlit_components
import pytest
import streamlit

from lib.access.form import FOCUS
from lib.access.users import read_logins
from lib.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]

NOTES = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")

EXAMPLE = (ROOT / ".streamlit/secrets.example.toml").read_text(encoding="utf-8")

INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def policy() -> str:
    """The content security policy of the notes."""
    found = re.search(r'Content-Security-Policy "(default-src [^"]+)"', NOTES)
    assert found
    return found[1]


PAGES = {
    "Streamlit's": Path(streamlit.__file__).parent / "static/index.html",
    "the cookies'": Path(extra_streamlit_components.__file__).parent
    / "CookieManager/frontend/build/index.html",
}


@pytest.mark.parametrize("whose", [*PAGES, "ours"])
def test_the_policy_names_every_inline_script(whose: str) -> None:
    page = FOCUS if whose == "ours" else PAGES[whose].read_text(encoding="utf-8")
    scripts = INLINE.findall(page)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy()


def test_the_policy_lets_no_other_script_in() -> None:
    scripts = next(part for part in policy().split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert scripts.count("sha256-") == 3


def test_the_example_of_secrets_makes_sense_when_its_lines_are_kept() -> None:
    lines = re.findall(r'^# ((?:\[[\w.]+\]|\w+ = (?:".*"|\d+|\[.*\])))$', EXAMPLE, re.MULTILINE)
    kept = [line for line in lines if line != 'PULSE_STORE = "store/bigquery.duckdb"']
    text = "\n".join(kept).replace("$2b$12$…", f"$2b$12${'.' * 53}")
    secrets = tomllib.loads(text)
    assert {"users", "login", "auth", "gcp_service_account"} <= secrets.keys()
    settings = read_settings({}, secrets)
    assert (settings.access, settings.bigquery_project) == ("login", "my-project")
    logins = read_logins(secrets)
    assert logins.users and logins.services == ("default",)
    # No key is to be had from the repository.
    assert (logins.cookie_key, logins.service_key) == ("", "")
