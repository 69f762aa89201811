"""A message to give form to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from libs.common.events import Contact, Text
from services.routing.messages.message import Message
from services.routing.messages.standing import Standing

PLANNED = datetime(2026, 11, 22, 6, 50, tzinfo=UTC)
OPEN = Standing("open", None, ("accept", "contacted", "decline"))
HOSTILE = (
    "<b>x</b><script>alert(1)</script>",
    "[click](https://evil.example) *bold* _it_ `code`",
    "sara\r\nBcc: everybody@evil.example\r\n\r\nhello",
    "https://evil.example/x t.me/evil @evil_bot #tag /start",
    "\u202eevil\u2066\u2067 \u200f\u061c",
    "a" * 10_000,
    "." * 10_000,
    "😀" * 10_000,
    "<" * 10_000,
    "</td></table>{{ 7*7 }}&amp;\x00\x1b[31m",
    '" onmouseover="alert(1)',
)
"""What strangers type who want it to be more than text."""


def a_message(**more: Any) -> Message:
    """One that waits to be accepted, with everything that there is to say."""
    message = Message(
        id="8c1f6a52-4a51-5d0e-9a57-2f6f0f4b9c11",
        kind="assigned",
        planned_at=PLANNED,
        lead_id="lead",
        submission_id="submission",
        contact=Contact(
            name="نیلوفر رضایی",
            phone="+989121234567",
            email="niloufar@nil.example",
            company="گل‌فروشی نیل",
            message="برای فروشگاهم سئو می‌خواهم.\nبودجه ماهی ۴۰ میلیون تومان",
        ),
        team="seo",
        specialist="sara",
        page="nil.example/services/seo",
        score=72,
        stage="mql",
        temperature="hot",
        why=Text("چون از صفحهٔ سئو آمده و نوبت سارا بود", "because it came from the SEO page"),
        url="https://desk.nil.example/leads/lead",
        language="fa",
        organisation="استودیو نیل",
        zone="Asia/Tehran",
        act_url="https://desk.nil.example/a/token?lang=fa",
        standing=OPEN,
        accept_by=datetime(2026, 11, 22, 7, 0, tzinfo=UTC),
    )
    return msgspec.structs.replace(message, **more)


def hostile(text: str) -> Message:
    """One of a lead who has typed this everywhere."""
    contact = Contact(name=text, company=text, message=text, phone="+989121234567")
    return a_message(contact=contact, page=f"nil.example/{text}")
