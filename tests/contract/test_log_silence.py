"""No call of either log waits without bound, and afterwards all goes on by itself."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from deploy.kafka.local import LocalKafka
from libs.common.log import LogUnavailable
from tests.contract.conftest import TOPICS, Logs, commit_all, holding, read, records
from tests.contract.silence import SilentProxy


class Server(NamedTuple):
    """A log's server that can be made silent: connected, and not a byte comes back."""

    logs: Logs
    pause: Callable[[], None]
    resume: Callable[[], None]


@pytest.fixture
async def proxy() -> AsyncIterator[SilentProxy]:
    made = SilentProxy()
    yield made
    await made.stop()


@pytest.fixture
def place(kind: str, request: pytest.FixtureRequest) -> object:
    """A broker that may be harmed, or the address of its database."""
    return request.getfixturevalue("own_kafka" if kind == "kafka" else "database_url")


@pytest.fixture
async def server(kind: str, place: object, proxy: SilentProxy) -> AsyncIterator[Server]:
    prefix = f"t{uuid.uuid4().hex[:8]}."
    if kind == "kafka":
        broker: LocalKafka = place  # type: ignore[assignment]  # by its kind
        made = Server(Logs(kind, broker.bootstrap, prefix), broker.pause, broker.resume)
    else:
        url = urlsplit(str(place))
        port = await proxy.start(url.port or 0)
        where = url._replace(netloc=url.netloc.replace(f":{url.port}", f":{port}")).geturl()
        made = Server(Logs(kind, where, prefix), proxy.pause, proxy.resume)
    await made.logs.open().create_topics(TOPICS)
    yield made
    made.resume()
    for log in made.logs.opened:
        await log.close()


async def timed(call: Awaitable[object]) -> tuple[object, float]:
    """What it gave or raised, and how long it took."""
    began = time.monotonic()
    try:
        result = await call
    except LogUnavailable as error:
        result = error
    return result, time.monotonic() - began


async def test_no_call_waits_longer_than_it_says(server: Server) -> None:
    log = server.logs.open()
    reader = await log.reader("group", ["first"])
    await log.append(records(20), 30)
    found = await read(reader, 20)
    held = found[0][0]

    server.pause()
    appended, fetched, committed, lag, lags, joined = await asyncio.gather(
        timed(log.append(records(1), 1.0)),
        timed(reader.fetch(10, 1.0)),
        timed(reader.commit(held, 1)),
        timed(reader.lag()),
        timed(log.lags("group", ["first"])),
        timed(log.reader("other", ["first"])),
    )
    assert isinstance(appended[0], LogUnavailable)
    assert appended[1] < 10
    assert not fetched[0]
    assert fetched[1] < 10
    assert committed[0] is False
    for outcome, seconds in (lag, lags, joined):
        assert isinstance(outcome, LogUnavailable)
        assert seconds < 45
    for closing in (reader.close(), log.close()):
        assert (await timed(closing))[1] < 45


async def test_after_the_silence_all_goes_on(server: Server) -> None:
    log = server.logs.open()
    reader = await log.reader("group", ["first"])
    await log.append(records(20), 30)
    await commit_all(reader, await read(reader, 20))
    server.pause()
    with pytest.raises(LogUnavailable):
        await log.append(records(5), 1.0)
    await reader.fetch(10, 3.0)
    server.resume()

    resumed = time.monotonic()
    while True:
        try:
            await log.append(records(100), 10.0)
            break
        except LogUnavailable:
            assert time.monotonic() - resumed < 60
    # the five may be there too: their outcome was unknown
    seen: set[int] = set()
    while len(seen) < 100:
        seen |= {int(record.value) for _held, record in await read(reader, 1)}
    await holding(reader, 12)
    assert time.monotonic() - resumed < 120


async def test_a_log_opened_in_the_silence_works_after_it(server: Server) -> None:
    log = server.logs.open()
    server.pause()
    with pytest.raises(LogUnavailable):
        await log.append(records(1), 0.5)
    server.resume()
    await log.append(records(1), 30)
