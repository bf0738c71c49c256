"""A login service (OpenID Connect provider) in this process, which vouches for one person."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, CLIENT_SECRET = "pulse", "the-service's-secret"

_KEY = rsa.generate_private_key(65537, 2048)

_PUBLIC = {**json.loads(RSAAlgorithm.to_jwk(_KEY.public_key())), "kid": "test", "use": "sig"}


class _Service(ThreadingHTTPServer):
    """Keeps who logs in next, and the nonce of each code that it gave."""

    person: dict[str, Any]
    nonces: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Service

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/authorize":
            self._authorize({name: values[0] for name, values in parse_qs(asked.query).items()})
        elif asked.path == "/keys":
            self._answer({"keys": [_PUBLIC]})
        else:
            self._answer(
                {
                    "issuer": self.server.url,
                    "authorization_endpoint": f"{self.server.url}/authorize",
                    "token_endpoint": f"{self.server.url}/token",
                    "jwks_uri": f"{self.server.url}/keys",
                    "response_types_supported": ["code"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = int(time.time())
        claims = {
            "iss": self.server.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.server.nonces.pop(sent["code"][0]),
            **self.server.person,
        }
        token = jwt.encode(claims, _KEY, "RS256", {"kid": "test"})
        self._answer({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _authorize(self, asked: dict[str, str]) -> None:
        code = f"code-{len(self.server.nonces)}-{time.time_ns()}"
        self.server.nonces[code] = asked["nonce"]
        self.send_response(302)
        query = urlencode({"code": code, "state": asked["state"]})
        self.send_header("Location", f"{asked['redirect_uri']}?{query}")
        self.end_headers()

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is printed."""


@contextmanager
def login_service(**person: object) -> Iterator[_Service]:
    """A login service at which this person is always logged in already."""
    service = _Service(("127.0.0.1", 0), _Handler)
    service.person, service.nonces = person, {}
    threading.Thread(target=service.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()


def auth_secrets(service_url: str, key: str) -> dict[str, str]:
    """The table `[auth]` of an app that uses the service; Streamlit fills in its own port."""
    return {
        "redirect_uri": "http://127.0.0.1:{port}/oauth2callback",
        "cookie_secret": key,
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "server_metadata_url": f"{service_url}/.well-known/openid-configuration",
    }
