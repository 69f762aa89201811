"""Secrets and contact data are nowhere but where they belong, whatever went wrong on the way."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import signal
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from libs.common import topics
from libs.common.log import Record, Stored
from libs.common.log.port import PARTITION_KEY
from tests.e2e.system import eventually
from tests.e2e.test_books import statement
from tests.hostile.calls_by_get import call_by_get
from tests.hostile.calls_of_meta import call_of_meta
from tests.hostile.canaries import Canaries
from tests.hostile.stage_of_canaries import Stage, body_of

QUOTING = """
    CREATE FUNCTION public.quote() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'refused % %', NEW, TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$
"""
TRIGGERS = {
    "INSERT ON scoring.facts": "NEW.fields::text LIKE '%poison%'",
    "INSERT ON desk.submissions": "NEW::text LIKE '%venom%'",
    "UPDATE ON routing.notifications": "NEW.channel = 'email' AND NEW.state <> 'sending'",
    "INSERT ON desk.audit": "NEW.action = 'read raw'",
}
JSON_TYPE = {"Content-Type": "application/json"}
HTML = {"Accept": "text/html"}


@pytest.fixture
def stage(kafka_bootstrap: str) -> Iterator[Stage]:
    made = Stage(kafka_bootstrap)
    yield made
    made.close()


def test_invariant_25_no_secret_and_no_contact_is_where_it_does_not_belong(stage: Stage) -> None:
    stage.start()
    _plant_quoting(stage)
    _forms(stage)
    _programs(stage)
    _webhooks(stage)
    eventually(lambda: stage.provider.urls, 120, "a notification")
    _staff(stage)
    seen = asyncio.run(stage.records())
    asyncio.run(stage.append(list(_poison(seen, stage.canaries))))
    _postgres_hangs_a_while(stage)
    _refused_configurations(stage)
    eventually(lambda: len(_letters(stage)) >= 8, 120, "dead letters")
    replayed = stage.system.desk.post(f"/api/dead-letters/{_letters(stage)[0]['id']}/replay")
    assert replayed.status_code < 500
    metrics = stage.metrics()
    records = asyncio.run(stage.records())
    assert set(stage.system.stop().values()) == {0}
    _look_everywhere(stage, records, metrics)


def _look_everywhere(stage: Stage, records: list[Stored], metrics: str) -> None:
    canaries, output = stage.canaries, stage.system.output()
    assert canaries.found(b"".join(r.value for r in records).decode(errors="replace"))
    letters = [r for r in records if r.partition.topic.endswith(topics.DEAD_END)]
    assert len(letters) >= 8
    assert any(PARTITION_KEY in dict(r.headers) for r in records), "a chat is among them"
    places = {
        "what the processes printed": output.splitlines(),
        "metrics and readiness": metrics.splitlines(),
        "what Postgres printed": stage.postgres_log().splitlines(),
        "keys of records": [f"{r.partition.topic} {r.key}" for r in records],
        "headers of records": [f"{r.partition.topic} {r.headers}" for r in records],
        "addresses in notifications": [re.sub("/a/.*", "", url) for url in stage.provider.urls],
        "error answers": stage.answers,
    }
    for place, lines in places.items():
        assert lines, place
        found = [(canaries.found(line), line) for line in lines if canaries.found(line)]
        assert not found, (place, found[:3])
    heads = [head for head in stage.provider.heads if canaries.found(head, contact_only=True)]
    assert not heads
    assert not stage.elsewhere.heads, "an address that a visitor typed was asked"
    for line in output.splitlines():
        assert "FORGED" not in line or line.startswith("{"), line
    for told in ("a message was not settled", "request_failed", "configuration refused"):
        assert told in output, told
    for line in (line for line in output.splitlines() if line.startswith("{")):
        json.loads(line)


def _plant_quoting(stage: Stage) -> None:
    """Refusals of the database that quote the row, as those of a careless extension do."""
    statement(stage.database_url(), QUOTING)
    said = f"public.quote('{stage.canaries.message}')"
    for deed, when in TRIGGERS.items():
        trigger = f"CREATE TRIGGER quote BEFORE {deed} FOR EACH ROW WHEN ({when})"
        statement(stage.database_url(), f"{trigger} EXECUTE FUNCTION {said}")


def _typed(canaries: Canaries, stage: Stage) -> dict[str, str]:
    away = f"{stage.elsewhere.url}/{canaries.mark}"
    return {
        "phone": canaries.phone,
        "name": f'{canaries.name}\n{{"event": "FORGED"}}',
        "email": canaries.email,
        "message": f"{canaries.message} {away}",
        "page_url": f"https://nil.example/services/seo?phone={canaries.phone}&m={canaries.email}",
        "avatar": away,
        "callback_url": away,
    }


def _forms(stage: Stage) -> None:
    capture, canaries = stage.system.capture, stage.canaries
    typed = _typed(canaries, stage)
    seen = {"Referer": f"https://nil.example/{canaries.mark}?e={canaries.email}"}
    for form in ("contact", "plain", f"mistyped-{canaries.mark[:3]}"):
        capture.post(f"/v1/forms/{form}", data=typed, headers=HTML | seen)
        capture.post(f"/v1/forms/{form}", json=typed, headers=seen)
    held = typed | {"fax_2": canaries.message}
    capture.post("/v1/forms/contact", data=held)
    nobody = {"name": canaries.name, "message": canaries.message}
    capture.post("/v1/forms/plain", data=nobody)
    capture.post("/v1/forms/plain", data=nobody, headers=HTML)
    capture.post("/v1/forms/plain", data=typed | {"phone": f"{canaries.phone}9", "email": ""})
    for kind, body in (
        ("application/json", json.dumps(typed)[:-1]),
        ("multipart/form-data; boundary=b", f"--b\r\n{canaries.message}"),
        (f"text/{canaries.mark}", canaries.message),
        ("application/x-www-form-urlencoded", f"phone={canaries.phone}&" + "a" * 2**20),
    ):
        capture.post("/v1/forms/plain", content=body.encode(), headers={"Content-Type": kind})
    capture.get(f"/v1/{canaries.mark}/{canaries.phone}", params={"email": canaries.email})
    view = {"type": "page_view", "visitor_id": f"v-{canaries.mark}", "page_url": typed["page_url"]}
    capture.post("/v1/activities", json=view | {"data": typed})
    capture.post("/v1/activities", json=typed)


def _programs(stage: Stage) -> None:
    capture, canaries = stage.system.capture, stage.canaries
    typed = _typed(canaries, stage)
    right = {"Authorization": f"Bearer {stage.given['api_key']}"}
    wrong = {"Authorization": f"Bearer {canaries.secret('wrong key')}"}
    key = {"Idempotency-Key": f"{canaries.mark}-{canaries.phone}"}
    capture.post("/v1/leads", json=typed, headers=wrong)
    capture.post("/v1/leads", json=typed, headers=right | key)
    capture.post("/v1/leads", json=typed | {"city": "x"}, headers=right | key)
    capture.post("/v1/leads", json=typed | {"phone": {"a": canaries.phone}}, headers=right)
    for text in ("poison", "venom"):
        lead = typed | {"phone": f"0913{uuid.uuid4().int % 10**7:07d}", "email": ""}
        lead |= {"message": f"{text} {canaries.message}"}
        assert capture.post("/v1/leads", json=lead, headers=right).status_code == 202


def _webhooks(stage: Stage) -> None:
    capture, canaries = stage.system.capture, stage.canaries
    typed = json.dumps(_typed(canaries, stage)).encode()
    guess = canaries.secret("guessed segment")
    for way in (f"/{stage.given['segment']}", f"/{guess}", f"/{guess}/x?token={guess}"):
        capture.post(f"/v1/webhooks/json/open{way}", content=typed, headers=JSON_TYPE)
    capture.post(f"/v1/webhooks/nothing/{guess}", content=typed, headers=JSON_TYPE)
    partner = Webhook(stage.given["partner"])
    for body in (typed, b'["' + canaries.message.encode() + b'"]', typed[:-9]):
        given = f"msg_{uuid.uuid4().hex}"
        now = datetime.now(UTC)
        signature = partner.sign(given, now, body.decode())
        headers = {"webhook-id": given, "webhook-timestamp": str(int(now.timestamp()))}
        headers |= {"webhook-signature": signature}
        capture.post("/v1/webhooks/standard/partner", content=body, headers=JSON_TYPE | headers)
        headers["webhook-signature"] = f"v1,{base64.b64encode(guess.encode()).decode()}"
        capture.post("/v1/webhooks/standard/partner", content=body, headers=JSON_TYPE | headers)
    call_by_get(stage)
    call_of_meta(stage)


def _staff(stage: Stage) -> None:
    desk, canaries = stage.system.desk, stage.canaries
    with httpx.Client(base_url=desk.base_url, headers=HTML, timeout=10) as browser:
        wrong = {"token": canaries.secret("wrong desk token"), "next": f"/{canaries.mark}"}
        browser.post("/sign-in", data=wrong)
        browser.post("/sign-in", data={"token": desk.headers["Authorization"].partition(" ")[2]})
        (cookie,) = browser.cookies.values()
        canaries.known("session", cookie)
        for path in ("/", "/board", "/health", "/quarantine", "/dead-letters", "/map", "/add"):
            browser.get(path, params={"q": canaries.phone, "email": canaries.email})
        browser.get(f"/leads/{canaries.mark}")
        browser.get(stage.provider.urls[0])
        browser.get(f"/a/{canaries.secret('link')}")
        token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/add").text)
        if token:
            canaries.known("csrf", token[1])
    desk.get("/api/leads", params={"q": canaries.phone})
    desk.get("/api/leads", params={"state": canaries.mark, canaries.phone: canaries.email})
    desk.get("/api/leads", headers={"Authorization": f"Bearer {canaries.secret('wrong token')}"})
    (lead, *_) = desk.get("/api/leads").json()["items"]
    for body in (
        {"action": "lost", "reason": canaries.message},
        {"action": canaries.message},
        {"action": "won", "amount": canaries.phone + canaries.mark},
        {"action": "snooze", "until": canaries.phone},
    ):
        desk.post(f"/api/leads/{lead['id']}/actions", json=body)
    held = desk.get("/api/quarantine").json()["items"]
    assert desk.get(f"/api/quarantine/{held[0]['id']}/raw").status_code == 500
    desk.post(f"/api/quarantine/{held[0]['id']}/release")
    desk.post(f"/api/quarantine/{held[-1]['id']}/discard")
    desk.post("/api/leads", json=_typed(canaries, stage))


def _poison(seen: list[Stored], canaries: Canaries) -> Iterator[Record]:
    """One record of each topic, broken in every way that a program can break it."""
    first = {stored.partition.topic: stored for stored in reversed(seen) if stored.value}
    for topic in topics.FLOW:
        stored = first[topic]
        whole = body_of(stored)
        odd = {
            name: canaries.phone if name.endswith("_at") else value for name, value in whole.items()
        }
        for value in (
            stored.value[:-5] + canaries.message.encode(),
            json.dumps(whole | {"submission_id": [canaries.email], "person_id": 9}).encode(),
            json.dumps(odd | {"fields": canaries.message, "lead": canaries.message}).encode(),
            canaries.phone.encode(),
        ):
            headers = dict(stored.headers) | {"ce_id": str(uuid.uuid4()).encode()}
            yield Record(topic, str(uuid.uuid4()), value, tuple(headers.items()))


def _postgres_hangs_a_while(stage: Stage) -> None:
    pids = list(stage.system.postgres())
    children = [
        int(child)
        for pid in pids
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ]
    for pid in [*pids, *children]:
        os.kill(pid, signal.SIGSTOP)
    _programs(stage)
    time.sleep(6)  # the fault itself: long enough for statements to be given up
    for pid in [*pids, *children]:
        os.kill(pid, signal.SIGCONT)
    stage.system.kill_postgres()
    _forms(stage)
    stage.system.wait_ready()


def _refused_configurations(stage: Stage) -> None:
    """Secrets in places and shapes where they do not belong: said by line, and not repeated."""
    config, good = stage.system.config, stage.configuration
    canaries = stage.canaries
    port = canaries.secret("port")
    for bad in (
        good.replace(f":{stage.nowhere}", f":{port}"),
        good.replace("api_keys:", f"api_keys:\n  - {{key: b, token: [{canaries.secret('list')}]}}"),
        good.replace("console: {}", f"console: {{token: {canaries.secret('extra')}, odd: 1}}"),
        good.replace('secret: "', f'secret: "{canaries.secret("unclosed")}', 1).replace(
            '"}', "}", 1
        ),
        f"{good}\n{canaries.secret('stray')}\n",
        good.replace('api_url: "http', f'api_url: "ftp://u:{canaries.secret("in a url")}@x', 1),
    ):
        assert bad != good
        config.write_text(bad, encoding="utf-8")
        eventually(lambda: _is_refused(stage), 120, "refused")
        config.write_text(good, encoding="utf-8")
        eventually(lambda: not _is_refused(stage), 120, "in force")


def _is_refused(stage: Stage) -> bool:
    answer = stage.system.desk.get("/api/health")
    assert answer.status_code in {200, 503}
    stage.answers.append(json.dumps(answer.json().get("configuration")))
    return bool(answer.json()["configuration"]["refused"])


def _letters(stage: Stage) -> list[dict[str, str]]:
    answer = stage.system.desk.get("/api/dead-letters", params={"limit": "200"})
    found: list[dict[str, str]] = answer.json()["items"]
    return found
