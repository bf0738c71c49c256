"""One cookie of the browser, by streamlit-authenticator's model of it, with its flaws mended.

The model keeps its own signed text, which names no version of a user; it does not mark the cookie
as secure; and it gives the time at which the cookie expires without a time zone.
"""

from __future__ import annotations

from datetime import datetime

from extra_streamlit_components import CookieManager
from extra_streamlit_components.CookieManager import _component_func
from streamlit_authenticator.models import CookieModel


class _Manager(CookieManager):  # type: ignore[misc]
    """The manager without its question for all cookies, which it asks when it is made."""

    def __init__(self) -> None:
        self.cookie_manager = _component_func
        self.cookies: dict[str, str] = {}


class BrowserCookie(CookieModel):  # type: ignore[misc]
    """A cookie that only this site is sent (SameSite=Strict), and by https alone where it can be.

    It is set by a script in the browser, and can thus not be HttpOnly.
    """

    def __init__(self, name: str, *, secure: bool) -> None:
        self.cookie_name = name
        self.cookie_manager = _Manager()
        self._secure = secure

    def write(self, value: str, expires: datetime) -> bool:
        """Set it. Whether the browser has answered that it did."""
        options = {
            "path": "/",
            "expires": expires.isoformat(),
            "secure": self._secure,
            "sameSite": "strict",
        }
        return self._ask("set", value=value, options=options)

    def delete(self) -> bool:
        """Delete it. Whether the browser has answered that it did."""
        return self._ask("delete")

    def _ask(self, method: str, **arguments: object) -> bool:
        key = f"access_cookie_{method}_{self.cookie_name}"
        ask = self.cookie_manager.cookie_manager
        return bool(
            ask(method=method, cookie=self.cookie_name, key=key, default=False, **arguments)
        )
