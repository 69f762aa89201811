"""A specialist's webhook, as a small server outside the system: it keeps what it was told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


@dataclass(frozen=True)
class Told:
    """One verified delivery: to whom, under which id, and what it said."""

    specialist: str
    webhook_id: str
    body: dict[str, Any]

    @property
    def lead_id(self) -> str:
        """Empty where it is of many: a list's summary."""
        return str(self.body["data"].get("lead_id", ""))


@dataclass
class Receiver:
    """Answers 200 to what the official library verifies, 401 to anything else."""

    told: list[Told] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(self.path, dict(self.headers.items()), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the test's output for the test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Verify as a customer would, and keep it."""
        try:
            Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
        except Exception:
            self.refused += 1
            return 401
        identity = next(v for n, v in headers.items() if n.lower() == "webhook-id")
        with self._lock:
            self.told.append(Told(path.rpartition("/")[2], identity, json.loads(body)))
        return 200

    def of_lead(self, lead_id: str) -> list[Told]:
        """What was told of one lead; a delivery with a known id is a repeat and counts once."""
        with self._lock:
            return list({t.webhook_id: t for t in self.told if t.lead_id == lead_id}.values())

    def forget(self) -> None:
        """What installations that are gone have told: another may give a lead the same identity."""
        with self._lock:
            self.told.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
