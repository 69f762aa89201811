"""Messages that a source's access token ends: planned by the stage, told apart from any lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.store.apart import Claims, Kept

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
    ),
    _read,
)


async def save(tx: Transaction, planned: Sequence[Announced]) -> None:
    """Plan them; each once, however often it is asked for."""
    if not planned:
        return
    ordered = sorted(planned)
    names = ("source", "recipient", "team", "channel", "address")
    columns = {name: [getattr(one, name) for one in ordered] for name in names}
    await tx.execute(
        text("""
            INSERT INTO routing.announcements
                (id, source, expires, recipient, team, channel, address, planned_at)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:source AS text[]), CAST(:days AS date[]),
                CAST(:recipient AS text[]), CAST(:team AS text[]), CAST(:channel AS text[]),
                CAST(:address AS text[]), CAST(:planned AS timestamptz[]))
            ON CONFLICT DO NOTHING
        """),
        {
            **columns,
            "ids": [one.id for one in ordered],
            "days": [one.expires for one in ordered],
            "planned": [one.planned_at for one in ordered],
        },
    )
