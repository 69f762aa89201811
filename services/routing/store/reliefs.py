"""Messages that a silent source was heard again, to those who were told of its silence."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.store.apart import Claims, Kept

_PLAN: Final = text("""
    INSERT INTO routing.reliefs (silence_id, channel, address)
    SELECT s.id, s.channel, s.address FROM routing.silences s
    WHERE s.heard_at IS NOT NULL
      AND (s.state IN ('sent', 'unknown') OR (s.state = 'failed' AND s.may_be_read))
      AND NOT EXISTS (SELECT FROM routing.reliefs r WHERE r.silence_id = s.id)
    ORDER BY s.id
    ON CONFLICT DO NOTHING
""")
_OUTDONE: Final = """EXISTS (
    SELECT FROM routing.silences n
    WHERE (n.source, n.recipient, n.channel, n.address)
        = (s.source, s.recipient, s.channel, s.address)
      AND n.last_at > s.last_at
      AND (n.may_be_read OR n.state IN ('sent', 'unknown') OR (n.state = 'sending' AND NOT EXISTS (
          SELECT FROM routing.heard_again h WHERE h.source = n.source AND h.last_at >= n.last_at))))
"""
"""One that was over before it was told says nothing to who was told of the one before."""


class Relieved(NamedTuple):
    """One message on one route: a source that had gone quiet was heard again."""

    id: str
    source: str
    source_kind: str
    last_at: datetime
    """When something had come last before its silence."""
    heard_at: datetime
    recipient: str
    team: str
    channel: str
    address: str
    planned_at: datetime
    attempts: int = 0
    is_outdone: bool = False
    """Whether it has gone quiet again, and that is told on the same route."""


def _read(row: Row) -> Relieved:
    return Relieved(**{name: row[name] for name in Relieved._fields})


CLAIMS: Final = Claims(
    Kept(
        table="routing.reliefs",
        columns=f"""CAST(a.id AS text) AS id, s.source, s.source_kind, s.last_at, s.heard_at,
            s.recipient, s.team, a.channel, a.address, a.planned_at, a.attempts,
            {_OUTDONE} AS is_outdone""",
        joined="routing.silences s",
        on="s.id = a.silence_id",
    ),
    _read,
)


async def plan(tx: Transaction) -> None:
    """Plan one for each message of a silence that is over and may have been read."""
    await tx.execute(_PLAN)
