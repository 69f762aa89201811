"""A system of its own for each run: a fresh database, fresh topics, processes as wanted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import httpx

from libs.common.database import Database
from libs.common.database.embedded import EmbeddedPostgres
from libs.common.log import Log, LogUnavailable
from libs.common.log.opening import open_log
from libs.common.settings import Settings
from tests.bench.processes import Process, free_port, python

SECRET: Final = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
CONFIGURATION: Final = """
organisation: {name: Bench, time_zone: Asia/Tehran, country: IR}
sites: [{key: main, hosts: [nil.example], forms: [{key: contact}]}]
api_keys: [{key: bench, token: bench-token}]
teams:
  - key: seo
    name: SEO
    specialists:
      - {key: sara, name: Sara, notify: [{channel: webhook, to: "http://127.0.0.1:%(sink)d/sara"}]}
      - {key: omid, name: Omid, notify: [{channel: webhook, to: "http://127.0.0.1:%(sink)d/omid"}]}
routing: {fallback: seo, pages: [{pattern: "nil.example/services/seo/*", team: seo}]}
channels: {webhook: {secret: "%(secret)s"}}
limits: {form_per_network: off, form_refuse_above: off, wrong_proofs_per_network: off}
"""


class Installation:
    """Its folder, database, settings and processes."""

    def __init__(self, folder: Path, url: str, kafka: str, postgres: int | None) -> None:
        self.folder = folder
        self.capture_port, self.desk_port = free_port(), free_port()
        self.postgres = postgres
        self.processes: dict[str, Process] = {}
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "SARNAKH_CONFIG": str(folder / "sarnakh.yaml"),
            "SARNAKH_DATA_DIR": str(folder / "data"),
            "SARNAKH_API_TOKEN": "bench-desk-token",
            "SARNAKH_CAPTURE_PORT": str(self.capture_port),
            "SARNAKH_DESK_PORT": str(self.desk_port),
            "SARNAKH_DATABASE_URL": url,
            "SARNAKH_KAFKA_BOOTSTRAP_SERVERS": kafka,
            "SARNAKH_TOPIC_PREFIX": f"b{uuid.uuid4().hex[:8]}." if kafka else "",
            "SARNAKH_LOG_LEVEL": "warning",
        }

    @property
    def settings(self) -> Settings:
        """As its processes read them."""
        return Settings(
            database_url=self.environment["SARNAKH_DATABASE_URL"],
            kafka_bootstrap_servers=self.environment["SARNAKH_KAFKA_BOOTSTRAP_SERVERS"],
            topic_prefix=self.environment["SARNAKH_TOPIC_PREFIX"],
        )

    def start(self, *arguments: str, pin: int | None = None, copy: int = 1) -> Process:
        """One of its processes."""
        name = "-".join(arguments) + (f"-{copy}" if copy > 1 else "")
        command = python("-m", "services", *arguments)
        made = Process(command, self.environment, self.folder / f"{name}.log", pin)
        self.processes[name] = made
        return made

    def stop(self, *arguments: str) -> None:
        """End one of its processes."""
        self.processes.pop("-".join(arguments)).stop()

    async def up(self) -> Process:
        """Everything in one process, ready."""
        process = self.start("up")
        await self.ready(self.capture_port)
        await self.ready(self.desk_port)
        return process

    async def up_apart(self, copies: int = 1) -> dict[str, list[Process]]:
        """A process for each service, several for those that nobody asks; ready."""
        made = {
            name: [self.start("serve", name, copy=n + 1) for n in range(copies)]
            for name in ("enrichment", "scoring", "routing")
        }
        made |= {name: [self.start("serve", name)] for name in ("capture", "desk")}
        await self.ready(self.capture_port)
        await self.ready(self.desk_port)
        return made

    async def ready(self, port: int, seconds: float = 90) -> None:
        """Until the page on the port says that it is."""
        async with asyncio.timeout(seconds), httpx.AsyncClient() as http:
            while True:
                for process in self.processes.values():
                    process.check()
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.1)

    async def books(self) -> dict[str, object]:
        """What the desk says of them."""
        headers = {"authorization": "Bearer bench-desk-token"}
        async with httpx.AsyncClient(headers=headers, timeout=60) as http:
            answer = await http.get(f"http://127.0.0.1:{self.desk_port}/api/books")
            return dict(answer.raise_for_status().json())

    @contextlib.asynccontextmanager
    async def log(self) -> AsyncIterator[Log]:
        """Its log, for looking at."""
        database = Database(self.environment["SARNAKH_DATABASE_URL"], pool=2)
        opened = open_log(self.settings, database)
        try:
            yield opened
        finally:
            with contextlib.suppress(LogUnavailable):
                await opened.close()
            await database.close()


@contextlib.asynccontextmanager
async def installation(kafka: str, sink: int) -> AsyncIterator[Installation]:
    """A fresh one, migrated; everything of it is gone afterwards."""
    folder = _folder()
    server = EmbeddedPostgres(folder / "postgres")
    url = await server.start()
    made = Installation(folder, url, kafka, server.pid)
    written = CONFIGURATION % {"sink": sink, "secret": SECRET}
    await asyncio.to_thread((folder / "sarnakh.yaml").write_text, written, "utf-8")
    try:
        await _migrate(made)
        yield made
    finally:
        for process in made.processes.values():
            await asyncio.to_thread(process.stop)
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-bench-"))
    folder.chmod(0o711)
    return folder


async def _migrate(made: Installation) -> None:
    command: list[str] = python("-m", "services", "migrate")
    environment: Mapping[str, str] = made.environment
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(environment), stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError("the tables were not made")
