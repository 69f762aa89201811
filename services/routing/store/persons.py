"""Persons: a row to lock for each, and where the retired ones went."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text


class Person(msgspec.Struct, frozen=True):
    """What routing remembers of a person."""

    id: str
    joined_into: str | None = None
    score_version: int = 0
    contact_version: int = 0
    erased: bool = False
    """Nothing is left of them, and nothing is taken for them any more."""
    erased_version: int = 0
    """Since which version of theirs something has been erased; 0: nothing was."""


async def persons_of(tx: Transaction, lead_ids: Collection[str]) -> set[str]:
    """Whose these leads are."""
    rows = await tx.execute(
        text("""
            SELECT DISTINCT CAST(person_id AS text) FROM routing.leads
            WHERE id = ANY(CAST(:ids AS uuid[]))
        """),
        {"ids": sorted(lead_ids)},
    )
    return set(rows.scalars())


async def lock_persons(
    tx: Transaction, new: Collection[str], known: Collection[str]
) -> dict[str, Person]:
    """Lock these persons and whoever they were joined into; make the `new` ones if absent."""
    await tx.execute(
        text("""
            INSERT INTO routing.persons (id)
            SELECT id FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
            ON CONFLICT DO NOTHING
        """),
        {"ids": sorted(new)},
    )
    wanted = {*new, *known}
    while True:
        locked = await _lock(tx, wanted)
        missing = {p.joined_into for p in locked.values() if p.joined_into} - locked.keys()
        if not missing:
            return locked
        wanted |= missing


async def _lock(tx: Transaction, ids: Collection[str]) -> dict[str, Person]:
    rows = await tx.execute(
        text("""
            WITH RECURSIVE chain (id) AS (
                SELECT id FROM unnest(CAST(:ids AS uuid[])) AS id
                UNION
                SELECT p.joined_into FROM routing.persons p JOIN chain USING (id)
                WHERE p.joined_into IS NOT NULL
            )
            SELECT CAST(id AS text) AS id, CAST(joined_into AS text) AS joined_into,
                   score_version, contact_version, erased, erased_version
            FROM routing.persons WHERE id IN (SELECT id FROM chain) ORDER BY id FOR UPDATE
        """),
        {"ids": sorted(ids)},
    )
    return {row.id: Person(*row) for row in rows}


async def save_persons(tx: Transaction, persons: Mapping[str, Person]) -> None:
    """Write what changed of locked persons."""
    await tx.execute(
        text("""
            UPDATE routing.persons p
            SET joined_into = new.joined_into, score_version = new.score_version,
                contact_version = new.contact_version, erased = new.erased,
                erased_version = new.erased_version
            FROM unnest(
                CAST(:ids AS uuid[]), CAST(:joined AS uuid[]), CAST(:scores AS int[]),
                CAST(:contacts AS int[]), CAST(:erased AS boolean[]), CAST(:since AS int[])
            ) AS new (id, joined_into, score_version, contact_version, erased, erased_version)
            WHERE p.id = new.id
        """),
        {
            "ids": list(persons),
            "joined": [person.joined_into for person in persons.values()],
            "scores": [person.score_version for person in persons.values()],
            "contacts": [person.contact_version for person in persons.values()],
            "erased": [person.erased for person in persons.values()],
            "since": [person.erased_version for person in persons.values()],
        },
    )
