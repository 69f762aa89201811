"""A POST to a platform, once, in bounds of time and size: what goes wrong is an outcome.

It tells what was certainly not heard from what may have been: only the first is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from libs.common.configuration.schema import Source
from services.capture.replies.contract import Busy, Outcome, Replying, Unknown
from services.capture.workers.outgoing import Ask, Outgoing

POST_SECONDS: Final = 12.0
"""For one try as a whole."""
MOST_BYTES: Final = 64 * 1024
"""Of an answer; more than any of them says."""


class Poster:
    """What is said to platforms, and what came of it."""

    def __init__(self, seconds: float = POST_SECONDS) -> None:
        self._seconds = seconds
        self._outgoing = Outgoing(seconds, {"accept-encoding": "identity"})

    async def post(
        self, replying: Replying, address: Mapping[str, str], text: str, source: Source
    ) -> Outcome:
        """Say it. Never fails; neither the text nor the URL, which may hold a token, is told."""
        import httpx  # noqa: PLC0415 - as `Outgoing` loads it

        try:
            post = replying.post(address, text, source)
            async with asyncio.timeout(self._seconds):
                return replying.read(await self._outgoing.ask(Ask(*post), MOST_BYTES))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Busy(type(error).__name__)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            return Busy(type(error).__name__)
        except TimeoutError:
            return Unknown("timeout")
        except httpx.HTTPError as error:
            return Unknown(type(error).__name__)
        except Exception as bug:  # a kind's bug must not end the replier; its text may be private
            structlog.get_logger("capture").error(
                "reply.bug", kind=source.kind, error=type(bug).__name__
            )
            return Unknown("bug")

    async def close(self) -> None:
        """Close the pool."""
        await self._outgoing.close()
