"""What both logs promise the members of a group: shares, takeovers, commits, positions."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Sequence

from libs.common import topics
from libs.common.log import (
    Held,
    Partition,
    Record,
    Stored,
    partition_of,
)
from libs.common.stage.calm import CalmLog, Pace
from tests.contract.conftest import TOPICS, Logs, commit_all, holding, read, records

LONG = 300.0
"""Seconds after which a member is taken for dead: longer than any test waits for what it sees."""


def values(found: Sequence[tuple[object, Stored]]) -> list[int]:
    return [int(record.value) for _held, record in found]


async def start_member(logs: Logs) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.contract.member", logs.kind, logs.where, logs.prefix, "group"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def said(member: Process) -> str:
    assert member.stdout is not None
    return (await asyncio.wait_for(member.stdout.readline(), 60)).decode().strip()


async def go_on(member: Process) -> str:
    assert member.stdin is not None
    member.stdin.write(b"go on\n")
    return await said(member)


async def test_a_group_goes_on_where_it_committed(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(100), 30)
    first = await log.reader("group", ["first"])
    found = await read(first, 100)
    half = [(held, record) for held, record in found if record.partition.number < 6]
    await commit_all(first, half)
    await first.close()

    again = await read(await logs.open().reader("group", ["first"]), 100 - len(half))
    assert {record.value for _held, record in again} == {
        record.value for _held, record in found if record.partition.number >= 6
    }


async def test_two_groups_do_not_disturb_each_other(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(40), 30)
    one = await log.reader("one", ["first"])
    await commit_all(one, await read(one, 40))
    assert len(await read(await log.reader("two", ["first"]), 40)) == 40
    assert sum((await log.lags("one", ["first"])).values()) == 0
    assert sum((await log.lags("two", ["first"])).values()) == 40


async def test_a_member_killed_without_a_word_is_replaced(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(100), 30)
    member = await start_member(logs)
    committed = {int(word) for word in (await said(member)).split()[1:]}
    assert await go_on(member) == "committed True"
    await said(member)
    member.kill()
    await member.wait()

    found = await read(await log.reader("group", ["first"]), 100 - len(committed))
    assert set(values(found)) == set(range(100)) - committed


async def test_members_share_the_partitions_and_see_all(logs: Logs) -> None:
    one = await logs.open().reader("group", TOPICS)
    two = await logs.open().reader("group", TOPICS)
    both = await asyncio.gather(holding(one, 12), holding(two, 12))
    lanes = [{held.partition for held in each} for each in both]
    assert lanes[0].isdisjoint(lanes[1])
    # a person's lanes stay together: the same numbers of every topic
    for each in lanes:
        numbers = {topic: {p.number for p in each if p.topic == topic} for topic in TOPICS}
        assert numbers["first"] == numbers["second"]

    await logs.open().append(records(100) + records(100, "second"), 30)
    seen: list[int] = []
    deadline = time.monotonic() + 30
    while len(seen) < 200 and time.monotonic() < deadline:
        for reader in (one, two):
            for batch in await reader.fetch(500, 0.1):
                seen.extend(int(record.value) for record in batch.records)
    assert sorted(seen) == sorted([*range(100), *range(100)])


async def test_a_member_that_leaves_is_replaced_at_once(logs: Logs) -> None:
    one = await logs.open(dead_after=LONG).reader("group", ["first"])
    two = await logs.open(dead_after=LONG).reader("group", ["first"])
    await asyncio.gather(holding(one, 6), holding(two, 6))
    await two.close()
    await holding(one, 12)
    assert two.assigned() == []


async def test_three_members_have_four_partitions_each(logs: Logs) -> None:
    readers = [await logs.open().reader("group", ["first"]) for _ in range(3)]
    held = await asyncio.gather(*(holding(reader, 4) for reader in readers))
    assert len(set().union(*({h.partition for h in each} for each in held))) == 12


async def test_invariant_09_a_commit_of_what_went_to_another_moves_nothing(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(60), 30)
    one = await log.reader("group", ["first"])
    fetched = await read(one, 60)
    two = await logs.open().reader("group", ["first"])
    _left, taken = await asyncio.gather(holding(one, 6), holding(two, 6))
    lanes = {held.partition for held in taken}
    lost = [(held, record) for held, record in fetched if held.partition in lanes]

    assert lost
    for held, record in lost:
        assert not one.is_held(held)
        assert not await one.commit(held, record.offset + 1)
    assert sum((await log.lags("group", ["first"])).values()) == 60


async def test_rule_22_a_member_that_was_frozen_cannot_commit(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 30)
    zombie = await start_member(logs)
    assert (await said(zombie)).startswith("read")  # and now its event loop stands still

    heir = await log.reader("group", ["first"])
    found = await read(heir, 10)
    assert await heir.commit(found[0][0], 5)
    assert await go_on(zombie) == "committed False"
    zombie.kill()
    await zombie.wait()
    assert sum((await log.lags("group", ["first"])).values()) == 5


async def test_invariant_09_offsets_never_go_back(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 30)
    reader = await log.reader("group", ["first"])
    held = (await read(reader, 10))[0][0]
    assert await reader.commit(held, 8)
    assert await reader.commit(held, 3)
    assert sum((await log.lags("group", ["first"])).values()) == 2


async def test_seek_reads_again_and_only_what_is_held(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 30)
    reader = await log.reader("group", ["first"])
    held = (await read(reader, 10))[0][0]
    await reader.seek(held, 4)
    assert values(await read(reader, 6)) == [4, 5, 6, 7, 8, 9]
    await reader.seek(held._replace(epoch=held.epoch - 1), 0)
    assert await reader.fetch(10, 0.3) in ([], ())


async def test_lag_counts_what_was_not_fetched(logs: Logs) -> None:
    log = logs.open()
    reader = await log.reader("group", ["first"])
    await holding(reader, 12)
    assert sum((await reader.lag()).values()) == 0
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 30)
    lane = Partition("first", partition_of("k", topics.PARTITIONS))
    found: list[object] = []
    while len(found) < 4:
        for batch in await reader.fetch(4, 1):
            found.extend(batch.records)
    assert (await reader.lag())[lane] == 10 - len(found)


async def test_who_reads_calmly_does_not_rest_while_there_is_more(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record("first", "k", bytes(20_000)) for _ in range(100)], 30)
    reader = await CalmLog(log, Pace(300.0)).reader("group", ["first"])
    async with asyncio.timeout(60):
        seen = 0
        while seen < 100:
            # a fetch of a lane gives less than all of it
            seen += sum(len(batch.records) for batch in await reader.fetch(1_000, 120.0))
    assert seen == 100


async def test_a_reader_knows_when_it_has_all(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(60), 30)
    reader = await log.reader("group", ["first"])
    async with asyncio.timeout(60):
        while not (first := await reader.fetch(1, 1.0)):
            pass
    assert len(first) == 1
    assert reader.has_more()
    await read(reader, 59)
    async with asyncio.timeout(30):
        while reader.has_more():
            await reader.fetch(100, 0.1)
    await reader.close()


async def test_spans_are_what_the_partitions_hold(logs: Logs) -> None:
    log = logs.open()
    await log.create_topics(["first", "second"])
    before = await log.spans(["first", "second"])
    assert len(before) == 2 * topics.PARTITIONS
    assert not any(len(span) for span in before.values())
    await log.append([Record("first", f"k{n}", b"v") for n in range(30)], 30)
    after = await log.spans(["first"])
    assert sum(len(span) for span in after.values()) == 30
    lane = Partition("first", partition_of("k1", topics.PARTITIONS))
    assert after[lane].stop > 0


async def test_rule_22_of_several_offsets_those_of_lost_partitions_are_left(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(60), 30)
    one = await log.reader("group", ["first"])
    found = await read(one, 60)
    ends = {held: record.offset + 1 for held, record in found}
    stale = {Held(held.partition, held.epoch + 1): end for held, end in list(ends.items())[:2]}
    kept = dict(list(ends.items())[2:])
    await one.commit_all(stale | kept)
    left = sum(end for held, end in ends.items() if held not in kept)
    assert sum((await log.lags("group", ["first"])).values()) == left
    await one.commit_all(dict.fromkeys(kept, 1))
    await one.commit_all(ends)
    assert sum((await log.lags("group", ["first"])).values()) == 0
