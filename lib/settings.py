"""Typed settings, read from the environment and from `.streamlit/secrets.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lib.errors import SettingsError

SECRETS = Path(".streamlit/secrets.toml")

DEFAULT_STORE = Path("store/pulse.duckdb")


@dataclass(frozen=True)
class Settings:
    """What the person who runs the app has decided.

    `frozen_now` stands still in place of the clock where it is set.
    """

    store: Path = DEFAULT_STORE
    frozen_now: datetime | None = None

    def now(self) -> datetime:
        """The time in UTC."""
        return self.frozen_now or datetime.now(UTC)

    def yesterday(self) -> date:
        """The last UTC day that is over."""
        return self.now().date() - timedelta(days=1)


def read_settings(environment: Mapping[str, str], secrets: Mapping[str, object]) -> Settings:
    """Settings from `PULSE_*` variables, then the same names in the secrets, then defaults.

    Raises SettingsError for a value that does not make sense.
    """

    def value(name: str) -> str:
        return str(environment.get(name) or secrets.get(name) or "").strip()

    return Settings(
        store=Path(value("PULSE_STORE") or DEFAULT_STORE),
        frozen_now=_time(value("PULSE_NOW")),
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
