"""Messages that a source's access token ends: planned by the stage, told apart from any lead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.store.apart import ROUTE, Claims, Kept

_OUTDONE: Final = """EXISTS (
    SELECT FROM routing.announcements next
    WHERE (next.source, next.expires, next.recipient, next.channel, next.address)
        = (a.source, a.expires, a.recipient, a.channel, a.address)
      AND (next.planned_at, next.id) > (a.planned_at, a.id)
      AND next.state IN ('planned', 'sending', 'sent'))"""
"""By when they were said: a token comes to its levels one after another. A next one that failed,
or of which nobody knows, outdoes nothing."""
_KNOWN: Final = "(SELECT t.expires FROM routing.token_ends t WHERE t.source = a.source)"


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
    known: date | None = None
    """When the source's token ends by capture's newest word."""


class Ends(NamedTuple):
    """Capture's word of when a source's token ends."""

    source: str
    expires: date | None
    """None: not, or nobody knows."""
    at: datetime


def _read(row: Row) -> Announced:
    return Announced(**{name: row[name] for name in Announced._fields})


CLAIMS: Final = Claims(
    Kept(
        table="routing.announcements",
        columns=f"""CAST(a.id AS text) AS id, a.source, a.expires, a.recipient, a.team, a.channel,
            a.address, a.planned_at, a.attempts, {_OUTDONE} AS is_outdone, {_KNOWN} AS known""",
        planned={**ROUTE, "source": "text", "expires": "date"},
    ),
    _read,
)


async def know(tx: Transaction, ends: Mapping[str, Ends]) -> None:
    """Keep the newest word on each source."""
    if not ends:
        return
    ordered = [ends[source] for source in sorted(ends)]
    await tx.execute(
        text("""
            INSERT INTO routing.token_ends AS t (source, expires, at)
            SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:expires AS date[]),
                                 CAST(:ats AS timestamptz[]))
            ON CONFLICT (source) DO UPDATE SET expires = excluded.expires, at = excluded.at
            WHERE t.at <= excluded.at
        """),
        {
            "sources": [one.source for one in ordered],
            "expires": [one.expires for one in ordered],
            "ats": [one.at for one in ordered],
        },
    )
