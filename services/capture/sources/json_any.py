"""Any JSON object, of senders that sign nothing: `fields` says which path is which of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.configuration.schema import Source
from services.capture.keys import read_key
from services.capture.sources.contract import Arrival, Kind, Knock
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.standard import parse_any


def parse_lead(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission, under the sender's Idempotency-Key where it sends one."""
    try:
        key = read_key(knock.headers.get(b"idempotency-key", b"").decode("latin-1"))
    except ValueError:
        key = None
    return parse_any(key, knock, source)


JSON: Final = Kind("json", by_shared_secret, parse_lead)
