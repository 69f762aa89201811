"""The notifier against a receiver that refuses, hangs, cuts and vanishes."""

from __future__ import annotations

import asyncio
import json

import pytest

from libs.common.events import Contact
from tests.integration.routing.conftest import Routing, Sending, new_id
from tests.integration.routing.receiver import Mode


async def test_a_lead_is_told_by_a_signed_post(sending: Sending) -> None:
    sending.start()
    contact = Contact(name="نیلوفر", phone="+989121234567", email="n@nil.example")
    lead = await sending.tell(sending.routing.scored(new_id(), contact=contact))
    row = await sending.until("sent")
    [request] = sending.receiver.requests
    found = request.verified()
    assert request.id == str(row.id)
    assert "نیلوفر".encode() in request.body
    assert found["type"] == "lead.assigned"
    data = json.loads(request.body)["data"]
    assert data == {
        "notification_id": str(row.id),
        "kind": "assigned",
        "lead_id": lead.id,
        "submission_id": lead.first_touch.submission_id,
        "contact": {"name": "نیلوفر", "phone": "+989121234567", "email": "n@nil.example"},
        "team": "seo",
        "specialist": "sara",
        "page": "nil.example/services/seo",
        "score": 10,
        "stage": "iql",
        "temperature": "cold",
        "why": "چون از صفحهٔ SEO آمده و نوبت Sara بود",
        "url": f"http://127.0.0.1:8080/leads/{lead.id}",
    }
    await sending.submission("notified")
