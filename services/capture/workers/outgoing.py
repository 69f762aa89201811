"""Requests of ours to platforms: a pool of connections, in bounds of time and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from services.capture.sources.fetch import Reply

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS: Final = 5.0


class Ask(NamedTuple):
    """A request: a GET, or with a body a POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Outgoing:
    """Connections that are kept open; their addresses are the operator's own.

    httpx is loaded for the first request: a worker without such sources saves 6 MiB.
    """

    def __init__(self, seconds: float, headers: Mapping[str, str] | None = None) -> None:
        self._seconds = seconds
        self._headers = {"user-agent": "sarnakh", **(headers or {})}
        self._http: httpx.AsyncClient | None = None

    async def ask(self, ask: Ask, most: int) -> Reply:
        """The answer; of a body that is longer than `most`, more than that, and not all of it.

        Raises what httpx raises.
        """
        http = self._http = self._http or self._pool()
        method = "GET" if ask.body is None else "POST"
        headers = dict(ask.headers)
        async with http.stream(method, ask.url, headers=headers, content=ask.body) as answer:
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > most:
                    break
            named = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, named, bytes(body))

    async def close(self) -> None:
        """Close what is open."""
        if self._http is not None:
            await self._http.aclose()

    def _pool(self) -> httpx.AsyncClient:
        import httpx  # noqa: PLC0415 - see above

        return httpx.AsyncClient(
            timeout=httpx.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds)),
            follow_redirects=False,
            trust_env=False,
            headers=self._headers,
        )
