"""The count of what staff have put in: a spool of its own in the books."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Place(NamedTuple):
    """Where a record stands in the desk's spool."""

    spool: str
    sequence: int


async def next_place(tx: AsyncConnection) -> Place:
    """The next number; taken by this transaction alone, and given back if it fails."""
    rows = await tx.execute(text("UPDATE desk.spools SET high = high + 1 RETURNING spool, high"))
    row = rows.one()
    return Place(str(row.spool), int(row.high))
