"""Messages that a source's access token ends: planned by the stage, told apart from any lead."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from libs.common.database.rows import Row
from services.routing.store.apart import ROUTE, Claims, Kept

_OUTDONE: Final = """EXISTS (
    SELECT FROM routing.announcements next
    WHERE (next.source, next.expires, next.recipient, next.channel, next.address)
        = (a.source, a.expires, a.recipient, a.channel, a.address)
      AND (next.planned_at, next.id) > (a.planned_at, a.id)
      AND next.state IN ('planned', 'sending', 'sent'))"""
"""By when they were said: a token comes to its levels one after another. A next one that failed,
or of which nobody knows, outdoes nothing."""


class Announced(NamedTuple):
    """One message on one route: a source's access token ends."""

    id: str
    source: str
    expires: date
    recipient: str
    team: str
    channel: str
    address: str
    planned_at: datetime
    attempts: int = 0
    is_outdone: bool = False
    """Whether the next level of the same token is told, or soon will be, on the same route."""


def _read(row: Row) -> Announced:
    return Announced(**{name: row[name] for name in Announced._fields})


CLAIMS: Final = Claims(
    Kept(
        table="routing.announcements",
        columns=f"""CAST(a.id AS text) AS id, a.source, a.expires, a.recipient, a.team, a.channel,
            a.address, a.planned_at, a.attempts, {_OUTDONE} AS is_outdone""",
        planned={**ROUTE, "source": "text", "expires": "date"},
    ),
    _read,
)
