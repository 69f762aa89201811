"""Both OpenAPI documents against what answers: schemathesis, all its checks, every operation.

`SARNAKH_EDGE_EXAMPLES=1000` sends that many examples to each operation instead of a few.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.e2e.system import API_KEY, ROOT, TOKEN, System, eventually
from tests.plugins.database import Databases

EXAMPLES = os.environ.get("SARNAKH_EDGE_EXAMPLES", "5")
SECONDS = max(300, 10 * int(EXAMPLES))
SECRET = "secret-of-these-tests"
CONFIGURATION = {
    "organisation": {"name": "Nil Studio", "country": "IR", "languages": ["en", "fa"]},
    "sites": [{"key": "main", "hosts": ["nil.example"], "forms": [{"key": "contact"}]}],
    "sources": [{"key": "any", "kind": "json", "secret": SECRET}],
    "api_keys": [{"key": "zapier", "token": API_KEY}],
    "qr": [{"code": "expo26", "target": "https://nil.example/expo"}],
    "teams": [
        {
            "key": "sales",
            "name": {"fa": "فروش", "en": "Sales"},
            "specialists": [{"key": "sara", "name": "Sara"}],
        }
    ],
    "routing": {"fallback": "sales"},
    "limits": {"form_per_network": "off", "form_refuse_above": "off"},
}


@pytest.fixture(scope="module")
def running(databases: Databases) -> Iterator[System]:
    name = asyncio.run(databases.take())
    system = System("http://127.0.0.1:9", database=databases.named(name))
    system.config.write_text(yaml.safe_dump(CONFIGURATION, allow_unicode=True), "utf-8")
    try:
        system.up()
        yield system
    finally:
        system.remove()
        asyncio.run(databases.give_back(name))


@pytest.fixture(scope="module")
def words(running: System) -> Mapping[str, str]:
    """What there is to ask for."""
    sent = running.post_lead({"phone": "09121234567", "name": "Sara"}).json()["submission_id"]
    held = running.post_lead({"phone": "12"}).json()["submission_id"]
    running.submission(held, "quarantined")
    lead = running.submission(sent, "notified", "undelivered")["lead_id"]
    items = eventually(lambda: running.desk.get("/api/quarantine").json()["items"])
    return {"submission": sent, "lead": lead, "held": items[0]["id"], "secret": SECRET}


@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize(
    ("path", "token"), [("/openapi.json", API_KEY), ("/api/openapi.json", TOKEN)]
)
def test_what_answers_is_as_described(
    running: System, words: Mapping[str, str], tmp_path: Path, path: str, token: str
) -> None:
    settings = Path(__file__).with_name("schemathesis.toml").read_text("utf-8")
    for name, word in {**words, "token": token}.items():
        settings = settings.replace(f"@{name}@", word)
    (tmp_path / "schemathesis.toml").write_text(settings, "utf-8")
    client = running.capture if token == API_KEY else running.desk
    options = ["--checks", "all", "--max-examples", EXAMPLES, "--no-color"]
    ended = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{client.base_url}{path}",
            *options,
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    said = "\n".join(line[:300] for line in (ended.stdout + ended.stderr).splitlines() if line)
    assert ended.returncode == 0, said
    described = client.get(path).json()["paths"]
    operations = sum(len(each) for each in described.values())
    assert re.search(rf"Selected: {operations}/{operations}\s+Tested: {operations}\b", ended.stdout)
    assert "Traceback" not in running.output()
