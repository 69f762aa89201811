"""QR codes, counted: who scanned, and who left a way to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text


class Counted(NamedTuple):
    """What came of a code."""

    scans: int
    leads: int
    """Whoever came by it, once each."""
    last: datetime | None
    """Its latest scan."""


NONE = Counted(0, 0, None)


async def counts(tx: Transaction, codes: Sequence[str], since: datetime) -> dict[str, Counted]:
    """By code, since then."""
    rows = await tx.execute(
        text("""
            SELECT code, came.scans, came.leads, came.last
            FROM unnest(CAST(:codes AS text[])) AS code, LATERAL (
                SELECT count(*) FILTER (WHERE kind = 'qr') AS scans,
                       max(received_at) FILTER (WHERE kind = 'qr') AS last,
                       count(DISTINCT lead_id) FILTER (WHERE kind <> 'qr') AS leads
                FROM desk.submissions
                WHERE attribution ->> 'qr' = code AND received_at >= :since
            ) AS came
        """),
        {"codes": list(codes), "since": since},
    )
    return {row.code: Counted(row.scans, row.leads, row.last) for row in rows}
