"""Which records of which capture spools a slice holds, read from the headers alone."""

from __future__ import annotations

from collections.abc import Iterable

from libs.common.events import as_id
from libs.common.log import Stored
from libs.common.stage.contract import Receipt


def receipts_of(records: Iterable[Stored]) -> list[Receipt]:
    """One for each record that names its spool and sequence; the rest did not come by a spool."""
    found = []
    for record in records:
        headers = dict(record.headers)
        spool, sequence = _id(headers.get("ce_spool")), headers.get("ce_sequence", b"")
        if spool and sequence.isdigit() and len(sequence) < 19:  # noqa: PLR2004 - a bigint
            subject = _id(headers.get("ce_subject"))
            found.append(Receipt(spool, int(sequence), subject, headers))
    return found


def _id(value: bytes | None) -> str | None:
    try:
        return as_id((value or b"").decode())
    except ValueError:
        return None
