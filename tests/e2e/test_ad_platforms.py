"""Ads and chats from outside: the recorded calls of three platforms, to the specialist's hand."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.doubles.graph import Graph
from tests.e2e.looking import lead_that
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

pytestmark = pytest.mark.parametrize("install", ["embedded"], indirect=True, scope="module")

FIXTURES = Path(__file__).parents[1] / "fixtures"
META_SECRET = "meta-app-secret-test-001"
META_TOKEN = "meta-page-token-of-the-tests"
GOOGLE_KEY = "google-lead-key-test-016"
TELEGRAM_SECRET = "tg_secret_test_005"
PRIVATE = (META_SECRET, META_TOKEN, GOOGLE_KEY, TELEGRAM_SECRET)
SOURCES = """
  - {key: ads, kind: meta, secret: "%(secret)s", verify_token: meta-verify-token-test-001,
     access_token: "%(token)s", api_url: "%(graph)s", page: nil.example/services/seo/ads}
  - {key: search, kind: google-ads, secret: [older-key, "%(key)s"]}
  - {key: bot, kind: telegram, secret: "%(bot)s"}
  - {key: ig, kind: instagram, secret: "%(secret)s", access_token: "%(token)s",
     api_url: "%(graph)s", page: nil.example/services/seo/direct}
qr: [{code: TEH-0042, target: "https://nil.example/services/seo/expo", label: Expo}]
api_keys:"""


class Case(NamedTuple):
    system: System
    graph: Graph


@pytest.fixture(scope="module")
def case(install: Install) -> Iterator[Case]:
    graph = Graph()
    graph.tokens = {META_TOKEN}
    recorded = (FIXTURES / "meta" / "meta-graph-lead.json").read_bytes()
    graph.leads["1290384756102938"] = recorded
    system = install()
    given = {
        "secret": META_SECRET, "token": META_TOKEN, "key": GOOGLE_KEY, "bot": TELEGRAM_SECRET,
        "graph": graph.url,
    }  # fmt: skip
    whole = system.config.read_text("utf-8").replace("\napi_keys:", SOURCES % given)
    system.config.write_text(whole, "utf-8")
    system.up()
    yield Case(system, graph)
    graph.close()


def sample(kind: str, file: str) -> bytes:
    return (FIXTURES / kind / file).read_bytes()


def meta(system: System, body: bytes, place: str = "meta/ads") -> httpx.Response:
    signature = hmac.new(META_SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
    return system.capture.post(f"/v1/webhooks/{place}", content=body, headers=headers)


def google(system: System, body: bytes, tail: str = "") -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    url = f"/v1/webhooks/google-ads/search{tail}"
    return system.capture.post(url, content=body, headers=headers)


def telegram(system: System, body: bytes) -> httpx.Response:
    headers = {
        "X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET, "Content-Type": "application/json",
    }  # fmt: skip
    return system.capture.post("/v1/webhooks/telegram/bot", content=body, headers=headers)


def the_lead(system: System, phone: str) -> dict[str, Any]:
    """The one lead of a phone, once it is there and somebody was told."""

    def look() -> dict[str, Any] | None:
        found = system.leads(q=phone)
        assert len(found) <= 1
        whole = system.lead(found[0]["id"]) if found else None
        told = whole and any(n["state"] == "sent" for n in whole["notifications"])
        return whole if told else None

    return eventually(look, 120, phone)


def leadgen(item: str) -> bytes:
    change = {"field": "leadgen", "value": {"leadgen_id": item, "form_id": "1"}}
    return json.dumps({"object": "page", "entry": [{"id": "1", "changes": [change]}]}).encode()


def test_each_platform_s_calls_become_leads_once(case: Case, receiver: Receiver) -> None:
    system, _graph = case
    before = system.settled_books()["accepted"]
    for _ in range(2):
        for file in ("page", "batch", "organic", "dashboard-test"):
            answer = meta(system, sample("meta", f"meta-leadgen-{file}.json"))
            assert answer.status_code == 200
        for file in ("google-lead-form.json", "google-lead-form-test.json"):
            answer = google(system, sample("google-ads", file))
            assert (answer.status_code, answer.json()) == (200, {})
        for file in ("start-deeplink", "contact", "contact-foreign"):
            answer = telegram(system, sample("telegram", f"telegram-{file}.json"))
            assert answer.status_code == 200
            assert b"method" not in answer.content
    wrong = google(system, sample("google-ads", "google-lead-form-bad-key.json"))
    assert (wrong.status_code, list(wrong.json())) == (401, ["message"])

    ad = the_lead(system, "+989121112233")
    assert ad["contact"]["name"] == "نیلوفر احمدی"
    assert ad["attribution"]["ad"]["campaign_name"] == "Lead gen - Autumn"
    assert ad["assignment"]["team"] == "seo"
    # the ids are made of the platform's, so another log's run may have told of the same lead
    told = [
        one
        for one in receiver.of_lead(ad["id"])
        if f":{system.desk_port}/" in one.body["data"]["url"]
    ]
    assert len(told) == 1
    searched = the_lead(system, "+989351234567")
    assert searched["attribution"]["click_ids"] == {"gclid": "Cj0KCQiA_test_gclid_0001"}
    chat = the_lead(system, "+989127776655")
    chat = lead_that(system, chat["id"], lambda lead: lead["touch_count"] == 3)
    assert chat["attribution"]["first"]["qr"] == "TEH-0042"
    assert "phone_verified" in json.dumps(chat["timeline"])
    assert system.leads(q="+989120009999") == []

    books = system.settled_books()
    assert books["balanced"], books
    assert books["accepted"] - before == 5 + 1 + 1 + 1 + 1  # a chat of three messages
    assert books["terminal"]["test"] == 2


def test_the_handshake_and_what_is_refused(case: Case) -> None:
    http = case.system.capture
    asked = {
        "hub.mode": "subscribe", "hub.challenge": "1158201444",
        "hub.verify_token": "meta-verify-token-test-001",
    }  # fmt: skip
    answer = http.get("/v1/webhooks/meta/ads", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    guessed = http.get("/v1/webhooks/meta/ads", params=asked | {"hub.verify_token": "guess"})
    assert guessed.status_code == 403
    assert "1158201444" not in guessed.text
    body = sample("meta", "meta-leadgen-page.json")
    assert http.post("/v1/webhooks/meta/ads", content=body).status_code == 401
    assert http.post("/v1/webhooks/telegram/bot", content=b"{}").status_code == 401
    odd = meta(case.system, b'{"object": "page"}')
    assert odd.status_code == 200


def test_a_platform_that_is_away_holds_its_leads_visibly_and_loses_none(case: Case) -> None:
    system, graph = case
    assert system.settled_books()["balanced"]
    graph.mood = "fails"
    items = ("5550000001", "5550000002")
    for item in items:
        assert meta(system, leadgen(item)).status_code == 200
    asked = graph.asked
    eventually(lambda: asked[items[0]] and system.books()["in_flight"] == 2, 120, "hydrating")
    eventually(lambda: system.books()["balanced"], 120, "balanced, though two are in flight")
    graph.mood = "well"
    for item in items:
        assert the_lead(system, f"+98912{item[-7:]}")["touch_count"] == 1
    assert system.settled_books()["balanced"]


def test_a_message_is_a_lead_at_once_and_its_sender_s_name_follows(case: Case) -> None:
    system, graph = case
    person = "1784014059999001"
    graph.moods[person] = "fails"
    graph.leads[person] = json.dumps({"name": "سارا احمدی", "username": "sara.home"}).encode()
    body = sample("instagram", "instagram-message-ad-referral.json")
    assert meta(system, body, "instagram/ig").status_code == 200
    lead = the_lead(system, person)
    assert lead["contact"].get("name") is None, "nobody waits for a name"
    told = [note["id"] for note in lead["notifications"]]
    eventually(lambda: graph.asked[person], 120, "asked")
    assert system.settled_books()["balanced"]
    graph.moods[person] = "well"
    lead = eventually(
        lambda: (now := the_lead(system, person))["contact"].get("name") and now, 120, "named"
    )
    assert (lead["contact"]["name"], lead["touch_count"]) == ("سارا احمدی", 1)
    assert [note["id"] for note in lead["notifications"]] == told, "and nobody is told again"
    assert "سکو نام فرستنده را گفت" in [line["text"] for line in lead["timeline"]]
    assert not [line for line in lead["timeline"] if line["kind"] in ("resent", "fetched")]
    assert system.settled_books()["balanced"]


def test_a_void_token_is_told_and_another_takes_effect_without_a_restart(case: Case) -> None:
    system, graph = case
    graph.tokens = {"fresh-token"}
    assert meta(system, leadgen("5550000003")).status_code == 200
    eventually(lambda: "source.paused" in system.output(), 120, "paused")
    written = system.config.read_text("utf-8")
    system.config.write_text(written.replace(META_TOKEN, "fresh-token"), "utf-8")
    assert the_lead(system, "+989120000003")["touch_count"] == 1
    assert system.settled_books()["balanced"]


def test_no_secret_is_in_any_output(case: Case) -> None:
    google(case.system, sample("google-ads", "google-lead-form-test.json"), f"/{GOOGLE_KEY}")
    said = case.system.output() + case.system.capture.get("/metrics").text
    assert [secret for secret in PRIVATE if secret in said] == []
