"""Bad input by the flood while nothing that capture depends on is there: its memory is bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.system import API_KEY, ROOT, System, eventually
from tests.hostile.watching import Watching
from tests.ports import free_port

SECONDS = 12
MEGABYTE = 1024 * 1024


@pytest.fixture
def system() -> Iterator[System]:
    nowhere = f"127.0.0.1:{free_port()}"
    made = System("http://127.0.0.1:9", kafka=nowhere, database=f"postgresql://x@{nowhere}/x")
    made.forks = False  # its memory is that of a process of its own
    made.start("capture", "serve", "capture", SARNAKH_TRUSTED_PROXIES="127.0.0.0/8")
    yield made
    made.remove()


def test_invariant_18_a_flood_in_an_outage_stays_below_300_megabytes(system: System) -> None:
    eventually(lambda: _accepts(system), 120, "an accepted lead")
    watching = Watching(system.processes["capture"].pid)
    command = [sys.executable, "-m", "tests.hostile.flood", str(system.capture_port), str(SECONDS)]
    flood = subprocess.run(
        [*command, API_KEY], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=90
    )
    answers = json.loads(flood.stdout)
    watching.stop()
    slow = answers.pop("-1", 0)  # of a machine that does other things as well
    assert slow < 0.1 * sum(answers.values()), answers
    assert set(answers) <= {"202", "400", "401", "404", "413", "422", "429", "431", "503"}, answers
    assert answers["202"] > 10
    assert watching.memory < 300 * MEGABYTE, watching.memory / MEGABYTE
    assert watching.files < 0.8 * watching.most_files
    assert _accepts(system)
    assert "Traceback" not in system.output()
    assert set(system.stop().values()) == {0}


def _accepts(system: System) -> bool:
    try:
        return system.post_lead({"phone": "09121234567"}).status_code == 202
    except httpx.TransportError:
        return False
