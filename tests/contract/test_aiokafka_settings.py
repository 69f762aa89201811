"""aiokafka's traps that are closed by settings: each is held on the clients as they are made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from libs.common import topics
from libs.common.log.kafka import KafkaLog, producing, reader
from libs.common.log.kafka.client import (
    AIOKafkaAdminClient,
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConfigResource,
    ConfigResourceType,
)
from libs.common.stage import loop
from tests.contract.conftest import Logs, records
from tests.contract.test_aiokafka_traps import logs

__all__ = ["logs"]


class Given:
    """What the clients were made with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.producer: Mapping[str, Any] = {}
        self.consumer: Mapping[str, Any] = {}

        def make_producer(**settings: Any) -> Any:
            self.producer = settings
            return AIOKafkaProducer(**settings)

        def make_consumer(**settings: Any) -> Any:
            self.consumer = settings
            return AIOKafkaConsumer(**settings)

        monkeypatch.setattr(producing, "AIOKafkaProducer", make_producer)
        monkeypatch.setattr(reader, "AIOKafkaConsumer", make_consumer)


async def test_trap_04_a_record_counts_when_all_replicas_in_sync_have_it(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Given(monkeypatch)
    await logs.open().append(records(1), 30)
    assert given.producer["acks"] == "all"
    assert given.producer["enable_idempotence"] is True
    admin = AIOKafkaAdminClient(bootstrap_servers=logs.where)
    await admin.start()
    asked = [ConfigResource(ConfigResourceType.TOPIC, f"{logs.prefix}first")]
    [answer] = await admin.describe_configs(asked)
    topic = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    brokers = len((await admin.describe_cluster())["brokers"])
    await admin.close()
    assert topic["unclean.leader.election.enable"] == "false"
    assert topic["min.insync.replicas"] == ("2" if brokers >= 3 else "1")


async def test_rule_04_records_are_kept_longer_than_any_outage_that_is_allowed_for(
    logs: Logs,
) -> None:
    log = logs.open()
    assert isinstance(log, KafkaLog)
    found = (await log.look(["first"])).topics["first"]
    assert found.retention_ms == topics.RETENTION_DAYS * 24 * 3600 * 1000
    assert topics.RETENTION_DAYS >= 7


async def test_traps_06_07_14_15_18_20_22_are_closed_by_settings(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Given(monkeypatch)
    log = KafkaLog(logs.where, logs.prefix)
    await log.append(records(1), 30)
    member = await log.reader("group", ["first"])
    consumer = given.consumer
    # no transactions: a dead sender task (6), and offsets that no generation fences (7)
    assert "transactional_id" not in given.producer
    # a join that takes as long as it may must not run into the request's own end (14)
    assert consumer["request_timeout_ms"] >= consumer["rebalance_timeout_ms"] + 10_000
    # a listener that waits keeps its place (15), and a dead member is noticed soon
    assert 3 * consumer["heartbeat_interval_ms"] < consumer["session_timeout_ms"] + 1
    assert consumer["session_timeout_ms"] <= 30_000
    # who holds for a dependency polls long before it would leave the group by itself (18)
    most = loop.LONGEST_HOLD + loop.PUBLISH_SECONDS + 60
    assert member._consumer._coordinator._max_poll_interval > most  # noqa: SLF001  its default counts
    # two processes under one static name are not fenced (20)
    assert "group_instance_id" not in consumer
    # an offset is committed when its answers are out, not when it was read (22)
    assert consumer["enable_auto_commit"] is False
    assert consumer["auto_offset_reset"] == "earliest"
    await member.close()
    await log.close()


def test_trap_23_records_are_fetched_in_batches_and_nothing_wraps_the_client() -> None:
    root = Path(__file__).parents[2]
    text = (root / "libs/common/log/kafka/reader.py").read_text(encoding="utf-8")
    assert "getmany(" in text
    assert "async for" not in text
    assert "opentelemetry-instrumentation" not in (root / "requirements.lock").read_text(
        encoding="utf-8"
    )
