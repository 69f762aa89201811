"""A list put in by the command, killed on its way and sent again: everybody comes once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.looking import leads_of
from tests.e2e.receiver import Receiver
from tests.e2e.system import ROOT, System, eventually

ROWS = 200


@pytest.fixture
def system(receiver: Receiver) -> Iterator[System]:
    made = System(f"http://127.0.0.1:{receiver.port}")
    made.up()
    yield made
    made.remove()


def command(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services", "import", *arguments],
        cwd=ROOT,
        env=system.environment | {"LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def written(path: Path, rows: int, encoding: str = "windows-1256") -> Path:
    lines = [f"مخاطب {n};0912{n:07}" for n in range(1_000_000, 1_000_000 + rows)]
    text = "\r\n".join(["نام;موبایل", *lines, lines[0], "بی‌شماره;"])
    if encoding == "windows-1256":  # which has the Arabic yeh only
        text = text.replace("ی", "ي")
    path.write_text(text, encoding)
    return path


def test_a_list_survives_kills_and_is_put_in_once(
    system: System, receiver: Receiver, tmp_path: Path
) -> None:
    before = len(receiver.told)
    file = written(tmp_path / "list.csv", ROWS)
    refused = command(system, str(file))
    assert refused.returncode == 1
    assert "--basis" in refused.stderr
    dry = command(system, str(file), "--basis", "bought_list", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert f"{ROWS}  new" in dry.stdout
    assert "an earlier line" not in dry.stdout
    shared = tmp_path / "shared.csv"
    shared.write_text("نام;موبایل\nسارا;09121110001\nسارا رضایی;+989121110001", "utf-8")
    dry = command(system, str(shared), "--basis", "bought_list", "--dry-run")
    assert "handle of an earlier line: 1" in dry.stdout
    assert system.books()["accepted"] == 0
    assert system.desk.get("/api/imports").json()["items"] == []

    page = "https://nil.example/services/seo"
    put = [str(file), "--basis", "bought_list", "--source", "expo", "--page", page]
    with subprocess.Popen(
        [sys.executable, "-m", "services", "import", *put],
        cwd=ROOT,
        env=system.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:

        def far() -> bool:
            items = system.desk.get("/api/imports").json()["items"]
            return bool(items) and items[0]["counts"].get("new", 0) >= 50

        eventually(far, 120, "some rows are in")
        system.kill_everything()
        running.wait(60)
    system.up()
    done = command(system, *put)
    assert done.returncode == 0, done.stderr
    found = system.desk.get("/api/imports").json()["items"]
    resumed = eventually(lambda: _done(system), 120, "the import is done")
    assert resumed["counts"] == {"new": ROWS, "repeated": 1, "without_contact": 1}, found
    books = system.settled_books()
    assert (books["accepted"], books["balanced"]) == (ROWS, True)

    longer = written(tmp_path / "another name.csv", ROWS + 5, "utf-16")
    again = command(system, str(longer), *put[1:], "--errors", str(tmp_path / "errors.csv"))
    assert again.returncode == 0, again.stderr
    assert f"{ROWS}  put in before" in again.stdout
    assert "بی‌شماره" in (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")
    assert system.settled_books()["accepted"] == ROWS + 5
    told = {one.webhook_id: one.body for one in receiver.told[before:]}.values()
    assert {one["type"] for one in told} == {"leads.listed"}
    assert sum(one["data"]["leads"] for one in told) == ROWS + 5
    to = [(one["data"]["specialist"], one["data"]["list"]["name"]) for one in told]
    assert len(to) == len(set(to)) <= 4  # two specialists, two lists
    first = next(iter(told))["data"]
    theirs = {"list": first["list"]["id"], "owner": first["specialist"], "limit": "200"}
    assert leads_of(system, first["leads"], **theirs)
    (lead, *_) = system.leads(source="expo")
    assert (lead["temperature"], lead["page"]) == ("cold", "nil.example/services/seo")


def _done(system: System) -> dict[str, Any] | None:
    first = system.desk.get("/api/imports").json()["items"][-1]
    return dict(first) if first["state"] == "done" else None
