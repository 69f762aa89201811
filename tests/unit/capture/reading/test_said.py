"""What people type into chats: their phone, e-mail and name, and all the numbers that are none."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.capture.reading.said import said, with_said

digit_strings = st.text("0123456789۰۱۲۳۴۵۶۷۸۹", min_size=3, max_size=15)
dates = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("سلام، شماره من ۰۹۱۲ ۳۴۵ ۶۷ ۸۹ هست", "۰۹۱۲ ۳۴۵ ۶۷ ۸۹"),
        ("این شماره‌ی منه 09121112233", "09121112233"),
        ("شماره تماسم: 0912-111-22-33", "0912-111-22-33"),
        ("سفارش دارم ٠٩١٢١٢٣٤٥٦٧ لطفا زنگ بزنید", "٠٩١٢١٢٣٤٥٦٧"),
        ("لطفا تماس بگیرید: 09351112222 / فوری", "09351112222"),
        ("+98 (0)912 345 6789", "+98 (0)912 345 6789"),
        ("989121234567+", "989121234567"),
        ("9121234567", "9121234567"),
        ("021-88776655 زنگ بزنید", "021-88776655"),
        ("تلفن ۸۸۷۷۶۶۵۵", "۸۸۷۷۶۶۵۵"),
        ("my number is 202-555-0147", "202-555-0147"),
        ("call me at +44 20 7946 0958", "+44 20 7946 0958"),
        ("شماره من 09121234567 2 نفر هستیم", "09121234567"),
        ("تعداد 2 09121234567", "09121234567"),
        ("بودجه ۵۰۰ میلیون تومن ۰۹۱۲۱۲۳۴۵۶۷", "۰۹۱۲۱۲۳۴۵۶۷"),
        ("09120000000 جواب نداد، شماره من 09351112233", "09351112233"),
        ("wa.me/989121234567", "989121234567"),
    ],
)
def test_a_phone_is_found_as_it_was_typed(text: str, phone: str) -> None:
    assert said(text)["phone"] == phone


@pytest.mark.parametrize(
    "text",
    [
        "شماره سفارش 09121234567", "کد پیگیری من: ۰۹۱۲۱۲۳۴۵۶۷", "سفارش شماره 0912123456",
        "order number 09121234567", "Order #12025550147", "ID 9123456789", "#09121234567",
        "قیمت 9121234567 تومان", "9121234567 ریال", "9.121.234.567", "۹٬۱۲۱٬۲۳۴٬۵۶۷", "$9121234567",
        "1405/08/30 ساعت 10:30", "شماره تماس 2026-11-21 10:00", "کارت 6037 9891 2345 6789",
        "IR12 0120 0000 0000 9121 2345 67", "https://nil.example/p/09121234567",
        "09121234567@nil.example", "شماره شما 02188776655 است؟", "is your number 09121234567?",
        "INV-09121234567", "1795255200", "12345678", "0.09121234567", "",
    ],
)  # fmt: skip
def test_other_numbers_are_no_phone(text: str) -> None:
    assert "phone" not in said(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("من علی رضایی هستم، قیمت؟", "علی رضایی"), ("سلام علی‌رضا محمدی هستم", "علی‌رضا محمدی"),
        ("سلام، وقت بخیر من رضا محمدی هستم شماره 1", "رضا محمدی"),
        ("خسته نباشید. سارا هستم", "سارا"), ("سلام مریم هستم از شیراز", "مریم"),
        ("بنده آقای کاووسی هستم", "آقای کاووسی"),
        ("اسمم آرتمیس کاووسی هست 09351112233", "آرتمیس کاووسی"), ("اسم من ساراست", "سارا"),
        ("نام: آرتمیس\nموبایل: 0935 111 2233", "آرتمیس"), ("I am John Smith.", "John Smith"),
        ("My name is Sara Ahmadi and I need a site", "Sara Ahmadi"), ("I'm Sara from Nil", "Sara"),
    ],
)  # fmt: skip
def test_a_name_is_found_where_somebody_presents_themselves(text: str, name: str) -> None:
    assert said(text)["name"] == name


@pytest.mark.parametrize(
    "text",
    [
        "من خسته هستم", "من علاقه‌مند هستم", "من مهندس ساختمان هستم", "من مشتری شما هستم",
        "I'm Interested In SEO", "I am calling", "اسم من چیه", "من هستم", "name", "نام",
    ],
)  # fmt: skip
def test_what_merely_may_be_a_name_is_none(text: str) -> None:
    assert "name" not in said(text)


def test_an_address_is_found_and_the_reader_s_own_is_not() -> None:
    assert said("ایمیلم Sara.A@Nil.example.")["email"] == "Sara.A@Nil.example"
    assert said("ایمیل شما info@nil.example بود؟") == {}
    assert said("is your email info@nil.example or a@nil.example")["email"] == "a@nil.example"
    assert said("a@b، @sara، a@@nil.example") == {}


def test_only_what_lacks_is_filled() -> None:
    text = "من علی رضایی هستم 09121234567 ali@nil.example"
    given_by_platform = {"message": text, "first_name": "A", "phone": "98912"}
    assert with_said(given_by_platform).fields == {**given_by_platform, "email": "ali@nil.example"}
    assert with_said({"handle": "x:1"}).fields == {"handle": "x:1"}
    assert set(with_said({"message": text}).fields) == {"message", "name", "phone", "email"}


@given(st.text())
def test_whatever_is_typed_fails_nothing_and_what_is_found_was_typed(text: str) -> None:
    found = said(text)
    assert all(each in text for name, each in found.items() if name != "email")


@given(
    before=st.sampled_from(["شماره سفارش", "کد رهگیری: ", "فاکتور شماره ", "order no. ", "Ref: "]),
    number=digit_strings,
    after=st.sampled_from(["", " را ببینید", ". thanks", " کی می‌رسد؟"]),
)
def test_no_number_of_an_order_is_a_phone(before: str, number: str, after: str) -> None:
    assert "phone" not in said(before + " " + number + after)


@given(amount=st.integers(1, 10**15), unit=st.sampled_from(["تومان", "ریال", "USD", "€", "هزار"]))
def test_no_price_is_a_phone(amount: int, unit: str) -> None:
    assert "phone" not in said(f"قیمتش {amount} {unit} بود")
    assert "phone" not in said(f"شماره تماس: {amount:,} {unit}")


@given(day=dates, before=st.sampled_from(["", "تماس با من ", "call me on ", "تلفن "]))
def test_no_date_is_a_phone(day: str, before: str) -> None:
    assert "phone" not in said(before + day)
    assert "phone" not in said(before + day.replace("-", "/"))


@pytest.mark.parametrize(
    "part", ["1 ", "9", "a@", "من ", "my ", "0-", "تلفن: ", "1,", "نام من ا ", "id=", "9 9-(", "\n"]
)
def test_a_long_text_takes_no_time(part: str) -> None:
    began = time.process_time()
    said(part * 20_000)
    assert time.process_time() - began < 1.0
