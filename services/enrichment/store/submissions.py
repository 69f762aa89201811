"""Submissions, their receipts, touches and resends. One statement a slice for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import Statement, text
from libs.common.errors import Retry
from libs.common.events import LeadCaptured
from libs.common.stage.contract import Receipt
from services.enrichment.effects import Resend, Row, TouchRow
from services.enrichment.intake import Stored

_LOAD: Final = text("""
    SELECT id, round, revision, event_id, outcome, reason, person_id,
           captured::text AS captured, octet_length(raw) AS raw_size
    FROM enrichment.submissions WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")

_RAWS: Final = text("""
    SELECT id, raw FROM enrichment.submissions WHERE id = ANY(CAST(:ids AS uuid[]))
""")

_SAVE: Final = text("""
    INSERT INTO enrichment.submissions AS s (
        id, round, revision, event_id, digest, outcome, reason, person_id, source, kind,
        received_at, changed_at, captured, contact, verified, notes, raw, content_type,
        config_version)
    SELECT id, round, revision, event_id, digest, outcome, reason, person_id, source, kind,
        received_at, :now, CAST(captured AS jsonb), CAST(contact AS jsonb),
        CAST(verified AS jsonb), CAST(notes AS jsonb), coalesce(raw, ''), content_type,
        config_version
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:round AS integer[]), CAST(:revision AS integer[]),
        CAST(:event_id AS uuid[]), CAST(:digest AS text[]), CAST(:outcome AS text[]),
        CAST(:reason AS text[]), CAST(:person_id AS uuid[]), CAST(:source AS text[]),
        CAST(:kind AS text[]), CAST(:received_at AS timestamptz[]), CAST(:captured AS text[]),
        CAST(:contact AS text[]), CAST(:verified AS text[]), CAST(:notes AS text[]),
        CAST(:raw AS bytea[]), CAST(:content_type AS text[]), CAST(:config_version AS integer[])
    ) AS given(id, round, revision, event_id, digest, outcome, reason, person_id, source, kind,
        received_at, captured, contact, verified, notes, raw, content_type, config_version)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
        round = excluded.round, revision = excluded.revision, event_id = excluded.event_id,
        digest = excluded.digest, outcome = excluded.outcome, reason = excluded.reason,
        person_id = excluded.person_id, received_at = excluded.received_at,
        changed_at = excluded.changed_at, captured = excluded.captured,
        contact = excluded.contact, verified = excluded.verified, notes = excluded.notes,
        raw = CASE WHEN excluded.raw = '' THEN s.raw ELSE excluded.raw END,
        content_type = excluded.content_type, config_version = excluded.config_version
    WHERE s.outcome <> 'erased'
    RETURNING id
""")

_RECEIPTS: Final = text("""
    INSERT INTO enrichment.receipts (spool, sequence, submission_id)
    SELECT spool, sequence, submission_id FROM unnest(
        CAST(:spool AS uuid[]), CAST(:sequence AS bigint[]), CAST(:submission_id AS uuid[])
    ) AS given(spool, sequence, submission_id)
    ORDER BY spool, sequence
    ON CONFLICT DO NOTHING
""")

_TOUCHES: Final = text("""
    INSERT INTO enrichment.touches
        (id, submission_id, person_id, kind, source, page, at, attribution)
    SELECT id, submission_id, person_id, kind, source, page, at, CAST(attribution AS jsonb)
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:submission_id AS uuid[]), CAST(:person_id AS uuid[]),
        CAST(:kind AS text[]), CAST(:source AS text[]), CAST(:page AS text[]),
        CAST(:at AS timestamptz[]), CAST(:attribution AS text[])
    ) AS given(id, submission_id, person_id, kind, source, page, at, attribution)
    ORDER BY id
    ON CONFLICT DO NOTHING
""")

_RESENDS: Final = text("""
    INSERT INTO enrichment.resends
        (event_id, submission_id, conflict, digest, received_at, captured, raw)
    SELECT event_id, submission_id, conflict, digest, received_at, CAST(captured AS jsonb), raw
    FROM unnest(
        CAST(:event_id AS uuid[]), CAST(:submission_id AS uuid[]), CAST(:conflict AS boolean[]),
        CAST(:digest AS text[]), CAST(:received_at AS timestamptz[]), CAST(:captured AS text[]),
        CAST(:raw AS bytea[])
    ) AS given(event_id, submission_id, conflict, digest, received_at, captured, raw)
    ORDER BY event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id
""")


async def load(tx: Transaction, ids: Sequence[str]) -> dict[str, Stored]:
    """Those that exist, locked for the rest of the transaction."""
    if not ids:
        return {}
    rows = await tx.execute(_LOAD, {"ids": sorted(set(ids))})
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
        )
        for row in rows
    }


async def raws(tx: Transaction, ids: Sequence[str]) -> dict[str, bytes]:
    """The raw bytes of some, where they are still kept."""
    rows = await tx.execute(_RAWS, {"ids": list(ids)})
    return {str(row.id): bytes(row.raw) for row in rows if row.raw}


async def save(tx: Transaction, rows: Sequence[Row], now: datetime) -> None:
    """Write the submissions; of one that is there already, what became of it last.

    Raises Retry where one is being erased at this moment.
    """
    newest = {row.id: row for row in rows}
    raws = {row.id: row.raw for row in rows if row.raw}
    values = [
        {
            **{name: getattr(row, name) for name in ("id", "round", "revision", "event_id")},
            **{name: getattr(row, name) for name in ("digest", "outcome", "reason", "person_id")},
            "source": row.captured.source,
            "kind": row.captured.kind,
            "received_at": row.captured.received_at,
            "captured": _json(row.captured),
            "contact": _json(row.contact),
            "verified": _json(row.verified),
            "notes": _json(row.notes),
            "raw": raws.get(row.id),
            "content_type": row.captured.content_type,
            "config_version": row.config_version,
        }
        for row in newest.values()
    ]
    if len(await _write(tx, _SAVE, values, now=now)) < len(values):
        raise Retry("submissions that are being erased", after=0.1)


async def save_receipts(tx: Transaction, receipts: Sequence[Receipt]) -> None:
    """Note which records of which spools have come: the books find a missing one by them."""
    await _write(tx, _RECEIPTS, [receipt._asdict() for receipt in receipts])


async def save_touches(tx: Transaction, touches: Sequence[TouchRow]) -> None:
    """Write the touches; one that is there stays as it is."""
    values = [
        {
            "id": id_,
            "submission_id": touch.submission_id,
            "person_id": person_id,
            "kind": touch.kind,
            "source": touch.source,
            "page": touch.attribution.page,
            "at": touch.at,
            "attribution": _json(touch.attribution),
        }
        for id_, person_id, touch in touches
    ]
    await _write(tx, _TOUCHES, values)


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
        }
        for resend in resends
    ]
    return {str(row[0]) for row in await _write(tx, _RESENDS, values)}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def _write(
    tx: Transaction, statement: Statement, values: Sequence[dict[str, Any]], **single: Any
) -> Sequence[Any]:
    """Run a statement over columns made of the rows; no rows, no statement."""
    if not values:
        return ()
    columns = {name: [value[name] for value in values] for name in values[0]}
    return (await tx.execute(statement, columns | single)).all()
