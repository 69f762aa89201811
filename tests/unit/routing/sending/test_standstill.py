"""What is said of a token that is refused: in both languages, by every channel, and no secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.configuration.schema import Configuration
from services.routing.channels.letter import letter
from services.routing.channels.telegram import written
from services.routing.messages.message import Message, Surroundings
from services.routing.sending.hush import compose_relief
from services.routing.sending.standstill import compose
from services.routing.store.reliefs import Relieved
from services.routing.store.standstills import Standstill
from tests.unit.routing.samples import LEAD_FILE

AT = datetime(2026, 11, 21, 6, 54, tzinfo=UTC)
ROUTE = ("mina", "seo", "email", "m@nil.example", AT)


def around(language: str) -> Surroundings:
    organisation = {"name": "Nil", "languages": [language], "time_zone": "Asia/Tehran"}
    file = {**LEAD_FILE, "organisation": organisation}
    return Surroundings("https://desk.nil.example", "secret", Configuration.model_validate(file))


def shown(message: Message, said: str) -> None:
    assert not message.is_of_a_lead
    for text in (written(message), written(message, marked=False)):
        assert said in text.translate(dict.fromkeys((0x2060, 0x2068, 0x2069)))
    mail = letter(message, "m@nil.example", "leads@nil.example")
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    assert all("https://desk.nil.example/sources/ads" in part for part in parts)
    assert said in parts[0]


@pytest.mark.parametrize(
    ("language", "reason", "said"),
    [
        ("fa", "190", "از منبع «ads» چیزی گرفته نمی‌شود: سکو رمز دسترسی‌اش را نمی‌پذیرد (190)"),
        (
            "en",
            "190/460",
            (
                "Nothing is fetched for the source ads: the platform refuses its access token "
                "(190/460)"
            ),
        ),
        ("en", "no_token", "Nothing is fetched for the source ads: it has no access_token"),
    ],
)
def test_it_says_which_source_stands_still_and_why(language: str, reason: str, said: str) -> None:
    one = Standstill("7", "ads", "meta", reason, *ROUTE, change=1)
    shown(compose(one, around(language)), said)


@pytest.mark.parametrize(
    ("lacks", "said", "todo"),
    [
        (
            "right",
            (
                "رمز دسترسی‌اش اجازه‌ای را که سکو می‌خواهد ندارد (200)",
                "its access token lacks a right that the platform asks for (200)",
            ),
            ("اجازه‌ای را که کم است به این رمز بدهید", "give this token the right that it lacks"),
        ),
        (
            "sight",
            (
                "سکو آنچه را می‌خواهیم نشان نمی‌دهد؛ شاید اجازه‌ای کم باشد (200)",
                "the platform does not show what is asked for; perhaps a right is missing (200)",
            ),
            ("اجازه‌ای را که کم است به این رمز بدهید", "give this token the right that it lacks"),
        ),
        (
            "version",
            (
                "سکو نسخه‌ای از API را که می‌خواهیم کنار گذاشته (200)",
                "the platform has retired the version of its API that is asked (200)",
            ),
            ("api_version", "put a newer api_version"),
        ),
        (
            "what a later build says",
            (
                "سکو رمز دسترسی‌اش را نمی‌پذیرد (200)",
                "the platform refuses its access token (200)",
            ),
            ("رمز تازه‌ای از سکو", "get another token"),
        ),
    ],
)
def test_it_says_what_is_missing_and_what_to_do(
    lacks: str, said: tuple[str, str], todo: tuple[str, str]
) -> None:
    one = Standstill("7", "ads", "meta", "200", *ROUTE, change=1, lacks=lacks)
    for language, why, do in zip(("fa", "en"), said, todo, strict=True):
        message = compose(one, around(language))
        shown(message, why)
        assert do in message.why.of(language)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fa", "از «ads» دوباره چیزی رسید: شنبه ۳۰ آبان ساعت ۱۰:۲۴، پس از ۲ روز و ۱ ساعت"),
        (
            "en",
            (
                "Something has come from ads again, at 10:24 on Saturday 21 November, after 2 days "
                "and 1 hour"
            ),
        ),
    ],
)
def test_it_says_which_source_was_heard_again_and_after_how_long(language: str, said: str) -> None:
    one = Relieved("8", "ads", "meta", AT - timedelta(days=2, hours=1), AT, *ROUTE)
    shown(compose_relief(one, around(language)), said)
