"""The service as it is started: from a record in the log to a record in the log."""

from __future__ import annotations

import asyncio
import time
import uuid

import msgspec

from libs.common import topics
from libs.common.events import LeadScored, attributes, decode, encode
from services.scoring.__main__ import run
from tests.doubles.memory_log import MemoryLog
from tests.doubles.runtime import runtime_of
from tests.integration.scoring.shell import Scoring

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_record_in_is_a_record_out(scoring: Scoring) -> None:
    log = MemoryLog()
    runtime = runtime_of(scoring.database, scoring.file, log)
    person = str(uuid.uuid4())
    caused = msgspec.structs.replace(
        scoring.submission(person, "قیمت؟", round=3), traceparent=TRACE
    )
    service = asyncio.create_task(run(runtime))
    await log.append([encode(caused)], 1)
    deadline = time.monotonic() + 30
    while not log.records(topics.SCORED):
        assert time.monotonic() < deadline, "nothing was scored in time"
        await asyncio.sleep(0.01)
    runtime.stop.set()
    await service
    [record] = log.records(topics.SCORED)
    scored = decode(record).data
    assert isinstance(scored, LeadScored)
    assert scored.enriched == caused.data
    found = attributes(record)
    assert (record.key, found["round"], found["traceparent"][:35]) == (person, "3", TRACE[:35])
    assert found["subject"] == scored.submission_id
