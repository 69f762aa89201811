"""SIGKILL around an automatic answer: no customer gets two, and no lead waits for it."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.e2e.forking import Running
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = {"capture.reply.claimed": 0, "capture.reply.sent": 1}
"""Where it dies, and what its customer has been told by then, for good."""
SOURCE = """
  - {key: bot, kind: telegram, secret: of-the-webhook, access_token: "1:t", api_url: "%s",
     auto_reply: true}
api_keys:"""


class Bot:
    """A bot API that counts what each chat is told, on a thread of its own."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["content-length"])))
                bot.told[said["chat_id"]] += 1
                body = b'{"ok":true,"result":{}}'
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the test's output for the test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def bot() -> Iterator[Bot]:
    made = Bot()
    yield made
    made.close()


def _write(system: System, person: int) -> bool:
    """What a customer writes; the phone tells their lead."""
    who = {"id": person, "is_bot": False, "first_name": "Sara"}
    said = {"message_id": 1, "from": who, "chat": {"id": person, "type": "private"},
            "date": int(time.time()), "text": f"سلام، 0912{person}"}  # fmt: skip
    headers = {"x-telegram-bot-api-secret-token": "of-the-webhook"}
    body = {"update_id": person, "message": said}
    try:
        answer = system.capture.post("/v1/webhooks/telegram/bot", json=body, headers=headers)
    except httpx.TransportError:
        return False  # as Telegram does, it is sent again
    return answer.status_code == 200


def _has_ended(process: Running) -> bool:
    return process.poll() is not None


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_invariant_13_an_answer_of_unknown_outcome_is_not_sent_again(
    install: Install, receiver: Receiver, bot: Bot
) -> None:
    system = install()
    written = system.config.read_text("utf-8")
    system.config.write_text(written.replace("\napi_keys:", SOURCE % bot.url), "utf-8")
    people = [1110000 + n for n in range(len(POINTS) + 1)]
    for point, person in zip(POINTS, people, strict=False):
        system.start("up", "up", SARNAKH_FAIL_POINT=point)
        process = system.processes["up"]
        eventually(partial(_write, system, person), 120, "accepted")
        eventually(partial(_has_ended, process), 120, point)
        system.processes.pop("up").kill()
    system.up()
    eventually(partial(_write, system, people[-1]), 120, "accepted")
    eventually(lambda: bot.told[str(people[-1])], 120, "answered")
    for person in people:
        assert _write(system, person), "and once more, as platforms do"
        (found,) = eventually(partial(system.leads, q=f"+98912{person}"), 120, str(person))
        eventually(partial(receiver.of_lead, found["id"]), 120, "told")
    books = system.settled_books()
    assert (books["balanced"], books["accepted"]) == (True, len(people)), books
    assert [bot.told[str(person)] for person in people] == [*POINTS.values(), 1]
