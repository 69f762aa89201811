"""The loop when something goes wrong: bugs, poison, a log that is away, a stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest
from structlog.testing import capture_logs

from libs.common import topics
from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.errors import Reject, TooSlow
from libs.common.events import Activity, Event
from libs.common.log import LogUnavailable, Record
from libs.common.stage import loop as loop_module
from libs.common.stage.contract import Answer
from tests.integration.stage.conftest import SCHEMA, Running, Tally, an_event


async def test_invariant_10_a_bug_is_tried_again_then_dead_lettered_alone(running: Running) -> None:
    stage = Tally(fails={"bad": ValueError("what a visitor typed")})
    events = [an_event("bad" if n == 7 else "seen", f"p{n}") for n in range(20)]
    await running.send(*events)
    running.start(stage)
    dead = topics.dead(SCHEMA)
    await running.until(lambda: len(running.log.records(dead)) == 1)
    await running.until(lambda: len(set(running.answers())) == 19)
    headers = dict(running.log.records(dead)[0].headers)
    assert headers["dead_reason"] == b"bug: ValueError"
    assert b"typed" not in b"".join(headers.values())
    assert await running.applied() == 19
    assert await running.twice() == 0
    assert await running.scalar(f"SELECT count(*) FROM {SCHEMA}.attempts") == 0


async def test_invariant_10_what_meets_the_time_limit_again_and_again_dies_alone(
    running: Running,
) -> None:
    stage = Tally(fails={"slow": TooSlow("postgres", after=0.01)})
    await running.send(*(an_event("slow" if n == 7 else "seen", f"p{n}") for n in range(20)))
    running.start(stage)
    dead = topics.dead(SCHEMA)
    await running.until(lambda: len(running.log.records(dead)) == 1)
    await running.until(lambda: len(set(running.answers())) == 19)
    assert dict(running.log.records(dead)[0].headers)["dead_reason"] == b"too_slow"
    assert await running.applied() == 19
    assert await running.twice() == 0


async def test_a_database_that_is_slow_for_a_while_kills_nothing(running: Running) -> None:
    stage = Tally(fails={"seen": TooSlow("postgres", after=0.01)}, fails_for=3)
    await running.send(*(an_event("seen", f"p{n}") for n in range(5)))
    running.start(stage)
    await running.until(lambda: len(running.answers()) == 5)
    assert running.log.records(topics.dead(SCHEMA)) == []


async def test_a_statement_that_meets_its_limit_is_said_to_be_slow(running: Running) -> None:
    async def dawdle() -> None:
        async with running.database.transaction() as tx:
            await tx.execute(text("SET LOCAL statement_timeout = 50"))
            await tx.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(TooSlow):
        await dawdle()


async def test_invariant_10_bytes_that_are_no_event_are_kept_as_a_dead_letter(
    running: Running,
) -> None:
    await running.log.append([Record(topics.ACTIVITY, "k", b"\xff\x00not json", ())], 1)
    await running.send(an_event("seen", "p"))
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 1)
    await running.until(lambda: len(running.log.records(topics.dead(SCHEMA))) == 1)
    assert running.log.records(topics.dead(SCHEMA))[0].value == b"\xff\x00not json"


async def test_too_many_dead_letters_in_a_row_stop_the_stage(running: Running) -> None:
    stage = Tally(fails={"poison": Reject("no_good")})
    await running.send(*(an_event("poison", f"p{n}") for n in range(loop_module.DEAD_IN_A_ROW)))
    running.start(stage)
    await running.until(lambda: "stopped" in str(running.runtime.checks.get(SCHEMA, str)()))
    await running.send(an_event("seen", "p"))
    with pytest.raises(AssertionError):
        await running.until(lambda: bool(running.answers()), seconds=1)
    await running.stop()


async def test_letters_that_die_again_stop_no_stage(running: Running) -> None:
    """An operator sends many again, or a topic is read from its beginning: no news."""
    stage = Tally(fails={"poison": Reject("no_good")})
    many = [an_event("poison", f"p{n}") for n in range(loop_module.DEAD_IN_A_ROW - 1)]
    again = [msgspec.structs.replace(event, round=1) for event in many]
    await running.send(*many)
    running.start(stage)
    dead = topics.dead(SCHEMA)
    await running.until(lambda: len(running.log.records(dead)) == len(many))
    await running.send(*again, *many)
    await running.until(lambda: len(running.log.records(dead)) >= 2 * len(many))
    await running.send(an_event("seen", "p"))
    await running.until(lambda: len(running.answers()) == 1)


async def test_the_trace_is_carried_from_cause_to_answer(running: Running) -> None:
    await running.send(an_event("seen", "p"))
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 1)
    trace = dict(running.log.records(topics.NOTIFIED)[0].headers)["traceparent"].decode()
    assert trace.startswith("00-0af7651916cd43dd8448eb211c80319c-")


async def test_a_stop_is_quick_while_the_log_is_away(running: Running) -> None:
    running.start(Tally())
    await asyncio.sleep(0)
    running.log.away = True
    began = time.monotonic()
    await running.stop()
    assert time.monotonic() - began < 30


async def test_an_append_that_fails_keeps_the_slice(running: Running) -> None:
    await running.send(an_event("seen", "p"))
    log = running.log
    normal, failed = log.append, 0

    async def failing(records: list[Record], deadline: float) -> None:
        nonlocal failed
        failed += 1
        if failed < 4:
            raise LogUnavailable("away")
        await normal(records, deadline)

    log.append = failing  # type: ignore[method-assign,assignment]  # a fault of this test only
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 1)
    assert await running.applied() == 1


async def test_dead_letters_of_bugs_stop_the_stage_too(running: Running) -> None:
    stage = Tally(fails={"bad": ValueError("of ours")})
    await running.send(*(an_event("bad", "one") for _ in range(loop_module.DEAD_IN_A_ROW)))
    running.start(stage)
    await running.until(
        lambda: "stopped" in str(running.runtime.checks.get(SCHEMA, str)()), seconds=60
    )


async def test_a_letter_that_the_stage_itself_cannot_read_does_not_go_round(
    running: Running,
) -> None:
    dead = topics.dead(SCHEMA)
    stage = Tally(topics=(topics.ACTIVITY, dead))
    await running.log.append([Record(dead, "k", b"not even a letter", ())], 1)
    await running.send(an_event("seen", "p"))
    running.start(stage)
    await running.until(lambda: len(running.answers()) == 1)
    await running.until(lambda: sum(running.log.committed.values()) == 2)
    assert len(running.log.records(dead)) == 1


async def test_an_answer_too_large_for_the_log_is_a_dead_letter_and_holds_nobody(
    running: Running,
) -> None:
    class Generous(Tally):
        async def handle(self, tx: Transaction, batch: Sequence[Event]) -> list[Answer]:
            answers = await super().handle(tx, batch)
            huge = Activity("h", "x" * topics.MAX_RECORD_BYTES, datetime.now(UTC))
            return [
                Answer((msgspec.structs.replace(event, data=huge),))
                if isinstance(event.data, Activity) and event.data.type == "huge"
                else answer
                for event, answer in zip(batch, answers, strict=True)
            ]

    kinds = ["seen", "huge", "seen"]
    await running.send(*(an_event(kind, f"p{n}") for n, kind in enumerate(kinds)))
    running.start(Generous())
    await running.until(lambda: len(set(running.answers())) == 2)
    await running.until(lambda: len(running.log.records(topics.dead(SCHEMA))) == 1)
    assert await running.applied() == 2


async def test_before_the_first_migration_nothing_is_called_a_failure(running: Running) -> None:
    async with running.database.transaction() as tx:
        await tx.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
    with capture_logs() as said:
        for _ in range(5):  # as whoever runs the stage does until the tables are there
            with pytest.raises(asyncpg.SyntaxOrAccessError):
                await running.start(Tally())
    assert [line["event"] for line in said if line["log_level"] in ("error", "warning")] == []
