"""The count of what staff have put in: spools of the desk's own in the books."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text


class Place(NamedTuple):
    """Where a record stands in one of the desk's spools."""

    spool: str
    sequence: int


class Spool:
    """The spool of this process, a row from its first entry on.

    Never that of an earlier process: a restored database has forgotten numbers that the log still
    holds, and a number given twice would hide an entry from the books for good.
    """

    def __init__(self) -> None:
        self._id = str(uuid.uuid4())
        self._given = 0

    async def next_place(self, tx: Transaction) -> Place:
        """The next number; taken by this transaction alone, and given back if it fails."""
        (place,) = await self.next_places(tx, 1)
        return place

    async def next_places(self, tx: Transaction, count: int) -> list[Place]:
        """The next so many numbers, at least one; taken and given back together."""
        spool = self._id
        rows = await tx.execute(
            text("""
                UPDATE desk.spools SET high = high + :count
                WHERE spool = CAST(:spool AS uuid) AND high >= :given RETURNING high
            """),
            {"spool": spool, "given": self._given, "count": count},
        )
        high = rows.scalar()
        if high is None and self._given:
            self.leave(spool)
            return await self.next_places(tx, count)
        if high is None:
            high = await _begin(tx, spool, count)
        return [Place(spool, number) for number in range(int(high) - count + 1, int(high) + 1)]

    def gave(self, place: Place) -> None:
        """The number is committed: should the row ever say less, the database went back."""
        if place.spool == self._id:
            self._given = max(self._given, place.sequence)

    def leave(self, spool: str) -> None:
        """Begin another spool, as what is committed of this one is not known."""
        if spool == self._id:
            self._id, self._given = str(uuid.uuid4()), 0


async def _begin(tx: Transaction, spool: str, count: int) -> int:
    rows = await tx.execute(
        text("""
            INSERT INTO desk.spools AS s (spool, high) VALUES (CAST(:spool AS uuid), :count)
            ON CONFLICT (spool) DO UPDATE SET high = s.high + :count RETURNING high
        """),
        {"spool": spool, "count": count},
    )
    return int(rows.scalar_one())


async def write_spools(tx: Transaction, heard: Mapping[str, int]) -> None:
    """Note how far spools have come by what the log holds of them, by spool."""
    await tx.execute(
        text("""
            INSERT INTO desk.spools AS s (spool, high)
            SELECT * FROM unnest(CAST(:spools AS uuid[]), CAST(:highs AS bigint[])) AS t (spool, n)
            ORDER BY spool
            ON CONFLICT (spool) DO UPDATE SET high = excluded.high WHERE s.high < excluded.high
        """),
        {"spools": list(heard), "highs": list(heard.values())},
    )
