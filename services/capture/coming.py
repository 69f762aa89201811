"""Which way a submission came, by call or by list: its event says so by its CloudEvents `source`.

So it is known which leads no call ever brought, which came late, and which came again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from libs.common.configuration.schema import Source
from libs.common.stage.contract import Receipt
from services.capture.sources import KINDS
from services.capture.store.arrivals import Came

_FROM: Final = "/sarnakh/capture/"
_LIST: Final = "list"


def by_list(source: Source) -> str:
    """The `source` of an event that a list has brought; that of a call ends with the key."""
    return f"{_FROM}{source.kind}/{source.key}/{_LIST}"


def came(receipts: Sequence[Receipt]) -> list[Came]:
    """Those of a spool's records that calls have brought, of kinds with a list."""
    found = (_came(receipt) for receipt in receipts)
    return [each for each in found if each]


def _came(receipt: Receipt) -> Came | None:
    told = receipt.headers.get("ce_source", b"").decode(errors="replace")
    kind, _, rest = told.removeprefix(_FROM).partition("/")
    source, _, way = rest.partition("/")
    known = KINDS.get(kind)
    if known is None or known.listing is None or way == _LIST or receipt.submission_id is None:
        return None
    try:
        at = datetime.fromisoformat(receipt.headers.get("ce_time", b"").decode())
    except ValueError:
        return None
    return Came(receipt.spool, receipt.sequence, receipt.submission_id, kind, source, at)
