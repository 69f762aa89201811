"""Meta's calls: a handshake, leads by id, and a chat in which the handle is a phone."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from tests.hostile.stage_of_canaries import Stage


def call_of_meta(stage: Stage) -> None:
    """Calls that are understood, that are refused, and that are paused by what their API says."""
    canaries = stage.canaries
    wrong = {"hub.mode": "subscribe", "hub.challenge": canaries.mark}
    for token in (canaries.secret("guessed token"), stage.given["verify"]):
        asked = wrong | {"hub.verify_token": token}
        stage.system.capture.get("/v1/webhooks/meta/ads", params=asked)
    stage.graph.moods = {"1111111": "fails", "2222222": "bad_token"}
    for item in ("1111111", "2222222", "3333333"):
        change = {"field": "leadgen", "value": {"leadgen_id": item, "form_id": "1"}}
        _call(stage, "meta/ads", "page", change)
    for number in range(2):
        _call(stage, "whatsapp/chat", "whatsapp_business_account", _said(stage, number))


def _said(stage: Stage, number: int) -> dict[str, Any]:
    """One message: who says it is a phone, and names it once more."""
    canaries = stage.canaries
    handle = f"98{canaries.phone[1:]}"
    words = {"body": f"{canaries.message} {canaries.phone} {canaries.email}"}
    message = {"from": handle, "id": f"wamid.{number}", "type": "text", "text": words}
    value = {
        "contacts": [{"profile": {"name": canaries.name}, "wa_id": handle}],
        "messages": [message | {"timestamp": str(int(time.time()))}],
    }
    return {"field": "messages", "value": value}


def _call(stage: Stage, place: str, of: str, change: dict[str, Any]) -> None:
    body = json.dumps({"object": of, "entry": [{"id": "1", "changes": [change]}]}).encode()
    mac = hmac.new(stage.given["app"].encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={mac}"}
    answer = stage.system.capture.post(f"/v1/webhooks/{place}", content=body, headers=headers)
    assert answer.status_code == 200
