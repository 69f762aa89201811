"""A notification provider that fails, hangs, hangs after accepting, or cuts its answer off."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from typing import Final

from standardwebhooks import Webhook

from tests.e2e.system import WEBHOOK_SECRET
from tests.faults.storm.oracle.ledger import Ledger

MODES: Final = ("ok", "500", "429", "hang", "hang_after", "cut")
_TAKES: Final = frozenset({"ok", "hang_after", "cut"})
"""Modes in which the provider has accepted the message, whatever it answers."""


class Provider:
    """The receiver of all specialists' webhooks; it verifies as a customer would."""

    def __init__(self, ledger: Ledger) -> None:
        self.mode = "ok"
        self.port = 0
        self.seen: Counter[str] = Counter()
        """How often each message was accepted, by its id."""
        self.leads: dict[str, str] = {}
        """The phone of each lead that was told of → the first message's id."""
        self.asked: Counter[str] = Counter()
        """Requests by mode."""
        self.refused = 0
        """Requests whose proof was wrong."""
        self._ledger = ledger
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        mode = self.mode
        self.asked[mode] += 1
        if not self._proven(headers, body):
            self.refused += 1
            mode = "401"
        elif mode in _TAKES:
            self._take(first.split(" ")[1], headers["webhook-id"], body, mode)
        return await self._answer(mode, reader, writer)

    def _proven(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            Webhook(WEBHOOK_SECRET).verify(body, headers)
        except Exception:
            return False
        return True

    def _take(self, path: str, identity: str, body: bytes, mode: str) -> None:
        data = json.loads(body)["data"]
        self.seen[identity] += 1
        self.leads.setdefault(data["contact"]["phone"], identity)
        self._ledger.note(
            "told",
            id=identity,
            to=path.rpartition("/")[2],
            kind=data["kind"],
            lead=data["lead_id"],
            submission=data["submission_id"],
            phone=data["contact"]["phone"],
            name=data["contact"]["name"],
            mode=mode,
        )

    async def _answer(
        self, mode: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if mode in {"hang", "hang_after"}:
            await reader.read(1)  # until the other side has had enough
            return False
        status = {"ok": "200 OK", "cut": "200 OK"}.get(mode, f"{mode} No")
        more = "retry-after: 2\r\n" if mode == "429" else ""
        answer = f"HTTP/1.1 {status}\r\n{more}content-length: 0\r\n\r\n".encode()
        writer.write(answer[:12] if mode == "cut" else answer)
        await writer.drain()
        return mode != "cut"
