"""A question to a platform, or several, in bounds of time and size. What goes wrong is a result."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar

import structlog

from libs.common.configuration.schema import Source
from services.capture.sources.fetch import (
    Content,
    Explained,
    Failed,
    Fetch,
    Further,
    Item,
    Missing,
    Reply,
    Request,
    Result,
    Throttled,
    Trouble,
)
from services.capture.sources.introspection import Ends, Onward
from services.capture.sources.listing import Asked, Beside, Found, Listing
from services.capture.workers.outgoing import Ask, Outgoing

_T = TypeVar("_T")

FETCH_SECONDS: Final = 15.0
"""For one try as a whole, but for what only puts its content into better words."""
EXPLAINED_SECONDS: Final = 5.0
"""For those; both together are within a claim's lease."""
MOST_BYTES: Final = 512 * 1024
"""Of one lead: far more than any form holds, and it fits the log."""
MOST_OF_A_LIST: Final = 8 * 1024 * 1024
"""Of one page of a list; pages of one source are read one after the other."""
MOST_REQUESTS: Final = 4
"""For one lead, or one page."""
MOST_REMEMBERED: Final = 64
"""Answers that hardly ever change, of all sources."""
REMEMBERED_SECONDS: Final = 24 * 3600.0
REST_SECONDS: Final = 60.0
"""For which no words are asked for after a throttle that does not say for how long."""


class Client:
    """What platforms are asked with, and what it remembers of their answers."""

    def __init__(
        self, seconds: float = FETCH_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._outgoing = Outgoing(seconds)
        self._remembered: OrderedDict[tuple[str, str, str], tuple[Reply, float]] = OrderedDict()
        self._resting: dict[tuple[str, str], tuple[Throttled, float]] = {}
        """Of which sources no better words are asked for, and until when."""

    async def fetch(self, fetch: Fetch, item: Item, source: Source) -> Result:
        """Ask, and let the kind read the reply. Never fails, and says nothing of a content."""
        found = await self._within(self._asked(fetch, item, source), source)
        if not isinstance(found, Explained):
            return found
        seconds = min(EXPLAINED_SECONDS, self._seconds)
        better = await self._within(self._read(found.by, source), source, seconds)
        if isinstance(better, Content):
            return better
        trouble = Failed("too_many_steps") if isinstance(better, Explained) else better
        if isinstance(trouble, Throttled) and not self._rests(source):
            until = self._clock() + (trouble.after or REST_SECONDS)
            self._resting[source.kind, source.key] = (trouble, until)
        structlog.get_logger("capture").warning(
            "fetch.unexplained", kind=source.kind, key=source.key, error=trouble.code
        )
        return found.otherwise(trouble)

    async def page(self, listing: Listing, asked: Asked, source: Source) -> Found:
        """The same for a page of a list."""
        return await self._within(self._read_page(listing, asked, source), source)

    async def introspect(self, onward: Onward, source: Source) -> Ends | Trouble:
        """The same of when the source's token ends."""
        return await self._within(self._read_end(onward), source)

    async def _within(
        self, reading: Coroutine[None, None, _T], source: Source, seconds: float | None = None
    ) -> _T | Failed:
        """What is read in time, or why nothing is."""
        import httpx  # noqa: PLC0415 - as `Outgoing` loads it

        try:
            async with asyncio.timeout(seconds or self._seconds):
                return await reading
        except TimeoutError:
            return Failed("timeout")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Failed(type(error).__name__)
        except Exception as bug:  # a kind's bug must not end the fetcher; its text may be a lead's
            structlog.get_logger("capture").error(
                "fetch.bug", kind=source.kind, error=type(bug).__name__
            )
            return Failed("bug")

    async def _asked(self, fetch: Fetch, item: Item, source: Source) -> Result | Explained:
        first = Further(fetch.request(item, source), partial(fetch.read, item, source))
        return await self._read(first, source)

    async def _read(self, first: Further, source: Source) -> Result | Explained:
        step: Result | Further | Explained = first
        for _ in range(MOST_REQUESTS):
            if not isinstance(step, Further):
                return step
            step = await self._step(step, source)
        return Failed("too_many_steps") if isinstance(step, Further) else step

    async def _read_page(self, listing: Listing, asked: Asked, source: Source) -> Found:
        step: Found | Beside = Beside(
            listing.request(asked, source), partial(listing.read, asked, source)
        )
        for _ in range(MOST_REQUESTS):
            if not isinstance(step, Beside):
                return step
            reply = await self._ask(step.request, MOST_OF_A_LIST)
            step = step.read(reply) if reply else Failed("too_large")
        return Failed("too_many_steps") if isinstance(step, Beside) else step

    async def _read_end(self, onward: Onward) -> Ends | Trouble:
        step: Ends | Trouble | Onward = onward
        for _ in range(MOST_REQUESTS):
            if not isinstance(step, Onward):
                return step
            reply = await self._ask(step.request)
            step = step.read(reply) if reply else Failed("too_large")
        return Failed("too_many_steps") if isinstance(step, Onward) else step

    async def _step(self, further: Further, source: Source) -> Result | Further | Explained:
        """Ask, or remember; only what was understood is worth remembering."""
        of = (source.kind, source.key, further.remember or "")
        known = self._known(of)
        if known is None and further.remember and (rest := self._rests(source)):
            return rest
        reply = known or await self._ask(further.request)
        if reply is None:
            return Missing("too_large", own=True)
        found = further.read(reply)
        told = reply.status == HTTPStatus.OK and isinstance(found, Content)
        good = told or isinstance(found, Further)
        if further.remember and good and of not in self._remembered:
            self._remembered[of] = (reply, self._clock())
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return found

    def _rests(self, source: Source) -> Throttled | None:
        """The throttle for which no words are asked for now."""
        found, until = self._resting.get((source.kind, source.key), (None, 0.0))
        return found if self._clock() < until else None

    def _known(self, of: tuple[str, str, str]) -> Reply | None:
        """What is remembered, for a day."""
        reply, since = self._remembered.get(of, (None, 0.0))
        if reply is None:
            return None
        if self._clock() - since > REMEMBERED_SECONDS:
            del self._remembered[of]
            return None
        self._remembered.move_to_end(of)
        return reply

    async def _ask(self, request: Request, most: int = MOST_BYTES) -> Reply | None:
        reply = await self._outgoing.ask(Ask(*request), most)
        return reply if len(reply.body) <= most else None

    async def close(self) -> None:
        """Close the pool."""
        await self._outgoing.close()
