"""A lead's page shows what came, whatever the shape that it came in."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from libs.common.events import Activity, Attribution, Event, Touch
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import NOW, Journey, new

VALUES: list[tuple[Any, str]] = [
    ("100", "100"),
    (100, "100"),
    (1.5, "1.5"),
    (True, "✓"),
    (False, "✗"),
    (["سئو", "آموزش"], "سئو، آموزش"),
    ([], ""),
    ({"city": "شیراز", "floors": [1, 2]}, "شیراز"),
    ([{"name": "کتاب", "count": 2}], "کتاب"),
    (None, ""),
    ("<b>x</b>", "<b>x</b>"),
]


def text_of(page: str) -> str:
    """What a reader sees of it."""
    in_line = re.sub(r"</?(?:bdi|span)\b[^>]*>", "", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", in_line))


async def page_of(desk: Desk, way: Journey, language: str = "fa") -> str:
    async with desk.client({"Authorization": desk.api.headers["Authorization"]}) as client:
        answer = await client.get(f"/leads/{way.lead_id}", params={"lang": language})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(("value", "shown"), VALUES, ids=lambda value: type(value).__name__)
async def test_an_answer_of_any_json_type_is_shown(desk: Desk, value: Any, shown: str) -> None:
    way = Journey(extra={"budget": value, "_sn": "not for people"})
    await desk.feed(*way.whole())
    for language in ("fa", "en"):
        page = text_of(await page_of(desk, way, language))
        assert ("budget" in page) == bool(shown)
        assert shown in page
        assert "not for people" not in page


async def test_many_answers_are_shown_within_bounds(desk: Desk) -> None:
    way = Journey(extra={f"q{n}": "x" * 5_000 for n in range(500)})
    await desk.feed(*way.whole())
    assert len(await page_of(desk, way)) < 200_000


GOOGLE = Attribution(
    page="nil.example/ads",
    referrer="https://www.google.com/",
    utm={"source": "google", "campaign": "seo-autumn"},
    click_ids={"gclid": "EAIaIQobChMI" + "x" * 80},
)
META = Attribution(
    page="nil.example/ads/instagram",
    ad={"campaign_name": "پاییز", "adset_name": "تهران", "ad_name": "ویدیو ۲", "ad_id": "238420"},
)
CODE = Attribution(page="nil.example/expo", qr="expo26", scan="a" * 22)


def came(way: Journey, first: Attribution, last: Attribution | None = None) -> list[Event]:
    """The journey, first by one way and then, perhaps, by another."""
    way.attribution, way.touch = first, structs.replace(way.touch, attribution=first)
    events = way.whole()[:3]
    if last is None:
        return [*events, way.routed()]
    later = Touch(way.submission, "form", "contact", NOW + timedelta(hours=1), last)
    return [*events, way.routed(last_touch=later, touch_count=2)]


async def test_where_they_came_from_names_campaign_and_ad(desk: Desk) -> None:
    way = Journey(consent={"consent_marketing": "on"})
    await desk.feed(*came(way, META))
    page = text_of(await page_of(desk, way, "en"))
    assert "پاییز · تهران · ویدیو ۲" in re.sub(r"\s+", " ", page)
    assert "238420" not in page
    assert "Consent" in page
    assert "consent_marketing: on" in page
    assert "First time" not in page


async def test_both_ways_are_told_where_first_and_last_differ(desk: Desk) -> None:
    way = Journey()
    await desk.feed(*came(way, GOOGLE, CODE))
    page = text_of(await page_of(desk, way, "en"))
    first, _, last = page.partition("Last time")
    assert "First time" in first
    assert all(word in first for word in ("seo-autumn", "https://www.google.com/", "EAIaIQobChMI"))
    assert "x" * 60 not in page
    assert "Expo hall 6" in last
    assert "nil.example/expo" in last


async def test_a_scan_is_told_by_the_codes_label(desk: Desk) -> None:
    way = Journey()
    scan = Activity(
        activity_id=new(),
        type="qr_scan",
        at=NOW,
        actor="visitor",
        person_id=way.person,
        submission_id=new(),
        data={"qr": "expo26", "label": "Expo hall 6"},
    )
    await desk.feed(*came(way, CODE), way.event(scan))
    assert "Scanned the QR code “Expo hall 6”" in text_of(await page_of(desk, way, "en"))
