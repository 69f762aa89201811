"""What waits for a person: a list of it, one with what came, and off the list once decided."""

from __future__ import annotations

from typing import Any, NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.store.finding import Place


class Awaiting(NamedTuple):
    """A table of such rows: its names are constants of ours, and stand in the statements."""

    table: str
    listed: str
    """The columns of a list."""
    content: str
    """What one has besides: what came, whole."""
    state: str
    """That of those that still wait."""
    at: str
    """By which a list is ordered, the newest first."""

    async def newest(
        self, tx: Transaction, after: Place | None, limit: int
    ) -> list[dict[str, Any]]:
        """Those that still wait, newest first."""
        rows = await tx.execute(
            text(f"""
                SELECT {self.listed} FROM {self.table}
                WHERE state = '{self.state}'
                  AND (CAST(:at AS timestamptz) IS NULL
                       OR ({self.at}, id) < (:at, CAST(:id AS uuid)))
                ORDER BY {self.at} DESC, id DESC LIMIT :limit
            """),  # noqa: S608 - names of ours, as said above
            {"at": after and after.at, "id": after and after.id, "limit": limit},
        )
        return [dict(row) for row in rows]

    async def one(
        self, tx: Transaction, row_id: str, *, lock: bool = False
    ) -> dict[str, Any] | None:
        """One that waits or did, with what came."""
        rows = await tx.execute(
            text(f"""
                SELECT {self.listed}, {self.content} FROM {self.table}
                WHERE id = CAST(:id AS uuid) {"FOR UPDATE" if lock else ""}
            """),  # noqa: S608 - names of ours, as said above
            {"id": row_id},
        )
        row = rows.first()
        return dict(row) if row else None

    async def settle(self, tx: Transaction, row_id: str, state: str) -> None:
        """Take it off the list: somebody has decided."""
        await tx.execute(
            text(f"UPDATE {self.table} SET state = :state WHERE id = CAST(:id AS uuid)"),  # noqa: S608 - names of ours, as said above
            {"id": row_id, "state": state},
        )
