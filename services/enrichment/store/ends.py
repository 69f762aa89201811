"""Visits that still waited for somebody who is erased: tombstones whose ends are to be told.

A row of `visits` of a tombstone says that nobody has heard of its end yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.enrichment.erase import Gone
from services.enrichment.identify import Identifier

_AWAITED: Final = text("""
    SELECT i.kind, i.value FROM enrichment.identifiers i
    WHERE i.first_person_id = ANY(CAST(:persons AS uuid[])) AND EXISTS (
        SELECT FROM enrichment.visit_keys k WHERE k.kind = i.kind AND k.value = i.value)
    ORDER BY i.kind, i.value
""")

_LOCK: Final = text("""
    SELECT array_agg(found.id::text) AS ids FROM (
        SELECT s.id FROM enrichment.submissions s WHERE s.id IN (
            SELECT k.submission_id FROM enrichment.visit_keys k
            JOIN unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS given(kind, value)
              ON given.kind = k.kind AND given.value = k.value)
        ORDER BY s.id FOR UPDATE OF s) AS found
""")

_KEYS: Final = text("""
    SELECT DISTINCT kind, value FROM enrichment.visit_keys
    WHERE submission_id = ANY(CAST(:ids AS uuid[]))
""")

_OWE: Final = text("""
    INSERT INTO enrichment.visits (submission_id, at, person_id)
    SELECT id, received_at, CAST(:person AS uuid) FROM enrichment.submissions
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id
    ON CONFLICT DO NOTHING
""")

_SETTLE: Final = text("""
    WITH owed AS (
        SELECT v.submission_id FROM enrichment.visits v
        JOIN enrichment.submissions s ON s.id = v.submission_id
        WHERE v.person_id = ANY(CAST(:persons AS uuid[])) AND s.outcome = 'erased'
        ORDER BY v.submission_id LIMIT :most FOR UPDATE OF v
    ), settled AS (
        DELETE FROM enrichment.visits v USING owed WHERE v.submission_id = owed.submission_id
    )
    SELECT s.id, s.kind, s.source, s.received_at, s.round
    FROM owed JOIN enrichment.submissions s ON s.id = owed.submission_id ORDER BY s.id
""")


async def awaited(tx: Transaction, persons: Sequence[str]) -> list[Identifier]:
    """The keys under which visits wait for these persons, whoever has them by now; in order."""
    rows = await tx.execute(_AWAITED, {"persons": list(persons)})
    return [Identifier(row.kind, row.value) for row in rows]


async def lock_waiting(tx: Transaction, keys: Collection[Identifier]) -> list[str]:
    """The submissions that wait under keys which the caller holds; locked."""
    if not keys:
        return []
    ordered = sorted(keys)
    columns = {"kinds": [one.kind for one in ordered], "values": [one.value for one in ordered]}
    return (await tx.execute(_LOCK, columns)).scalar_one() or []


async def keys_of(tx: Transaction, ids: Sequence[str]) -> set[tuple[str, str]]:
    """All keys under which these wait."""
    return {(row.kind, row.value) for row in await tx.execute(_KEYS, {"ids": list(ids)})}


async def owe(tx: Transaction, ids: Sequence[str], person_id: str) -> None:
    """Note that the ends of these tombstones are still to be told."""
    if ids:
        await tx.execute(_OWE, {"ids": list(ids), "person": person_id})


async def settle(tx: Transaction, persons: Sequence[str], most: int) -> list[Gone]:
    """Some of those, which count as told with this transaction."""
    rows = await tx.execute(_SETTLE, {"persons": list(persons), "most": most})
    return [Gone(str(r.id), r.kind, r.source, r.received_at, r.round) for r in rows]
