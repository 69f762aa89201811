"""A real Apache Kafka for tests: the cluster that is named, else one started for this run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka.jars import KafkaUnavailable
from deploy.kafka.local import LocalKafka


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Bootstrap addresses, from KAFKA_BOOTSTRAP_SERVERS or of a broker of this run's own."""
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="sarnakh-kafka-") as folder:
        broker = started(LocalKafka(Path(folder) / "cluster"))
        yield broker.bootstrap
        broker.stop()


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker of this test's own, to be stopped, suspended and killed."""
    broker = started(LocalKafka(tmp_path / "cluster"))
    yield broker
    broker.stop()


def started(broker: LocalKafka) -> LocalKafka:
    """Start it, or skip the test with the reason; with CI=true a missing broker is a failure."""
    try:
        broker.start()
    except KafkaUnavailable as error:
        broker.stop()
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs Apache Kafka: {error}")
        pytest.skip(str(error))
    return broker
