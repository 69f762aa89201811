"""An installation in which every secret and every contact is a canary, and what it let out."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from libs.common import topics
from libs.common.database import server
from libs.common.log import Record, Stored
from libs.common.log.kafka import KafkaLog
from tests.doubles.graph import Graph
from tests.e2e.system import SERVICES, System
from tests.hostile.canaries import Canaries
from tests.plain_http import TRUSTS_NOBODY
from tests.ports import free_port

CONFIGURATION = """
organisation: {{name: Nil Studio, time_zone: Asia/Tehran, country: IR, languages: [fa, en]}}
sites:
  - key: main
    hosts: [nil.example, "127.0.0.1"]
    forms:
      - {{key: contact, thank_you: "https://nil.example/thanks", honeypot: fax_2}}
      - {{key: plain, page: nil.example/services/seo}}
sources:
  - {{key: partner, kind: standard, secret: "{partner}"}}
  - {{key: open, kind: json, secret: "{segment}"}}
  - {{key: phone, kind: twilio, secret: "{twilio}"}}
  - {{key: chat, kind: whatsapp, secret: "{app}", verify_token: "{verify}"}}
  - {{key: ads, kind: meta, secret: "{app}", verify_token: "{verify}", access_token: "{access}",
     api_url: "{graph}"}}
api_keys:
  - {{key: zapier, token: "{api_key}"}}
teams:
  - key: seo
    name: {{fa: سئو, en: SEO}}
    specialists:
      - key: sara
        name: Sara
        notify: [{{channel: telegram, to: "777"}}, {{channel: email, to: sara@nil.example}},
          {{channel: webhook, to: "{hook}/hook"}}, {{channel: console, to: here}}]
routing: {{fallback: seo}}
channels:
  webhook: {{secret: "{notify}"}}
  telegram: {{token: "42:{bot}", api_url: "{hook}"}}
  email: {{url: "smtp://user:{mail}@127.0.0.1:{nowhere}", from: "Sarnakh <leads@nil.example>"}}
  console: {{}}
limits: {{form_per_network: off, form_refuse_above: off}}
"""


class Provider:
    """Specialists' providers: keeps how it was called, and fails every other time."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.urls: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                provider.take(self)

            def do_GET(self) -> None:
                provider.take(self)

            def log_message(self, *_: object) -> None:
                """Keep the test's output for the test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, call: BaseHTTPRequestHandler) -> None:
        """Note the address and the headers, and the link in a notification."""
        body = call.rfile.read(int(call.headers.get("Content-Length") or 0))
        path = call.path.rpartition("/")[2] if call.path.startswith("/bot") else call.path
        self.heads.append(f"{path}\n{call.headers}")
        if path == "/hook":
            self.urls.append(json.loads(body)["data"]["url"])
        call.send_response(500 if len(self.heads) % 2 else 200)
        call.end_headers()
        call.wfile.write(b"{}")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Stage:
    """Five processes on Kafka, and everything around them."""

    def __init__(self, kafka: str) -> None:
        self.canaries, self.provider, self.graph = Canaries(), Provider(), Graph()
        self.elsewhere = Provider()
        """Where addresses lead that visitors type: nobody may go there."""
        self.system = System("", kafka)
        self.answers: list[str] = []
        """What went wrong, as callers were told."""
        names = ("segment", "app", "verify", "access", "api_key", "notify", "bot", "mail", "twilio")
        self.given = {name: self.canaries.secret(name) for name in names}
        self.given["partner"] = self.canaries.known("partner", "c2VjcmV0LW9mLWEtcGFydG5lci0wMDE=")
        self.graph.tokens = {self.given["access"]}
        self.nowhere = free_port()
        around = {"graph": self.graph.url, "hook": self.provider.url, "nowhere": self.nowhere}
        self.configuration = CONFIGURATION.format(**self.given, **around)
        self.system.config.write_text(self.configuration, encoding="utf-8")
        desk = self.canaries.secret("desk token")
        self.system.environment |= {"SARNAKH_API_TOKEN": desk, "SARNAKH_LOG_LEVEL": "debug"}
        self.system.desk.headers["Authorization"] = f"Bearer {desk}"
        for client in (self.system.capture, self.system.desk):
            client.event_hooks["response"] = [self._hear]
        self.ports = {"capture": self.system.capture_port, "desk": self.system.desk_port}

    def start(self) -> None:
        """Start them all, and learn what they made for themselves."""
        for name in SERVICES:
            port = self.ports.setdefault(name, free_port())
            self.system.start(name, "serve", name, SARNAKH_ADMIN_PORT=str(port))
        self.system.wait_ready()
        password = self.system.folder / "data" / "postgres" / "password"
        self.canaries.known("database", password.read_text(encoding="utf-8").strip())

    def metrics(self) -> str:
        """Of all processes, with their readiness."""
        pages = [(port, page) for port in self.ports.values() for page in ("metrics", "readyz")]
        with httpx.Client(timeout=10, verify=TRUSTS_NOBODY) as client:
            return "\n".join(
                client.get(f"http://127.0.0.1:{port}/{page}").text for port, page in pages
            )

    def log(self) -> KafkaLog:
        """The same log as the processes have."""
        of = self.system.environment
        return KafkaLog(of["SARNAKH_KAFKA_BOOTSTRAP_SERVERS"], of["SARNAKH_TOPIC_PREFIX"])

    async def append(self, records: list[Record]) -> None:
        """As another program would that writes to the topics."""
        log = self.log()
        await log.append(records, 20)
        await log.close()

    async def records(self) -> list[Stored]:
        """All that is in all topics."""
        log = self.log()
        spans = await log.spans(topics.ALL)
        reader = await log.reader("of-the-test", topics.ALL)
        found: list[Stored] = []
        wanted = sum(len(span) for span in spans.values())
        async with asyncio.timeout(60):
            while len(found) < wanted:
                batches = await reader.fetch(500, 1)
                found += [record for batch in batches for record in batch.records]
        await reader.close()
        await log.close()
        return found

    def database_url(self) -> str:
        """Where its Postgres is."""
        folder = self.system.folder / "data" / "postgres"
        port, password = (
            (folder / name).read_text(encoding="utf-8") for name in ("port", "password")
        )
        return server.url(int(port), password.strip())

    def postgres_log(self) -> str:
        """What the database's server wrote."""
        folder = self.system.folder / "data" / "postgres"
        return "".join(p.read_text(errors="replace") for p in folder.glob("log*") if p.is_file())

    def close(self) -> None:
        self.system.remove()
        for each in (self.provider, self.elsewhere, self.graph):
            each.close()

    def _hear(self, answer: httpx.Response) -> None:
        """Keep what an error says; a page that gives a visitor his own words back is none."""
        answer.read()
        kind = answer.headers.get("content-type", "")
        given_back = "/v1/forms/" in str(answer.url) and "html" in kind
        if answer.status_code >= 400 and not given_back:
            self.answers.append(f"{answer.status_code} {answer.headers} {answer.text}")


def body_of(stored: Stored) -> dict[str, Any]:
    """An event's content."""
    found: dict[str, Any] = json.loads(stored.value)
    return found
