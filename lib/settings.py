"""Typed settings, read from the environment and from `.streamlit/secrets.toml`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from lib.errors import SettingsError
from lib.packages import listed_names

SECRETS = Path(".streamlit/secrets.toml")

DEFAULT_STORE = Path("store/pulse.duckdb")

GIGABYTE = 10**9

LIVE_PACKAGES = ("altair", "bokeh", "dash", "plotly", "streamlit")
"""What the Live page counts where nothing else is named: known to many, and of a middling number
of downloads, for the largest packages cost ten times as much."""

MOST_LIVE_PACKAGES = 50

PYPI = "https://pypi.org"
"""Where facts about packages are asked, in PyPI's JSON API."""

_LIVE_FEEDS = ("", "sample", "bigquery")

_PROJECT_ID = r"(?:[a-z0-9.-]{1,80}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]"
"""The id of a Google project, before which an old one has its domain."""

_DATASET = re.compile(rf"bigquery://(?P<project>{_PROJECT_ID})\.(?P<name>\w{{1,1024}})", re.ASCII)

_PROJECT = re.compile(_PROJECT_ID)


@dataclass(frozen=True)
class Dataset:
    """A BigQuery dataset that holds a store."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}.{self.name}"


@dataclass(frozen=True)
class Settings:
    """What the person who runs the app has decided.

    `store` is the store's file; where `dataset` is set, BigQuery holds the store, and `store` is
    only the name beside which this machine keeps its own files. `bigquery_project` pays for
    queries; nothing is asked of BigQuery without one, and where it is `emulated` nothing is billed.
    `access` is `open`, `login` or empty. `frozen_now` stands still in place of the clock where it
    is set. `pypi` is where facts about packages are asked; empty where nobody is asked. Services
    that are asked for signals are told `contact`: how to reach who runs this.
    """

    store: Path = DEFAULT_STORE
    dataset: Dataset | None = None
    frozen_now: datetime | None = None
    bigquery_project: str = ""
    service_account: str = field(default="", repr=False)
    monthly_bytes: int = 900 * GIGABYTE
    query_bytes: int = 900 * GIGABYTE
    clickhouse_host: str = ""
    clickhouse_user: str = ""
    clickhouse_password: str = field(default="", repr=False)
    clickhouse_database: str = ""
    fetch_from_app: bool = False
    access: str = ""
    emulated: bool = False
    live: str = ""
    live_packages: tuple[str, ...] = LIVE_PACKAGES
    live_bytes: int = 30 * GIGABYTE
    ask_signals: bool = True
    stack_exchange_key: str = field(default="", repr=False)
    contact: str = ""
    pypi: str = PYPI

    @property
    def store_name(self) -> str:
        """What the store is called where a person reads it."""
        return f"bigquery://{self.dataset}" if self.dataset else str(self.store)

    @property
    def can_be_billed(self) -> bool:
        """Whether anything is configured that can cost money."""
        return bool(self.bigquery_project or self.service_account) and not self.emulated

    def now(self) -> datetime:
        """The time in UTC."""
        return self.frozen_now or datetime.now(UTC)

    def yesterday(self) -> date:
        """The last UTC day that is over."""
        return self.now().date() - timedelta(days=1)


def read_settings(environment: Mapping[str, str], secrets: Mapping[str, object]) -> Settings:
    """Settings from `PULSE_*` variables, then the same names in the secrets, then defaults.

    A service account's key is the table `gcp_service_account` of the secrets. Raises
    SettingsError for a value that does not make sense.
    """

    def value(name: str) -> str:
        return (environment.get(name) or str(secrets.get(name, ""))).strip()

    store, dataset = _place(value("PULSE_STORE"))
    return Settings(
        store=store,
        dataset=dataset,
        frozen_now=_time(value("PULSE_NOW")),
        bigquery_project=_project(value("PULSE_BIGQUERY_PROJECT"), dataset),
        service_account=_service_account(secrets.get("gcp_service_account")),
        monthly_bytes=_bytes("PULSE_MONTHLY_GB", value("PULSE_MONTHLY_GB"), 900),
        query_bytes=_bytes("PULSE_QUERY_GB", value("PULSE_QUERY_GB"), 900),
        clickhouse_host=value("PULSE_CLICKHOUSE_HOST"),
        clickhouse_user=value("PULSE_CLICKHOUSE_USER"),
        clickhouse_password=value("PULSE_CLICKHOUSE_PASSWORD"),
        clickhouse_database=value("PULSE_CLICKHOUSE_DATABASE"),
        fetch_from_app=_yes("PULSE_FETCH_FROM_APP", value("PULSE_FETCH_FROM_APP")),
        access=_access(value("PULSE_ACCESS")),
        # Google's library reads this variable itself, and sends everything there.
        emulated=bool(environment.get("BIGQUERY_EMULATOR_HOST")),
        live=_live_feed(value("PULSE_LIVE")),
        live_packages=_live_packages(value("PULSE_LIVE_PACKAGES")),
        live_bytes=_bytes("PULSE_LIVE_GB", value("PULSE_LIVE_GB"), 30),
        ask_signals=_on("PULSE_SIGNALS", value("PULSE_SIGNALS")),
        stack_exchange_key=_key(value("PULSE_STACK_EXCHANGE_KEY")),
        contact=_contact(value("PULSE_CONTACT")),
        pypi=_pypi(value("PULSE_PYPI")),
    )


def secrets_of_file(path: Path = SECRETS) -> dict[str, object]:
    """What a secrets file says, for a process that Streamlit does not serve; nothing without one.

    Raises SettingsError for a file that is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error


def _place(text: str) -> tuple[Path, Dataset | None]:
    if not text.startswith("bigquery:"):
        path = Path(text or DEFAULT_STORE)
        # By two names a store would have two locks and two ledgers.
        return path.resolve() if path.is_symlink() else path, None
    found = _DATASET.fullmatch(text)
    if found is None:
        raise SettingsError(
            f"PULSE_STORE is {text!r}; a store in BigQuery is named bigquery://project.dataset."
        )
    dataset = Dataset(found["project"], found["name"])
    return DEFAULT_STORE.with_name(str(dataset).replace(":", "_")), dataset


def _project(text: str, dataset: Dataset | None) -> str:
    if text and not _PROJECT.fullmatch(text):
        raise SettingsError(
            f"PULSE_BIGQUERY_PROJECT is {text!r}; it must be the id of a Google Cloud project, "
            "such as my-project-123."
        )
    return text or (dataset.project if dataset else "")


def _service_account(table: object) -> str:
    if table is None:
        return ""
    if not isinstance(table, Mapping):
        raise SettingsError(
            "gcp_service_account in the secrets must be a table with the fields of the key."
        )
    return json.dumps(dict(table))


def _bytes(name: str, text: str, default: int) -> int:
    try:
        gigabytes = float(text or default)
    except ValueError:
        gigabytes = -1.0
    if not 0 <= gigabytes < 1e9:
        raise SettingsError(f"{name} is {text!r}; it must be a number of gigabytes, such as 900.")
    return round(gigabytes * GIGABYTE)


def _yes(name: str, text: str) -> bool:
    if text.lower() not in {"", "yes", "no", "true", "false", "1", "0"}:
        raise SettingsError(f"{name} is {text!r}; it must be yes or no.")
    return text.lower() in {"yes", "true", "1"}


def _on(name: str, text: str) -> bool:
    if text.lower() not in {"", "on", "off"}:
        raise SettingsError(f"{name} is {text!r}; it must be on or off.")
    return text.lower() != "off"


def _key(text: str) -> str:
    if text and not re.fullmatch(r"[!-~]{1,100}", text):
        # Not quoted: it is a secret, with a slip in it.
        raise SettingsError("PULSE_STACK_EXCHANGE_KEY is no key: it has blanks or other signs.")
    return text


def _contact(text: str) -> str:
    if not re.fullmatch(r"[!-~]{0,200}", text) or set(text) & set("()"):
        raise SettingsError(
            f"PULSE_CONTACT is {text!r}; it must be an e-mail address, or the address of a page, "
            "by which whoever runs this can be reached."
        )
    return text


def _access(text: str) -> str:
    if text.lower() not in {"", "open", "login"}:
        raise SettingsError(f"PULSE_ACCESS is {text!r}; it must be open or login, or empty.")
    return text.lower()


def _live_feed(text: str) -> str:
    if text.lower() not in _LIVE_FEEDS:
        raise SettingsError(f"PULSE_LIVE is {text!r}; it must be sample or bigquery, or empty.")
    return text.lower()


def _live_packages(text: str) -> tuple[str, ...]:
    try:
        named = listed_names(text)
    except ValueError as error:
        raise SettingsError(f"PULSE_LIVE_PACKAGES is {text!r}: {error}") from None
    if len(named) > MOST_LIVE_PACKAGES:
        raise SettingsError(
            f"PULSE_LIVE_PACKAGES names {len(named)} packages; at most {MOST_LIVE_PACKAGES} can "
            "be watched, for each is paid for every few minutes."
        )
    return named or LIVE_PACKAGES


def _pypi(text: str) -> str:
    if text.lower() == "off":
        return ""
    try:
        parts = urlsplit(text or PYPI)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_address = parts.scheme in ("http", "https") and parts.hostname and port != 0
    if not is_address or "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            "PULSE_PYPI must be off, or the address of an index with PyPI's JSON API, such as "
            f"{PYPI}, without a user or password."
        )
    return parts.geturl().rstrip("/")


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"PULSE_NOW is {text!r}; it must be a time such as 2026-11-22T12:00:00."
        ) from None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
