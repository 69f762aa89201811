"""What a service needs so that it can be restarted alone, inside a process that lives on."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
import httpx
import pytest
import uvloop

from libs.common.database import Database
from libs.common.errors import Retry
from libs.common.serving.http import serve
from tests.ports import free_port


async def hello(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


async def served(port: int) -> None:
    """Serve, be asked over a connection that stays open, and be cancelled."""
    up = asyncio.Event()
    serving = asyncio.create_task(
        serve(hello, "127.0.0.1", port, asyncio.Event(), lambda _at: up.set())
    )
    waiting = asyncio.create_task(up.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if serving.done():
        serving.result()
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"http://127.0.0.1:{port}/")).text == "hello"
        serving.cancel()
        await asyncio.wait({serving})


def test_rule_10_a_server_whose_service_failed_gives_its_port_back() -> None:
    async def twice() -> None:
        port = free_port()
        for _ in range(3):
            await served(port)
            await asyncio.sleep(0.05)

    uvloop.run(twice())


async def test_rule_09_a_database_that_lets_nobody_in_is_away(database: Database) -> None:
    """In maintenance, being restored, without room: none of it is the statement's fault."""
    base, _, name = database.url.replace("+asyncpg", "").rpartition("/")
    admin = await asyncpg.connect(f"{base}/postgres")
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        closed = Database(database.url)
        with pytest.raises(Retry, match="postgres"):
            async with closed.transaction():
                raise AssertionError("it was let in")
        await closed.close()
    finally:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()
    absent = Database(f"{base}/no_such_database")
    began = time.monotonic()
    with pytest.raises(Retry, match="postgres"):
        async with absent.transaction():
            raise AssertionError("it was let in")
    assert time.monotonic() - began < 30
    await absent.close()
