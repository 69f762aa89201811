"""Other programs, and a colleague at the desk."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from random import Random

from demo.people import invent
from demo.sending import Sender
from services.capture.door.door import submission_id_of


async def api(sender: Sender, draw: Random, name: str) -> None:
    """A shop's server that sends leads with its key."""
    person, holder = invent(draw), sender.firm.api_key
    lead = {
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "message": person.message,
        "page_url": draw.choice(sender.firm.pages),
        "utm": {"source": "shop", "medium": "api"},
    }
    headers = {"authorization": f"Bearer {holder.token if holder else ''}"}
    answer = await sender.post(
        f"{sender.firm.capture}/v1/leads", headers | {"idempotency-key": name}, json=lead
    )
    sender.note("API", answer.json()["submission_id"])


async def call(sender: Sender, draw: Random, name: str) -> None:
    """Somebody rang, and a colleague wrote it down."""
    person = invent(draw)
    said = {
        "kind": draw.choice(("call", "walk_in")),
        "name": person.name,
        "phone": person.phone,
        "message": person.message,
        "page_url": draw.choice(sender.firm.pages),
    }
    headers = {"authorization": f"Bearer {sender.firm.token}", "idempotency-key": name}
    answer = await sender.post(f"{sender.firm.desk}/api/submissions", headers, json=said)
    sender.note("desk, a call", answer.json()["submission_id"])


async def standard(sender: Sender, draw: Random, name: str) -> None:
    """A partner who signs (https://www.standardwebhooks.com)."""
    source, person = sender.firm.source("standard"), invent(draw)
    if source is None:
        return
    data = {"name": person.name, "phone": person.phone, "email": person.email}
    body = json.dumps({"type": "lead.created", "data": data}, ensure_ascii=False).encode()
    secret = (source.secret or ("",))[0]
    headers = signed(secret, name, int(time.time()), body)
    await sender.post(
        f"{sender.firm.capture}/v1/webhooks/standard/{source.key}", headers, content=body
    )
    sender.note("standard webhook", submission_id_of("standard", source.key, name))


def signed(secret: str, name: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0.0, `at` in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{name}.{at}.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }
