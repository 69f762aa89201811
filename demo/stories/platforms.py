"""Ad platforms and messengers, as they call a webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from random import Random
from typing import Any

from demo.people import Person, invent
from demo.sending import Sender
from libs.common.configuration.schema import Source
from services.capture.door.door import submission_id_of
from services.capture.sources import Arrival
from services.capture.sources.chats import day_of

_LONG = 10**15


async def meta(sender: Sender, draw: Random, _name: str) -> None:
    """An instant form of Instagram: the call brings an id, the content is fetched."""
    source, person = sender.firm.source("meta"), invent(draw)
    if source is None:
        return
    lead = str(_LONG + draw.randrange(_LONG))
    form = source.forms[0] if source.forms else "1234567890"
    sender.content[lead] = _fetched(lead, person)
    value = {
        "leadgen_id": lead,
        "form_id": form,
        "page_id": "9876543210",
        "created_time": int(time.time()),
    }
    change = {"field": "leadgen", "value": value}
    entry = {"id": "9876543210", "time": int(time.time()), "changes": [change]}
    body = json.dumps({"object": "page", "entry": [entry]}).encode()
    digest = hmac.new(_secret(source).encode(), body, hashlib.sha256).hexdigest()
    await _call(sender, source, body, {"x-hub-signature-256": f"sha256={digest}"})
    sender.note("meta", submission_id_of("meta", source.key, lead))


def _fetched(lead: str, person: Person) -> dict[str, Any]:
    answers = {"full_name": person.name, "phone_number": person.phone, "email": person.email}
    return {
        "id": lead,
        "created_time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "campaign_name": "Spring",
        "platform": "ig",
        "field_data": [{"name": name, "values": [text]} for name, text in answers.items()],
    }


async def google_ads(sender: Sender, draw: Random, name: str) -> None:
    """A lead form under a search ad."""
    await _google(sender, draw, name, is_test=False)


async def google_ads_test(sender: Sender, draw: Random, name: str) -> None:
    """The button "send test data" in Google's settings: nobody is told."""
    await _google(sender, draw, name, is_test=True)


async def _google(sender: Sender, draw: Random, name: str, *, is_test: bool) -> None:
    source, person = sender.firm.source("google-ads"), invent(draw)
    if source is None:
        return
    columns = {
        "FULL_NAME": person.name,
        "PHONE_NUMBER": f"+98{person.phone[1:]}",
        "EMAIL": person.email,
    }
    said = {
        "lead_id": f"demo.{name}",
        "user_column_data": [
            {"column_id": column, "string_value": text} for column, text in columns.items()
        ],
        "api_version": "1.0",
        "form_id": int(source.forms[0]) if source.forms else 40000000001,
        "campaign_id": 20000000001,
        "gcl_id": f"Cj0demo{draw.randrange(_LONG)}",
        "google_key": _secret(source),
        "is_test": is_test,
    }
    await _call(sender, source, json.dumps(said, ensure_ascii=False).encode(), {})
    what, ends = ("google-ads, test", "test") if is_test else ("google-ads", "notified")
    sender.note(what, submission_id_of("google-ads", source.key, f"demo.{name}"), ends)


async def telegram(sender: Sender, draw: Random, _name: str) -> None:
    """A chat, in which the own number is shared: two messages, one submission."""
    source, person = sender.firm.source("telegram"), invent(draw)
    if source is None:
        return
    first, _, last = person.name.partition(" ")
    someone = {
        "id": _LONG + draw.randrange(_LONG),
        "is_bot": False,
        "first_name": first,
        "last_name": last,
        "language_code": person.language,
    }
    contact = {"phone_number": f"98{person.phone[1:]}", "first_name": first}
    messages: tuple[dict[str, Any], ...] = (
        {"text": person.message},
        {"contact": contact | {"user_id": someone["id"]}},
    )
    began = int(time.time())
    for number, message in enumerate(messages):
        update = draw.randrange(_LONG)
        chat = {"id": someone["id"], "type": "private"}
        said = {"message_id": number + 1, "from": someone, "chat": chat, "date": began}
        body = {"update_id": update, "message": said | message}
        secret = {"x-telegram-bot-api-secret-token": _secret(source)} if source.secret else {}
        await _call(sender, source, json.dumps(body, ensure_ascii=False).encode(), secret)
    at = datetime.fromtimestamp(began, UTC)
    said_in = Arrival("1", b"", conversation=str(someone["id"]), occurred_at=at)
    day = day_of(said_in, sender.firm.configuration.organisation.time_zone)
    sender.note("telegram", submission_id_of("telegram", source.key, day or ""))


async def _call(sender: Sender, source: Source, body: bytes, proof: dict[str, str]) -> None:
    url = f"{sender.firm.capture}/v1/webhooks/{source.kind}/{source.key}"
    await sender.post(url, {"content-type": "application/json"} | proof, content=body)


def _secret(source: Source) -> str:
    return (source.secret or ("",))[0]
