"""A look at the cluster and at our topics in it, for whoever sets it up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from libs.common.log.kafka.client import (
    AIOKafkaAdminClient,
    ConfigResource,
    ConfigResourceType,
    KafkaError,
)
from libs.common.log.kafka.closing import Closing
from libs.common.log.port import LogUnavailable

_WITHIN: Final = 10.0


class Topic(NamedTuple):
    """One topic as the cluster has it; `retention_ms` is -1 for ever, None when not told."""

    partitions: int
    replicas: int
    retention_ms: int | None


class Cluster(NamedTuple):
    """How many brokers there are, and those of the topics asked for that exist."""

    brokers: int
    topics: Mapping[str, Topic]


async def look(servers: dict[str, str], names: Sequence[str], closing: Closing) -> Cluster:
    """Ask the cluster; nothing is created. Raises LogUnavailable within seconds."""
    admin = AIOKafkaAdminClient(**servers)
    try:
        async with asyncio.timeout(_WITHIN):
            await admin.start()
            brokers = len((await admin.describe_cluster())["brokers"])
            found = {each["topic"]: each["partitions"] for each in await admin.describe_topics()}
            kept = await _retentions(admin, [name for name in names if name in found])
    except (KafkaError, OSError, TimeoutError) as error:
        raise LogUnavailable("Kafka cannot be reached") from error
    finally:
        closing.let_go(admin.close())
    return Cluster(
        brokers,
        {
            name: Topic(
                len(found[name]),
                min((len(each["replicas"]) for each in found[name]), default=0),
                kept.get(name),
            )
            for name in names
            if name in found
        },
    )


async def _retentions(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    return {
        resource[3]: int(entry[1])
        for answer in await admin.describe_configs(asked)
        for resource in answer.resources
        for entry in resource[4]
        if entry[0] == "retention.ms"
    }
