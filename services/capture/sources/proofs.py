"""How senders prove themselves, in constant time, by any of the secrets that are in use."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from libs.common.configuration.schema import Source
from services.capture.sources.contract import Knock


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
    in_path, _, _ = knock.tail.partition("/")
    by_header = is_one_of(knock.headers.get(b"x-lead-token", b""), source.secret)
    return by_header | is_one_of(in_path.encode("utf-8", "surrogatepass"), source.secret)


def by_header(knock: Knock, source: Source, name: bytes) -> bool:
    """The secret itself in a header of the platform's, or as for those that have no header."""
    own = is_one_of(knock.headers.get(name, b""), source.secret)
    return by_shared_secret(knock, source, 0.0) | own


def signed_sha256(message: bytes, given: str, source: Source) -> bool:
    """Hex of HMAC-SHA256 over the message (RFC 2104)."""
    found = False
    for secret in source.secret or ():
        wanted = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        found |= bool(secret) and hmac.compare_digest(wanted.encode(), given.encode())
    return found
