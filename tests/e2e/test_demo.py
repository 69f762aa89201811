"""`make demo`, small, against a system that takes every kind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.system import ROOT, System
from tests.ports import free_port

UNLIMITED = "limits: {form_per_network: off, form_refuse_above: off}\n"
PLATFORM = "127.0.0.1:8490"


@pytest.fixture(scope="module")
def everything() -> Iterator[System]:
    """The demonstration's own configuration, without its wait for the limits."""
    system = System("http://127.0.0.1:1")
    text = (ROOT / "demo" / "sarnakh.yaml").read_text("utf-8")
    assert PLATFORM in text
    system.config.write_text(
        UNLIMITED + text.replace(PLATFORM, f"127.0.0.1:{free_port()}"), encoding="utf-8"
    )
    system.up()
    yield system
    system.remove()


def test_shows_where_everything_went(everything: System) -> None:
    shown = demo(everything, "--count", "40", "--seed", "7")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for kind in ("form, multipart", "meta", "google-ads, test", "telegram", "desk, a call", "bot"):
        assert kind in shown.stdout
    books = everything.desk.get("/api/books").json()
    assert books["balanced"]
    assert books["accepted"] >= 40
    assert books["terminal"]["test"] >= 1

    del everything.environment["SARNAKH_CONFIG"]
    again = demo(everything, "--count", "40", "--seed", "7")
    assert again.returncode == 0, "the same seed once more adds nobody"
    assert "google-ads, test" in again.stdout, "whoever demonstrates need not say the file again"
    leads = everything.desk.get("/api/leads", params={"limit": 200}).json()["items"]
    assert len(leads) == books["terminal"]["notified"]


def test_says_that_nothing_runs(everything: System) -> None:
    everything.stop()
    shown = demo(everything, "--count", "5")
    assert shown.returncode == 1
    assert "make run" in shown.stderr
    assert "Traceback" not in shown.stderr


def demo(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env=system.environment | {"COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
