"""Visits that came with the token of a scan that is not read yet, so that it finds them.

A token's rows are written and read by whoever holds its identifier, so that of a scan and a visit
read at one moment the second always sees the first (rule 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.enrichment.dedupe import Carried, Carrier, Visit
from services.enrichment.identify import Identifier

MOST: Final = 20
"""Visits kept of one token, the first that are read: a printed link is everybody's, and anybody may
post. Counted once a slice, so that one slice may bring more."""

_FIND: Final = text("""
    SELECT c.token, v.submission_id, v.person_id, k.kind, k.value
    FROM enrichment.carried c
    JOIN enrichment.visits v ON v.submission_id = c.submission_id
    LEFT JOIN enrichment.visit_keys k
      ON k.submission_id = c.submission_id AND v.person_id IS NULL
    WHERE c.token = ANY(CAST(:tokens AS text[]))
    ORDER BY c.token, c.at, c.submission_id, k.kind, k.value
""")

_NOTE: Final = text("""
    INSERT INTO enrichment.carried (token, submission_id, at)
    SELECT given.token, given.submission_id, given.at
    FROM unnest(CAST(:tokens AS text[]), CAST(:ids AS uuid[]), CAST(:ats AS timestamptz[]))
        AS given(token, submission_id, at)
    WHERE NOT EXISTS (SELECT FROM enrichment.scans s WHERE s.token = given.token)
      AND (SELECT count(*) FROM enrichment.carried c WHERE c.token = given.token) < :most
    ORDER BY given.token COLLATE "C", given.submission_id
    ON CONFLICT DO NOTHING
""")

_DROP: Final = text("""
    DELETE FROM enrichment.carried WHERE token = ANY(CAST(:tokens AS text[]))
""")


async def find(tx: Transaction, tokens: Iterable[str]) -> Carried:
    """The visits that came with each of those tokens, the earliest first, as they are now."""
    wanted = sorted(set(tokens))
    if not wanted:
        return {}
    found: dict[str, list[Carrier]] = {}
    rows = await tx.execute(_FIND, {"tokens": wanted})
    for (token, _visit), those in groupby(rows, key=lambda row: (row.token, row.submission_id)):
        one = list(those)
        keys = tuple(Identifier(row.kind, row.value) for row in one if row.kind)
        person = str(one[0].person_id) if one[0].person_id else None
        found.setdefault(token, []).append(Carrier(person, keys))
    return found


async def note(tx: Transaction, visits: Sequence[Visit], ats: Mapping[str, datetime]) -> None:
    """Keep visits of nobody by the tokens that they came with, of scans that are not read yet."""
    led = [(v.scan.value, v.submission_id) for v in visits if v.scan and v.identifiers]
    if led:
        columns = {
            "tokens": [token for token, _id in led],
            "ids": [id_ for _token, id_ in led],
            "ats": [ats[id_] for _token, id_ in led],
        }
        await tx.execute(_NOTE, columns | {"most": MOST})


async def drop(tx: Transaction, tokens: Sequence[str]) -> None:
    """Forget who came with these tokens: their scans are read, or somebody's whoever came."""
    if tokens:
        await tx.execute(_DROP, {"tokens": sorted(tokens)})
