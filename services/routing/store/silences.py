"""Messages that a source has gone quiet, and which silences are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.store.apart import ROUTE, Claims, Kept


class Hushed(NamedTuple):
    """One message on one route: nothing has come from a source for longer than usual."""

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
        planned={
            **ROUTE,
            "source": "text",
            "source_kind": "text",
            "last_at": "timestamptz",
            "usual": "interval",
        },
        settled=", may_be_read = may_be_read OR :may_be_read",
    ),
    _read,
)


class Over(NamedTuple):
    """The end of a silence."""

    source: str
    last_at: datetime
    """When something had come last before it."""
    heard_at: datetime | None = None
    """When something came again; None where that is not told."""


_OVER: Final = text("""
    INSERT INTO routing.heard_again AS h (source, last_at)
    SELECT source, max(last_at)
    FROM unnest(CAST(:sources AS text[]), CAST(:lasts AS timestamptz[])) AS over (source, last_at)
    GROUP BY source ORDER BY source
    ON CONFLICT (source) DO UPDATE SET last_at = greatest(h.last_at, excluded.last_at)
""")
_HEARD: Final = text("""
    UPDATE routing.silences s SET heard_at = over.heard_at
    FROM unnest(CAST(:sources AS text[]), CAST(:lasts AS timestamptz[]),
                CAST(:heard AS timestamptz[])) AS over (source, last_at, heard_at)
    WHERE s.source = over.source AND s.last_at = over.last_at AND s.heard_at IS NULL
      AND NOT EXISTS (SELECT FROM routing.heard_again h
                      WHERE h.source = s.source AND h.last_at >= s.last_at)
""")
"""Whoever was told of that very silence hears of its end, unless that was known before: a topic
that is read again is no news, nor is what a build before this has read."""


async def end(tx: Transaction, over: Sequence[Over]) -> None:
    """Sources were heard again, after those last arrivals: also where that is read first."""
    if not over:
        return
    known = {
        "sources": [one.source for one in over],
        "lasts": [one.last_at for one in over],
    }
    await tx.execute(_HEARD, {**known, "heard": [one.heard_at for one in over]})
    await tx.execute(_OVER, known)
