"""What people read: dates, numbers and addresses in both directions of writing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest

import services.desk.web.phrases as spoken
from services.desk.store.finding import Place
from services.desk.web.door.paging import read, written
from services.desk.web.drawing.dates import Clock
from services.desk.web.drawing.drawing import isolated, telephone
from services.desk.web.language import Language, of_program
from services.desk.web.phrases import PHRASES, Say

NOW = datetime(2026, 11, 22, 20, 45, tzinfo=UTC)


def at(**ago: float) -> str:
    return (NOW - timedelta(**ago)).isoformat()


@pytest.mark.parametrize(
    ("ago", "fa", "en"),
    [
        ({"seconds": 30}, "همین حالا", "just now"),
        ({"seconds": -30}, "همین حالا", "just now"),
        ({"minutes": 12}, "۱۲ دقیقه پیش", "12 min ago"),
        ({"hours": 3}, "۳ ساعت پیش", "3 h ago"),
        ({"days": 6}, "۶ روز پیش", "6 d ago"),
        ({"days": 30}, "۲ آبان ۱۴۰۵", "24 October 2026"),
    ],
)
def test_how_long_ago(ago: dict[str, float], fa: str, en: str) -> None:
    assert Clock("Asia/Tehran", "fa", NOW).ago(at(**ago)) == fa
    assert Clock("Asia/Tehran", "en", NOW).ago(at(**ago)) == en


def test_days_are_the_organisations_and_jalali_has_gregorian_beside_it() -> None:
    fa, en = Clock("Asia/Tehran", "fa", NOW), Clock("Asia/Tehran", "en", NOW)
    assert fa.day(at()) == "امروز، دوشنبه ۲ آذر ۱۴۰۵ (۲۳ نوامبر ۲۰۲۶)"
    assert fa.day(at(hours=1)) == "دیروز، یکشنبه ۱ آذر ۱۴۰۵ (۲۲ نوامبر ۲۰۲۶)"
    assert en.day(at(days=2)) == "Saturday 21 November 2026"
    assert (fa.time(at()), en.time(at())) == ("۰۰:۱۵", "00:15")


def test_numbers_and_addresses_keep_their_direction() -> None:
    said = "شماره +989121234567 خوانده شد؛ صفحهٔ nil.example/خدمات/سئو، و <b>."
    shown = str(isolated(said, "fa"))
    assert '<bdi dir="ltr">+989121234567</bdi>' in shown
    assert '<bdi dir="ltr">nil.example/خدمات/سئو</bdi>،' in shown
    assert "<b>" not in shown
    assert re.sub(r"</?bdi[^>]*>", "", shown).replace("&lt;", "<").replace("&gt;", ">") == said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Given to امید رضایی, because it was امید رضایی's turn",
            "Given to <bdi>امید رضایی</bdi>, because it was <bdi>امید رضایی</bdi>&#39;s turn",
        ),
        (
            "Filled in “فرم تماس”, on nil.example/خدمات/سئو.",
            'Filled in “<bdi>فرم تماس</bdi>”, on <bdi dir="ltr">nil.example/خدمات/سئو</bdi>.',
        ),
        ("Scored 65, hot", "Scored 65, hot"),
        ("تماس گرفت: said علی‌رضا", "<bdi>تماس گرفت</bdi>: said <bdi>علی‌رضا</bdi>"),
    ],
)
def test_persian_names_do_not_turn_an_english_sentence_round(said: str, shown: str) -> None:
    assert str(isolated(said, "en")) == shown


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(
    "typed",
    ["a" * 50_000, "a." * 25_000, "اa" * 25_000, "ا " * 25_000, "ا" + " " * 50_000, "+" * 50_000],
)
def test_invariant_19_what_a_visitor_types_is_drawn_in_time(typed: str, language: Language) -> None:
    """A page of 500 visits with long addresses held the desk for ten seconds and more."""
    began = process_time()
    isolated(typed, language)
    assert process_time() - began < 1


def test_a_number_is_shown_in_groups() -> None:
    assert telephone("+989121234567") == "+98 912 123 4567"
    assert telephone("nonsense") == "nonsense"


def test_every_phrase_is_there_in_both_languages() -> None:
    for name, text in PHRASES.items():
        assert text.fa.strip(), name
        assert text.en.strip(), name
    with pytest.raises(AttributeError):
        _ = Say("fa").never_written
    assert spoken.Say("en").inbox == "Inbox"


def test_a_cursor_comes_back_as_it_was() -> None:
    place = Place(NOW, "3f0c8f5e-94c1-4d5f-8f0a-6f1f9f0d3a11")
    assert read(written(place)) == place


class Asked:
    def __init__(self, accept: str = "", lang: str = "") -> None:
        self.headers = {"accept-language": accept}
        self.query_params = {"lang": lang}


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "fa"),
        ("en-GB,en;q=0.9", "en"),
        ("fa;q=0.1, en;q=0", "fa"),
        ("de, en;q=x, fa;q=0.2", "fa"),
        ("*;q=1", "fa"),
        ("EN", "en"),
    ],
)
def test_the_language_that_is_accepted(accept: str, language: str) -> None:
    asked: Any = Asked(accept)
    assert of_program(asked, ("fa", "en")) == language
