"""Dropping raw bodies of what waits for nobody any more; what is locked is left for next time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text

_HELD: Final = text("""
    UPDATE desk.quarantine SET raw = NULL WHERE id IN (
        SELECT id FROM desk.quarantine
        WHERE raw IS NOT NULL AND state NOT IN ('held', 'released') AND received_at < :before
        ORDER BY received_at, id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING 1
""")
_DEAD: Final = text("""
    UPDATE desk.dead_letters SET value = '' WHERE id IN (
        SELECT id FROM desk.dead_letters
        WHERE value <> '' AND state <> 'dead' AND at < :before
        ORDER BY at, id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING 1
""")


async def drop_bodies(tx: Transaction, before: datetime, most: int) -> int:
    """Of what was held and is decided; one that waits, for a person or an answer, keeps its own."""
    return len((await tx.execute(_HELD, {"before": before, "most": most})).all())


async def drop_dead_bodies(tx: Transaction, before: datetime, most: int) -> int:
    """Of dead letters that were sent again; one that was not keeps all that this needs."""
    return len((await tx.execute(_DEAD, {"before": before, "most": most})).all())
