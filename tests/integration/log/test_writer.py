"""The writer of appends and of NOTIFY: what takes too long says that the log is unavailable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from libs.common.log import LogUnavailable
from libs.common.log.postgres.connections import Connections, Writer

SECONDS = 2.0
"""In which also a busy machine lets somebody in and prepares a statement."""


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[Connections]:
    made = Connections(database_url)
    yield made
    await made.close()


@pytest.fixture
async def writer(connections: Connections) -> AsyncIterator[Writer]:
    made = Writer(connections.direct, SECONDS)
    yield made
    made.close()


async def test_a_loop_that_stood_still_while_a_statement_was_prepared(writer: Writer) -> None:
    for name in ("a", "b"):
        await writer.execute("SELECT $1::text", "before")
        new = asyncio.create_task(writer.execute(f"SELECT $1::text AS {name}", "never"))
        asyncio.get_running_loop().call_soon(time.sleep, SECONDS + 0.1)
        with pytest.raises(LogUnavailable):
            await new
    await writer.execute("SELECT $1::text", "after")


async def test_who_is_cancelled_while_a_statement_is_cut_off_is_cancelled(writer: Writer) -> None:
    await writer.execute("SELECT $1::text", "before")
    left = asyncio.create_task(writer.execute("SELECT pg_sleep(300), $1::text", "never"))
    loop = asyncio.get_running_loop()
    loop.call_later(SECONDS / 3, time.sleep, SECONDS)
    loop.call_later(SECONDS / 2, left.cancel)
    with pytest.raises(asyncio.CancelledError):
        await left


async def test_connecting_counts_as_part_of_what_a_statement_may_take(
    connections: Connections,
) -> None:
    async def slowly(**settings: str) -> asyncpg.Connection[Any]:
        found = await connections.direct(**settings)
        time.sleep(SECONDS + 0.1)  # noqa: ASYNC251 - stands for a server slow to let in
        return found

    with pytest.raises(LogUnavailable):
        await Writer(slowly, SECONDS).execute("SELECT pg_sleep(1), $1::text", "late")


async def test_telling_others_waits_no_longer_for_a_connection_than_for_a_statement() -> None:
    async def silent(reader: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        await reader.read()
        answer.close()

    async with await asyncio.start_server(silent, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        connections = Connections(f"postgresql://nobody@127.0.0.1:{port}/nothing")
        async with asyncio.timeout(30):
            with pytest.raises(LogUnavailable):
                await connections.telling.execute("SELECT $1::text", "never")
        await connections.close()


async def test_a_statement_that_hangs_is_cut_off_and_the_next_one_goes_through(
    writer: Writer,
) -> None:
    await writer.execute("SELECT $1::text", "before")
    async with asyncio.timeout(100):
        with pytest.raises(LogUnavailable):
            await writer.execute("SELECT pg_sleep(300), $1::text", "never")
    await writer.execute("SELECT $1::text", "after")
