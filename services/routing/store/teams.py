"""Teams: where each member's pointer stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.distribute import Pointers


async def lock_pointers(tx: Transaction, teams: Collection[str]) -> dict[str, Pointers]:
    """Where these teams' pointers stand. Held until the end, so that shares are exact."""
    keys = {"teams": sorted(teams)}
    await tx.execute(
        text("""
            INSERT INTO routing.rotations (team)
            SELECT team FROM unnest(CAST(:teams AS text[])) AS team ORDER BY team
            ON CONFLICT DO NOTHING
        """),
        keys,
    )
    rows = await tx.execute(
        text("""
            SELECT team, CAST(pointers AS text) AS pointers FROM routing.rotations
            WHERE team = ANY(CAST(:teams AS text[])) ORDER BY team FOR UPDATE
        """),
        keys,
    )
    return {
        row.team: {
            key: Fraction(at)
            for key, at in msgspec.json.decode(row.pointers, type=dict[str, str]).items()
        }
        for row in rows
    }


async def save_pointers(tx: Transaction, pointers: Mapping[str, Pointers]) -> None:
    """Write the pointers of locked teams."""
    await tx.execute(
        text("""
            UPDATE routing.rotations r SET pointers = CAST(new.pointers AS jsonb)
            FROM unnest(CAST(:teams AS text[]), CAST(:pointers AS text[])) AS new (team, pointers)
            WHERE r.team = new.team
        """),
        {
            "teams": list(pointers),
            "pointers": [
                msgspec.json.encode({key: str(at) for key, at in of.items()}).decode()
                for of in pointers.values()
            ],
        },
    )
