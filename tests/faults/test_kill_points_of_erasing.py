"""SIGKILL between the steps of erasing: the erased are erased, and stay so."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import partial
from typing import Any

import httpx
import pytest

from tests.e2e.forking import Running
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = (
    "enrichment.erasing.let_go",
    "scoring.erasing",
    "routing.erasing",
    "desk.erasing.emptied",
)
SOURCE = """
  - {key: li, kind: linkedin, secret: app-secret, access_token: t, api_url: "http://127.0.0.1:9"}
api_keys:"""
LEAD = "urn:li:leadGenFormResponse:12345-6"


def _has_ended(process: Running) -> bool:
    return process.poll() is not None


def _erase(system: System, person: str) -> bool:
    """Whether it was taken for certain: the process may die over the one before it."""
    try:
        answer = system.desk.post(f"/api/persons/{person}/erase", json={"reason": "خودش خواست"})
    except httpx.TransportError:
        return False
    return answer.status_code in {200, 202}


def _linkedin(system: System, action: str) -> bool:
    told = {"type": "LEAD_ACTION", "leadGenFormResponse": LEAD, "leadAction": action}
    body = json.dumps(told).encode()
    mac = hmac.new(b"app-secret", b"hmacsha256=" + body, hashlib.sha256).hexdigest()
    headers = {"X-LI-Signature": f"hmacsha256={mac}", "Content-Type": "application/json"}
    try:
        answer = system.capture.post("/v1/webhooks/linkedin/li", content=body, headers=headers)
    except httpx.TransportError:
        return False  # as LinkedIn does, it is sent again
    return answer.status_code == 200


def _dies(system: System, point: str) -> bool:
    try:
        eventually(partial(_has_ended, system.processes["up"]), 120, point)
    except AssertionError:
        return False
    return True


def _erased(system: System, submission: str) -> dict[str, Any] | None:
    found: dict[str, Any] = system.submission(submission, "erased", seconds=120)
    return None if any(found["contact"].values()) else found


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_invariant_26_a_process_killed_at_each_point_of_erasing_leaves_nobody_half_erased(
    install: Install,
) -> None:
    system = install()
    written = system.config.read_text("utf-8")
    system.config.write_text(written.replace("\napi_keys:", SOURCE), "utf-8")
    system.up()
    asked: dict[str, str] = {}
    for number, point in enumerate(POINTS):
        lead = {"phone": f"0912777000{number}", "name": f"بهارک {number}", "message": "راز"}
        asked[point] = system.post_lead(lead).json()["submission_id"]
    eventually(partial(_linkedin, system, "CREATED"), 120, "accepted")
    persons = {
        point: system.submission(one, "notified", seconds=120)["person_id"]
        for point, one in asked.items()
    }
    system.stop()
    missed, again = [], []
    for point in POINTS:
        system.up(SARNAKH_FAIL_POINT=point)
        if not _erase(system, persons[point]):
            again.append(point)
        if not _dies(system, point):
            missed.append(point)
        system.processes.pop("up").kill()
    system.up(SARNAKH_FAIL_POINT="capture.erasing")
    eventually(partial(_linkedin, system, "DELETED"), 120, "accepted")
    if not _dies(system, "capture.erasing"):
        missed.append("capture.erasing")
    system.processes.pop("up").kill()
    system.up()
    assert not missed, f"never reached: {missed}\n{system.output()[-2000:]}"
    assert len(again) < len(POINTS)
    assert all(_erase(system, persons[point]) for point in again)
    for point, one in asked.items():
        eventually(partial(_erased, system, one), 120, point)
    assert system.leads(q="بهارک") == []
    books = system.settled_books()
    assert books["balanced"], books
    assert books["terminal"] == {"erased": len(POINTS) + 1}, books
