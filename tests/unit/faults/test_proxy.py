"""The storm's proxy does to bytes what it says, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from tests.faults.storm.proxy import Proxy


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """Before a server that answers what it is sent."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    made = Proxy(server.sockets[0].getsockname()[1])
    await made.start()
    yield made
    made.close()
    server.close()


async def asked(proxy: Proxy, said: bytes = b"salam") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(said)
    try:
        return await asyncio.wait_for(reader.readexactly(len(said)), 30)
    finally:
        writer.close()


async def test_it_passes_everything_in_order(proxy: Proxy) -> None:
    much = bytes(range(256)) * 4096
    assert await asked(proxy, much) == much


async def test_it_is_slow_each_way(proxy: Proxy) -> None:
    proxy.delay = 0.2
    began = time.monotonic()
    assert await asked(proxy) == b"salam"
    assert time.monotonic() - began >= 0.4


async def test_what_was_still_goes_on_where_it_was(proxy: Proxy) -> None:
    proxy.still()
    asking = asyncio.create_task(asked(proxy))
    await asyncio.wait({asking}, timeout=0.3)
    assert not asking.done()
    proxy.flow()
    assert await asking == b"salam"


async def test_it_cuts_instead_of_the_answer(proxy: Proxy) -> None:
    proxy.is_cutting = True
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asked(proxy)
    assert proxy.cuts == 1
    proxy.flow()
    assert await asked(proxy) == b"salam"
