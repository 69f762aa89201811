"""Keeps `score_now` and `temperature_now` true when they are asked for, and only then.

`temperature_now` is right until `turns_at`, and until then the true score is no higher than
`score_now`, which is right until `changes_at`. So a list by temperature touches those that have
turned, and a list by score those that would be on its page.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import Score
from libs.common.fading import score_at, temperature_at, turns_at
from libs.common.stage.turns import in_turns

BATCH: Final = 500
_MOST_BATCHES: Final = 40
"""Of one request; what is left, the next one does."""
_SCORE: Final = msgspec.json.Decoder(Score)

_ANY_TURNED: Final = text("""
    SELECT EXISTS (SELECT FROM desk.leads WHERE turns_at <= :now AND merged_into IS NULL)
""")
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('desk.heat', 0))")
_TURNED: Final = text("""
    SELECT id, CAST(body -> 'score' AS text) AS score, temperature FROM desk.leads
    WHERE turns_at <= :now AND merged_into IS NULL
    ORDER BY turns_at LIMIT :most FOR UPDATE SKIP LOCKED
""")
_CHANGED: Final = text("""
    SELECT id, CAST(body -> 'score' AS text) AS score, temperature FROM desk.leads
    WHERE id = ANY(CAST(:ids AS uuid[])) AND changes_at <= :now FOR UPDATE SKIP LOCKED
""")
_WRITE: Final = text("""
    UPDATE desk.leads l SET score_now = n.score, temperature_now = n.temperature,
        changes_at = n.changes_at, turns_at = n.turns_at
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:scores AS int[]), CAST(:heats AS text[]),
        CAST(:changes AS timestamptz[]), CAST(:turns AS timestamptz[])
    ) AS n(id, score, temperature, changes_at, turns_at)
    WHERE l.id = n.id
""")


async def bring_turned(tx: Transaction, now: datetime) -> int:
    """Bring up to date whose temperature has turned or whose score has risen; how many it were.

    One request at a time: who comes second waits and finds it done. Rows that the stage is just
    writing are left to it, so nobody waits in a circle.
    """
    if not await tx.scalar(_ANY_TURNED, {"now": now}):
        return 0
    await tx.execute(_ALONE)
    touched = 0
    for _ in range(_MOST_BATCHES):
        rows = (await tx.execute(_TURNED, {"now": now, "most": BATCH})).all()
        touched += await _write(tx, rows, now)
        if len(rows) < BATCH:
            break
    return touched


async def bring_changed(tx: Transaction, ids: Collection[str], now: datetime) -> int:
    """Bring these up to date where age has changed their score; how many it were."""
    rows = (await tx.execute(_CHANGED, {"ids": sorted(ids), "now": now})).all()
    return await _write(tx, rows, now)


async def _write(tx: Transaction, rows: Collection[Any], now: datetime) -> int:
    if not rows:
        return 0
    columns: dict[str, list[Any]] = {
        name: [] for name in ("ids", "scores", "heats", "changes", "turns")
    }
    async for row in in_turns(rows):
        score = score_at(_SCORE.decode(row.score), now)
        columns["ids"].append(row.id)
        columns["scores"].append(score.total)
        columns["heats"].append(temperature_at(score, now) or row.temperature)
        columns["changes"].append(score.changes_at)
        columns["turns"].append(turns_at(score, now))
    await tx.execute(_WRITE, columns)
    return len(rows)
