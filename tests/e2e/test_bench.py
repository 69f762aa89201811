"""`QUICK=1 make bench`: whether the benchmark runs. It gives no figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.system import ROOT


def test_a_quick_run_gives_rows_with_their_baselines(tmp_path: Path) -> None:
    run = bench(tmp_path, "latency", QUICK="1", LOGS="embedded")
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads((tmp_path / "build" / "bench.json").read_text("utf-8"))
    assert found["about"]["quick"] is True
    (row,) = found["rows"]
    assert (row["name"], row["log"]) == ("capture p99 at 200/s", "embedded")
    assert row["ours"][0] > 0
    assert row["baseline"]["values"][0] > 0
    assert row["ratios"][0] > 0
    assert "bare ASGI" in run.stdout


def test_an_unknown_row_is_named(tmp_path: Path) -> None:
    run = bench(tmp_path, "speed")
    assert run.returncode == 2
    assert "speed" in run.stderr


def bench(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
        | {"COLUMNS": "160"}
        | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
