"""Teams: where each member's pointer stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.choosing.shares import Pointers

_LOCK: Final = text("""
    SELECT team, CAST(pointers AS text) AS pointers FROM routing.rotations
    WHERE team = ANY(CAST(:teams AS text[])) ORDER BY team FOR UPDATE
""")
_MAKE: Final = text("""
    INSERT INTO routing.rotations (team)
    SELECT team FROM unnest(CAST(:teams AS text[])) AS team ORDER BY team
    ON CONFLICT DO NOTHING
""")


async def lock_pointers(tx: Transaction, teams: Collection[str]) -> dict[str, Pointers]:
    """Where these teams' pointers stand. Held until the end, so that shares are exact."""
    keys = {"teams": sorted(teams)}
    rows = await tx.execute(_LOCK, keys)
    if len(rows) < len(keys["teams"]):  # the first lead of a team
        await tx.execute(_MAKE, keys)
        rows = await tx.execute(_LOCK, keys)
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
