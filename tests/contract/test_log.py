"""What both logs promise (libs/common/log/port.py), each promise tried on each."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Sequence

import pytest

from libs.common import topics
from libs.common.log import (
    PARTITION_KEY,
    LogUnavailable,
    Partition,
    Record,
    RecordTooLarge,
    Stored,
    partition_of,
)
from libs.common.log.postgres import reader as polling
from tests.contract.conftest import TOPICS, Logs, holding, read, records


def values(found: Sequence[tuple[object, Stored]]) -> list[int]:
    return [int(record.value) for _held, record in found]


async def test_invariant_07_order_is_kept_for_each_key(logs: Logs) -> None:
    log = logs.open()
    sent = records(300)
    for start in range(0, 300, 30):
        await log.append(sent[start : start + 30], 30)
    found = await read(await log.reader("group", ["first"]), 300)
    by_key = defaultdict(list)
    for _held, record in found:
        by_key[record.key].append(int(record.value))
    assert len(by_key) == 40
    assert all(numbers == sorted(numbers) for numbers in by_key.values())
    assert sorted(values(found)) == list(range(300))


async def test_a_key_has_the_same_lane_everywhere(logs: Logs) -> None:
    log = logs.open()
    await log.append([Record(topic, "one-key", b"x") for topic in TOPICS], 30)
    found = await read(await log.reader("group", TOPICS), 2)
    lane = partition_of("one-key", topics.PARTITIONS)
    assert {record.partition for _held, record in found} == {
        Partition(topic, lane) for topic in TOPICS
    }


async def test_records_of_one_conversation_share_a_lane_under_keys_of_their_own(logs: Logs) -> None:
    log = logs.open()
    along = ((PARTITION_KEY, b"one-conversation"),)
    sent = [Record("first", f"key-{n}", str(n).encode(), along) for n in range(20)]
    await log.append(sent, 5)
    found = await read(await log.reader("group", ["first"]), 20)
    lane = Partition("first", partition_of("one-conversation", topics.PARTITIONS))
    assert {record.partition for _held, record in found} == {lane}
    assert [record.key for _held, record in found] == [f"key-{n}" for n in range(20)]


async def test_offsets_count_up_from_zero_without_gaps(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(200), 30)
    await log.append(records(200), 30)
    lanes = defaultdict(list)
    for _held, record in await read(await log.reader("group", ["first"]), 400):
        lanes[record.partition].append(record.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in lanes.values())


async def test_rule_04_a_new_group_starts_at_the_beginning(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(50), 30)
    reader = await log.reader("late", ["first"])
    assert sorted(values(await read(reader, 50))) == list(range(50))
    assert reader.skipped() == {}


async def test_rule_23_what_is_appended_arrives_at_once(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_POLL", 300.0)  # as if nobody looked by themselves
    log, other = logs.open(), logs.open()
    reader = await log.reader("group", ["first"])
    await holding(reader, 12)
    for writer in (log, other):
        await writer.append(records(1), 30)
        await read(reader, 1)
        waiting = asyncio.create_task(reader.fetch(10, 300))
        await asyncio.sleep(0.1)
        await writer.append(records(1), 30)
        async with asyncio.timeout(60):
            assert await waiting


async def test_a_large_record_arrives_whole(logs: Logs) -> None:
    log = logs.open()
    large = os.urandom(1024 * 1024 + 512 * 1024)
    await log.append([Record("first", "k", large), Record("first", "k", b"after")], 30)
    found = await read(await log.reader("group", ["first"]), 2)
    assert [record.value for _held, record in found] == [large, b"after"]


async def test_more_than_a_batch_holds_keeps_its_order(logs: Logs) -> None:
    log = logs.open()
    many = [Record("first", "k", b"%d" % n + bytes(4096)) for n in range(200)]
    await log.append(many, 20)
    found = await read(await log.reader("group", ["first"]), 200)
    assert [stored.value for _held, stored in found] == [each.value for each in many]


async def test_a_record_at_the_limit_is_taken_and_one_over_it_never(logs: Logs) -> None:
    log = logs.open()
    most = topics.MAX_RECORD_BYTES - len("k")
    await log.append([Record("first", "k", b"x" * most)], 30)
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
    await log.append([sent], 30)
    [(_held, found)] = await read(await log.reader("group", ["first"]), 1)
    assert (found.key, found.value, found.headers) == (sent.key, sent.value, sent.headers)
    assert abs(time.time() - found.appended_at.timestamp()) < 60


async def test_installations_with_other_prefixes_do_not_meet(logs: Logs) -> None:
    log, other = logs.open(), logs.open(f"other.{logs.prefix}")
    await other.create_topics(TOPICS)
    await log.append(records(5), 30)
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
    await log.append(records(1), 30)


async def test_creating_topics_again_changes_nothing(logs: Logs) -> None:
    log = logs.open()
    await log.append(records(5), 30)
    await asyncio.gather(*(logs.open().create_topics([*TOPICS, "third"]) for _ in range(3)))
    await log.append(records(5, "third"), 30)
    assert len(await read(await log.reader("group", ["first", "third"]), 10)) == 10
