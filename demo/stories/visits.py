"""People who look around first."""

from __future__ import annotations

import uuid
from random import Random
from urllib.parse import parse_qs, urlsplit

from demo.people import invent
from demo.sending import Sender, Unwelcome
from demo.stories.forms import filled


async def visits_then_form(sender: Sender, draw: Random, name: str) -> None:
    """Three pages seen, then the form: the visits are joined to the person."""
    visitor = str(uuid.UUID(int=draw.getrandbits(128), version=4))
    for number in range(3):
        await _see(sender, draw, visitor, f"{name}-{number}", "visits, then a form")
    form, fields = filled(sender, draw, invent(draw), visitor_id=visitor)
    submission = await sender.form(form.key, headers={"idempotency-key": name}, data=fields)
    sender.note("visits, then a form", submission)


async def passer_by(sender: Sender, draw: Random, name: str) -> None:
    """Somebody who looks and goes: an activity, no lead."""
    visitor = str(uuid.UUID(int=draw.getrandbits(128), version=4))
    for number in range(2):
        await _see(sender, draw, visitor, f"{name}-{number}", "visits of nobody")


async def _see(sender: Sender, draw: Random, visitor: str, key: str, what: str) -> None:
    seen = {
        "type": draw.choice(("page_view", "page_view", "download")),
        "visitor_id": visitor,
        "page_url": draw.choice(sender.firm.pages),
        "submission_id": key,
    }
    answer = await sender.post(f"{sender.firm.capture}/v1/activities", json=seen)
    sender.note(what, answer.json()["submission_id"], "activity")


async def scan_then_form(sender: Sender, draw: Random, name: str) -> None:
    """A poster's code scanned, then the form on the page that it leads to."""
    code = draw.choice(sender.firm.configuration.qr)
    answer = await sender.http.get(f"{sender.firm.capture}/q/{code.code}")
    location = answer.headers.get("location", "")
    tokens = parse_qs(urlsplit(location).query).get("_sn")
    if answer.status_code != 302 or not tokens:  # noqa: PLR2004 - HTTP's own number
        raise Unwelcome(f"/q/{code.code}: {answer.status_code}, to {location or 'nowhere'}")
    form, fields = filled(sender, draw, invent(draw), page_url=location, _sn=tokens[0])
    submission = await sender.form(form.key, headers={"idempotency-key": name}, data=fields)
    sender.note("QR scan, then a form", submission)
