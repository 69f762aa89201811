"""HTTP to the providers of channels: a pool, and what a failure says of whether it was heard."""

from __future__ import annotations

from typing import Final

import aiohttp

CONNECT_SECONDS: Final = 3.0
"""For a place in the pool and a connection together."""

NOT_HEARD: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""There was no connection, so nothing of the request was written."""
BAD_ADDRESS: Final = (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError)
"""No request could be made of it."""
UNCERTAIN: Final = (aiohttp.ClientError, TimeoutError, OSError)
"""The request may have been heard: whatever is none of the above."""


def session(most: int) -> aiohttp.ClientSession:
    """A pool of so many connections; make it on the running loop. Cookies are forgotten."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=most),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"user-agent": "sarnakh", "accept-encoding": "identity"},
        auto_decompress=False,  # nothing that is sent back is worth a bomb
    )


def patience(seconds: float) -> aiohttp.ClientTimeout:
    """How long to wait for a connection, and then for each part of the answer."""
    return aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=seconds)


def code(error: BaseException) -> str:
    """What staff are shown; an error's own text may name an address, so it is left out."""
    if isinstance(error, NOT_HEARD):
        return "no_connection"
    return "timeout" if isinstance(error, TimeoutError) else "cut"
