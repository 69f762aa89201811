"""What is said of a token that ends: in both languages, by every channel."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from libs.common.configuration.schema import Configuration
from libs.common.expiring import Expiry
from services.routing.channels.letter import letter
from services.routing.channels.telegram import written
from services.routing.messages.message import Surroundings
from services.routing.sending.announcement import compose
from services.routing.store.announcements import Announced
from tests.unit.routing.samples import LEAD_FILE

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "left", "said", "button"),
    [
        ("fa", 14, "رمز دسترسی منبع «ads» ۱۴ روز دیگر تمام می‌شود (شنبه ۱۴ آذر)", "دیدن منبع"),
        ("fa", 0, "رمز دسترسی منبع «ads» امروز تمام می‌شود (شنبه ۱۴ آذر)", "دیدن منبع"),
        (
            "en",
            14,
            "The access token of the source ads ends in 14 days (Saturday 5 December)",
            "See the source",
        ),
        (
            "en",
            1,
            "The access token of the source ads ends in 1 day (Saturday 5 December)",
            "See the source",
        ),
    ],
)
def test_it_says_which_source_when_and_what_to_do(
    language: str, left: int, said: str, button: str
) -> None:
    day = date(2026, 12, 5)
    one = Announced("7", "ads", day, "mina", "seo", "email", "m@nil.example", AT)
    file = {**LEAD_FILE, "organisation": {"name": "Nil", "languages": [language]}}
    around = Surroundings("https://desk.nil.example", "secret", Configuration.model_validate(file))
    message = compose(one, around, Expiry("ads", "meta", day, left))
    assert not message.is_of_a_lead
    for text in (written(message), written(message, marked=False)):
        assert said in text.translate(dict.fromkeys((0x2060, 0x2068, 0x2069)))
    mail = letter(message, "m@nil.example", "leads@nil.example")
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    assert all("https://desk.nil.example/sources/ads" in part for part in parts)
    assert button in parts[1]
    assert said in parts[0]
