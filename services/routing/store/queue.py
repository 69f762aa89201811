"""The waiting queue: its heads, its changes, and what was offered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.choosing.roster import Place
from services.routing.choosing.turn import Turn

HEADS: Final = 64
"""So many of each team are looked at at a time."""
_COLUMNS: Final = """
    w.turn_at, CAST(w.lead_id AS text) AS lead_id, w.team,
    CAST(w.person_id AS text) AS person_id, w.since, w.config_version, w.offered_at
"""


async def heads(tx: Transaction, teams: Collection[str]) -> tuple[Place, ...]:
    """Those who are served next of each team, in order; of teams that are gone likewise."""
    rows = await tx.execute(
        text(f"""
            SELECT h.* FROM unnest(CAST(:teams AS text[])) AS t (team), LATERAL (
                SELECT {_COLUMNS} FROM routing.waiting w WHERE w.team = t.team
                ORDER BY w.turn_at, w.lead_id LIMIT :most
            ) AS h
            UNION ALL (
                SELECT {_COLUMNS} FROM routing.waiting w
                WHERE w.team <> ALL(CAST(:teams AS text[]))
                ORDER BY w.turn_at, w.lead_id LIMIT :most
            )
        """),  # noqa: S608 - _COLUMNS is a constant
        {"teams": sorted(teams), "most": HEADS},
    )
    return _places(rows)


async def decided_otherwise(tx: Transaction, version: int) -> tuple[Place, ...]:
    """Those that were last decided by another configuration, wherever they stand in the queue."""
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM routing.waiting w WHERE w.config_version <> :version
            ORDER BY w.turn_at, w.lead_id LIMIT :most
        """),  # noqa: S608 - _COLUMNS is a constant
        {"version": version, "most": HEADS},
    )
    return _places(rows)


async def is_empty(tx: Transaction) -> bool:
    """Whether nobody waits."""
    row = await tx.execute(text("SELECT NOT EXISTS (SELECT FROM routing.waiting)"))
    return bool(row.scalar_one())


async def save(tx: Transaction, places: Mapping[str, Place | None]) -> None:
    """Write the places of leads; None: it has left the queue."""
    gone = sorted(lead_id for lead_id, place in places.items() if place is None)
    kept = sorted((place for place in places.values() if place), key=lambda p: p.turn.lead_id)
    if gone:
        await tx.execute(
            text("DELETE FROM routing.waiting WHERE lead_id = ANY(CAST(:ids AS uuid[]))"),
            {"ids": gone},
        )
    if kept:
        await tx.execute(
            text("""
                INSERT INTO routing.waiting
                    (lead_id, person_id, team, since, turn_at, config_version)
                SELECT * FROM unnest(
                    CAST(:ids AS uuid[]), CAST(:persons AS uuid[]), CAST(:teams AS text[]),
                    CAST(:sinces AS timestamptz[]), CAST(:turns AS timestamptz[]),
                    CAST(:versions AS int[]))
                ON CONFLICT (lead_id) DO UPDATE SET
                    person_id = excluded.person_id, team = excluded.team,
                    turn_at = excluded.turn_at, config_version = excluded.config_version
            """),
            {
                "ids": [place.turn.lead_id for place in kept],
                "persons": [place.person_id for place in kept],
                "teams": [place.team for place in kept],
                "sinces": [place.since for place in kept],
                "turns": [place.turn.hot_at for place in kept],
                "versions": [place.config_version for place in kept],
            },
        )


async def mark_offered(tx: Transaction, lead_ids: Collection[str], now: datetime) -> None:
    """Note that these were offered a seat."""
    await tx.execute(
        text("""
            UPDATE routing.waiting SET offered_at = :now
            WHERE lead_id = ANY(CAST(:ids AS uuid[]))
        """),
        {"ids": sorted(lead_ids), "now": now},
    )


def _places(rows: Iterable[Row]) -> tuple[Place, ...]:
    found = [
        Place(
            Turn(row.turn_at, row.lead_id),
            row.team,
            row.person_id,
            row.since,
            row.config_version,
            row.offered_at,
        )
        for row in rows
    ]
    return tuple(sorted(found))
