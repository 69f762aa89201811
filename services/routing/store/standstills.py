"""Messages that a platform gives nothing out for a source, and which sources go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.routing.store.apart import ROUTE, Claims, Kept

_OVER: Final = """EXISTS (
    SELECT FROM routing.resumed r WHERE r.source = a.source AND r.at >= a.planned_at)"""
_TOLD: Final = """EXISTS (
    SELECT FROM routing.standstills o
    WHERE (o.source, o.recipient, o.channel, o.address)
        = (a.source, a.recipient, a.channel, a.address)
      AND (o.planned_at, o.id) < (a.planned_at, a.id)
      AND o.state IN ('planned', 'sending', 'sent', 'unknown')
      AND o.source_kind = a.source_kind
      AND a.change - o.change = (
          SELECT count(DISTINCT b.change) FROM routing.standstills b
          WHERE b.source = a.source AND b.source_kind = a.source_kind
            AND b.change > o.change AND b.change <= a.change))"""
"""While it stands still its reason may change: that is no other standstill. That it went on in
between is seen by a number that no pause has: capture counts it also where it does not tell it,
because a form of the source still stands still."""


class Standstill(NamedTuple):
    """One message on one route: a source stands still, as its platform gives nothing out."""

    id: str
    source: str
    source_kind: str
    reason: str
    """The platform's code, or ours."""
    recipient: str
    team: str
    channel: str
    address: str
    planned_at: datetime
    """When it was stopped."""
    change: int | None
    """How often it was paused or resumed by then; None where that was not said."""
    lacks: str = ""
    """What is missing by the platform's answer; empty where that was not said."""
    attempts: int = 0
    is_over: bool = False
    """Whether it goes on."""
    is_told: bool = False
    """Whether the same standstill is told already, or soon will be, on the same route."""


def _read(row: Row) -> Standstill:
    return Standstill(**{name: row[name] for name in Standstill._fields})


CLAIMS: Final = Claims(
    Kept(
        table="routing.standstills",
        columns=f"""CAST(a.id AS text) AS id, a.source, a.source_kind, a.reason, a.recipient,
            a.team, a.channel, a.address, a.planned_at, a.change, a.lacks, a.attempts,
            {_OVER} AS is_over, {_TOLD} AS is_told""",
        planned={
            **ROUTE,
            "source": "text",
            "source_kind": "text",
            "reason": "text",
            "change": "integer",
            "lacks": "text",
        },
    ),
    _read,
)


async def end(tx: Transaction, resumed: Mapping[str, datetime]) -> None:
    """Sources go on since those moments: also where that is read first."""
    if not resumed:
        return
    ordered = sorted(resumed)
    await tx.execute(
        text("""
            INSERT INTO routing.resumed AS r (source, at)
            SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:ats AS timestamptz[]))
            ON CONFLICT (source) DO UPDATE SET at = greatest(r.at, excluded.at)
        """),
        {"sources": ordered, "ats": [resumed[source] for source in ordered]},
    )
