"""What was erased before it came to routing is nobody's debt."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from libs.common.books.ledgers import ONCE_QUIET, compared
from libs.common.database import Database
from libs.common.database.pool import Pool
from libs.common.database.statements import text

LATE = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND clock_timestamp() - query_start > interval '1.3 seconds'
""")


@pytest.mark.parametrize("outcome", ["erased", "discarded"])
async def test_rule_26_scored_and_erased_needs_no_lead(database: Database, outcome: str) -> None:
    one = str(uuid.uuid4())
    async with database.transaction() as tx:
        await tx.execute(
            text("""
                INSERT INTO enrichment.submissions (
                    id, round, revision, event_id, digest, outcome, source, kind, received_at,
                    changed_at, captured, contact, verified, notes, raw, content_type,
                    config_version)
                VALUES (CAST(:id AS uuid), 0, 1, CAST(:id AS uuid), '', :outcome, 's', 'form',
                    now(), now(), '{}', '{}', '{}', '[]', '', '', 0)
            """),
            {"id": one, "outcome": outcome},
        )
        await tx.execute(
            text("""
                INSERT INTO scoring.submissions (submission_id, person_id, erased)
                VALUES (CAST(:id AS uuid), CAST(:id AS uuid), true)
            """),
            {"id": one},
        )
        found = await compared(tx, ONCE_QUIET)
    named = {problem.check for problem in found.problems if problem.id == one}
    assert ("scored, routing does not have it" in named) == (outcome != "erased")


async def test_the_books_may_take_longer_than_other_statements(database: Database) -> None:
    hurried = Pool(database.url, 1, {"statement_timeout": "1000"}, 1.0)

    async def compare() -> int:
        async with hurried.transaction() as tx:
            return (await compared(tx, ONCE_QUIET)).accepted

    async with database.transaction() as tx:
        await tx.execute(text("LOCK TABLE enrichment.receipts IN ACCESS EXCLUSIVE MODE"))
        comparing = asyncio.create_task(compare())
        async with asyncio.timeout(30):
            while not (comparing.done() or await _is_late(database)):  # noqa: ASYNC110 - Postgres says it
                await asyncio.sleep(0.02)
    assert await comparing == 0
    await hurried.close()


async def _is_late(database: Database) -> bool:
    async with database.transaction() as tx:  # one sees the same activity for as long as it lasts
        return bool(await tx.scalar(LATE))
