"""Dropping visits of nobody: what is locked by others is left for the next turn."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text

_OLD: Final = text("""
    SELECT s.id FROM enrichment.submissions s
    WHERE s.id IN (
        SELECT submission_id FROM enrichment.visits
        WHERE person_id IS NULL AND at < :before ORDER BY at LIMIT :most)
    ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
""")

_DROP: Final = text("""
    WITH dropped AS (
        DELETE FROM enrichment.visits
        WHERE submission_id = ANY(CAST(:ids AS uuid[])) AND person_id IS NULL
        RETURNING submission_id
    ), scans AS (
        DELETE FROM enrichment.scans WHERE submission_id IN (SELECT submission_id FROM dropped)
    )
    UPDATE enrichment.submissions s SET
        raw = '', contact = '{}', verified = '{}', notes = '[]',
        captured = s.captured - ARRAY['fields', 'candidates', 'extra', 'consent', 'attribution',
                                      'client', 'site', 'form', 'activity', 'occurred_at', 'signs']
    FROM dropped
    WHERE s.id = dropped.submission_id AND s.outcome = 'activity' AND s.person_id IS NULL
""")

_DROP_KEYS: Final = text("""
    DELETE FROM enrichment.visit_keys k
    WHERE k.submission_id = ANY(CAST(:ids AS uuid[]))
      AND NOT EXISTS (SELECT FROM enrichment.visits v WHERE v.submission_id = k.submission_id)
    RETURNING k.kind, k.value
""")

_DROP_IDENTIFIERS: Final = text("""
    WITH forgotten AS (
        SELECT i.kind, i.value
        FROM enrichment.identifiers i
        JOIN unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS given(kind, value)
          ON given.kind = i.kind AND given.value = i.value
        WHERE i.person_id IS NULL AND NOT EXISTS (
            SELECT FROM enrichment.visit_keys k WHERE k.kind = i.kind AND k.value = i.value)
        FOR UPDATE OF i SKIP LOCKED
    )
    DELETE FROM enrichment.identifiers i USING forgotten f
    WHERE i.kind = f.kind AND i.value = f.value
""")


async def forget(tx: Transaction, before: datetime, most: int) -> int:
    """Drop visits of nobody from before then; gives how many were looked at.

    The submission's row stays, without anything that was said in it: the books count it.
    """
    ids = [str(row.id) for row in await tx.execute(_OLD, {"before": before, "most": most})]
    if ids:
        await tx.execute(_DROP, {"ids": ids})
        keys = {(row.kind, row.value) for row in await tx.execute(_DROP_KEYS, {"ids": ids})}
        columns = {"kinds": [kind for kind, _ in keys], "values": [value for _, value in keys]}
        await tx.execute(_DROP_IDENTIFIERS, columns)
    return len(ids)
