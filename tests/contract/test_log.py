"""What both logs promise (libs/common/log/port.py), each promise tried on each."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import Process
from collections import defaultdict
from collections.abc import Sequence

import pytest

from libs.common import topics
from libs.common.log import (
    LogUnavailable,
    Partition,
    Record,
    RecordTooLarge,
    Stored,
    partition_of,
)
from tests.contract.conftest import TOPICS, Logs, commit_all, holding, read, records


async def start_member(logs: Logs) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.contract.member", logs.kind, logs.where, logs.prefix, "group"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def said(member: Process) -> str:
    assert member.stdout is not None
    return (await asyncio.wait_for(member.stdout.readline(), 30)).decode().strip()


async def go_on(member: Process) -> str:
    assert member.stdin is not None
    member.stdin.write(b"go on\n")
    return await said(member)


def values(found: Sequence[tuple[object, Stored]]) -> list[int]:
    return [int(record.value) for _held, record in found]


async def test_order_is_kept_for_each_key(logs: Logs) -> None:
    log = logs.open()
    sent = records(300)
    for start in range(0, 300, 30):
        await log.append(sent[start : start + 30], 5)
    found = await read(await log.reader("group", ["first"]), 300)
    by_key = defaultdict(list)
    for _held, record in found:
        by_key[record.key].append(int(record.value))
    assert len(by_key) == 40
    assert all(numbers == sorted(numbers) for numbers in by_key.values())
    assert sorted(values(found)) == list(range(300))


async def test_a_key_has_the_same_lane_everywhere(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record(topic, "one-key", b"x") for topic in TOPICS], 5)
    found = await read(await log.reader("group", TOPICS), 2)
    lane = partition_of("one-key", topics.PARTITIONS)
    assert {record.partition for _held, record in found} == {
        Partition(topic, lane) for topic in TOPICS
    }


async def test_offsets_count_up_from_zero_without_gaps(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(200), 5)
    await log.append(records(200), 5)
    lanes = defaultdict(list)
    for _held, record in await read(await log.reader("group", ["first"]), 400):
        lanes[record.partition].append(record.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in lanes.values())


async def test_rule_04_a_new_group_starts_at_the_beginning(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(50), 5)
    reader = await log.reader("late", ["first"])
    assert sorted(values(await read(reader, 50))) == list(range(50))
    assert reader.skipped() == {}


async def test_a_group_goes_on_where_it_committed(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(100), 5)
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
    await log.append(records(40), 5)
    one = await log.reader("one", ["first"])
    await commit_all(one, await read(one, 40))
    assert len(await read(await log.reader("two", ["first"]), 40)) == 40
    assert sum((await log.lags("one", ["first"])).values()) == 0
    assert sum((await log.lags("two", ["first"])).values()) == 40


async def test_a_member_killed_without_a_word_is_replaced(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(100), 5)
    member = await start_member(logs)
    committed = {int(word) for word in (await said(member)).split()[1:]}
    assert await go_on(member) == "committed True"
    await said(member)
    member.kill()
    await member.wait()

    began = time.monotonic()
    found = await read(await log.reader("group", ["first"]), 100 - len(committed), 30)
    assert set(values(found)) == set(range(100)) - committed
    assert time.monotonic() - began < 15


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

    await logs.open().append(records(100) + records(100, "second"), 5)
    seen: list[int] = []
    deadline = time.monotonic() + 20
    while len(seen) < 200 and time.monotonic() < deadline:
        for reader in (one, two):
            for batch in await reader.fetch(500, 0.1):
                seen.extend(int(record.value) for record in batch.records)
    assert sorted(seen) == sorted([*range(100), *range(100)])


async def test_a_member_that_leaves_is_replaced_at_once(logs: Logs) -> None:
    one = await logs.open().reader("group", ["first"])
    two = await logs.open().reader("group", ["first"])
    await asyncio.gather(holding(one, 6), holding(two, 6))
    await two.close()
    began = time.monotonic()
    await holding(one, 12)
    assert time.monotonic() - began < 3
    assert two.assigned() == []


async def test_more_members_than_partitions_leaves_some_idle(logs: Logs) -> None:
    readers = [await logs.open().reader("group", ["first"]) for _ in range(3)]
    held = await asyncio.gather(*(holding(reader, 4) for reader in readers))
    assert len(set().union(*({h.partition for h in each} for each in held))) == 12


async def test_a_commit_of_what_went_to_another_moves_nothing(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(60), 5)
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
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 5)
    zombie = await start_member(logs)
    assert (await said(zombie)).startswith("read")  # and now its event loop stands still

    heir = await log.reader("group", ["first"])
    found = await read(heir, 10, 30)
    assert await heir.commit(found[0][0], 5)
    assert await go_on(zombie) == "committed False"
    zombie.kill()
    await zombie.wait()
    assert sum((await log.lags("group", ["first"])).values()) == 5


async def test_offsets_never_go_back(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 5)
    reader = await log.reader("group", ["first"])
    held = (await read(reader, 10))[0][0]
    assert await reader.commit(held, 8)
    assert await reader.commit(held, 3)
    assert sum((await log.lags("group", ["first"])).values()) == 2


async def test_seek_reads_again_and_only_what_is_held(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 5)
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
    await log.append([Record("first", "k", b"%d" % n) for n in range(10)], 5)
    lane = Partition("first", partition_of("k", topics.PARTITIONS))
    found: list[object] = []
    while len(found) < 4:
        for batch in await reader.fetch(4, 1):
            found.extend(batch.records)
    assert (await reader.lag())[lane] == 10 - len(found)


async def test_what_is_appended_arrives_at_once(logs: Logs) -> None:
    log, other = logs.open(), logs.open()
    reader = await log.reader("group", ["first"])
    await holding(reader, 12)
    for writer in (log, other):
        await writer.append(records(1), 5)
        await read(reader, 1)
        waiting = asyncio.create_task(reader.fetch(10, 5))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await writer.append(records(1), 5)
        assert await waiting
        assert time.monotonic() - began < 0.5


async def test_a_large_record_arrives_whole(logs: Logs) -> None:
    log = logs.open()
    large = os.urandom(1024 * 1024 + 512 * 1024)
    await log.append([Record("first", "k", large), Record("first", "k", b"after")], 10)
    found = await read(await log.reader("group", ["first"]), 2)
    assert [record.value for _held, record in found] == [large, b"after"]


async def test_a_record_at_the_limit_is_taken_and_one_over_it_never(logs: Logs) -> None:
    log = logs.open()
    most = topics.MAX_RECORD_BYTES - len("k")
    await log.append([Record("first", "k", b"x" * most)], 10)
    with pytest.raises(RecordTooLarge):
        await log.append(
            [Record("first", "k", b"fits"), Record("first", "k", b"x" * (most + 1))], 5
        )
    reader = await log.reader("group", ["first"])
    assert [len(r.value) for _h, r in await read(reader, 1)] == [most]
    assert await reader.fetch(10, 0.3) in ([], ())


async def test_persian_and_bytes_come_back_as_they_were(logs: Logs) -> None:
    log = logs.open()
    sent = Record(
        "first",
        "کلید‌فارسی ۱۲۳",
        "سلام‌\u200fدنیا \x00 ".encode() + bytes(range(256)),
        (("ce_نوع", "نوع ۱".encode()), ("empty", b""), ("raw", bytes(range(256))), ("raw", b"2")),
    )
    await log.append([sent], 5)
    [(_held, found)] = await read(await log.reader("group", ["first"]), 1)
    assert (found.key, found.value, found.headers) == (sent.key, sent.value, sent.headers)
    assert abs(time.time() - found.appended_at.timestamp()) < 5


async def test_installations_with_other_prefixes_do_not_meet(logs: Logs) -> None:
    log, other = logs.open(), logs.open(f"other.{logs.prefix}")
    await other.create_topics(TOPICS)
    await log.append(records(5), 5)
    reader = await other.reader("group", ["first"])
    await holding(reader, 12)
    assert await reader.fetch(10, 0.5) in ([], ())
    assert sum((await other.lags("group", ["first"])).values()) == 0
    assert len(await holding(await log.reader("group", ["first"]), 12)) == 12


async def test_an_absent_topic_is_not_made_by_mistake(logs: Logs) -> None:
    log = logs.open()
    with pytest.raises(LogUnavailable):
        await log.append([Record("no-such-topic", "k", b"x")], 1)
    with pytest.raises(LogUnavailable):
        await log.reader("group", ["no-such-topic"])
    await log.append(records(1), 5)


async def test_creating_topics_again_changes_nothing(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(5), 5)
    await asyncio.gather(*(logs.open().create_topics([*TOPICS, "third"]) for _ in range(3)))
    await log.append(records(5, "third"), 5)
    assert len(await read(await log.reader("group", ["first", "third"]), 10)) == 10
