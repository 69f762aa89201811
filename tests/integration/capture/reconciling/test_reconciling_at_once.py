"""The comparing and capture's stage write the same rows: neither ever waits for the other's end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from libs.common.database.statements import text
from services.capture.door.door import submission_id_of
from services.capture.reconciling.coming import Listed
from services.capture.store import arrivals, taken_back
from tests.integration.capture.locks import held_up
from tests.integration.capture.reconciling.reconciliation import LOST, Reconciliation, connected

PUT_OFF = "UPDATE capture.fetches SET error = 'away', tries = 1 WHERE done_at IS NULL"
FAILED_ONCE = "UPDATE capture.fetch_sources SET failures = 1"


async def test_rule_12_the_comparing_and_the_stage_never_deadlock(meta: Reconciliation) -> None:
    """A slice has noted what a list brought, and then ends what the comparing brings forward."""
    await connected(meta)
    fetched, by_list = LOST[:2]
    meta.sends(fetched, by_list)
    await meta.calls(fetched)
    async with meta.database.transaction() as tx:
        await tx.execute(text(PUT_OFF))
        await tx.execute(text(FAILED_ONCE))
    meta.now += timedelta(hours=1)  # the list is due
    own, listed = (submission_id_of("meta", "ads", item) for item in (fetched, by_list))
    async with meta.database.transaction() as tx:
        # whoever closes the circle is told so at once, and that is the slice
        await tx.execute(text("SET LOCAL deadlock_timeout = '1ms'"))
        await arrivals.note_listed(tx, [Listed(listed, "meta", "ads", meta.now)])
        comparing = asyncio.create_task(meta.run())
        await held_up(meta.database, 1, comparing)
        await taken_back.close(tx, [own], meta.now)
    await comparing
    async with meta.database.transaction() as tx:
        ended = "SELECT error FROM capture.fetches WHERE submission_id = CAST(:own AS uuid)"
        assert await tx.scalar(text(ended), {"own": own}) == "erased"
        assert await tx.scalar(text("SELECT max(failures) FROM capture.fetch_sources")) == 0
