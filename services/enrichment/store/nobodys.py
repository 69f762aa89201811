"""What is held, or nobody's otherwise, found by whom it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.enrichment.identify import EMAIL, HANDLE, PHONE, Identifier

_FIND: Final = text("""
    SELECT id FROM enrichment.submissions
    WHERE person_id IS NULL AND outcome <> 'erased' AND contact ->> 'phone' IS NOT NULL
      AND contact ->> 'phone' = ANY(CAST(:phones AS text[]))
    UNION
    SELECT id FROM enrichment.submissions
    WHERE person_id IS NULL AND outcome <> 'erased' AND contact ->> 'email' IS NOT NULL
      AND lower(contact ->> 'email') = ANY(CAST(:emails AS text[]))
    UNION
    SELECT s.id FROM enrichment.submissions s
    JOIN unnest(CAST(:kinds AS text[]), CAST(:handles AS text[])) AS theirs (kind, handle)
      ON lower(s.contact ->> 'handle') = theirs.handle
     AND s.captured ->> 'source_kind' = theirs.kind
    WHERE s.person_id IS NULL AND s.outcome <> 'erased' AND s.contact ->> 'handle' IS NOT NULL
    ORDER BY id
""")


async def with_keys(tx: Transaction, identifiers: Sequence[Identifier]) -> list[str]:
    """Submissions that are nobody's and bring one of these keys.

    A browser's or a scan's key may be several people's and finds none.
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
    return [str(row.id) for row in rows]
