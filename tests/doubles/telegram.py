"""A bot API that behaves as badly as it is told to, and keeps what it was sent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal[
    "ok", "500", "400", "401", "403", "429", "hang_after", "cut", "reset",
    "migrate", "entities", "proxy_429",
]  # fmt: skip
MOVED_TO = "-1009"
TOKEN = "4242:the-secret-part-of-the-token"


@dataclass
class Call:
    """One call of a method."""

    method: str
    arguments: dict[str, Any]


@dataclass
class Posted:
    """A message in a chat, as its reader sees it now."""

    chat: str
    message_id: int
    text: str
    keyboard: list[list[dict[str, str]]]

    @property
    def buttons(self) -> dict[str, str]:
        """What each button says, and what pressing it sends."""
        return {
            b["text"]: b.get("callback_data", b.get("url", "")) for r in self.keyboard for b in r
        }


@dataclass
class BotServer:
    """Modes are for sendMessage, used up in order; the last one stays."""

    modes: list[Mode] = field(default_factory=lambda: ["ok"])
    edits: list[Mode] = field(default_factory=lambda: ["ok"])
    webhook_is_set: bool = False
    calls: list[Call] = field(default_factory=list)
    chats: list[Posted] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._server:
            self._server.close()

    def of(self, method: str) -> list[dict[str, Any]]:
        """The arguments of all calls of a method."""
        return [call.arguments for call in self.calls if call.method == method]

    def press(self, data: str, posted: Posted | None = None, chat: str = "") -> None:
        """Somebody presses a button of that message."""
        number = next(self._numbers) + 1000
        there = posted or self.chats[-1]
        place = {"id": int(chat or there.chat), "type": "private", "first_name": "Sara"}
        message = {"message_id": there.message_id, "date": 1795255200, "chat": place}
        presser = {"id": 1, "is_bot": False, "first_name": "Sara"}
        press = {"id": f"press-{number}", "from": presser, "message": message, "data": data}
        press["chat_instance"] = "1"
        self.updates.append({"update_id": number, "callback_query": press})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(
            ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            while await self._answer(reader, writer):
                pass
        self._tasks.discard(task)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines if line)}
        arguments = json.loads(await reader.readexactly(int(headers["content-length"])))
        path, method = first.split(" ")[1].rsplit("/", 1)
        assert path == f"/bot{TOKEN}"
        self.calls.append(Call(method, arguments))
        mode = self._mode(method)
        status, body = await self._done(method, mode, arguments)
        if mode == "hang_after":
            await asyncio.sleep(3600)
        if mode == "reset":
            writer.transport.abort()
            return False
        content = json.dumps(body).encode()
        more = "Retry-After: 7\r\n" if mode == "proxy_429" else ""
        answer = f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(content)}\r\n\r\n".encode()
        answer += content
        writer.write(answer[: len(answer) // 2] if mode == "cut" else answer)
        await writer.drain()
        return mode != "cut"

    def _mode(self, method: str) -> Mode:
        if method not in {"sendMessage", "editMessageText"}:
            return "ok"
        modes = self.modes if method == "sendMessage" else self.edits
        return modes.pop(0) if len(modes) > 1 else modes[0]

    async def _done(
        self, method: str, mode: Mode, arguments: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        if mode.isdigit():
            more = {"parameters": {"retry_after": 2}} if mode == "429" else {}
            return int(mode), {"ok": False, "error_code": int(mode), "description": "No", **more}
        if refused := self._refusal(mode, arguments):
            return refused
        if method == "sendMessage":
            return 200, {"ok": True, "result": self._post(arguments)}
        if method == "getUpdates":
            return await self._news(arguments)
        if method.startswith("editMessage"):
            return self._edit(arguments)
        return 200, {"ok": True, "result": True}

    def _refusal(self, mode: Mode, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        if mode == "proxy_429":
            return 429, {"error": "not the API's own words"}
        if mode == "migrate" and arguments["chat_id"] != MOVED_TO:
            said = "Bad Request: group chat was upgraded to a supergroup chat"
            more = {"parameters": {"migrate_to_chat_id": int(MOVED_TO)}}
            return 400, {"ok": False, "error_code": 400, "description": said, **more}
        if mode == "entities" and "parse_mode" in arguments:
            said = "Bad Request: can't parse entities: Unsupported start tag"
            return 400, {"ok": False, "error_code": 400, "description": said}
        return None

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        chat, number = str(arguments["chat_id"]), next(self._numbers)
        keyboard = arguments.get("reply_markup", {}).get("inline_keyboard", [])
        self.chats.append(Posted(chat, number, arguments["text"], keyboard))
        return {"message_id": number, "chat": {"id": int(chat)}}

    def _edit(self, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        keyboard = arguments["reply_markup"]["inline_keyboard"]
        for posted in self.chats:
            if posted.message_id == int(arguments["message_id"]):
                text = arguments.get("text", posted.text)
                if (posted.text, posted.keyboard) == (text, keyboard):
                    said = "Bad Request: message is not modified"
                    return 400, {"ok": False, "error_code": 400, "description": said}
                posted.text, posted.keyboard = text, keyboard
        return 200, {"ok": True, "result": True}

    async def _news(self, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.webhook_is_set:
            return 409, {"ok": False, "error_code": 409, "description": "Conflict: webhook"}
        self.updates = [u for u in self.updates if u["update_id"] >= arguments.get("offset", 0)]
        for _ in range(20):
            if self.updates:
                break
            await asyncio.sleep(0.05)
        return 200, {"ok": True, "result": self.updates}
