"""The peer: Node-RED doing the whole flow (normalise, upsert, answer, notify) on the same machine.

Fetched once with npm, at a pinned version, into a cache folder; nothing of it is durable between
the answer and the notification, which is its advantage here.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.processes import Process, free_port

VERSION: Final = "5.0.7"
_BESIDE: Final = ("node@22.23.3", "pg@8.23.1")
"""The Node.js that it needs, which is newer than most systems', and the driver of Postgres."""
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS leads (phone text PRIMARY KEY, name text, email text, page text, "
    "touches int NOT NULL DEFAULT 1)"
)
_FLOW: Final = """
const digits = "۰۱۲۳۴۵۶۷۸۹";
const lead = msg.payload;
const phone = String(lead.phone || "").replace(/[۰-۹]/g, d => digits.indexOf(d))
  .replace(/\\D/g, "").replace(/^0/, "98");
const name = String(lead.name || "").replace(/ي/g, "ی").replace(/ك/g, "ک").trim();
const id = global.get("crypto").randomUUID();
await global.get("pool").query(
  "INSERT INTO leads (phone, name, email, page) VALUES ($1, $2, $3, $4) " +
  "ON CONFLICT (phone) DO UPDATE SET touches = leads.touches + 1",
  [phone, name, String(lead.email || "").toLowerCase(), lead.page_url]);
msg.statusCode = 202;
msg.payload = {submission_id: id, status: "received"};
node.send(msg);
global.get("notify")({data: {submission_id: id, phone, name}});
"""
_SETTINGS: Final = """
const http = require("http"), {Pool} = require("pg");
const agent = new http.Agent({keepAlive: true, maxSockets: 16});
const pool = new Pool({connectionString: process.env.BENCH_DATABASE, max: 16});
pool.query(process.env.BENCH_TABLE);
function notify(said) {
  const body = JSON.stringify(said);
  const call = http.request({host: "127.0.0.1", port: +process.env.BENCH_SINK, agent,
    method: "POST", path: "/", headers: {"content-length": Buffer.byteLength(body)}},
    answer => answer.resume());
  call.end(body);
}
module.exports = {uiHost: "127.0.0.1", httpAdminRoot: false, flowFile: "flows.json",
  userDir: process.env.BENCH_FOLDER, credentialSecret: false, logging: {console: {level: "error"}},
  functionGlobalContext: {pool, notify, crypto: require("crypto")}};
"""


class Unavailable(Exception):
    """Node-RED cannot be had here; the text says why."""


class NodeRed:
    """A fetched Node-RED."""

    def __init__(self) -> None:
        root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        self._modules = Path(root) / "sarnakh" / f"node-red-{VERSION}"
        if shutil.which("npm") is None:
            raise Unavailable("no npm here")
        self._modules.mkdir(parents=True, exist_ok=True)
        with (self._modules / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self._modules / "fetched").exists():
                self._fetch()

    def _fetch(self) -> None:
        wanted = ["npm", "install", "--no-audit", "--no-fund", f"node-red@{VERSION}", *_BESIDE]
        fetched = subprocess.run(
            wanted, cwd=self._modules, capture_output=True, text=True, timeout=600, check=False
        )
        if fetched.returncode:
            raise Unavailable(f"npm could not fetch it: {fetched.stderr.strip()[-200:]}")
        (self._modules / "fetched").touch()

    @contextlib.contextmanager
    def running(self, folder: Path, database: str, sink: int) -> Iterator[tuple[int, Process]]:
        """The flow at work: its port and process."""
        home, port = folder / "node-red", free_port()
        home.mkdir(exist_ok=True)
        (home / "settings.js").write_text(_SETTINGS, "utf-8")
        (home / "flows.json").write_text(json.dumps(_flow()), "utf-8")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "NODE_PATH": str(self._modules / "node_modules"),
            "BENCH_DATABASE": database,
            "BENCH_TABLE": _TABLE,
            "BENCH_SINK": str(sink),
            "BENCH_FOLDER": str(home),
        }
        installed = self._modules / "node_modules"
        programs = (installed / "node" / "bin" / "node", installed / "node-red" / "red.js")
        options = ["--port", str(port), "-s", str(home / "settings.js")]
        command = [*map(str, programs), *options]
        process = Process(command, environment, folder / "node-red.log", None)
        try:
            process.wait_listening(port)
            yield port, process
        finally:
            process.stop()


def _flow() -> list[dict[str, object]]:
    place = {"x": 100, "y": 100, "z": "flow"}
    door = {"id": "in", "type": "http in", "url": "/v1/leads", "method": "post", "upload": False}
    work = {"id": "work", "type": "function", "func": _FLOW, "outputs": 1, "noerr": 0, "libs": []}
    return [
        {"id": "flow", "type": "tab", "label": "leads"},
        place | door | {"wires": [["work"]]},
        place | work | {"wires": [["out"]]},
        place | {"id": "out", "type": "http response", "wires": []},
    ]
