"""What is asked of the cluster beside records: its topics, and how far a group has come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from libs.common import topics
from libs.common.log.kafka.client import (
    AIOKafkaAdminClient,
    AIOKafkaConsumer,
    KafkaError,
    NewTopic,
    OffsetAndMetadata,
    TopicAlreadyExistsError,
    TopicPartition,
    for_code,
)
from libs.common.log.kafka.closing import Closing
from libs.common.log.kafka.producing import FRAMING
from libs.common.log.port import LogUnavailable, Partition, WrongTopics

_CREATE: Final = 30.0
_ASK: Final = 10.0
_AGAIN: Final = 0.1
_AWAY: Final = (KafkaError, OSError, TimeoutError)
_REPLICAS: Final = 3
_DAY: Final = 24 * 3600 * 1000


async def create_topics(servers: dict[str, str], names: Sequence[str], closing: Closing) -> None:
    """Create the absent ones, with as many replicas as there are brokers (at most three)."""
    admin = AIOKafkaAdminClient(**servers)
    try:
        async with asyncio.timeout(_CREATE):
            await admin.start()
            absent = await _absent(admin, names)
            if absent:
                await _create(admin, absent)
            while await _absent(admin, names):  # noqa: ASYNC110  another process is asked, not us
                await asyncio.sleep(0.05)
    except _AWAY as error:
        raise LogUnavailable("Kafka did not create the topics") from error
    finally:
        closing.let_go(admin.close())


async def _absent(admin: AIOKafkaAdminClient, names: Sequence[str]) -> list[str]:
    """Which of the topics are not there. Asks for all: asking by name may create them."""
    found = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
    for name in names:
        if found.get(name, topics.PARTITIONS) != topics.PARTITIONS:
            raise WrongTopics(
                f"topic {name} has {found[name]} partitions, and {topics.PARTITIONS} are needed: "
                "choose another SARNAKH_TOPIC_PREFIX or delete the topic"
            )
    return [name for name in names if name not in found]


async def _create(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    brokers = len((await admin.describe_cluster())["brokers"])
    replicas = min(_REPLICAS, brokers)
    settings = {
        "min.insync.replicas": "2" if replicas == _REPLICAS else "1",
        "unclean.leader.election.enable": "false",
        "cleanup.policy": "delete",
        "retention.ms": str(topics.RETENTION_DAYS * _DAY),
        "max.message.bytes": str(topics.MAX_RECORD_BYTES + FRAMING),
    }
    answer = await admin.create_topics(
        [NewTopic(name, topics.PARTITIONS, replicas, topic_configs=settings) for name in names]
    )
    for _name, code, *_rest in answer.topic_errors:
        if code and code != TopicAlreadyExistsError.errno:
            raise for_code(code)


async def lags(
    servers: dict[str, str], group: str, names: Sequence[str], closing: Closing
) -> Mapping[Partition, int]:
    """Appended and not committed by the group, by partition of the topics."""
    admin, probe = AIOKafkaAdminClient(**servers), AIOKafkaConsumer(**servers)
    lanes = [TopicPartition(name, number) for name in names for number in range(topics.PARTITIONS)]
    try:
        async with asyncio.timeout(_ASK):
            await asyncio.gather(admin.start(), probe.start())
            starts = await probe.beginning_offsets(lanes)
            ends = await probe.end_offsets(lanes)
            done = await _offsets(admin, group)
    except _AWAY as error:
        raise LogUnavailable("Kafka cannot be reached") from error
    finally:
        closing.let_go(admin.close())
        closing.let_go(probe.stop())
    return {
        Partition(lane.topic, lane.partition): max(0, ends[lane] - max(starts[lane], known))
        for lane in lanes
        for known in [done[lane].offset if lane in done else 0]
    }


async def spans(
    servers: dict[str, str], names: Sequence[str], closing: Closing
) -> Mapping[Partition, range]:
    """The offsets that every partition of the topics holds."""
    probe = AIOKafkaConsumer(**servers)
    lanes = [TopicPartition(name, number) for name in names for number in range(topics.PARTITIONS)]
    try:
        async with asyncio.timeout(_ASK):
            await probe.start()
            starts = await probe.beginning_offsets(lanes)
            ends = await probe.end_offsets(lanes)
    except _AWAY as error:
        raise LogUnavailable("Kafka cannot be reached") from error
    finally:
        closing.let_go(probe.stop())
    return {
        Partition(lane.topic, lane.partition): range(starts[lane], ends[lane]) for lane in lanes
    }


async def _offsets(
    admin: AIOKafkaAdminClient, group: str
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """What the group committed. The client does not retry: a new cluster has no coordinator yet."""
    while True:
        try:
            found: Mapping[TopicPartition, OffsetAndMetadata]
            found = await admin.list_consumer_group_offsets(group)
        except KafkaError as error:
            if not error.retriable:
                raise
            await asyncio.sleep(_AGAIN)
        else:
            return found
