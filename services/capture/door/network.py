"""Who is at the other end: address through trusted proxies only, and the network it is in."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(setting: str) -> tuple[Network, ...]:
    """The networks of SARNAKH_TRUSTED_PROXIES. Raises ValueError for what is none."""
    parts = [part.strip() for part in setting.split(",")]
    return tuple(ipaddress.ip_network(part, strict=False) for part in parts if part)


def address_of(peer: str, forwarded: bytes | None, trusted: Sequence[Network]) -> str:
    """The client's address: the peer, or what trusted proxies say of whom they serve.

    X-Forwarded-For is read from its end, because its beginning is the client's to invent.
    """
    found = peer
    if not forwarded or not trusted or not _is_in(peer, trusted):
        return found
    for part in reversed(forwarded.decode("latin-1").split(",")):
        try:
            found = str(ipaddress.ip_address(part.strip().strip("[]")))
        except ValueError:
            return found
        if not _is_in(found, trusted):
            return found
    return found


@lru_cache(4096)
def network_of(address: str) -> str:
    """The /24 or /48 that limits count by; whatever is no address counts as itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        parsed = mapped
    bits = 24 if parsed.version == 4 else 48  # noqa: PLR2004  # IP versions are numbers
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def truncated(address: str) -> str:
    """The address without its last part: the network's own."""
    return network_of(address).partition("/")[0]


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
