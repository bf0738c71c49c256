"""Where an attempt comes from: the address of the browser, also behind a proxy of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

LOCAL = "this machine"

_OWN_NETWORK = 64
"""The bits of an IPv6 address that belong to a household: it has all addresses behind them."""


def address_of(connected: str | None, forwarded: Sequence[str]) -> str:
    """The address, or for IPv6 the network, that an attempt is counted under.

    `connected` is where the connection came from, None for this machine. Only then are the headers
    X-Forwarded-For believed, and of them what the proxy itself added: the last hop.
    """
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    text = connected or (hops[-1] if hops else "")
    try:
        found = ip_address(text)
    except ValueError:
        return LOCAL if not connected else connected[:64]
    if found.is_loopback:
        return LOCAL
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ip_network((found, _OWN_NETWORK), strict=False))
    return str(found)
