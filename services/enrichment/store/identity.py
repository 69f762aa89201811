"""Persons and identifiers, always locked in one order (delivery rules 12 and 13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.errors import Retry
from services.enrichment.dedupe import Known
from services.enrichment.fold import Profile
from services.enrichment.identify import Identifier, Person

_TRIES: Final = 5
"""How often rows are looked for that others join away at this moment."""

_HOLD: Final = text("""
    SELECT kind, value, person_id, claimed_at, is_awaited
    FROM enrichment.hold(CAST(:kinds AS text[]), CAST(:values AS text[]))
    WHERE person_id IS NOT NULL OR is_awaited
""")

_LIVING: Final = text("""
    WITH RECURSIVE chain AS (
        SELECT id AS start, id, joined_into FROM enrichment.persons
        WHERE id = ANY(CAST(:ids AS uuid[]))
        UNION ALL
        SELECT chain.start, p.id, p.joined_into
        FROM chain JOIN enrichment.persons p ON p.id = chain.joined_into
    )
    SELECT chain.start, chain.id FROM chain JOIN enrichment.persons p ON p.id = chain.id
    WHERE chain.joined_into IS NULL AND p.erased_at IS NULL
""")

_LOCK_PERSONS: Final = text("""
    SELECT id, opened_at, profile::text AS profile, joined_into, erased_at
    FROM enrichment.persons
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")

_HELD: Final = text("""
    WITH RECURSIVE family AS (
        SELECT id AS living, id FROM enrichment.persons WHERE id = ANY(CAST(:ids AS uuid[]))
        UNION ALL
        SELECT family.living, p.id
        FROM family JOIN enrichment.persons p ON p.joined_into = family.id
    )
    SELECT family.living, i.kind, min(i.value) AS one, max(i.value) AS another
    FROM family JOIN enrichment.identifiers i ON i.person_id = family.id
    GROUP BY family.living, i.kind
""")

_CANDIDATES: Final = text("""
    INSERT INTO enrichment.candidates (person_a, person_b, submission_id, at)
    SELECT least(a, b), greatest(a, b), submission_id, :now
    FROM unnest(CAST(:ones AS uuid[]), CAST(:others AS uuid[]), CAST(:submissions AS uuid[]))
        AS given(a, b, submission_id)
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING
""")


class Held(NamedTuple):
    """Identifiers that nobody else can touch, and what is known of them."""

    owners: Mapping[Identifier, str]
    """Of those that are somebody's, whose."""
    since: Mapping[Identifier, datetime]
    """Since when, where that is known."""
    awaited: frozenset[Identifier]
    """Those under which visits wait for somebody to be known."""


async def lock_identifiers(tx: Transaction, identifiers: Iterable[Identifier]) -> Held:
    """Make and lock all of them in order (rule 13)."""
    ordered = sorted(set(identifiers))
    if not ordered:
        return Held({}, {}, frozenset())
    columns = {"kinds": [i.kind for i in ordered], "values": [i.value for i in ordered]}
    rows = (await tx.execute(_HOLD, columns)).all()
    named = [(Identifier(row.kind, row.value), row) for row in rows]
    return Held(
        {one: str(row.person_id) for one, row in named if row.person_id},
        {one: row.claimed_at for one, row in named if row.person_id and row.claimed_at},
        frozenset(one for one, row in named if row.is_awaited),
    )


async def living(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    """Whom the ids stand for now, by id, as a look shows it; who was erased is not among them."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {str(r.start): str(r.id) for r in await tx.execute(_LIVING, {"ids": wanted})}


async def lock_persons(
    tx: Transaction, ids: Iterable[str]
) -> tuple[dict[str, str], dict[str, Known]]:
    """Lock those that the ids stand for now: (id → living person, the living ones).

    Who was erased is not among them. A person who is joined away or erased between looking and
    locking would have to be locked out of order, so the locks are given back and the look is
    taken anew. Raises Retry if that goes on.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}, {}
    for _ in range(_TRIES):
        living_now = await living(tx, wanted)
        locks = await tx.savepoint()
        rows = (await tx.execute(_LOCK_PERSONS, {"ids": sorted(set(living_now.values()))})).all()
        if not any(row.joined_into or row.erased_at for row in rows):
            await locks.keep()
            return living_now, await _known(tx, rows)
        await locks.undo()
    raise Retry("persons that are being joined", after=0.1)


async def _known(tx: Transaction, rows: Sequence[Any]) -> dict[str, Known]:
    held: dict[str, dict[str, frozenset[str]]] = {str(row.id): {} for row in rows}
    for found in await tx.execute(_HELD, {"ids": list(held)}):
        held[str(found.living)][found.kind] = frozenset((found.one, found.another))
    return {
        (id_ := str(row.id)): Known(
            Person(id_, row.opened_at, held[id_]), msgspec.json.decode(row.profile, type=Profile)
        )
        for row in rows
    }


async def save_candidates(
    tx: Transaction, pairs: Sequence[tuple[str, str, str]], now: datetime
) -> None:
    """Note pairs of persons, with the submission that named both, for a human to look at."""
    if pairs:
        ones, others, submissions = zip(*pairs, strict=True)
        await tx.execute(
            _CANDIDATES,
            {
                "ones": list(ones),
                "others": list(others),
                "submissions": list(submissions),
                "now": now,
            },
        )
