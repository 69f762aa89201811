"""An SMTP server that behaves as badly as it is told to, and keeps what it accepted."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

Mode = Literal[
    "ok",
    "greeting_cut",
    "rcpt_450",
    "rcpt_550",
    "data_451",
    "data_554",
    "hang_before",
    "cut_before",
    "hang_after",
    "cut_after",
    "end_452",
    "end_554",
]


@dataclass
class SmtpServer:
    """Modes are used up in order, one a connection; the last one stays."""

    modes: list[Mode] = field(default_factory=lambda: ["ok"])
    accepted: list[bytes] = field(default_factory=list)
    """What was taken in, whatever the sender was told."""
    connections: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        """The accepted ones, read as a mail program reads them."""
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.accepted]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        mode = self.modes.pop(0) if len(self.modes) > 1 else self.modes[0]
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            await self._speak(mode, reader, writer)
        self._tasks.discard(task)
        writer.close()

    async def _speak(
        self, mode: Mode, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if mode == "greeting_cut":
            return
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA" and mode in {"hang_before", "cut_before"}:
                await asyncio.sleep(3600 if mode == "hang_before" else 0)
                return
            writer.write(_answer(verb, mode))
            if verb == b"QUIT":
                return
            if verb == b"DATA" and not mode.startswith("data_"):
                await self._take(mode, reader, writer)
                if mode == "cut_after":
                    return

    async def _take(
        self, mode: Mode, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        content = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
        if mode in {"ok", "hang_after", "cut_after"}:
            self.accepted.append(content.replace(b"\r\n..", b"\r\n."))
        if mode == "hang_after":
            await asyncio.sleep(3600)
        if mode != "cut_after":
            writer.write(
                f"{mode[4:]} no\r\n".encode() if mode.startswith("end_") else b"250 ok\r\n"
            )


def _answer(verb: bytes, mode: Mode) -> bytes:
    if verb == b"RCPT" and mode.startswith("rcpt_"):
        return f"{mode[5:]} no\r\n".encode()
    if verb == b"DATA":
        return f"{mode[5:]} no\r\n".encode() if mode.startswith("data_") else b"354 go on\r\n"
    return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"
