"""A link that writes to one address, whatever characters the address has."""

from __future__ import annotations

from urllib.parse import quote


def mailto(address: str) -> str:
    """The `mailto:` URL (RFC 6068, section 2).

    A local part may hold `?` and `&`: left as they are, they would name further readers.
    """
    return f"mailto:{quote(address, safe='@')}"
