"""`python -m lib user add` and `user remove`: users of the secrets file, on the command line."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, datetime

from lib.access.users import NAME, Role
from lib.errors import SettingsError
from lib.settings import SECRETS


def user_name(text: str) -> str:
    """A user name as an argument; argparse says what is wrong with any other."""
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no user name: at most 32 small letters, digits, dots, hyphens and "
            "underscores, a letter or digit first"
        )
    return text


def add(name: str, role: Role | None) -> None:
    """Add a user or change the password of one. Raises SettingsError where that cannot be done."""
    from lib.access.passwords import fault, hashed
    from lib.access.secrets_file import add_user

    password = _password()
    if why := fault(password):
        raise SettingsError(why)
    if add_user(SECRETS, name, hashed(password), role, datetime.now(UTC)):
        print(f"The user {name} is in {SECRETS} now.")
    else:
        print(f"The password of {name} was changed in {SECRETS}, and every login of theirs ended.")


def remove(name: str) -> None:
    """Remove a user, whose logins then end. Raises SettingsError where there is no such user."""
    from lib.access.secrets_file import remove_user

    left = remove_user(SECRETS, name)
    print(f"The user {name} was removed from {SECRETS}, and every login of theirs ended.")
    if not left:
        print("No user is left: until one is added, the app lets nobody in.", file=sys.stderr)


def _password() -> str:
    """From a prompt, twice; or where standard input is no terminal, its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise SettingsError("The passwords differ. Nothing was changed.")
    return password
