"""Which way a submission came, by call or by list: its event says so by its CloudEvents `source`.

So it is known which leads no call ever brought, which came late, and which came again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured
from libs.common.stage.contract import Receipt
from services.capture.sources import KINDS

_FROM: Final = "/sarnakh/capture/"
_LIST: Final = "list"
_WITHDRAWN: Final = "withdrawn"


class Came(NamedTuple):
    """A record of a spool that a call has brought: for the first time, or once more."""

    spool: str
    sequence: int
    submission_id: str
    kind: str
    source: str
    at: datetime


class Listed(NamedTuple):
    """What a list had when it was asked, and no call had brought."""

    submission_id: str
    kind: str
    source: str
    at: datetime


def by_call(captured: LeadCaptured) -> str:
    """The `source` of an event that a call has brought; the word that somebody withdrew says so."""
    whence = f"{_FROM}{captured.source_kind}/{captured.source}"
    return f"{whence}/{_WITHDRAWN}" if captured.withdrawn else whence


def by_list(source: Source) -> str:
    """The `source` of an event that a list has brought."""
    return f"{_FROM}{source.kind}/{source.key}/{_LIST}"


def came(receipts: Sequence[Receipt]) -> list[Came]:
    """Those of a spool's records that calls have brought, of kinds with a list."""
    return [each for way, each in _read_all(receipts) if way not in (_LIST, _WITHDRAWN)]


def listed(receipts: Sequence[Receipt]) -> list[Listed]:
    """Those that a list has brought: noted by what the spool has sent, whoever died meanwhile."""
    return [
        Listed(each.submission_id, each.kind, each.source, each.at)
        for way, each in _read_all(receipts)
        if way == _LIST
    ]


def _read_all(receipts: Sequence[Receipt]) -> Iterator[tuple[str, Came]]:
    return (found for found in map(_read, receipts) if found)


def _read(receipt: Receipt) -> tuple[str, Came] | None:
    """Which way it came, and what it is; None of a kind without a list."""
    told = receipt.headers.get("ce_source", b"").decode(errors="replace")
    kind, _, rest = told.removeprefix(_FROM).partition("/")
    source, _, way = rest.partition("/")
    known = KINDS.get(kind)
    if known is None or known.listing is None or receipt.submission_id is None:
        return None
    try:
        at = datetime.fromisoformat(receipt.headers.get("ce_time", b"").decode())
    except ValueError:
        return None
    return way, Came(receipt.spool, receipt.sequence, receipt.submission_id, kind, source, at)
