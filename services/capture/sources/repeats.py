"""What tells a repeat from another submission, where a sender gives it no id of its own.

The same bytes have the same key whichever process takes them, so nothing is remembered here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from libs.common.events import digest
from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.proofs import parts

_SECONDS: Final = 60


def same(content: bytes, minute: int | None = None) -> str:
    """The key of a content; `minute`, since 1970, where the content itself says no moment."""
    key = f"sent:{digest(content)}"
    return key if minute is None else f"{key}:{minute}"


def by_minute(_knock: Knock, arrival: Arrival, now: float) -> str:
    """The same content within one minute of arrival; a week later it is another wish."""
    return same(arrival.content, int(now // _SECONDS))


def of_stamp(header: bytes) -> Callable[[Knock, Arrival, float], str]:
    """The bytes under a signature and the time in it, `t=<seconds>`, once they are proven."""

    def key(knock: Knock, _arrival: Arrival, _now: float) -> str:
        return same(parts(knock.headers.get(header, b"")).get(b"t", b"") + b"." + knock.body)

    return key
