"""A lead from every kind of source has its page, in both languages: the recorded deliveries."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from libs.common.events import Attribution, Event
from services.capture.sources import KINDS, Arrival, google_ads, meta_leads, telegram
from services.capture.sources.fetch import Content, Explained, Item, Reply
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import Journey
from tests.integration.desk.test_lead_page import page_of, text_of
from tests.unit.capture.sources.samples import arrivals_in, body, knock, source


def _meta() -> Arrival:
    answer = Reply(200, {}, body("meta", "meta-graph-lead.json"))
    found = meta_leads.read(Item("1290384756102938"), source("meta", secret="s"), answer)
    assert isinstance(found, Explained)
    content = found.by.read(Reply(200, {}, body("meta", "meta-graph-form.json")))
    assert isinstance(content, Content)
    return content.arrival


def _google() -> Arrival:
    call = knock(body("google-ads", "google-lead-form.json"))
    found = KINDS[google_ads.GOOGLE_ADS.kind].parse(call, source("google-ads"))
    return arrivals_in(found)[0]


def _telegram(name: str) -> Arrival:
    call = knock(body("telegram", f"telegram-{name}.json"))
    found = KINDS[telegram.TELEGRAM.kind].parse(call, source("telegram"))
    return arrivals_in(found)[0]


def _chat(kind: str, file: str, place: int) -> Arrival:
    found = KINDS[kind].parse(knock(body(kind, file)), source(kind, secret="s"))
    return arrivals_in(found)[place]


ARRIVALS: dict[str, tuple[str, Arrival, str]] = {
    "form": (
        "form",
        Arrival(
            None,
            b"",
            {"name": "Budget", "phone": "09127654321"},
            {"budget": "100", "services[]": ["سئو", "آموزش"]},
            Attribution(page="nil.example/contact", scan="t"),
            consent=["terms", "news"],
        ),
        "سئو، آموزش",
    ),
    "api": (
        "api",
        Arrival(
            None, b"", {"name": "A"}, {"n": 1, "o": {"deep": [True]}, "z": None}, consent=False
        ),
        "deep",
    ),
    "meta": ("webhook", _meta(), ""),
    "google": ("webhook", _google(), "اصفهان"),
    "telegram": ("chat", _telegram("start-deeplink"), "parisa_m"),
    "telegram, a contact": ("chat", _telegram("contact"), "parisa_m"),
    "telegram, somebody else's contact": ("chat", _telegram("contact-foreign"), "Friend"),
    "whatsapp, from an ad": (
        "chat",
        _chat("whatsapp", "whatsapp-message-ctwa-referral.json", 0),
        "Autumn offer",
    ),
    "whatsapp, an order": ("chat", _chat("whatsapp", "whatsapp-replies.json", 5), "sku-1"),
    "whatsapp, a place": ("chat", _chat("whatsapp", "whatsapp-replies.json", 6), "دفتر"),
    "instagram": ("chat", _chat("instagram", "instagram-message-ad-referral.json", 0), "قیمت؟"),
    "chatwoot": ("chat", _chat("chatwoot", "chatwoot-contact-updated.json", 0), "۲۰۰ میلیون"),
    "tawk": ("chat", _chat("tawk", "tawk-chat-start-lines.json", 0), "تبریز"),
    "callrail": ("call", _chat("callrail", "callrail-post-call-answered.json", 0), "184"),
    "a comment with a phone": (
        "chat",
        _chat("instagram", "instagram-comments.json", 0),
        "mona.home",
    ),
    "rubika": ("chat", _chat("rubika", "rubika-contact-forwarded.json", 0), "دوست"),
}


def _journey(kind: str, arrival: Arrival) -> tuple[Journey, list[Event]]:
    fields: dict[str, Any] = dict.fromkeys(
        ("phone", "phone_typed", "email", "email_typed", "company", "message", "name")
    )
    fields |= {name: text for name, text in arrival.fields.items() if name in (*fields, "handle")}
    way = Journey(**fields, extra=dict(arrival.extra), consent=arrival.consent)
    way.attribution = arrival.attribution
    way.touch = structs.replace(way.touch, kind=kind, attribution=arrival.attribution)
    came = way.captured()
    typed = {"fields": dict(arrival.fields), "extra": dict(arrival.extra)}
    data = structs.replace(
        came.data,
        kind=kind,
        consent=arrival.consent,
        attribution=arrival.attribution,
        proven=arrival.proven,
        **typed,
    )
    return way, [structs.replace(came, data=data), *way.whole()[1:]]


@pytest.mark.parametrize(("kind", "arrival", "shown"), ARRIVALS.values(), ids=list(ARRIVALS))
async def test_a_lead_of_every_source_has_its_page(
    desk: Desk, kind: str, arrival: Arrival, shown: str
) -> None:
    way, events = _journey(kind, arrival)
    await desk.feed(*events)
    for language in ("fa", "en"):
        assert shown in text_of(await page_of(desk, way, language))
    listed = await desk.api.get("/", params={"lang": "en"})
    assert listed.status_code == 200
