"""Submissions as they are stored, their receipts and resends. One statement a slice for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.columns import listed
from libs.common.database.statements import Statement, text
from libs.common.events import LeadCaptured
from libs.common.stage.contract import Receipt
from services.enrichment.effects import Resend
from services.enrichment.stored import Stored

_HOLD: Final = text("""
    SELECT FROM enrichment.submissions WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")

_LOAD: Final = text("""
    SELECT id, round, revision, event_id, outcome, reason, person_id,
           captured::text AS captured, octet_length(raw) AS raw_size,
           CASE WHEN outcome = 'erased' THEN changed_at END AS erased_at,
           EXISTS (SELECT FROM enrichment.apart a WHERE a.conversation = s.id) AS is_over
    FROM enrichment.submissions s WHERE id = ANY(CAST(CAST(:ids AS text) AS uuid[]))
    ORDER BY id FOR UPDATE OF s
""")

_ADVANCE: Final = text("""
    UPDATE enrichment.submissions s SET round = given.round
    FROM unnest(CAST(:ids AS uuid[]), CAST(:rounds AS integer[])) AS given(id, round)
    WHERE s.id = given.id AND s.round < given.round
""")

_RAWS: Final = text("""
    SELECT id, raw FROM enrichment.submissions WHERE id = ANY(CAST(:ids AS uuid[]))
""")

_RECEIPTS: Final = text("""
    INSERT INTO enrichment.receipts (spool, sequence, submission_id)
    SELECT spool, sequence, submission_id FROM unnest(
        CAST(CAST(:spool AS text) AS uuid[]), CAST(CAST(:sequence AS text) AS bigint[]),
        CAST(CAST(:submission_id AS text) AS uuid[])
    ) AS given(spool, sequence, submission_id)
    ORDER BY spool, sequence
    ON CONFLICT DO NOTHING
""")

_RESENDS: Final = text("""
    INSERT INTO enrichment.resends
        (event_id, submission_id, conflict, digest, received_at, captured, raw, contact)
    SELECT event_id, submission_id, conflict, digest, received_at, CAST(captured AS jsonb), raw,
           CAST(contact AS jsonb)
    FROM unnest(
        CAST(:event_id AS uuid[]), CAST(:submission_id AS uuid[]), CAST(:conflict AS boolean[]),
        CAST(:digest AS text[]), CAST(:received_at AS timestamptz[]), CAST(:captured AS text[]),
        CAST(:raw AS bytea[]), CAST(:contact AS text[])
    ) AS given(event_id, submission_id, conflict, digest, received_at, captured, raw, contact)
    ORDER BY event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id
""")


async def hold(tx: Transaction, ids: Sequence[str]) -> None:
    """Lock those that exist, so that a statement after it sees all that their last holder did.

    One that locks and reads shows a row as it is once the lock is there, and all beside it as it
    was before.
    """
    await tx.execute(_HOLD, {"ids": sorted(set(ids))})


async def load(tx: Transaction, ids: Sequence[str]) -> dict[str, Stored]:
    """Those that exist, locked for the rest of the transaction."""
    if not ids:
        return {}
    rows = await tx.execute(_LOAD, {"ids": listed(sorted(set(ids)))})
    return {
        str(row.id): Stored(
            id=str(row.id),
            round=row.round,
            revision=row.revision,
            event_id=str(row.event_id),
            outcome=row.outcome,
            reason=row.reason,
            person_id=str(row.person_id) if row.person_id else None,
            captured=msgspec.json.decode(row.captured, type=LeadCaptured),
            raw_size=row.raw_size,
            erased_at=row.erased_at,
            is_over=row.is_over,
        )
        for row in rows
    }


async def advance(tx: Transaction, rounds: Mapping[str, int]) -> None:
    """Begin a later round of submissions that the caller holds, without any change of them."""
    if rounds:
        await tx.execute(_ADVANCE, {"ids": list(rounds), "rounds": list(rounds.values())})


async def raws(tx: Transaction, ids: Sequence[str]) -> dict[str, bytes]:
    """The raw bytes of some, where they are still kept."""
    rows = await tx.execute(_RAWS, {"ids": list(ids)})
    return {str(row.id): bytes(row.raw) for row in rows if row.raw}


async def save_receipts(tx: Transaction, receipts: Sequence[Receipt]) -> None:
    """Note which records of which spools have come: the books find a missing one by them."""
    if receipts:
        columns = {
            "spool": listed(receipt.spool for receipt in receipts),
            "sequence": listed(receipt.sequence for receipt in receipts),
            "submission_id": listed(receipt.submission_id for receipt in receipts),
        }
        await tx.execute(_RECEIPTS, columns)


async def save_resends(tx: Transaction, resends: Sequence[Resend]) -> set[str]:
    """Keep the other bodies; gives the events of those that were not kept before."""
    values = [
        {
            "event_id": resend.event_id,
            "submission_id": resend.captured.submission_id,
            "conflict": resend.conflict,
            "digest": resend.captured.digest,
            "received_at": resend.captured.received_at,
            "captured": _json(resend.captured),
            "raw": resend.raw,
            "contact": _json(resend.contact),
        }
        for resend in resends
    ]
    return {str(row[0]) for row in await _write(tx, _RESENDS, values)}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def _write(
    tx: Transaction, statement: Statement, values: Sequence[dict[str, Any]]
) -> Sequence[Any]:
    """Run a statement over columns made of the rows; no rows, no statement."""
    if not values:
        return ()
    columns = {name: [value[name] for value in values] for name in values[0]}
    return (await tx.execute(statement, columns)).all()
