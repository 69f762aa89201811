from __future__ import annotations

import pytest

from services.scoring.intent import asks


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("سلام، قیمت سئو چقدر است؟", ["price"]),
        ("قيمت", ["price"]),  # with the Arabic yeh of an old keyboard
        ("لیست‌قیمت‌ها را بفرستید", ["price"]),
        ("لطفاً پیش‌فاکتور بدهید", ["price"]),
        ("تعرفهٔ پشتیبانی؟", ["price"]),
        ("چقدر می‌شه؟", ["price"]),
        ("What's the price?", ["price"]),
        ("Could you send me a QUOTE", ["price"]),
        ("How much is it?", ["price"]),
        ("یک دموی محصول می‌خواهم", ["demo"]),
        ("I'd like a demo", ["demo"]),
        ("لطفا با من تماس بگیرید", ["call"]),
        ("بهم زنگ بزنید", ["call"]),
        ("مشاوره می‌خواهم", ["call"]),
        ("Please call me back", ["call"]),
        ("please contact me", ["call"]),
        ("قیمت و دمو، و تماس بگیرید", ["price", "demo", "call"]),
    ],
)
def test_what_is_asked_for_is_found_in_both_languages(message: str, found: list[str]) -> None:
    assert asks({"kind": "form"}, {"message": message}, None) == found


@pytest.mark.parametrize(
    "message",
    [
        "سلام، وقت بخیر",
        "دموکراسی",
        "demographics of your readers",
        "a priceless article",
        "Please don't call me",
        "please do not call me, write instead",
        "don\u2019t call me",
        "I recall meeting you",
        "",
    ],
)
def test_what_only_sounds_alike_asks_for_nothing(message: str) -> None:
    assert asks({"kind": "form"}, {"message": message}, None) == []


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("nil.example/pricing", ["price"]),
        ("nil.example/خدمات/تعرفه-سئو", ["price"]),
        ("nil.example/product/demo", ["demo"]),
        ("nil.example/contact-us", []),
        ("nil.example/تماس-با-ما", []),
        ("demo.nil.example/contact", []),
        ("price.example", []),
    ],
)
def test_the_page_asks_too_but_not_the_host_or_a_contact_page(page: str, found: list[str]) -> None:
    assert asks({"kind": "form"}, {}, page) == found


def test_a_form_s_subject_counts_and_the_wording_of_a_consent_does_not() -> None:
    consent = {"acceptance": "I agree that you call me", "موافقت": "با من تماس بگیرید"}
    assert asks({"kind": "form"}, {"extra": consent}, None) == []
    assert asks({"kind": "form"}, {"extra": {"Subject": "Price list"}}, None) == ["price"]
    assert asks({"kind": "form"}, {"extra": {"موضوع": "درخواست دمو"}}, None) == ["demo"]


def test_whoever_phones_asks_to_talk() -> None:
    assert asks({"kind": "call"}, {}, None) == ["call"]


@pytest.mark.parametrize("extra", [None, [], "x", {"subject": 5}, {"subject": ["price"]}])
def test_extra_fields_of_any_shape_are_borne(extra: object) -> None:
    assert asks({}, {"extra": extra, "message": None}, None) == []
