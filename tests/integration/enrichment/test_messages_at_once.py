"""A message beside the word that it begins anew: they come on two lanes, and one waits."""

from __future__ import annotations

import asyncio

from libs.common.database import Database
from libs.common.events import SubmissionEnriched
from tests.integration.enrichment.conftest import Captured, Service
from tests.integration.enrichment.test_late_scans import somebody_waits
from tests.integration.enrichment.test_messages import SAID, Talk, anew, message_of, told


async def test_a_repeat_beside_the_word_that_its_message_begins_anew_is_told_once(
    database: Database, captured: Captured
) -> None:
    one, other, talk = Service(database), Service(database), Talk(captured)
    first, second, third = (talk.said(fields, after=n) for n, fields in enumerate(SAID))
    (found,) = await told(one, first)
    await told(one, second)
    async with database.transaction() as tx:
        await one.stage.handle(tx, [anew(talk, found.person_id, second)])
        task = asyncio.create_task(told(other, second, third))
        await somebody_waits(database)
    (own,) = await task
    assert isinstance(own, SubmissionEnriched), "the conversation is over"
    assert own.submission_id == message_of(third)
    assert await one.count("touches") == 3
    assert await one.count("resends") == 0
