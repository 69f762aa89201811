"""Dropping visits of nobody, and raw bodies: what others have locked is left for the next turn."""

from __future__ import annotations

from collections.abc import Collection
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

_DROP_CARRIED: Final = text("""
    DELETE FROM enrichment.carried WHERE (token, submission_id) IN (
        SELECT token, submission_id FROM enrichment.carried
        WHERE at < :before ORDER BY at LIMIT :most FOR UPDATE SKIP LOCKED)
""")

_DROP_UNSCANNED: Final = text("""
    DELETE FROM enrichment.unscanned WHERE (token, touch_id) IN (
        SELECT token, touch_id FROM enrichment.unscanned
        WHERE at < :before ORDER BY at LIMIT :most FOR UPDATE SKIP LOCKED)
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

_BODIES: Final = text("""
    UPDATE enrichment.submissions SET raw = '' WHERE id IN (
        SELECT id FROM enrichment.submissions
        WHERE raw <> '' AND outcome NOT IN ('quarantined', 'hydrating') AND received_at < :before
        ORDER BY received_at, id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING 1
""")
_RESENT_BODIES: Final = text("""
    UPDATE enrichment.resends SET raw = '' WHERE event_id IN (
        SELECT event_id FROM enrichment.resends
        WHERE raw <> '' AND received_at < :before
        ORDER BY received_at, event_id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING 1
""")


async def forget(tx: Transaction, before: datetime, most: int) -> int:
    """Drop visits of nobody from before then; gives how many were looked at.

    The submission's row stays, without anything that was said in it: the books count it.
    """
    for statement in (_DROP_CARRIED, _DROP_UNSCANNED):
        await tx.execute(statement, {"before": before, "most": most})
    ids = [str(row.id) for row in await tx.execute(_OLD, {"before": before, "most": most})]
    if ids:
        await tx.execute(_DROP, {"ids": ids})
        keys = {(row.kind, row.value) for row in await tx.execute(_DROP_KEYS, {"ids": ids})}
        await let_go(tx, keys)
    return len(ids)


async def let_go(tx: Transaction, keys: Collection[tuple[str, str]]) -> None:
    """Drop those of the identifiers that are nobody's and have nothing waiting under them."""
    columns = {"kinds": [kind for kind, _ in keys], "values": [value for _, value in keys]}
    await tx.execute(_DROP_IDENTIFIERS, columns)


async def drop_bodies(tx: Transaction, before: datetime, most: int) -> int:
    """Drop raw bytes of submissions; what is held keeps its own, as a release reads them again."""
    return len((await tx.execute(_BODIES, {"before": before, "most": most})).all())


async def drop_resent_bodies(tx: Transaction, before: datetime, most: int) -> int:
    """Drop those of resends: nothing reads them, and what the desk still holds is in its event."""
    return len((await tx.execute(_RESENT_BODIES, {"before": before, "most": most})).all())
