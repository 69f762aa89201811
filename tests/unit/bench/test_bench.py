"""The benchmark's own parts: what it counts, and how it judges."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest
import yaml

from tests.bench import requests
from tests.bench.installation import CONFIGURATION, SECRET
from tests.bench.load import closed, opened, percentile
from tests.bench.processes import cpu_seconds, memory_mib
from tests.bench.result import Row, Target, spread
from tests.bench.rows import ROWS
from tests.bench.sink import sink


@asynccontextmanager
async def server(status: bytes = b"202 Accepted", stall: float = 0.0) -> AsyncIterator[int]:
    """Answers every post; stands still once, for so long, after the first."""
    count = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        while head := (await reader.readuntil(b"\r\n\r\n")).lower():
            length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
            await reader.readexactly(length)
            count += 1
            if stall and count == 2:
                time_asleep(stall)
            body = b'{"submission_id":"%d"}' % count
            writer.write(b"HTTP/1.1 %b\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body))

    made = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield made.sockets[0].getsockname()[1]
    made.close()


def time_asleep(seconds: float) -> None:
    """Stand still with the whole loop, as a server that collects garbage does."""
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        pass


async def test_a_closed_loop_counts_what_was_answered() -> None:
    async with server() as port:
        load = await closed(port, requests.api, count=200, keep=True)
    assert load.answered >= 200
    assert load.refused == 0
    assert len(load.due) == load.answered
    async with server(b"503 No") as port:
        load = await closed(port, requests.form, count=10)
    assert (load.answered, load.refused) == (0, 10)


async def test_an_open_loop_does_not_hide_a_stall() -> None:
    async with server(stall=0.5) as port:
        load = await opened(port, requests.api, rate=200, seconds=0.5)
    assert load.answered == 100
    assert load.percentile(0.5) > 150, "those who were due meanwhile waited too"


async def test_a_server_that_hangs_up_is_an_error() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    made = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with made:
        with pytest.raises(ConnectionError):
            await closed(made.sockets[0].getsockname()[1], requests.api, count=5)


async def test_the_sink_notes_who_was_told() -> None:
    async with sink() as told:
        _, writer = await asyncio.open_connection("127.0.0.1", told.port)
        body = b'{"data":{"submission_id":"one"}}'
        post = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        writer.write(post + post)
        await told.wait(2, 60)
        writer.close()
    assert list(told.told) == ["one"]
    assert told.count == 2


def test_every_post_is_another_person_s() -> None:
    posts = {requests.api(n) for n in range(50)} | {requests.form(n) for n in range(50)}
    assert len(posts) == 100
    fields = parse_qs(requests.form_body(9121112233))
    assert fields["phone"] == ["09121112233"]
    assert fields["email"] == ["n9121112233@post.nil.example"]
    head, _, body = requests.api(0).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert yaml.safe_load(CONFIGURATION % {"sink": 1, "secret": SECRET})["api_keys"]


@pytest.mark.parametrize(
    ("ours", "target", "verdict"),
    [
        ([0.1, 0.19, 0.5], Target(0.2, 0.35, "ratio"), "below"),
        ([0.1, 0.21, 0.5], Target(0.2, 0.35, "ratio"), "floor"),
        ([0.1, 0.36, 0.5], Target(0.2, 0.35, "ratio"), "reach"),
        ([7.0], Target(20, 8, least=False), "reach"),
        ([9.0], Target(20, 8, least=False), "floor"),
        ([21.0], Target(20, 8, least=False), "below"),
        ([1.0], None, ""),
        ([], Target(20, 8), ""),
    ],
)
def test_the_median_is_judged(ours: list[float], target: Target | None, verdict: str) -> None:
    row = Row("a row", "embedded", "x", ours, "one", [1.0] * len(ours), target)
    assert row.verdict == verdict
    assert row.plain()["verdict"] == verdict


def test_shows_least_median_and_most() -> None:
    assert spread([3.0, 1.0, 2.0]) == "1.00 / 2.00 / 3.00"
    assert spread([12345.0]) == "12,345 / 12,345 / 12,345"
    assert spread([]) == ""
    assert percentile([n / 1000 for n in range(1, 101)], 0.99) == 100


def test_processes_are_weighed() -> None:
    assert memory_mib(os.getpid()) > 10
    assert cpu_seconds([os.getpid()]) > 0


def test_has_every_row() -> None:
    assert list(ROWS)[:3] == ["capture", "urlencoded", "latency"]
    assert len(ROWS) == 10
