"""Bodies that came under a key that was taken: nobody's, and found by whom they name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import LeadCaptured
from services.enrichment.identify import EMAIL, HANDLE, PHONE, Identifier, identifiers_of
from services.enrichment.normalise import normalise

_FIND: Final = text("""
    SELECT event_id FROM enrichment.resends
    WHERE conflict AND contact ->> 'phone' IS NOT NULL
      AND contact ->> 'phone' = ANY(CAST(:phones AS text[]))
    UNION
    SELECT event_id FROM enrichment.resends
    WHERE conflict AND contact ->> 'email' IS NOT NULL
      AND lower(contact ->> 'email') = ANY(CAST(:emails AS text[]))
    UNION
    SELECT r.event_id FROM enrichment.resends r
    JOIN unnest(CAST(:kinds AS text[]), CAST(:handles AS text[])) AS theirs (kind, handle)
      ON lower(r.contact ->> 'handle') = theirs.handle
     AND r.captured ->> 'source_kind' = theirs.kind
    WHERE r.conflict AND r.contact ->> 'handle' IS NOT NULL
""")
_UNREAD: Final = text("""
    SELECT event_id, captured::text AS captured FROM enrichment.resends
    WHERE conflict AND contact IS NULL
""")
_EMPTY: Final = text("""
    UPDATE enrichment.resends SET captured = '{}', contact = '{}', raw = '', digest = ''
    WHERE event_id IN (
        SELECT event_id FROM enrichment.resends
        WHERE event_id = ANY(CAST(:ids AS uuid[])) ORDER BY event_id FOR UPDATE)
""")


async def with_keys(tx: Transaction, identifiers: Sequence[Identifier], country: str) -> list[str]:
    """The events that brought such bodies with one of these keys in them.

    Those that a release before this one has kept say their keys only when they are read.
    """
    handles = [one for one in identifiers if one.kind.startswith(HANDLE)]
    rows = await tx.execute(
        _FIND,
        {
            "phones": [one.value for one in identifiers if one.kind == PHONE],
            "emails": [one.value for one in identifiers if one.kind == EMAIL],
            "kinds": [one.kind.removeprefix(HANDLE) for one in handles],
            "handles": [one.value for one in handles],
        },
    )
    theirs = {one for one in identifiers if one.kind in (PHONE, EMAIL)} | set(handles)
    unread = await tx.execute(_UNREAD)
    named = {str(row.event_id) for row in unread if theirs & _keys(row.captured, country)}
    return sorted(named | {str(row.event_id) for row in rows})


def _keys(written: str, country: str) -> set[Identifier]:
    captured = msgspec.json.decode(written, type=LeadCaptured)
    return set(identifiers_of(normalise(captured, country).contact, captured.source_kind, None))


async def empty(tx: Transaction, events: Collection[str]) -> None:
    """Leave of these that they came, so that none is kept anew."""
    if events:
        await tx.execute(_EMPTY, {"ids": sorted(events)})
