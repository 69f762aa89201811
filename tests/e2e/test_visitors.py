"""Visits and scans from outside: what somebody did before and after they left a contact."""

from __future__ import annotations

import json
import signal
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.receiver import Receiver
from tests.e2e.system import API_KEY, System, eventually
from tests.plugins.installation import Install
from tests.ports import free_port

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"}
EXTRA = """
qr:
  - {code: expo26, target: "https://nil.example/services/seo/?utm_campaign=expo#top", label: Hall 6}
scoring:
  rules:
    - {id: pricing, group: engagement, points: 7, once: false,
       when: {field: activity.page, op: matches, value: "nil.example/pricing*"},
       text: {fa: "صفحهٔ قیمت را دید", en: "looked at prices"}}
"""


@pytest.fixture(scope="module")
def system(install: Install) -> System:
    """Everything in one process, with a code and a rule about visits."""
    made = install()
    made.config.write_text(made.config.read_text("utf-8") + EXTRA, encoding="utf-8")
    made.up()
    return made


def does(system: System, kind: str, visitor: str | None, **more: Any) -> str:
    """Post an activity; its submission."""
    body = {"type": kind, "visitor_id": visitor, **more}
    answer = system.capture.post("/v1/activities", json=body, headers=PHONE)
    assert answer.status_code == 202, answer.text
    assert answer.headers["X-Durability"] in {"replicated", "spooled"}
    return str(answer.json()["submission_id"])


def rules(lead: dict[str, Any]) -> dict[str, int]:
    """Points by rule, as the API shows them."""
    return {reason["rule"]: reason["points"] for reason in lead["score"]["reasons"]}


def kinds(lead: dict[str, Any]) -> list[str]:
    return [line["kind"] for line in lead["timeline"]]


def test_what_a_visitor_did_before_and_after_is_in_the_story_and_in_the_score(
    system: System, receiver: Receiver
) -> None:
    visitor, number = str(uuid.uuid4()), f"0912{uuid.uuid4().int % 10**7:07d}"
    scan = system.capture.get("/q/expo26", headers=PHONE, follow_redirects=False)
    assert scan.status_code == 302
    assert scan.headers["cache-control"] == "no-store"
    landing = scan.headers["location"]
    parts = urlsplit(landing)
    assert (parts.path, parts.fragment) == ("/services/seo/", "top")
    assert parse_qs(parts.query)["utm_campaign"] == ["expo"]
    before = [
        does(system, "page_view", visitor, page_url="https://www.nil.example/pricing/?a=1"),
        does(system, "wish_list", visitor, page_url="https://nil.example/p/1"),
    ]
    for submission in before:
        assert system.submission(submission, "activity")["person_id"] is None

    form = {"phone": number, "page_url": landing, "visitor_id": visitor}
    posted = system.capture.post("/v1/forms/contact", json=form)
    found = system.submission(posted.json()["submission_id"], "notified")
    seen, scored = {"page_view", "wish_list", "qr_scan"}, {"pricing", "wish_list"}

    def told() -> dict[str, Any] | None:
        now = system.lead(found["lead_id"])
        return now if seen <= set(kinds(now)) and scored <= set(rules(now)) else None

    lead = eventually(told, what="the earlier visits")
    assert lead["attribution"]["qr"] == "expo26"
    assert lead["attribution"]["first"]["qr"] == "expo26"
    assert lead["attribution"]["utm"] == {"campaign": "expo"}
    assert rules(lead)["pricing"] == 7
    assert rules(lead)["scanned_qr"] == 5
    assert lead["touch_count"] == len(lead["touches"]) == 1
    for submission in before:  # whose it is became known later
        assert system.submission(submission)["person_id"] == lead["person"]["id"]
    assert lead["score"]["total"] == sum(rules(lead).values())

    after = does(system, "download", visitor, page_url="https://nil.example/list.pdf")
    assert system.submission(after, "activity")["person_id"] == lead["person"]["id"]
    eventually(lambda: "downloaded" in rules(system.lead(lead["id"])), what="the later visit")
    assert kinds(system.lead(lead["id"])).count("download") == 1
    assert len(receiver.of_lead(lead["id"])) == 1


def test_a_program_with_a_key_names_the_person(system: System) -> None:
    number = f"0912{uuid.uuid4().int % 10**7:07d}"
    posted = system.post_lead({"phone": number})
    lead_id = system.submission(posted.json()["submission_id"], "notified")["lead_id"]
    body = {"activities": [{"type": "trial_start", "phone": number}]}
    assert system.capture.post("/v1/activities", json=body).status_code == 401
    headers = {"Authorization": f"Bearer {API_KEY}"}
    answer = system.capture.post("/v1/activities", json=body, headers=headers)
    assert answer.status_code == 202
    eventually(lambda: "started_trial" in rules(system.lead(lead_id)), what="the trial")


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a page of the organisation's, on another origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>x</title>")

        def log_message(self, *_: object) -> None:
            """Keep the test's output for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/pricing"
    server.shutdown()
    server.server_close()


def test_a_beacon_of_a_real_browser_is_taken(system: System, site: str, chromium: str) -> None:
    visitor = str(uuid.uuid4())
    said = json.dumps({"type": "page_view", "visitor_id": visitor, "page_url": site})
    url = f"{system.capture.base_url}/v1/activities"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(user_agent=PHONE["User-Agent"])
        page.goto(site)
        assert page.evaluate("([url, said]) => navigator.sendBeacon(url, said)", [url, said])
        asked = "([url, said]) => fetch(url, {method: 'POST', body: new Blob([said], "
        asked += "{type: 'application/json'})}).then(a => a.status)"
        assert page.evaluate(asked, [url, said]) == 202
        browser.close()
    number = f"0912{uuid.uuid4().int % 10**7:07d}"
    form = {"phone": number, "visitor_id": visitor}
    posted = system.capture.post("/v1/forms/contact", json=form)
    lead_id = system.submission(posted.json()["submission_id"], "notified")["lead_id"]
    eventually(lambda: kinds(system.lead(lead_id)).count("page_view") == 2, what="both views")


@pytest.fixture
def booth(system: System) -> Iterator[httpx.Client]:
    """A second capture, which reaches neither the database nor the log."""
    port = free_port()
    nowhere = f"127.0.0.1:{free_port()}"
    settings = {
        "SARNAKH_CAPTURE_PORT": str(port),
        "SARNAKH_DATA_DIR": str(system.folder / "booth"),
    }
    away = {"SARNAKH_DATABASE_URL": f"postgresql://nobody@{nowhere}/nothing"}
    if system.environment["SARNAKH_KAFKA_BOOTSTRAP_SERVERS"]:
        away["SARNAKH_KAFKA_BOOTSTRAP_SERVERS"] = nowhere
    system.start("booth", "serve", "capture", **settings, **away)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        eventually(lambda: answers(client), 60, "the booth's capture")
        yield client


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/livez").status_code == 200
    except httpx.TransportError:
        return False


def test_a_form_that_is_read_before_its_scan_learns_its_code(
    system: System, booth: httpx.Client, receiver: Receiver
) -> None:
    scan = booth.get("/q/expo26", headers=PHONE, follow_redirects=False)
    landing = scan.headers["location"]
    assert "_sn=" in landing
    form = {"phone": f"0912{uuid.uuid4().int % 10**7:07d}", "page_url": landing}
    posted = system.capture.post("/v1/forms/contact", json=form)
    submission = posted.json()["submission_id"]
    lead_id = system.submission(submission, "notified")["lead_id"]
    before = system.lead(lead_id)
    assert before["attribution"]["first"]["qr"] is None

    process = system.processes.pop("booth")
    process.send_signal(signal.SIGINT)
    process.wait(60)
    settings = {"SARNAKH_CAPTURE_PORT": str(booth.base_url.port)}
    settings["SARNAKH_DATA_DIR"] = str(system.folder / "booth")
    system.start("booth", "serve", "capture", **settings)

    def learnt() -> dict[str, Any] | None:
        now, form = system.lead(lead_id), system.submission(submission)
        touches = (now["attribution"]["first"], now["attribution"]["last"], form["attribution"])
        is_known = all(touch["qr"] == "expo26" for touch in touches)
        seen = {"came_by_code", "qr_scan"} <= set(kinds(now)) and "scanned_qr" in rules(now)
        return now if is_known and seen else None

    lead = eventually(learnt, 60, "the code")
    assert lead["touch_count"] == len(lead["touches"]) == 1
    assert "came_back" not in rules(lead)
    assert kinds(lead).count("came_by_code") == 1
    assert len(receiver.of_lead(lead_id)) == 1


def test_the_books_balance(system: System) -> None:
    books = system.settled_books()
    assert books["balanced"], books
    assert books["terminal"]["activity"] >= 6
