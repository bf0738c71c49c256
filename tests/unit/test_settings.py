"""Settings: what may be set, from where, and what a value that makes no sense is told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lib.errors import SettingsError
from lib.packages import groups
from lib.settings import (
    DEFAULT_STORE,
    GIGABYTE,
    LIVE_PACKAGES,
    MOST_LIVE_PACKAGES,
    Dataset,
    Settings,
    read_settings,
    secrets_of_file,
)

KEY = {"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nhush"}


def read(environment: dict[str, str] | None = None, **secrets: object) -> Settings:
    return read_settings(environment or {}, secrets)


def test_nothing_has_to_be_set() -> None:
    settings = read()
    assert settings == Settings()
    assert settings.store == DEFAULT_STORE
    assert settings.dataset is None
    assert settings.bigquery_project == ""
    assert settings.monthly_bytes == 900 * GIGABYTE
    assert 0 < settings.query_bytes <= settings.monthly_bytes


def test_the_environment_goes_before_the_secrets() -> None:
    settings = read({"PULSE_MONTHLY_GB": "10"}, PULSE_MONTHLY_GB=20, PULSE_QUERY_GB=0.5)
    assert settings.monthly_bytes == 10 * GIGABYTE
    assert settings.query_bytes == GIGABYTE // 2


def test_an_empty_variable_is_none() -> None:
    assert read({"PULSE_MONTHLY_GB": "  ", "PULSE_STORE": ""}) == Settings()


def test_a_budget_may_be_nothing() -> None:
    assert read({"PULSE_MONTHLY_GB": "0"}).monthly_bytes == 0


def test_a_budget_of_nothing_may_be_a_number_in_the_secrets() -> None:
    assert read(PULSE_MONTHLY_GB=0).monthly_bytes == 0


@pytest.mark.parametrize("value", ["much", "-1", "nan", "inf", "1e12", "10 GB", "1,5"])
@pytest.mark.parametrize("name", ["PULSE_MONTHLY_GB", "PULSE_QUERY_GB", "PULSE_LIVE_GB"])
def test_a_budget_is_a_number_of_gigabytes(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is .*must be a number of gigabytes"):
        read({name: value})


def test_a_store_is_a_file_or_a_dataset() -> None:
    file = read({"PULSE_STORE": "/data/pulse.duckdb"})
    assert (file.store, file.dataset) == (Path("/data/pulse.duckdb"), None)
    assert file.store_name == "/data/pulse.duckdb"
    held = read({"PULSE_STORE": "bigquery://my-project.pulse"})
    assert held.dataset == Dataset("my-project", "pulse")
    assert held.store_name == "bigquery://my-project.pulse"
    assert held.store.parent == DEFAULT_STORE.parent


def test_the_project_of_a_dataset_pays_where_no_other_does() -> None:
    place = {"PULSE_STORE": "bigquery://my-project.pulse"}
    assert read(place).bigquery_project == "my-project"
    assert read({**place, "PULSE_BIGQUERY_PROJECT": "payer-1"}).bigquery_project == "payer-1"


@pytest.mark.parametrize(
    "place",
    [
        "bigquery:", "bigquery://", "bigquery://pulse", "bigquery://my-project.",
        "bigquery://My-Project.pulse", "bigquery://my-project.pu`lse", "bigquery:my-project.pulse",
    ],
)  # fmt: skip
def test_a_dataset_has_a_project_and_a_name(place: str) -> None:
    with pytest.raises(SettingsError, match=r"named bigquery://project\.dataset"):
        read({"PULSE_STORE": place})


@pytest.mark.parametrize("project", ["My Project", "x", "1project", "my_project", "a/b", "p`; --"])
def test_a_project_is_named_by_its_id(project: str) -> None:
    with pytest.raises(SettingsError, match="must be the id of a Google Cloud project"):
        read({"PULSE_BIGQUERY_PROJECT": project})


def test_the_clock_may_stand_still() -> None:
    settings = read({"PULSE_NOW": "2026-11-22T00:30:00+01:00"})
    assert settings.now() == datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert settings.yesterday() == date(2026, 11, 20)
    assert read().now().tzinfo is UTC
    with pytest.raises(SettingsError, match="PULSE_NOW is 'soon'"):
        read({"PULSE_NOW": "soon"})


def test_yes_and_no_are_said_in_few_words() -> None:
    assert read({"PULSE_FETCH_FROM_APP": "Yes"}).fetch_from_app
    assert read(PULSE_FETCH_FROM_APP=True).fetch_from_app
    assert not read({"PULSE_FETCH_FROM_APP": "no"}).fetch_from_app
    with pytest.raises(SettingsError, match="must be yes or no"):
        read({"PULSE_FETCH_FROM_APP": "maybe"})


class TestTheLivePage:
    def test_decides_on_its_feed_unless_one_is_named(self) -> None:
        assert read().live == ""
        assert read({"PULSE_LIVE": "BigQuery"}).live == "bigquery"
        assert read(PULSE_LIVE="sample").live == "sample"
        with pytest.raises(SettingsError, match="PULSE_LIVE is 'clickhouse'; it must be sample or"):
            read({"PULSE_LIVE": "clickhouse"})

    def test_watches_the_packages_named_each_once(self) -> None:
        named = read({"PULSE_LIVE_PACKAGES": "NumPy, scikit_learn,numpy"})
        assert named.live_packages == ("numpy", "scikit-learn")

    def test_watches_packages_of_a_middling_size_by_default(self) -> None:
        assert read({"PULSE_LIVE_PACKAGES": " , "}).live_packages == LIVE_PACKAGES
        assert len(LIVE_PACKAGES) == 5
        assert set(LIVE_PACKAGES) <= {name for group in groups().values() for name in group}

    def test_watches_no_odd_names_and_not_too_many(self) -> None:
        with pytest.raises(SettingsError, match="'-x' is not a package name"):
            read({"PULSE_LIVE_PACKAGES": "numpy,-x"})
        many = ",".join(f"package-{number}" for number in range(MOST_LIVE_PACKAGES + 1))
        with pytest.raises(SettingsError, match="names 51 packages; at most 50"):
            read({"PULSE_LIVE_PACKAGES": many})

    def test_is_billed_no_more_than_is_set(self) -> None:
        assert read().live_bytes == 30 * GIGABYTE
        assert read({"PULSE_LIVE_GB": "0"}).live_bytes == 0
        assert read(PULSE_LIVE_GB=2.5).live_bytes == 5 * GIGABYTE // 2


def test_secrets_are_never_shown() -> None:
    settings = read({"PULSE_CLICKHOUSE_PASSWORD": "hunter2"}, gcp_service_account=KEY)
    assert json.loads(settings.service_account) == KEY
    assert settings.clickhouse_password == "hunter2"
    assert "hush" not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_a_key_is_a_table() -> None:
    with pytest.raises(SettingsError, match="must be a table") as failed:
        read(gcp_service_account=KEY["private_key"])
    assert "hush" not in str(failed.value)


class TestTheFileOfSecrets:
    def test_may_be_missing(self, tmp_path: Path) -> None:
        assert secrets_of_file(tmp_path / "secrets.toml") == {}

    def test_is_read_as_toml(self, tmp_path: Path) -> None:
        path = tmp_path / "secrets.toml"
        path.write_text('PULSE_MONTHLY_GB = 5\n[gcp_service_account]\nprivate_key = "hush"\n')
        settings = read_settings({}, secrets_of_file(path))
        assert settings.monthly_bytes == 5 * GIGABYTE
        assert json.loads(settings.service_account) == {"private_key": "hush"}

    def test_that_is_damaged_is_named_and_not_quoted(self, tmp_path: Path) -> None:
        path = tmp_path / "secrets.toml"
        path.write_text("[gcp_service_account]\nprivate_key = hush\n")
        with pytest.raises(SettingsError, match="is not valid TOML") as failed:
            secrets_of_file(path)
        assert str(path) in str(failed.value)
        assert "hush" not in str(failed.value)


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("", "https://pypi.org"),
        ("off", ""),
        ("OFF", ""),
        ("https://index.example.com/root/", "https://index.example.com/root"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_facts_about_packages_are_asked_where_one_says(value: str, asked: str) -> None:
    assert read({"PULSE_PYPI": value}).pypi == asked


@pytest.mark.parametrize(
    "value",
    [
        "pypi.org",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "https://a:b@c.d",
        "https://a?b",
    ],
)
def test_facts_are_asked_at_an_address_without_a_password(value: str) -> None:
    with pytest.raises(SettingsError, match="PULSE_PYPI") as raised:
        read({"PULSE_PYPI": value})
    assert "a:b" not in str(raised.value)
