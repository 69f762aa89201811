"""How senders prove themselves, in constant time, by any of the secrets that are in use."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Knock

_DIGITS: Final = 16
"""Of milliseconds until the year 318857."""
_MOST_PARTS: Final = 16
_MOST_SLASHES: Final = 8


def is_one_of(given: bytes, secrets: Iterable[str] | None) -> bool:
    """Whether it is one of the secrets; digests are compared, so that lengths say nothing."""
    asked = hashlib.sha256(given).digest()
    found = False
    for secret in secrets or ():
        wanted = hashlib.sha256(secret.encode()).digest()
        found |= bool(secret) and hmac.compare_digest(wanted, asked)
    return found


def by_shared_secret(knock: Knock, source: Source, _now: float) -> bool:
    """For platforms that sign nothing: the header X-Lead-Token, or the secret after the key.

    What follows the secret in the path is the platform's own. Without a secret there is
    nothing to prove (the configuration warns of it).
    """
    if not source.secret:
        return True
    found = is_one_of(knock.headers.get(b"x-lead-token", b""), source.secret)
    for in_path in _beginnings(knock.tail):
        found |= is_one_of(in_path.encode("utf-8", "surrogatepass"), source.secret)
    return found


def _beginnings(tail: str) -> Iterator[str]:
    """What of a path may be the secret: one in base64 has slashes of its own."""
    parts = tail.split("/", _MOST_SLASHES + 1)[: _MOST_SLASHES + 1]
    yield from ("/".join(parts[: n + 1]) for n in range(len(parts)))


def by_header(knock: Knock, source: Source, name: bytes) -> bool:
    """The secret itself in a header of the platform's, or as for those that have no header."""
    own = is_one_of(knock.headers.get(name, b""), source.secret)
    return by_shared_secret(knock, source, 0.0) | own


def is_signed(
    message: bytes,
    given: bytes,
    source: Source,
    *,
    by: Callable[..., Any] = hashlib.sha256,
    encoded: Callable[[bytes], bytes] = binascii.hexlify,
) -> bool:
    """Whether it is HMAC (RFC 2104) over the message by any of the secrets, in that encoding."""
    found = False
    for secret in source.secret or ():
        wanted = encoded(hmac.new(secret.encode(), message, by).digest())
        found |= bool(secret) and hmac.compare_digest(wanted, given)
    return found


def is_fresh(given: bytes, now: float, per_second: int = 1, tolerance: float = 300) -> bool:
    """Whether a timestamp is at most so many seconds off, either way; milliseconds: 1000."""
    if not given.isdigit() or len(given) > _DIGITS:
        return False
    return abs(int(given) / per_second - now) <= tolerance


def parts(header: bytes) -> dict[bytes, bytes]:
    """`t=1,v1=ab` by name; of a name that comes twice the first."""
    named = (part.strip().partition(b"=") for part in header.split(b",", _MOST_PARTS))
    return {name: value for name, _, value in reversed(list(named))}


def by_stamp(knock: Knock, source: Source, now: float, header: bytes, name: bytes) -> bool:
    """`t=<seconds>,<name>=<hex>`: HMAC over the time, a dot and the body; five minutes at most."""
    said = parts(knock.headers.get(header, b""))
    stamp = said.get(b"t", b"")
    signed = is_signed(stamp + b"." + knock.body, said.get(name, b""), source)
    return signed and is_fresh(stamp, now)
