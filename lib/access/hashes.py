"""Hashes that stand for names in a file: who has the file, and not the key, learns no name."""

from __future__ import annotations

import hashlib
import hmac


def keyed(key: str, *parts: str) -> str:
    """A hash of some texts under a key, in 64 hexadecimal digits."""
    # Lengths keep ("ab", "c") apart from ("a", "bc").
    told = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()
