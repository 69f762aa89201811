"""Messages that a source has gone quiet, and which silences are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.store.apart import Claims, Kept


class Hushed(NamedTuple):
    """One message on one route: nothing has come from a source for longer than ever."""

    id: str
    source: str
    source_kind: str
    last_at: datetime
    """When something came last."""
    usual: timedelta | None
    """The middle one of the pauses between its arrivals."""
    recipient: str
    team: str
    channel: str
    address: str
    planned_at: datetime
    attempts: int = 0
    is_over: bool = False
    """Whether it has been heard again."""


def _read(row: Row) -> Hushed:
    return Hushed(**{name: row[name] for name in Hushed._fields})


CLAIMS: Final = Claims(
    Kept(
        table="routing.silences",
        columns="""CAST(a.id AS text) AS id, a.source, a.source_kind, a.last_at, a.usual,
            a.recipient, a.team, a.channel, a.address, a.planned_at, a.attempts,
            EXISTS (SELECT FROM routing.heard_again h
                    WHERE h.source = a.source AND h.last_at >= a.last_at) AS is_over""",
    ),
    _read,
)


async def save(tx: Transaction, planned: Sequence[Hushed]) -> None:
    """Plan them; each once, however often it is asked for."""
    if not planned:
        return
    ordered = sorted(planned, key=lambda one: one.id)
    names = ("source", "source_kind", "recipient", "team", "channel", "address")
    columns = {name: [getattr(one, name) for one in ordered] for name in names}
    await tx.execute(
        text("""
            INSERT INTO routing.silences (id, source, source_kind, last_at, usual, recipient, team,
                                          channel, address, planned_at)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:source AS text[]), CAST(:source_kind AS text[]),
                CAST(:lasts AS timestamptz[]), CAST(:usual AS interval[]),
                CAST(:recipient AS text[]), CAST(:team AS text[]), CAST(:channel AS text[]),
                CAST(:address AS text[]), CAST(:planned AS timestamptz[]))
            ON CONFLICT DO NOTHING
        """),
        {
            **columns,
            "ids": [one.id for one in ordered],
            "lasts": [one.last_at for one in ordered],
            "usual": [one.usual for one in ordered],
            "planned": [one.planned_at for one in ordered],
        },
    )


async def end(tx: Transaction, over: Mapping[str, datetime]) -> None:
    """Sources were heard again, after those last arrivals: also where that is read first."""
    if not over:
        return
    ordered = sorted(over)
    await tx.execute(
        text("""
            INSERT INTO routing.heard_again AS h (source, last_at)
            SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:lasts AS timestamptz[]))
            ON CONFLICT (source) DO UPDATE SET last_at = greatest(h.last_at, excluded.last_at)
        """),
        {"sources": ordered, "lasts": [over[source] for source in ordered]},
    )
