"""What tells a repeat from another submission, where a sender gives it no id of its own.

The same bytes have the same key whichever process takes them, so nothing is remembered here.
Which of them are repeats of which, enrichment says (docs/decisions/0022-the-same-form-again.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from libs.common.events import digest
from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.proofs import parts

WINDOW: Final = 60
"""Seconds in which the same content is a repeat; a week later it is another wish."""


def _same(content: bytes) -> str:
    return f"sent:{digest(content)}"


def by_content(_knock: Knock, arrival: Arrival) -> str:
    """The same content, whenever it comes: with a window, after which it counts anew."""
    return _same(arrival.content)


def of_stamp(header: bytes) -> Callable[[Knock, Arrival], str]:
    """The bytes under a signature and the time in it, `t=<seconds>`, once they are proven."""

    def key(knock: Knock, _arrival: Arrival) -> str:
        return _same(parts(knock.headers.get(header, b"")).get(b"t", b"") + b"." + knock.body)

    return key
