"""A POST to a platform, once, in bounds of time and size: what goes wrong is an outcome.

It tells what was certainly not heard from what may have been: only the first is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import structlog

from libs.common.configuration.schema import Source
from services.capture.replies.contract import Busy, Outcome, Post, Replying, Unknown
from services.capture.sources.contract import Reply

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS: Final = 5.0
POST_SECONDS: Final = 12.0
"""For one try as a whole."""
MOST_BYTES: Final = 64 * 1024
"""Of an answer; more than any of them says."""


class Poster:
    """A pool of connections; httpx is loaded for the first answer, as `fetching.Client` does."""

    def __init__(self, seconds: float = POST_SECONDS) -> None:
        self._seconds = seconds
        self._http: httpx.AsyncClient | None = None

    async def post(
        self, replying: Replying, address: Mapping[str, str], text: str, source: Source
    ) -> Outcome:
        """Say it. Never fails; neither the text nor the URL, which may hold a token, is told."""
        import httpx  # noqa: PLC0415 - see above

        try:
            post = replying.post(address, text, source)
            async with asyncio.timeout(self._seconds):
                return replying.read(await self._ask(post))
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

    async def _ask(self, post: Post) -> Reply:
        http = self._http = self._http or _pool(self._seconds)
        headers = dict(post.headers)
        async with http.stream("POST", post.url, headers=headers, content=post.body) as answer:
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    break
            named = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, named, body[:MOST_BYTES])

    async def close(self) -> None:
        """Close the pool."""
        if self._http is not None:
            await self._http.aclose()


def _pool(seconds: float) -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415 - see above

    return httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": "sarnakh", "accept-encoding": "identity"},
    )
