"""What is said of a source that has gone quiet: in both languages, by every channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.configuration.schema import Configuration
from services.routing.channels.letter import letter
from services.routing.channels.telegram import written
from services.routing.messages.message import Surroundings
from services.routing.moments import lasting
from services.routing.sending.hush import compose
from services.routing.store.silences import Hushed
from tests.unit.routing.samples import LEAD_FILE

LAST = datetime(2026, 11, 21, 6, 54, tzinfo=UTC)
NOW = LAST + timedelta(days=3, hours=2, minutes=10)


@pytest.mark.parametrize(
    ("language", "usual", "said", "button"),
    [
        (
            "fa",
            timedelta(hours=2),
            (
                "۳ روز و ۲ ساعت است که از «ads» چیزی نرسیده؛ آخرین بار شنبه ۳۰ آبان ساعت ۱۰:۲۴. "
                "معمولاً هر ۲ ساعت چیزی می‌رسد"
            ),
            "دیدن منبع",
        ),
        (
            "en",
            timedelta(hours=2),
            (
                "Nothing has come from ads for 3 days and 2 hours; the last was at 10:24 on "
                "Saturday 21 November. Usually something comes every 2 hours"
            ),
            "See the source",
        ),
        ("fa", timedelta(seconds=1), "معمولاً چند بار در دقیقه چیزی می‌رسد", "دیدن منبع"),
        ("en", timedelta(seconds=1), "Usually something comes several times a minute", "See the"),
        ("en", None, "the last was at 10:24 on Saturday 21 November", "See the source"),
    ],
)
def test_it_says_which_source_since_when_and_what_is_usual(
    language: str, usual: timedelta | None, said: str, button: str
) -> None:
    one = Hushed("7", "ads", "meta", LAST, usual, "mina", "seo", "email", "m@nil.example", NOW)
    file = {
        **LEAD_FILE,
        "organisation": {"name": "Nil", "languages": [language], "time_zone": "Asia/Tehran"},
    }
    around = Surroundings("https://desk.nil.example", "secret", Configuration.model_validate(file))
    message = compose(one, around, NOW)
    assert not message.is_of_a_lead
    for text in (written(message), written(message, marked=False)):
        assert said in text.translate(dict.fromkeys((0x2060, 0x2068, 0x2069)))
    mail = letter(message, "m@nil.example", "leads@nil.example")
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    assert all("https://desk.nil.example/sources/ads" in part for part in parts)
    assert button in parts[1]
    assert said in parts[0]


@pytest.mark.parametrize(
    ("length", "fa", "en"),
    [
        (timedelta(seconds=20), "۱ دقیقه", "1 minute"),
        (timedelta(hours=1, minutes=1), "۱ ساعت و ۱ دقیقه", "1 hour and 1 minute"),
        (timedelta(days=2, minutes=50), "۲ روز", "2 days"),
        (timedelta(days=1, hours=2, minutes=50), "۱ روز و ۲ ساعت", "1 day and 2 hours"),
    ],
)
def test_lengths_are_said_in_their_two_largest_units(length: timedelta, fa: str, en: str) -> None:
    assert (lasting(length).fa, lasting(length).en) == (fa, en)
