"""What the person asked for, and how they came in to ask it."""

from __future__ import annotations

from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule

FILLED_FORM = ScoringRule(
    id="filled_form",
    group="engagement",
    when=Condition(field="touch.kind", op="in", value=["form", "api", "webhook"]),
    points=10,
    half_life="30d",
    text=Words(fa="فرم پر کرد", en="filled in a form"),
)
STARTED_CHAT = ScoringRule(
    id="started_chat",
    group="engagement",
    when=Condition(field="touch.kind", op="is", value="chat"),
    points=15,
    half_life="30d",
    text=Words(fa="در گفت‌وگو پیام داد", en="wrote in a chat"),
)
CAME_IN_PERSON = ScoringRule(
    id="came_in_person",
    group="engagement",
    when=Condition(field="touch.kind", op="is", value="walk_in"),
    points=25,
    half_life="30d",
    text=Words(fa="حضوری آمد", en="came in person"),
)
WROTE_MESSAGE = ScoringRule(
    id="wrote_message",
    group="engagement",
    when=Condition(field="contact.message", op="exists"),
    points=5,
    half_life="30d",
    text=Words(fa="برایمان پیام نوشت", en="wrote a message"),
)
ASKED_PRICE = ScoringRule(
    id="asked_price",
    group="engagement",
    when=Condition(field="touch.asks", op="is", value="price"),
    points=30,
    half_life="30d",
    text=Words(fa="قیمت خواست", en="asked for a price"),
)
ASKED_DEMO = ScoringRule(
    id="asked_demo",
    group="engagement",
    when=Condition(field="touch.asks", op="is", value="demo"),
    points=30,
    half_life="30d",
    text=Words(fa="دمو خواست", en="asked for a demo"),
)
ASKED_CALL = ScoringRule(
    id="asked_call",
    group="engagement",
    when=Condition(field="touch.asks", op="is", value="call"),
    points=30,
    half_life="30d",
    text=Words(fa="تماس یا مشاوره خواست", en="asked for a call or advice"),
)
SERVICE_PAGE = ScoringRule(
    id="service_page",
    group="engagement",
    when=Condition(
        field="attribution.page",
        op="matches",
        value=["*/services/*", "*/service/*", "*/products/*", "*/خدمات/*", "*/محصولات/*"],
    ),
    points=5,
    half_life="30d",
    text=Words(fa="از صفحهٔ یک خدمت یا محصول آمد", en="came from the page of a service or product"),
)
