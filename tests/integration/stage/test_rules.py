"""The loop by the delivery rules 5 to 11: each test carries the number of its rule."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec
import pytest

from libs.common import topics
from libs.common.database.statements import text
from libs.common.errors import Reject, Retry
from libs.common.events import Event, encode
from libs.common.log import Partition, Record, partition_of
from libs.common.stage import loop as loop_module
from libs.common.stage.contract import Receipt
from libs.common.stage.slice import Slices, Work, read
from libs.common.stage.watchdog import StageStuck, Watchdog
from tests.doubles.memory_log import MemoryReader
from tests.integration.stage.conftest import SCHEMA, Running, Tally, an_event


async def work_of(running: Running) -> tuple[list[Work], dict[Partition, int]]:
    records = running.log.records(topics.ACTIVITY)
    ends = {record.partition: record.offset + 1 for record in records}
    return await read(records), ends


async def test_a_slice_is_one_batch_and_one_answer_each(running: Running) -> None:
    stage = Tally()
    await running.send(*(an_event("seen", f"p{n}") for n in range(40)))
    running.start(stage)
    await running.until(lambda: len(running.answers()) == 40)
    assert stage.batches == [40]
    assert await running.applied() == 40


async def test_rule_05_two_owners_of_a_partition_apply_an_event_once(running: Running) -> None:
    await running.send(*(an_event("seen", f"p{n}") for n in range(30)))
    work, ends = await work_of(running)
    slow, quick = Tally(delay=0.2), Tally()
    await asyncio.gather(
        Slices(slow, running.database).apply(work, ends),
        Slices(quick, running.database).apply(work, ends),
    )
    assert await running.applied() == 30
    assert await running.twice() == 0
    assert sorted(slow.batches + quick.batches) == [30]


async def test_rule_05_owners_who_share_one_partition_of_several_apply_its_events_once(
    running: Running,
) -> None:
    await running.send(*(an_event("seen", f"p{n}") for n in range(30)))
    work, ends = await work_of(running)
    shared = max(ends, key=lambda partition: (partition.topic, partition.number))
    assert len(ends) > 1
    of_it = [item for item in work if item.stored.partition == shared]
    await asyncio.gather(
        Slices(Tally(delay=0.2), running.database).apply(work, ends),
        Slices(Tally(delay=0.2), running.database).apply(of_it, {shared: ends[shared]}),
    )
    assert await running.applied() == 30
    assert await running.twice() == 0


async def test_rule_05_overlapping_slices_do_not_deadlock(running: Running) -> None:
    await running.send(*(an_event("seen", f"p{n}") for n in range(60)))
    work, ends = await work_of(running)
    backwards = dict(reversed(ends.items()))
    slices = [Slices(Tally(), running.database) for _ in range(6)]
    await asyncio.gather(
        *(s.apply(work, ends if n % 2 else backwards) for n, s in enumerate(slices))
    )
    assert await running.twice() == 0


async def test_rule_06_a_restored_database_reads_again_from_its_own_position(
    running: Running,
) -> None:
    events = [an_event("seen", "one-person") for _ in range(10)]
    await running.send(*events)
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 10)
    await running.stop()
    lane = Partition(topics.ACTIVITY, partition_of("one-person", running.log.partitions))
    assert running.log.committed[SCHEMA, lane] == 10
    async with running.database.transaction() as tx:  # the backup was made after four events
        await tx.execute(text(f"UPDATE {SCHEMA}.positions SET next = 4"))
        await tx.execute(text(f"DELETE FROM {SCHEMA}.journal"))
        await tx.execute(text("DELETE FROM public.tally"))
    await running.send(an_event("seen", "one-person"))
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 10 + 7)
    assert await running.applied() == 7


async def test_rule_06_whoever_joins_again_begins_each_partition_anew(running: Running) -> None:
    """Kafka's client counts its epochs from one again, and what was held looks as what is."""
    await running.send(*(an_event("seen", "one-person") for _ in range(10)))
    running.start(Tally())
    await running.until(lambda: sum(running.log.committed.values()) == 10)
    running.log.away = True
    trouble = running.runtime.checks[SCHEMA]
    await running.until(lambda: "holding" in (trouble() or ""))
    async with running.database.transaction() as tx:  # restored, and the stage lives on
        await tx.execute(text(f"UPDATE {SCHEMA}.positions SET next = 4"))
        await tx.execute(text(f"DELETE FROM {SCHEMA}.journal"))
        await tx.execute(text("DELETE FROM public.tally"))
    running.log.epoch = 0
    running.log.away = False
    await running.until(lambda: len(running.answers()) == 10 + 6)
    assert await running.applied() == 6


async def test_rule_07_answers_lost_on_the_way_are_published_again(running: Running) -> None:
    running.log.lose_answer = False
    await running.send(*(an_event("seen", f"p{n}") for n in range(5)))
    running.log.away = False
    running.start(Tally())
    running.log.lose_answer = True  # appended, but the acknowledgement never comes
    await running.until(lambda: len(running.answers()) >= 10)
    assert not any(running.log.committed.values())
    noted = f"SELECT count(*) FROM {SCHEMA}.journal WHERE published_at IS NOT NULL"
    assert await running.scalar(noted) == 0
    running.log.lose_answer = False
    await running.until(lambda: sum(running.log.committed.values()) == 5)
    assert len(set(running.answers())) == 5
    assert await running.twice() == 0


async def test_rule_07_a_crash_before_the_commit_of_offsets_doubles_nothing(
    running: Running,
) -> None:
    await running.send(*(an_event("seen", f"p{n}") for n in range(20)))
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 20)
    await running.crash()
    running.log.committed.clear()
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 40)
    assert len(set(running.answers())) == 20
    assert await running.twice() == 0


async def test_rule_07_what_comes_of_a_later_round_is_unpublished_until_it_is_acknowledged(
    running: Running,
) -> None:
    stage = Tally(fails={"poison": Reject("no_good")})
    slices, poison = Slices(stage, running.database), an_event("poison", "p")
    await running.send(poison)
    (dead,) = await slices.apply(*await work_of(running))
    async with running.database.transaction() as tx:
        await slices.journal.published(tx, dead.rows)
        assert await slices.journal.unpublished(tx, 0) == []
    stage.fails.clear()
    await running.send(msgspec.structs.replace(poison, round=1))
    (done,) = await slices.apply(*await work_of(running))
    async with running.database.transaction() as tx:
        (left,) = await slices.journal.unpublished(tx, 0)
    assert list(left.answers) == done.records


async def test_rule_07_a_partition_that_was_lost_is_not_committed(running: Running) -> None:
    await running.send(an_event("seen", "p"))
    reader = await running.log.reader(SCHEMA, (topics.ACTIVITY,))
    batch = (await reader.fetch(10, 0.1))[0]
    reader.revoked.add(batch.held.partition)
    loop = loop_module._Loop(Tally(), running.runtime)  # noqa: SLF001 - one step of it alone
    await loop._work(reader, [batch])  # noqa: SLF001
    await loop._commit(reader)  # noqa: SLF001
    assert running.answers()
    assert not running.log.committed


async def test_rule_08_only_a_later_round_opens_a_dead_event_again(running: Running) -> None:
    poison = an_event("poison", "p")
    stage = Tally(fails={"poison": Reject("no_good")})
    await running.send(poison)
    running.start(stage)
    dead = topics.dead(SCHEMA)
    await running.until(lambda: len(running.log.records(dead)) == 1)
    letter = running.log.records(dead)[0]
    assert letter.value == running.log.records(topics.ACTIVITY)[0].value
    assert dict(letter.headers)["dead_reason"] == b"no_good"

    stage.fails.clear()
    await running.send(poison)  # the same round: the letter is written again, nothing is done
    await running.until(lambda: len(running.log.records(dead)) == 2)
    assert await running.applied() == 0
    again = Event(poison.id, poison.key, poison.time, poison.data, round=1)
    for _ in range(3):
        await running.send(again)
    await running.until(lambda: len(running.answers()) >= 1)
    await running.until(lambda: sum(running.log.committed.values()) == 5)
    assert await running.applied() == 1
    assert await running.twice() == 0
    assert dict(running.log.records(topics.NOTIFIED)[0].headers)["ce_round"] == b"1"
    await running.send(Event(poison.id, poison.key, poison.time, poison.data, round=2))
    await running.until(lambda: sum(running.log.committed.values()) == 6)
    assert await running.twice() == 0  # it is done: no round does that again


async def test_rule_09_a_dependency_that_is_away_holds_and_never_kills(running: Running) -> None:
    stage = Tally(fails={"seen": Retry("postgres", after=0.02)}, fails_for=8)
    await running.send(*(an_event("seen", f"p{n}") for n in range(5)))
    running.start(stage)
    await running.until(lambda: len(running.answers()) == 5)
    assert running.log.records(topics.dead(SCHEMA)) == []
    assert await running.twice() == 0


async def test_rule_09_a_killed_connection_is_a_retry(running: Running) -> None:
    async def terminate() -> None:
        async with running.database.transaction() as tx:
            mine = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> :mine"
                ),
                {"mine": mine},
            )

    async def cut_off() -> None:
        async with running.database.transaction() as tx:
            await tx.execute(text("SELECT 1"))
            await terminate()
            await tx.execute(text("SELECT 1"))

    with pytest.raises(Retry):
        await cut_off()


async def test_rule_10_lag_without_progress_ends_the_stage_but_a_hold_does_not(
    running: Running,
) -> None:
    await running.send(an_event("seen", "p"))
    reader = await running.log.reader(SCHEMA, (topics.ACTIVITY,))
    watchdog = Watchdog(SCHEMA, stuck_after=2.0)
    await asyncio.sleep(2.1)
    watchdog.holding()
    await watchdog.look(reader, progressed=False)
    await asyncio.sleep(2.1)
    with pytest.raises(StageStuck):
        await watchdog.look(reader, progressed=False)


async def test_rule_10_a_loop_whose_client_gives_nothing_of_what_waits_ends(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryReader, "_ready", lambda _reader, _most: [])
    monkeypatch.setattr(loop_module, "FETCH_SECONDS", 0.05)
    monkeypatch.setattr(loop_module, "Watchdog", partial(Watchdog, stuck_after=0.5))
    await running.send(an_event("seen", "p"))
    with pytest.raises(StageStuck):
        await asyncio.wait_for(running.start(Tally()), 60)


async def test_rule_26_repeats_and_unreadable_records_leave_receipts_too(running: Running) -> None:
    class Keeper(Tally):
        async def receive(self, _tx: object, receipts: Sequence[Receipt]) -> None:
            kept.extend(receipts)

    kept: list[Receipt] = []
    spool, event = "0b7e9d54-0000-4000-8000-00000000000a", an_event("seen", "p")
    record = encode(event)
    for n in (1, 2):
        marks = (("ce_spool", spool.encode()), ("ce_sequence", str(n).encode()))
        await running.log.append(
            [msgspec.structs.replace(record, headers=record.headers + marks)], 1
        )
    marks = (("ce_spool", spool.encode()), ("ce_sequence", b"3"))
    await running.log.append([Record(topics.ACTIVITY, "p", b"torn", marks)], 1)
    await running.send(an_event("seen", "p"))
    running.start(Keeper())
    await running.until(lambda: len(running.answers()) == 2)
    assert [receipt.sequence for receipt in kept] == [1, 2, 3]
