"""The configuration lives: a change without a restart, a wrong one refused, the old one kept."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import ROOT, System, eventually

ADDED_FORM = "      - {key: plain, page: nil.example/services/seo}\n"
ADDED_TEAM = """
  - key: ads
    name: {fa: تبلیغات, en: Ads}
    specialists: [{key: zari, name: Zari, notify: [{channel: webhook, to: "%s/zari"}]}]
"""


@pytest.fixture
def system(receiver: Receiver, database_url: str) -> Iterator[System]:
    """On the embedded log: which log it is does not matter to the file."""
    made = System(f"http://127.0.0.1:{receiver.port}", database=database_url)
    made.up()
    yield made
    made.remove()


def configured(system: System, text: str) -> None:
    """The file changes in one moment: half of one may be read, and refused, before the rest."""
    new = system.config.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(system.config)


def posted(system: System, form: str, **headers: str) -> int:
    phone = f"0912{uuid.uuid4().int % 10**7:07d}"
    answer = system.capture.post(
        f"/v1/forms/{form}",
        data={"phone": phone},
        headers={"Accept": "application/json", **headers},
    )
    return answer.status_code


def test_a_change_is_taken_up_and_a_wrong_one_is_refused_with_line_and_field(
    system: System, receiver: Receiver
) -> None:
    before = system.config.read_text(encoding="utf-8")
    wider = _widened(before, f"http://127.0.0.1:{receiver.port}")
    lead = _a_form_and_a_team_are_added(system, wider)
    _a_wrong_file_is_refused(system, wider)
    _what_is_taken_away_leaves_its_leads(system, before, lead["id"])
    assert system.settled_books()["balanced"]
    assert system.desk.get("/api/health").json()["books"]["balanced"]


def _widened(text: str, hook: str) -> str:
    """The file with a form, a page and a team more."""
    text = text.replace(
        ADDED_FORM, ADDED_FORM + "      - {key: advert, page: nil.example/services/ads}\n"
    )
    text = text.replace("\nrouting:\n", (ADDED_TEAM % hook).rstrip("\n") + "\nrouting:\n")
    return text.replace(
        '    - {pattern: "nil.example/services/seo/*", team: seo}\n',
        '    - {pattern: "nil.example/services/seo/*", team: seo}\n'
        '    - {pattern: "nil.example/services/ads/*", team: ads}\n',
    )


def _health(system: System) -> dict[str, Any]:
    answer: dict[str, Any] = system.desk.get("/api/health", params={"lang": "en"}).json()
    return answer


def _a_form_and_a_team_are_added(system: System, wider: str) -> dict[str, Any]:
    own = {"Origin": "https://nil.example"}
    assert posted(system, "advert", **own) == 404
    unknown = eventually(lambda: _health(system)["misaddressed"], 120, "the unknown form")
    assert (unknown[0]["form"], unknown[0]["host"]) == ("advert", "nil.example")
    configured(system, wider)
    eventually(lambda: posted(system, "advert", **own) == 202, 120, "the form that was added")
    lead = eventually(
        lambda: next(iter(system.leads(owner="zari")), None), 20, "a lead of the added team"
    )
    assert lead["assignment"]["rule"] == "page:nil.example/services/ads/*"
    told = _health(system)
    assert told["misaddressed"] == []
    assert lead["assignment"]["config_version"] == told["configuration"]["version"]
    assert lead["score"]["version"] >= 1
    return lead


def _a_wrong_file_is_refused(system: System, wider: str) -> None:
    wrong = wider.replace("form_per_network: off", "form_per_network: often")
    configured(system, wrong)
    refused = eventually(
        lambda: _health(system)["configuration"]["refused"], 120, "the refused file"
    )
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if "often" in text)
    assert (refused[0]["line"], refused[0]["field"]) == (line, "limits.form_per_network")
    assert posted(system, "advert") == 202
    assert "configuration refused" in system.output()
    check = subprocess.run(
        [sys.executable, "-m", "services", "config", "check", str(system.config)],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert check.returncode == 1
    assert f"line {line}: limits.form_per_network" in check.stdout + check.stderr
    configured(system, wider)
    eventually(lambda: not _health(system)["configuration"]["refused"], 120, "mended")


def _what_is_taken_away_leaves_its_leads(system: System, before: str, lead_id: str) -> None:
    configured(system, before)
    eventually(lambda: posted(system, "advert") == 404, 120, "the form that was taken away")
    gone = eventually(
        lambda: system.desk.get("/api/board").json()["teams"][-1]["gone"], 120, "the team that went"
    )
    assert gone == [{"specialist": "zari", "open": gone[0]["open"]}]
    answer = system.desk.post(
        f"/api/leads/{lead_id}/actions", json={"action": "reassign", "team": "seo"}
    )
    assert answer.status_code in {200, 202}
    moved = eventually(
        lambda: (found := system.lead(lead_id))["team"] == "seo" and found, 120, "the reassignment"
    )
    assert moved["owner"] in {"sara", "reza"}
