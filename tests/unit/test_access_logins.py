"""Logins: who is read from the secrets, what proves a login, and what ends one."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import bcrypt
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access import cookie, passwords, service
from lib.access.address import LOCAL, address_of
from lib.access.arrival import Asked, packed, unpacked
from lib.access.ended import Ended
from lib.access.kept import AccessFile, access_file
from lib.access.session import Session
from lib.access.users import Logins, Role, User, read_logins
from lib.errors import SettingsError, StoreError
from tests.logins import ADMIN, KEY, PASSWORDS, VIEWER, logins, proof_of, secrets_with_users

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

WEEK = timedelta(days=7)


def changed(name: str, **values: object) -> Logins:
    """The logins after a change to a user."""
    secrets = secrets_with_users()
    secrets["users"][name] |= values
    return read_logins(secrets)


def claims_of(proof: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        proof, KEY, algorithms=["HS256"], options={"verify_exp": False}
    )
    return found


class TestTheSecrets:
    def test_name_users_with_their_roles(self) -> None:
        users = logins().users or {}
        assert {user.name: user.role for user in users.values()} == {
            ADMIN: Role.ADMIN,
            VIEWER: Role.VIEWER,
        }

    def test_without_users_have_none(self) -> None:
        assert read_logins({}) == Logins()

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"password": "hush"}, "must be a bcrypt hash"),
            ({"password": 7}, "must be a bcrypt hash"),
            ({"role": "root"}, "viewer or admin"),
            ({"version": "hush"}, "whole number"),
        ],
    )
    def test_that_make_no_sense_are_told_of_and_not_quoted(
        self, values: dict[str, object], says: str
    ) -> None:
        with pytest.raises(SettingsError, match=says) as failed:
            changed(ADMIN, **values)
        assert "hush" not in str(failed.value)

    @pytest.mark.parametrize(
        "secrets",
        [
            {"users": "ada"},
            {"users": {"ada": "hush"}},
            {"users": {"Ada": {"password": "hush"}}},
            {"users": {"<b>": {}}},
            {"login": []},
            {"login": {"days": 0}},
            {"login": {"days": 31}},
            {"login": {"days": "7"}},
            {"login": {"admins": "ada@example.com"}},
            {"auth": {"client_id": "pulse"}},
            {"auth": {"redirect_uri": "https://pulse.example.com/oauth2callback"}},
        ],
        ids=str,
    )
    def test_of_another_shape_are_refused(self, secrets: dict[str, object]) -> None:
        with pytest.raises(SettingsError):
            read_logins(secrets)

    def test_are_not_shown(self) -> None:
        shown = repr(logins())
        assert KEY not in shown
        assert "$2b$" not in shown


class TestAPassword:
    def test_is_the_users_own(self) -> None:
        users = logins().users or {}
        assert passwords.matches(users[ADMIN], PASSWORDS[ADMIN], users.values())
        assert not passwords.matches(users[ADMIN], PASSWORDS[VIEWER], users.values())
        assert not passwords.matches(users[ADMIN], "", users.values())

    def test_is_hashed_with_a_salt_of_its_own(self) -> None:
        first, second = passwords.hashed("correct horse"), passwords.hashed("correct horse")
        assert first != second
        assert bcrypt.checkpw(b"correct horse", first.encode())
        assert first.startswith(f"$2b${passwords.COST}$")

    def test_is_the_same_however_its_letters_are_composed(self) -> None:
        user = User("ada", bcrypt.hashpw("caf\u00e9".encode(), bcrypt.gensalt(4)).decode())
        assert passwords.matches(user, "cafe\u0301", [user])

    @pytest.mark.parametrize("typed", ["x" * 73, "x" * 100_000, "\0", "\ud83d\ude00" * 40])
    def test_that_bcrypt_cannot_take_is_wrong_and_nothing_worse(self, typed: str) -> None:
        user = User("ada", bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode())
        assert not passwords.matches(
            user, typed.encode("utf-16", "surrogatepass").decode("utf-16"), [user]
        )

    def test_takes_as_long_to_find_wrong_where_there_is_no_such_user(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = User("ada", bcrypt.hashpw(b"right", bcrypt.gensalt(6)).decode())
        checked: list[bytes] = []
        check = bcrypt.checkpw
        monkeypatch.setattr(
            bcrypt, "checkpw", lambda *given: checked.append(given[1]) or check(*given)
        )
        for whose in (user, None):
            assert not passwords.matches(whose, "wrong", [user])
        assert [found[:7] for found in checked] == [b"$2b$06$"] * 2

    @pytest.mark.parametrize(
        ("password", "says"),
        [("short", "at least 12"), ("ä" * 40, "at most 72 bytes"), ("long enough it is", "")],
    )
    def test_must_be_neither_short_nor_too_long(self, password: str, says: str) -> None:
        assert says in passwords.fault(password)
        assert bool(passwords.fault(password)) == bool(says)


class TestAProof:
    def test_is_of_its_user_until_it_expires(self) -> None:
        proof = proof_of(ADMIN, NOW)
        found = cookie.read(proof, logins(), NOW)
        assert found is not None
        assert (found.name, found.role, found.expires) == (ADMIN, Role.ADMIN, NOW + WEEK)
        assert cookie.read(proof, logins(), NOW + WEEK - timedelta(seconds=1))
        assert cookie.read(proof, logins(), NOW + WEEK) is None

    def test_is_another_for_every_login(self) -> None:
        first, second = (cookie.read(proof_of(ADMIN, NOW), logins(), NOW) for _ in range(2))
        assert first and second and first.id != second.id

    def test_tells_neither_password_nor_key(self) -> None:
        claims = json.dumps(claims_of(proof_of(ADMIN, NOW)))
        assert "$2b$" not in claims
        assert KEY not in claims

    def test_from_the_future_is_none(self) -> None:
        assert cookie.read(proof_of(ADMIN, NOW), logins(), NOW - timedelta(minutes=1)) is None

    def test_lasts_no_longer_than_is_set_now(self) -> None:
        shorter = replace(logins(), days=1)
        assert cookie.read(proof_of(ADMIN, NOW), shorter, NOW + timedelta(days=2)) is None

    @pytest.mark.parametrize(
        "values",
        [
            {"version": 2},
            {"password": bcrypt.hashpw(b"another", bcrypt.gensalt(4)).decode()},
            {"role": "viewer"},
        ],
        ids=lambda values: next(iter(values)),
    )
    def test_ends_when_its_user_changes(self, values: dict[str, object]) -> None:
        proof = proof_of(ADMIN, NOW)
        assert cookie.read(proof, changed(ADMIN, **values), NOW) is None
        assert cookie.read(proof, changed(VIEWER, **{**values, "role": "admin"}), NOW)

    def test_of_a_user_who_is_gone_is_none(self) -> None:
        secrets = secrets_with_users()
        del secrets["users"][ADMIN]
        assert cookie.read(proof_of(ADMIN, NOW), read_logins(secrets), NOW) is None

    def test_signed_with_another_key_is_none(self) -> None:
        claims = claims_of(proof_of(ADMIN, NOW))
        assert cookie.read(jwt.encode(claims, KEY, "HS256"), logins(), NOW)
        assert cookie.read(jwt.encode(claims, "y" * 48, "HS256"), logins(), NOW) is None

    @pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
    def test_signed_in_another_way_is_none(self, algorithm: str) -> None:
        claims = claims_of(proof_of(ADMIN, NOW))
        key = None if algorithm == "none" else KEY + "0" * 64
        assert cookie.read(jwt.encode(claims, key, algorithm), logins(), NOW) is None

    @pytest.mark.parametrize("missing", ["user", "stamp", "iat", "exp", "jti"])
    def test_that_lacks_a_claim_is_none(self, missing: str) -> None:
        claims = claims_of(proof_of(ADMIN, NOW))
        del claims[missing]
        assert cookie.read(jwt.encode(claims, KEY, "HS256"), logins(), NOW) is None

    @pytest.mark.parametrize(
        "values",
        [
            {"user": VIEWER}, {"user": ["ada"]}, {"user": None}, {"exp": "soon"}, {"exp": 1e300},
            {"iat": True}, {"iat": -1e300}, {"stamp": 0}, {"stamp": ""}, {"exp": None},
        ],
        ids=str,
    )  # fmt: skip
    def test_with_odd_claims_is_none(self, values: dict[str, object]) -> None:
        claims = claims_of(proof_of(ADMIN, NOW)) | values
        assert cookie.read(jwt.encode(claims, KEY, "HS256"), logins(), NOW) is None

    @given(st.integers(0, 400), st.characters(max_codepoint=127))
    def test_with_a_letter_changed_is_none(self, place: int, letter: str) -> None:
        proof = proof_of(ADMIN, NOW)
        place %= len(proof)
        if proof[place] == letter:
            return
        tampered = proof[:place] + letter + proof[place + 1 :]
        found = cookie.read(tampered, logins(), NOW)
        # The last letter of a signature has bits that stand for nothing.
        assert found is None or place == len(proof) - 1

    @given(
        st.text(max_size=60) | st.binary(max_size=60).map(lambda b: base64.b64encode(b).decode())
    )
    def test_made_of_anything_is_none(self, text: str) -> None:
        assert cookie.read(text, logins(), NOW) is None
        assert cookie.read("e" * 2000, logins(), NOW) is None


class TestALogout:
    @pytest.fixture
    def ended(self, tmp_path: Path) -> Ended:
        return Ended(access_file(tmp_path / "pulse.duckdb"), KEY)

    @staticmethod
    def session(number: int, name: str = ADMIN, issued: datetime = NOW) -> Session:
        return Session(str(number), name, Role.ADMIN, issued, issued + WEEK)

    def test_ends_one_login_and_no_other(self, ended: Ended) -> None:
        assert not ended.has(self.session(1))
        ended.add(self.session(1), NOW)
        assert ended.has(self.session(1))
        assert not ended.has(self.session(2))
        assert Ended(AccessFile(ended.file.path), KEY).has(self.session(1))

    def test_is_forgotten_when_the_login_would_have_expired(self, ended: Ended) -> None:
        ended.add(self.session(1), NOW)
        ended.add(self.session(2), NOW + 2 * WEEK)
        assert not ended.has(self.session(1))

    def test_beyond_a_thousand_ends_all_of_that_user_and_keeps_the_file_small(
        self, ended: Ended, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("lib.access.ended._MOST", 10)
        for number in range(11):
            ended.add(self.session(number), NOW)
        assert all(ended.has(self.session(number)) for number in range(20))
        assert not ended.has(self.session(1, VIEWER))
        assert not ended.has(self.session(30, issued=NOW + timedelta(seconds=1)))
        with ended.file.transaction() as connection:
            assert connection.execute("SELECT count(*) FROM ended").fetchone() == (1,)

    def test_names_nobody_in_the_file(self, ended: Ended) -> None:
        ended.add(self.session(1, "a-name-to-find"), NOW)
        assert b"a-name-to-find" not in ended.file.path.read_bytes()

    def test_that_cannot_be_looked_up_lets_nobody_in(self, ended: Ended) -> None:
        ended.file.path.write_bytes(b"no database at all" * 100)
        with pytest.raises(StoreError, match="nobody is let in") as failed:
            ended.has(self.session(1))
        assert str(ended.file.path.parent) not in str(failed.value)


class TestAnAddress:
    @pytest.mark.parametrize(
        ("connected", "forwarded", "found"),
        [
            (None, [], LOCAL),
            ("127.0.0.1", [], LOCAL),
            ("203.0.113.7", [], "203.0.113.7"),
            ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
            (None, ["198.51.100.1"], "198.51.100.1"),
            (None, ["10.0.0.1, 198.51.100.1"], "198.51.100.1"),
            (None, ["10.0.0.1", "198.51.100.1"], "198.51.100.1"),
            (None, ["<script>"], LOCAL),
            ("::ffff:203.0.113.7", [], "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
            (None, ["2001:db8:1:2::9"], "2001:db8:1:2::/64"),
        ],
    )
    def test_is_the_last_hop_that_can_be_believed(
        self, connected: str | None, forwarded: list[str], found: str
    ) -> None:
        assert address_of(connected, forwarded) == found


class TestALoginService:
    CLAIMS: ClassVar[dict[str, object]] = {
        "is_logged_in": True,
        "iss": "https://login.example.com",
        "sub": "1234",
        "email": "Ada@Example.com",
        "email_verified": True,
        "iat": int(NOW.timestamp()),
        "nonce": "n-1",
    }  # fmt: skip

    @staticmethod
    def people(**values: object) -> Logins:
        return read_logins({"login": values})

    def role(self, logins: Logins, **claims: object) -> Role | None:
        found = service.session_of({**self.CLAIMS, **claims}, logins, NOW)
        return found.role if found else None

    def test_gives_roles_by_address_and_domain(self) -> None:
        listed = self.people(admins=["ada@example.com"], viewers=["@example.com"])
        assert self.role(listed) is Role.ADMIN
        assert self.role(listed, email="eve@example.com") is Role.VIEWER
        assert self.role(listed, email="eve@example.com.evil.org") is None
        assert self.role(listed, email="eve@evil.org@example.net") is None
        assert self.role(listed, email="") is None

    def test_makes_everybody_a_viewer_where_no_viewers_are_listed(self) -> None:
        assert self.role(self.people()) is Role.VIEWER
        assert self.role(self.people(viewers=[])) is None

    @pytest.mark.parametrize("verified", [False, "false", None, ""])
    def test_is_not_believed_an_address_that_it_has_not_verified(self, verified: object) -> None:
        listed = self.people(admins=["ada@example.com"], viewers=["@example.com"])
        assert self.role(listed, email_verified=verified) is None

    @pytest.mark.parametrize(
        "claims",
        [
            {"is_logged_in": False}, {"is_logged_in": "yes"}, {"sub": ""}, {"iat": None},
            {"iat": "soon"}, {"iat": (NOW - WEEK).timestamp()},
            {"iat": (NOW + timedelta(hours=1)).timestamp()},
        ],
        ids=str,
    )  # fmt: skip
    def test_that_vouches_for_nobody_or_too_long_ago_lets_nobody_in(
        self, claims: dict[str, object]
    ) -> None:
        assert self.role(self.people(), **claims) is None

    def test_knows_a_stranger_from_a_login_that_is_over(self) -> None:
        listed = self.people(admins=["ada@example.com"], viewers=[])
        old = {**self.CLAIMS, "iat": (NOW - WEEK).timestamp()}
        assert service.session_of(old, listed, NOW) is None
        assert service.role_of(old, listed) is Role.ADMIN
        assert service.role_of({**old, "email": "eve@example.com"}, listed) is None

    def test_has_another_session_after_another_login(self) -> None:
        first = service.session_of(self.CLAIMS, self.people(), NOW)
        second = service.session_of({**self.CLAIMS, "nonce": "n-2"}, self.people(), NOW)
        assert first and second and first.id != second.id


class TestWhatWasAskedFor:
    def test_survives_the_way_through_a_login_service(self) -> None:
        asked = Asked("historical", {"packages": ["numpy", "\u00e9&=?"], "period": ["90d"]})
        assert unpacked(packed(asked)) == asked

    def test_is_dropped_where_no_cookie_could_hold_it(self) -> None:
        assert packed(Asked("historical", {"packages": ["x" * 5000]})) == ""

    @given(
        st.text(max_size=50) | st.binary(max_size=50).map(lambda b: base64.b64encode(b).decode())
    )
    def test_of_a_cookie_that_anybody_wrote_is_a_page_or_nothing(self, text: str) -> None:
        assert unpacked(text) is None
