"""The system under test, started as a user would start it and seen only from outside."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.e2e.forking import Forked, Running
from tests.plain_http import TRUSTS_NOBODY
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
TOKEN = "desk-token-of-the-tests"
API_KEY = "api-key-of-the-tests"
WEBHOOK_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
SERVICES = ("capture", "enrichment", "scoring", "routing", "desk")

Found = TypeVar("Found")

CONFIGURATION = """
organisation: {name: Nil Studio, time_zone: Asia/Tehran, country: IR, languages: [fa, en]}
sites:
  - key: main
    hosts: [nil.example, www.nil.example, "127.0.0.1", localhost]
    forms:
      - {key: contact, thank_you: "https://nil.example/thanks", honeypot: fax_2, elapsed: ms_open,
         page: nil.example/contact}
      - {key: plain, page: nil.example/services/seo}
sources:
  - {key: partner, kind: standard, secret: "%(secret)s", page: nil.example/partners}
api_keys:
  - {key: zapier, token: "%(api_key)s"}
teams:
  - key: seo
    name: {fa: سئو, en: SEO}
    specialists:
      - {key: sara, name: Sara, weight: 2, notify: [{channel: webhook, to: "%(hook)s/sara"}]}
      - {key: reza, name: Reza, weight: 1, notify: [{channel: webhook, to: "%(hook)s/reza"}]}
  - key: reception
    name: {fa: پذیرش, en: Reception}
    specialists:
      - {key: mina, name: Mina, notify: [{channel: webhook, to: "%(hook)s/mina"}]}
routing:
  fallback: reception
  pages:
    - {pattern: "nil.example/services/seo/*", team: seo}
    - {pattern: "nil.example/خدمات/سئو/*", team: seo}
channels:
  webhook: {secret: "%(secret)s"}
limits: {form_per_network: off, form_refuse_above: off}
"""


def eventually(look: Callable[[], Found | None], seconds: float = 120, what: str = "") -> Found:
    """The first truthy thing seen before the deadline.

    Looked for less and less often: a look is work for the system that is waited for.
    """
    deadline = time.monotonic() + seconds
    pause = 0.02
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {seconds} s: {what or look}")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.3)


def _kill(pid: int, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)


class System:
    """One installation: its folder, ports and processes."""

    def __init__(self, hook: str, kafka: str = "", database: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sarnakh-e2e-"))
        self.folder.chmod(0o711)
        self.config = self.folder / "sarnakh.yaml"
        self.config.write_text(
            CONFIGURATION % {"hook": hook, "secret": WEBHOOK_SECRET, "api_key": API_KEY},
            encoding="utf-8",
        )
        self.capture_port, self.desk_port = free_port(), free_port()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "SARNAKH_CONFIG": str(self.config),
            "SARNAKH_DATA_DIR": str(self.folder / "data"),
            "SARNAKH_API_TOKEN": TOKEN,
            "SARNAKH_CAPTURE_PORT": str(self.capture_port),
            "SARNAKH_DESK_PORT": str(self.desk_port),
            "SARNAKH_KAFKA_BOOTSTRAP_SERVERS": kafka,
            "SARNAKH_DATABASE_URL": database,
            "SARNAKH_TOPIC_PREFIX": f"t{uuid.uuid4().hex[:8]}." if kafka else "",
        }
        self.forks = bool(database)
        """Fork processes off one that has the code loaded.

        Who gets a Postgres of its own is started as users do, whole.
        """
        self.processes: dict[str, Running] = {}
        self.capture = httpx.Client(
            base_url=f"http://127.0.0.1:{self.capture_port}", timeout=60, verify=TRUSTS_NOBODY
        )
        self.desk = httpx.Client(
            base_url=f"http://127.0.0.1:{self.desk_port}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=180,
            verify=TRUSTS_NOBODY,
        )

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        """Start one process of the installation; its output goes to a file of its name."""
        log = self.folder / f"{name}.log"
        if self.forks:
            self.processes[name] = Forked(arguments, self.environment | environment, log)
            return
        with log.open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "services", *arguments],
                cwd=ROOT,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def up(self, **environment: str) -> None:
        """Everything in one process, and wait until it is ready."""
        self.start("up", "up", **environment)
        self.wait_ready()

    def up_apart(self, copies: int = 1) -> None:
        """Each service in processes of its own; further copies on ports of their own."""
        for copy in range(copies):
            for service in SERVICES:
                extra = {}
                if copy:
                    extra = {
                        "SARNAKH_CAPTURE_PORT": str(free_port()),
                        "SARNAKH_DESK_PORT": str(free_port()),
                    }
                self.start(f"{service}-{copy}", "serve", service, **extra)
        self.wait_ready()
        eventually(self._have_spoken, 240, "a word of each")

    def _have_spoken(self) -> bool:
        """Whether each has come as far as to say something: before that it may know no signal."""
        return all((self.folder / f"{name}.log").stat().st_size for name in self.processes)

    def wait_ready(self, seconds: float = 240) -> None:
        """Until capture and the desk say that they are ready."""
        eventually(lambda: self._ready(self.capture) and self._ready(self.desk), seconds, "ready")

    def _ready(self, client: httpx.Client) -> bool:
        dead = [name for name, p in self.processes.items() if p.poll() is not None]
        assert not dead, f"ended: {dead}\n{self.output()[-3000:]}"
        try:
            return client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def output(self) -> str:
        """What all processes have printed."""
        return "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def stop(self, seconds: float = 120) -> dict[str, int]:
        """Ask all to end, as Ctrl-C does; their exit statuses."""
        for process in self.processes.values():
            process.send_signal(signal.SIGINT)
        statuses = {name: p.wait(seconds) for name, p in self.processes.items()}
        self.processes.clear()
        return statuses

    def kill(self, *names: str) -> None:
        """SIGKILL these, or all."""
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            process.kill()
            process.wait(120)

    def kill_everything(self) -> None:
        """SIGKILL all processes and the embedded Postgres under them, at once."""
        for process in self.processes.values():
            process.kill()
        self.kill_postgres()
        self.kill()

    def kill_postgres(self) -> None:
        """SIGKILL the embedded Postgres and its children."""
        for pid in list(self.postgres()):
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                _kill(int(child), signal.SIGKILL)
            _kill(pid, signal.SIGKILL)

    def postgres(self) -> Iterator[int]:
        """The process ids of the embedded Postgres, if one runs."""
        for pid_file in self.folder.glob("**/postmaster.pid"):
            yield int(pid_file.read_text().splitlines()[0])

    def remove(self) -> None:
        """End everything, also an embedded Postgres that outlived a kill, and clean up.

        Who has no Postgres under it is killed: a good end takes two seconds, and `stop` shows it.
        """
        end = "kill" if self.environment["SARNAKH_DATABASE_URL"] else "terminate"
        for process in self.processes.values():
            getattr(process, end)()
        for process in self.processes.values():
            try:
                process.wait(120)
            except subprocess.TimeoutExpired:
                process.kill()
        for pid in self.postgres():
            _kill(pid, signal.SIGQUIT)
        self.capture.close()
        self.desk.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def post_lead(self, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        """POST /v1/leads with the tests' API key."""
        headers = {"Authorization": f"Bearer {API_KEY}"}
        if key:
            headers["Idempotency-Key"] = key
        return self.capture.post("/v1/leads", json=body, headers=headers)

    def submission(self, submission_id: str, *states: str, seconds: float = 120) -> dict[str, Any]:
        """The submission once it is in one of the states."""

        def look() -> dict[str, Any] | None:
            answer = self.desk.get(f"/api/submissions/{submission_id}")
            if answer.status_code in {404, 503}:  # not seen yet, or its database is away
                return None
            found: dict[str, Any] = answer.raise_for_status().json()
            return found if not states or found["state"] in states else None

        return eventually(look, seconds, f"{submission_id} in {states}")

    def lead(self, lead_id: str) -> dict[str, Any]:
        """One lead, whole."""
        found: dict[str, Any] = self.desk.get(f"/api/leads/{lead_id}").raise_for_status().json()
        return found

    def leads(self, **filters: str) -> list[dict[str, Any]]:
        """The leads that a filter finds."""
        answer = self.desk.get("/api/leads", params=filters).raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def books(self) -> dict[str, Any]:
        """The books now."""
        found: dict[str, Any] = self.desk.get("/api/books").raise_for_status().json()
        return found

    def settled_books(self, seconds: float = 120) -> dict[str, Any]:
        """The books once nothing is in flight."""
        return eventually(
            lambda: (books := self.books())["in_flight"] == 0 and books, seconds, "in_flight 0"
        )
