"""A real Apache Kafka for tests: the cluster that is named, else one started for this run."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.jars import KafkaUnavailable
from deploy.kafka.local import LocalKafka, stop_started

SHARED: pytest.StashKey[Path] = pytest.StashKey()
"""Of a run with several workers: where the one broker lies that all of them use."""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker of pytest-xdist where the broker is, or is to be."""
    if SHARED not in node.config.stash:
        node.config.stash[SHARED] = Path(tempfile.mkdtemp(prefix="sarnakh-kafka-"))
    node.workerinput["kafka"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The worker that started the broker is gone by now: whoever began the run ends it.

    At once: in order it would write out thousands of partitions that nobody reads again.
    """
    folder = config.stash.get(SHARED, None)
    if folder is None:
        return
    pids = [int(path.read_text()) for path in folder.glob("*/*.pid")]
    stop_started(folder, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(map(_runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka_bootstrap(request: pytest.FixtureRequest) -> Iterator[str]:
    """Bootstrap addresses, from KAFKA_BOOTSTRAP_SERVERS or of a broker of this run's own."""
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    shared = getattr(request.config, "workerinput", {}).get("kafka")
    if named:
        yield named
    elif shared:
        yield _shared(Path(shared))
    else:
        with tempfile.TemporaryDirectory(prefix="sarnakh-kafka-") as folder, _broker(folder) as own:
            yield own.bootstrap


@pytest.fixture
def new_kafka(tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker of this test's own, that nobody has asked anything yet."""
    with _broker(tmp_path) as broker:
        yield broker


@pytest.fixture(scope="module")
def _own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    with _broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def own_kafka(_own_kafka: LocalKafka) -> Iterator[LocalKafka]:
    """A broker of this module's own, to be suspended and killed; the next test has it awake.

    What is in it stays: each test has topics and groups of its own.
    """
    yield _own_kafka
    _own_kafka.resume()
    _own_kafka.start()


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


@contextmanager
def _broker(folder: str | Path) -> Iterator[LocalKafka]:
    broker = started(LocalKafka(Path(folder) / "cluster"))
    yield broker
    broker.kill()  # in order it would write out what nobody reads again


def _shared(folder: Path) -> str:
    """The first worker that asks starts it; it stays until the run ends."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = folder / "bootstrap"
        if not note.exists():
            note.write_text(started(LocalKafka(folder / "cluster")).bootstrap)
        return note.read_text()


def _runs(pid: int) -> bool:
    """Not gone, and no zombie: that one has no command line any more."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False
