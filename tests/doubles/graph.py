"""A Graph API that behaves badly on demand: a small server outside of us, in a thread."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

FORM = "730184652907316"
APP, SECRET = "1234567890", "s"


def lead(item: str) -> dict[str, Any]:
    """What is behind an id: each has a name and a phone of its own."""
    digits = item[-7:].zfill(7)
    return {
        "id": item,
        "created_time": "2026-11-21T09:59:30+0000",
        "form_id": FORM,
        "platform": "ig",
        "campaign_name": "پاییز",
        "field_data": [
            {"name": "full_name", "values": [f"نیلوفر {digits}"]},
            {"name": "phone_number", "values": [f"+98912{digits}"]},
            {"name": "کدام_خدمت؟", "values": ["مشاوره", "نصب"]},
        ],
    }


def form() -> dict[str, Any]:
    """What the leads' form asks: the words of its questions."""
    question = {"key": "کدام_خدمت؟", "label": "کدام خدمت؟", "type": "CUSTOM"}
    return {"id": FORM, "name": "فرم پاییز", "questions": [question]}


def error(code: int, subcode: int = 0) -> dict[str, Any]:
    return {"error": {"code": code, "error_subcode": subcode, "message": "m"}}


class Graph:
    """Answers by `mood`; an id (of a lead, of their form) may have a mood of its own.

    Tokens that are not valid get 190.
    """

    def __init__(self) -> None:
        self.mood = "well"
        self.moods: dict[str, str] = {}
        self.leads: dict[str, bytes] = {}
        """What is behind these ids, as recorded; behind any other there is a made-up lead."""
        self.tokens = {"token-1"}
        self.ends: dict[str, int] = {}
        """When tokens end, in seconds since 1970; 0: never."""
        self.wait_minutes = 19
        self.asked: Counter[str] = Counter()
        self.paths: list[str] = []
        self._freed = threading.Event()
        graph = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                graph.answer(self)

            def do_POST(self) -> None:
                graph.introspect(self)

            def log_message(self, *_: object) -> None:
                """Keep the test's output for the test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, call: BaseHTTPRequestHandler) -> None:
        """One request, in the mood of its id or of the day."""
        item = call.path.partition("?")[0].rpartition("/")[2]
        self.asked[item] += 1
        self.paths.append(call.path)
        token = call.headers.get("Authorization", "").removeprefix("Bearer ")
        mood = self.moods.get(item, self.mood)
        if mood == "well" and token not in self.tokens:
            mood = "bad_token"
        getattr(self, f"_{mood}")(call, item)

    def introspect(self, call: BaseHTTPRequestHandler) -> None:
        """When a token ends, for whoever is its app."""
        self.asked["token"] += 1
        self.paths.append(call.path)
        form = parse_qs(call.rfile.read(int(call.headers["Content-Length"])).decode())
        token = self._named(call, {name: values[0] for name, values in form.items()})
        mood = "bad_token" if self.mood == "well" and token not in self.ends else self.mood
        if mood == "well" and token:
            self._say(call, 200, json.dumps(self._end(self.ends[token])).encode())
        else:
            getattr(self, f"_{mood}")(call, "token")

    def _named(self, call: BaseHTTPRequestHandler, form: dict[str, str]) -> str | None:
        """The token that is asked of; None where who asks is not its app."""
        (one,) = json.loads(form["batch"])
        path, _, token = one["relative_url"].partition("?input_token=")
        is_app = call.headers["Authorization"] == f"Bearer {APP}|{SECRET}"
        return unquote(token) if is_app and path == "debug_token" else None

    def _end(self, at: int) -> Any:
        data = {"app_id": APP, "is_valid": True, "expires_at": at, "data_access_expires_at": 0}
        return [{"code": 200, "body": json.dumps({"data": data})}]

    def whole(self, item: str) -> bytes:
        """What a good answer says of an id."""
        if item == "app":
            return json.dumps({"id": APP}).encode()
        made = form() if item == FORM else lead(item)
        return self.leads.get(item) or json.dumps(made).encode()

    def _well(self, call: BaseHTTPRequestHandler, item: str) -> None:
        self._say(call, 200, self.whole(item))

    def _lacks_legal_content(self, call: BaseHTTPRequestHandler, item: str) -> None:
        if "legal_content" in call.path:
            self._say(call, 400, json.dumps(error(100)).encode())
        else:
            self._well(call, item)

    def _fails(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 503, b"<html>busy</html>")

    def _transient(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 500, json.dumps(error(2)).encode())

    def _hangs(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._freed.wait(5)
        call.close_connection = True

    def _resets(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        linger = struct.pack("ii", 1, 0)
        call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        call.connection.close()
        call.close_connection = True

    def _cuts(self, call: BaseHTTPRequestHandler, item: str) -> None:
        whole = self.whole(item)
        call.send_response(200)
        call.send_header("Content-Length", str(len(whole)))
        call.end_headers()
        call.wfile.write(whole[: len(whole) // 2])
        call.close_connection = True

    def _garbles(self, call: BaseHTTPRequestHandler, item: str) -> None:
        self._say(call, 200, self.whole(item)[:-9])

    def _floods(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 200, b'"' + b"x" * 2_000_000 + b'"')

    def _throttles(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        use = {"1": [{"type": "leadgen", "estimated_time_to_regain_access": self.wait_minutes}]}
        usage = {"X-Business-Use-Case-Usage": json.dumps(use)}
        self._say(call, 400, json.dumps(error(80005)).encode(), usage)

    def _bad_token(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 400, json.dumps(error(190, 460)).encode())

    def _forbids(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 403, json.dumps(error(200)).encode())

    def _errs(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 400, json.dumps(error(1)).encode())

    def _misses(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._say(call, 400, json.dumps(error(100, 33)).encode())

    @staticmethod
    def _say(
        call: BaseHTTPRequestHandler, status: int, body: bytes, more: dict[str, str] | None = None
    ) -> None:
        call.send_response(status)
        for name, value in (more or {}).items():
            call.send_header(name, value)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)

    def close(self) -> None:
        self._freed.set()
        self._server.shutdown()
        self._server.server_close()
