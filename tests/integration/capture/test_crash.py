"""A real process, killed while it stores: what it answered 2xx is published by its heir."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx
import pytest

from tests.fixtures.capture.capturing import CONFIGURATION, capturing
from tests.fixtures.capture.waiting import until


async def accepted_until_killed(folder: Path, point: str, *arguments: str) -> list[str]:
    """Post to a process that dies at the named point; the ids that were answered 2xx."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fixtures.capture.server", str(folder), *arguments,
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"SARNAKH_FAIL_POINT": point},
    )  # fmt: skip
    assert process.stdout is not None
    url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
    accepted: list[str] = []

    async def post(http: httpx.AsyncClient) -> None:
        while True:
            try:
                answer = await http.post("/v1/forms/plain", data={"phone": "1"})
            except httpx.TransportError:
                return
            assert answer.status_code == 202
            accepted.append(answer.json()["submission_id"])

    async with httpx.AsyncClient(base_url=url) as http, asyncio.timeout(30):
        await asyncio.gather(*(post(http) for _ in range(8)))
    assert await process.wait() == -9
    return accepted


@pytest.mark.parametrize(
    ("point", "arguments"),
    [
        ("capture.spool.written:9", ()),
        ("capture.spool.synced:9", ()),
        ("capture.published:9", ()),
        ("capture.spool.written:30", ("away",)),
    ],
)
async def test_invariant_02_killed_at_any_point_nothing_accepted_is_lost(
    tmp_path: Path, point: str, arguments: tuple[str, ...]
) -> None:
    accepted = await accepted_until_killed(tmp_path, point, *arguments)
    assert len(accepted) >= 5
    logged = log.read_text().split() if (log := tmp_path / "log").exists() else []
    async with capturing(tmp_path) as heir:
        answer = await heir.posted("plain", data={"phone": "2"})
        assert answer.status_code == 202
        wanted = {answer.json()["submission_id"], *accepted} - set(logged)
        await until(lambda: wanted <= {lead.submission_id for lead in heir.leads})
        numbers = [number for _, number in heir.log.places]
        assert len(numbers) == len(set(numbers))
        assert len({spool for spool, _ in heir.log.places}) == 1
        assert max(numbers) > len(accepted)


async def test_a_taken_port_is_said_and_nothing_hangs(tmp_path: Path) -> None:
    async with capturing(tmp_path) as first:
        port = re.sub(r".*:", "", first.url)
        other = tmp_path / "other"
        other.mkdir()
        with pytest.raises(OSError, match="in use"):
            async with capturing(other, configuration=CONFIGURATION, capture_port=port):
                pass


async def test_stopping_lets_a_request_in_work_finish_and_keeps_what_the_log_did_not_take(
    tmp_path: Path,
) -> None:
    async with capturing(tmp_path) as worker:
        worker.log.away = True
        host, port = worker.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        body = b"phone=1"
        writer.write(
            b"POST /v1/forms/plain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body[:3]
        )
        await writer.drain()
        live = await worker.http.get("/readyz")
        assert live.status_code == 200
        worker.runtime.stop.set()
        writer.write(body[3:])
        answer = await asyncio.wait_for(reader.read(), 30)
        assert answer.startswith(b"HTTP/1.1 202 ")
        assert b"x-durability: spooled" in answer
    async with capturing(tmp_path) as heir:
        await until(lambda: len(heir.leads) == 1)
