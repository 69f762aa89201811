"""Who is paused, and who has how many leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.choosing.attendance import Load, Pause, Paused


class Pauses(NamedTuple):
    """Who is put aside, and when staff last decided of whom."""

    paused: dict[str, Pause]
    decided_at: dict[str, datetime]


async def pauses(tx: Transaction) -> Pauses:
    """All that staff have decided; also of those who are back."""
    rows = (
        await tx.execute(text("SELECT specialist, is_paused, until, at FROM routing.pauses"))
    ).all()
    return Pauses(
        {row.specialist: Pause(row.until) for row in rows if row.is_paused},
        {row.specialist: row.at for row in rows},
    )


async def save_pauses(tx: Transaction, decided: Mapping[str, Paused]) -> None:
    """Write what staff have decided; an older decision never overwrites a newer."""
    found = sorted(decided.items())
    await tx.execute(
        text("""
            INSERT INTO routing.pauses AS p (specialist, is_paused, until, at)
            SELECT * FROM unnest(
                CAST(:specialists AS text[]), CAST(:paused AS boolean[]),
                CAST(:untils AS timestamptz[]), CAST(:ats AS timestamptz[]))
            ON CONFLICT (specialist) DO UPDATE SET
                is_paused = excluded.is_paused, until = excluded.until, at = excluded.at
            WHERE excluded.at >= p.at
        """),
        {
            "specialists": [specialist for specialist, _ in found],
            "paused": [one.pause is not None for _, one in found],
            "untils": [one.pause.until if one.pause else None for _, one in found],
            "ats": [one.at for _, one in found],
        },
    )


async def loads(tx: Transaction, today: date) -> dict[str, Load]:
    """Open leads, and those given on that day of the organisation, by specialist."""
    rows = await tx.execute(
        text("""
            SELECT specialist, open, CASE WHEN day = :today THEN given ELSE 0 END AS given
            FROM routing.loads
        """),
        {"today": today},
    )
    return {row.specialist: Load(row.open, row.given) for row in rows}


async def save_loads(tx: Transaction, counts: Mapping[str, Load], today: date) -> None:
    """Add to the counts. Under the teams' lock, so that nobody decides by older ones."""
    keys = sorted(counts)
    await tx.execute(
        text("""
            INSERT INTO routing.loads AS l (specialist, open, day, given)
            SELECT specialist, open, :today, given FROM unnest(
                CAST(:keys AS text[]), CAST(:opened AS int[]), CAST(:given AS int[])
            ) AS new (specialist, open, given)
            ON CONFLICT (specialist) DO UPDATE SET
                open = l.open + excluded.open,
                given = CASE WHEN l.day >= excluded.day THEN l.given ELSE 0 END
                    + CASE WHEN l.day <= excluded.day THEN excluded.given ELSE 0 END,
                day = greatest(l.day, excluded.day)
        """),
        {
            "keys": keys,
            "opened": [counts[key].open for key in keys],
            "given": [counts[key].today for key in keys],
            "today": today,
        },
    )
