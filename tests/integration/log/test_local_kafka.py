"""A local broker says in one sentence why it cannot be had, and ends what it started, only that."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.kafka import jars
from deploy.kafka.jars import KafkaUnavailable
from deploy.kafka.local import LocalKafka, stop_started


def test_without_java_the_reason_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KafkaUnavailable, match="Java 17"):
        jars.java()


def test_without_maven_the_reason_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(KafkaUnavailable, match="no `mvn` on PATH"):
        LocalKafka(tmp_path / "cluster").start()
    assert not jars.cache_folder().exists()


def test_jars_that_are_there_are_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    jars.cache_folder().mkdir(parents=True)
    assert jars.jars() == jars.cache_folder()


def test_a_remembered_number_that_is_another_process_now_is_left_alone(tmp_path: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "0.pid").write_text(str(bystander.pid))
    assert stop_started(tmp_path) == 0
    time.sleep(0.2)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_the_command_leaves_a_broker_running_and_ends_it(
    tmp_path: Path, kafka_bootstrap: str
) -> None:
    del kafka_bootstrap  # skips where no broker can be had
    if "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        pytest.skip("a cluster is named: none is started here")
    command = [sys.executable, "-m", "deploy.kafka"]
    started = subprocess.run(
        [*command, "start", "--folder", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert started.stdout.startswith("export SARNAKH_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:")
    [pid] = [int(path.read_text()) for path in tmp_path.glob("*/*.pid")]
    stopped = subprocess.run(
        [*command, "stop", "--folder", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert stopped.stdout == "stopped: 1\n"
    deadline = time.monotonic() + 30
    while _alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _alive(pid: int) -> bool:
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(shown) and not shown.startswith("Z")
