from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.common.normal.page import PagePatterns, normal_page

SLUG = "nil.example/خدمات/سئو"


@pytest.mark.parametrize(
    "url",
    [
        "https://nil.example/خدمات/سئو",
        "http://www.nil.example/خدمات/سئو/",
        "HTTPS://WWW.NIL.EXAMPLE:443/" + quote("خدمات/سئو") + "/",
        "//nil.example/" + quote("خدمات/سئو").lower(),
        "nil.example/خدمات/سئو?utm_source=x&gclid=1",
        "https://nil.example/خدمات/سئو/amp/?amp=1#top",
        "https://amp.nil.example/خدمات//./سئو",
        "https://user:pass@nil.example./خدمات/x/../سئو",
        " https://nil.example/خدمات/سئو\n",
    ],
)
def test_every_spelling_of_a_page_is_one_page(url: str) -> None:
    assert normal_page(url) == SLUG


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://نمونه.example/", "نمونه.example"),
        ("https://xn--hhbbbed.example/", "نمونه.example"),
        ("http://localhost:8080/a", "localhost:8080/a"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("http://127.0.0.1:0000443/", "127.0.0.1"),
        ("http://[::1]:9000/x", "[::1]:9000/x"),
        ("https://amp.dev/", "amp.dev"),
        ("https://nil.example/a%2Fb%20c%25", "nil.example/a%2Fb%20c%25"),
        ("https://nil.example/a b", "nil.example/a%20b"),
        ("https://nil.example/%D8", "nil.example/%D8"),
        ("https://nil.example/cafe%CC%81", "nil.example/café"),
        ("https://nil.example/%2F%CC%87", "nil.example/%2F%CC%87"),
        ("https://nil.example/a%0A%CC%8Cb", "nil.example/a%0A%CC%8Cb"),
        ("nil.example/Contact", "nil.example/Contact"),
    ],
)
def test_pages(url: str, page: str) -> None:
    assert normal_page(url) == page


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "   ",
        "/contact",
        "contact",
        "javascript:alert(1)",
        "mailto:a@nil.example",
        "android-app://com.example/x",
        "http://",
        "http://nil example/",
        "http://nil.example:99999/",
        "http://nil.example:999999999999999999999/",
        "http://[zz]/",
        "http://1.2.3.999/",
        "http://-nil.example",
        "https://nil.example/" + "x" * 5000,
    ],
)
def test_what_is_no_page_is_none(url: str | None) -> None:
    assert normal_page(url) is None


@given(st.text() | st.text(alphabet="wamp.:/%2Ff5D8?#[]@\\ \u0627\u0301é-1").map("a.b/".__add__))
@example("a.b/%%341")
@example("a.b/%2541")
@example("a.b/%E2%80%80")
@example("ß.example/ｅ")
@example("x.İ/")
def test_garbage_never_raises_and_a_page_stays_itself(url: str) -> None:
    page = normal_page(url)
    assert page is None or normal_page(page) == page


def test_the_longest_pattern_wins() -> None:
    patterns = PagePatterns(
        [
            "nil.example/*",
            "nil.example/services/seo/*",
            "nil.example/services/seo/prices",
            "nil.example/services/se*",
            "nil.example/خدمات/سئو/*",
            "not a page",
        ]
    )
    assert patterns.match("nil.example/services/seo") == "nil.example/services/seo/*"
    assert patterns.match("nil.example/services/seo/a/b") == "nil.example/services/seo/*"
    assert patterns.match("nil.example/services/seo/prices") == "nil.example/services/seo/prices"
    assert patterns.match("nil.example/services/seoul") == "nil.example/services/se*"
    assert patterns.match("nil.example/services") == "nil.example/*"
    assert patterns.match("nil.example") == "nil.example/*"
    assert patterns.match("nil.example/خدمات/سئو/فنی") == "nil.example/خدمات/سئو/*"
    assert patterns.match("nil.example.evil.example") is None
    assert patterns.match("other.example/services/seo") is None
    assert patterns.match(None) is None


def test_matching_folds_letters_that_look_alike() -> None:
    patterns = PagePatterns(["https://www.nil.example/کالای ديجيتال/*"])
    page = normal_page("https://nil.example/" + quote("كالای ديجیتال/تلفن"))
    assert patterns.match(page) == "https://www.nil.example/کالای ديجيتال/*"
