"""Writes users into the secrets file: whole or not at all, for its owner's eyes, comments kept."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import cast

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from lib.access.policy import SHORTEST_KEY
from lib.access.users import Role
from lib.errors import SettingsError


def add_user(path: Path, name: str, password_hash: str, role: Role | None, now: datetime) -> bool:
    """Add a user, or change the password of one, whose logins then end. Whether it was added.

    `role` is None to leave it as it is; who is new is then a viewer. Where there is no key to sign
    cookies, one is made. Raises SettingsError for a file that is no TOML.
    """
    existed = False

    def change(document: TOMLDocument) -> None:
        nonlocal existed
        users = _table(document, "users")
        before = users.get(name, {})
        existed = name in users
        user = tomlkit.table()
        user["password"] = password_hash
        user["role"] = str(role or before.get("role", Role.VIEWER))
        user["version"] = _next_version(before.get("version", 0), now)
        users[name] = user
        login = _table(document, "login")
        if len(str(login.get("cookie_key", "")).encode()) < SHORTEST_KEY:
            login["cookie_key"] = token_hex(32)

    _change(path, change)
    return not existed


def remove_user(path: Path, name: str) -> int:
    """Remove a user, and return how many are left. Raises SettingsError where there is none."""
    left = 0

    def change(document: TOMLDocument) -> None:
        nonlocal left
        users = document.get("users", {})
        if name not in users:
            raise SettingsError(f"There is no user {name} in {path}.")
        del users[name]
        left = len(users)
        if not left:
            # Without the table nobody would have to log in any more.
            document["users"] = tomlkit.table(is_super_table=False)

    _change(path, change)
    return left


def _next_version(before: object, now: datetime) -> int:
    """The time in seconds, so that a user who is removed and added again has another too."""
    earlier = before if isinstance(before, int) else 0
    return max(earlier + 1, int(now.timestamp()))


def _table(document: TOMLDocument, name: str) -> Table:
    if not isinstance(document.get(name, tomlkit.table()), Table):
        raise SettingsError(f"{name} in the secrets must be a table: [{name}].")
    if name not in document:
        if document:
            document.add(tomlkit.nl())
        document[name] = tomlkit.table(is_super_table=False)
    return cast(Table, document[name])


def _change(path: Path, change: Callable[[TOMLDocument], None]) -> None:
    place = path.resolve()
    try:
        document = tomlkit.parse(place.read_text(encoding="utf-8")) if place.exists() else None
    except (TOMLKitError, UnicodeDecodeError):
        raise SettingsError(f"{path} is not valid TOML. Nothing was changed.") from None
    document = tomlkit.document() if document is None else document
    change(document)
    place.parent.mkdir(parents=True, exist_ok=True)
    arriving = place.with_name(f"{place.name}.{uuid.uuid4().hex}")
    try:
        with os.fdopen(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(tomlkit.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        arriving.replace(place)
    finally:
        arriving.unlink(missing_ok=True)
