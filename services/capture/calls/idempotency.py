"""The key by which a sender tells us that a call is a repeat."""

from __future__ import annotations


def read_key(header: str) -> str | None:
    """An Idempotency-Key, with quotes (the IETF draft) or without. Raises ValueError."""
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key and not header:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():  # noqa: PLR2004  # the standard's limit
        raise ValueError("an Idempotency-Key has 1 to 255 printable characters")
    return key
