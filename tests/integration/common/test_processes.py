"""The command line from outside: how it starts, what it says, and that it always ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from libs.common.database import server
from libs.common.settings import Settings
from libs.common.token import api_token
from tests.e2e.system import eventually
from tests.plain_http import TRUSTS_NOBODY
from tests.ports import free_port

ROOT = Path(__file__).parents[3]


class Installation:
    """A data folder, ports and settings of one test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.capture, self.desk = free_port(), free_port()
        self.running: list[subprocess.Popen[str]] = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "SARNAKH_DATA_DIR": str(folder / "data"),
            "SARNAKH_CONFIG": str(ROOT / "sarnakh.example.yaml"),
            "SARNAKH_CAPTURE_PORT": str(self.capture),
            "SARNAKH_DESK_PORT": str(self.desk),
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "services", *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        process = self.start(*arguments, **environment)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    @property
    def postmaster(self) -> int | None:
        with suppress(FileNotFoundError):
            pid_file = self.folder / "data" / "postgres" / "data" / "postmaster.pid"
            return int(pid_file.read_text(encoding="utf-8").split("\n")[0])
        return None

    def ready(self, port: int, page: str = "/readyz") -> None:
        def is_ready() -> bool:
            with suppress(httpx.TransportError):
                return client.get(f"http://127.0.0.1:{port}{page}").status_code == 200
            return False

        with httpx.Client(verify=TRUSTS_NOBODY) as client:
            eventually(is_ready, 240, "ready")

    def remove(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.kill()
                process.communicate()
        if self.postmaster:
            with suppress(ProcessLookupError):
                os.kill(self.postmaster, signal.SIGCONT)
                os.kill(self.postmaster, signal.SIGQUIT)


@pytest.fixture
def installation(open_folder: Path) -> Iterator[Installation]:
    made = Installation(open_folder)
    yield made
    made.remove()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_status_0_and_its_database_with_it(
    installation: Installation, sign: signal.Signals
) -> None:
    process = installation.start("up")
    installation.ready(installation.capture)
    installation.ready(installation.desk)
    assert installation.postmaster
    process.send_signal(sign)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert installation.postmaster is None
    assert "Traceback" not in said


@pytest.mark.waits
def test_invariant_16_it_ends_in_time_though_the_database_hangs(installation: Installation) -> None:
    process = installation.start("up")
    installation.ready(installation.desk)
    assert installation.postmaster
    os.kill(installation.postmaster, signal.SIGSTOP)
    for child in _children(installation.postmaster):
        os.kill(child, signal.SIGSTOP)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert time.monotonic() - began < 25
    assert not server.running(installation.folder / "data" / "postgres" / "data")
    second = installation.start("up")  # and nothing of the old one is in its way
    installation.ready(installation.desk)
    second.send_signal(signal.SIGTERM)
    said, _ = second.communicate(timeout=120)
    assert second.returncode == 0, said


def test_invariant_16_it_ends_in_time_though_nothing_was_ever_there(
    installation: Installation,
) -> None:
    away = {
        "SARNAKH_DATABASE_URL": f"postgresql://sarnakh:x@127.0.0.1:{free_port()}/none",
        "SARNAKH_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
    }
    process = installation.start("up", **away)
    installation.ready(installation.capture, "/livez")
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "The database is away; waiting for it" in said


def test_invariant_16_who_is_told_to_end_while_it_loads_ends_well(
    installation: Installation,
) -> None:
    process = installation.start("serve", "desk")
    deadline = time.monotonic() + 30
    while not _listens_to(process.pid, signal.SIGTERM):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said


def _listens_to(pid: int, sign: signal.Signals) -> bool:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (sign - 1) & 1)


def test_who_breaks_it_off_while_it_loads_reads_no_traceback(installation: Installation) -> None:
    process = installation.start("serve", "desk")
    deadline = time.monotonic() + 30
    while not _listens_to(process.pid, signal.SIGTERM):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode in (0, 130), said


def test_what_a_group_is_told_and_make_passes_on_is_one_request(installation: Installation) -> None:
    process = installation.start("up")
    installation.ready(installation.capture)
    installation.ready(installation.desk)
    process.send_signal(signal.SIGSTOP)  # both are there when it looks, however slow the machine
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert installation.postmaster is None


def test_who_insists_ends_it_and_its_database(installation: Installation) -> None:
    process = installation.start("up")
    installation.ready(installation.desk)
    postmaster = installation.postmaster
    assert postmaster
    os.kill(postmaster, signal.SIGSTOP)  # nothing ends by itself soon
    deadline = time.monotonic() + 120
    while process.poll() is None:
        assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert process.returncode == 130
    assert not server.running(installation.folder / "data" / "postgres" / "data")


def test_services_of_one_data_folder_share_one_database(installation: Installation) -> None:
    first = installation.start("serve", "scoring", SARNAKH_ADMIN_PORT=str(free_port()))
    second = installation.start("serve", "desk")
    installation.ready(installation.desk)
    shared = installation.postmaster
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=120)
    assert installation.postmaster == shared
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=120)
    assert (first.returncode, second.returncode) == (0, 0)
    assert installation.postmaster is None


def test_a_service_without_a_page_has_a_health_page(installation: Installation) -> None:
    port = free_port()
    process = installation.start("serve", "scoring", SARNAKH_ADMIN_PORT=str(port))
    installation.ready(port)
    page = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert "sarnakh_stage_slice_seconds" in page
    assert httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200
    assert httpx.get(f"http://127.0.0.1:{port}/else").status_code == 404
    os.kill(installation.postmaster or 0, signal.SIGKILL)
    installation.ready(port)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 0


def test_what_is_wrong_is_one_sentence_and_a_status(installation: Installation) -> None:
    bad = installation.folder / "bad.yaml"
    bad.write_text("teams: []\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", installation.capture)):
        cases = [
            (installation.run("up"), f"Port {installation.capture} is taken"),
            (installation.run("serve", "capture"), "set SARNAKH_CAPTURE_PORT to another"),
        ]
    cases += [
        (installation.run("up", SARNAKH_CONFIG=str(bad)), "line 1: routing: is required"),
        (installation.run("up", SARNAKH_CONFIG="none.yaml"), "none.yaml cannot be read"),
        (installation.run("config", "check", str(bad)), "bad.yaml is not valid"),
        (installation.run("up", SARNAKH_DESK_PORT="x"), "SARNAKH_DESK_PORT cannot be read"),
        (installation.run("up", SARNAKH_DATA_DIR="/proc/none"), "cannot be made"),
        (installation.run("books"), "is `sarnakh up` running?"),
        (installation.run("dead-letters", "list"), "The desk does not answer"),
        (installation.run("serve", "nothing"), "Invalid value"),
        (installation.run("up", SARNAKH_CONFIG=str(bad), LANG="fa_IR.UTF-8"), "لازم است"),
    ]
    for (status, said), sentence in cases:
        assert status != 0
        assert sentence in said
        assert "Traceback" not in said


def test_config_check_says_what_is_valid(installation: Installation) -> None:
    status, said = installation.run("config", "check")
    assert (status, "is valid" in said) == (0, True)


def test_processes_agree_on_one_generated_token(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(api_token, [settings] * 32))
    assert len(tokens) == 1
    assert len(tokens.pop()) >= 32
    assert (tmp_path / "api-token").stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "api-token"]
    assert api_token(Settings(data_dir=tmp_path, api_token="given")) == "given"


async def test_migrate_from_two_processes_at_once(installation: Installation) -> None:
    both = await asyncio.gather(*(asyncio.to_thread(installation.run, "migrate") for _ in range(2)))
    assert [status for status, _said in both] == [0, 0], both


def _children(pid: int) -> list[int]:
    return [
        int(stat.parent.name)
        for stat in Path("/proc").glob("[0-9]*/stat")
        if stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1] == str(pid)
    ]
