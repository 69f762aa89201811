"""QR codes, counted: who scanned, and who left a way to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from libs.common.configuration.codes import KIOSK
from libs.common.database import Transaction
from libs.common.database.statements import text


class Counted(NamedTuple):
    """What came of a code."""

    scans: int
    leads: int
    """Whoever came by it, once each."""
    kiosk: int
    """Those of them who left a contact at the tablet beside it, without a scan."""
    last: datetime | None
    """Its latest scan."""


NONE = Counted(0, 0, 0, None)


async def counts(tx: Transaction, codes: Sequence[str], since: datetime) -> dict[str, Counted]:
    """By code, since then."""
    rows = await tx.execute(
        text("""
            SELECT code, came.scans, came.leads, came.kiosk, came.last
            FROM unnest(CAST(:codes AS text[])) AS code, LATERAL (
                SELECT count(*) FILTER (WHERE kind = 'qr') AS scans,
                       max(received_at) FILTER (WHERE kind = 'qr') AS last,
                       count(DISTINCT lead_id) FILTER (WHERE kind <> 'qr') AS leads,
                       count(DISTINCT lead_id) FILTER (
                           WHERE kind <> 'qr' AND attribution -> 'utm' ->> 'medium' = :kiosk
                       ) AS kiosk
                FROM desk.submissions
                WHERE attribution ->> 'qr' = code AND received_at >= :since
            ) AS came
        """),
        {"codes": list(codes), "since": since, "kiosk": KIOSK},
    )
    return {row.code: Counted(row.scans, row.leads, row.kiosk, row.last) for row in rows}
