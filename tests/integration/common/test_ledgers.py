"""What was erased before it came to routing is nobody's debt."""

from __future__ import annotations

import uuid

import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.ledgers import ONCE_QUIET, compared


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
