"""A lead's page shows what came, whatever the shape that it came in."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import Journey

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
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


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
