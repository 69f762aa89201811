from __future__ import annotations

from typing import Any

import pytest

from services.scoring.channel import channel


@pytest.mark.parametrize(
    ("attribution", "found"),
    [
        ({}, "direct"),
        ({"click_ids": {"ctwa_clid": "Aff"}}, "paid"),
        ({"click_ids": {"gclid": "x"}, "referrer": "https://www.google.com/"}, "paid"),
        ({"utm": {"medium": "CPC"}}, "paid"),
        ({"utm": {"utm_medium": "cpc"}}, "paid"),
        ({"ad": {"id": "1"}}, "paid"),
        ({"utm": {"medium": "referral"}}, "referral"),
        ({"utm": {"medium": "newsletter"}}, "direct"),
        ({"referrer": "https://www.google.com/search?q=a"}, "organic"),
        ({"referrer": "https://zarebin.ir/"}, "organic"),
        ({"referrer": "https://l.instagram.com/"}, "social"),
        ({"referrer": "https://t.me/x"}, "social"),
        ({"referrer": "https://blog.example/post"}, "referral"),
        ({"referrer": "https://www.nil.example/a", "page": "nil.example/b"}, "direct"),
        ({"referrer": "https://[broken"}, "direct"),
        ({"referrer": "nonsense"}, "direct"),
    ],
)
def test_the_way_a_touch_came(attribution: dict[str, Any], found: str) -> None:
    assert channel(attribution) == found
