"""The names by which people present themselves in chats, and the many sentences that have none."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.capture.reading.known_names import FAMILIES, GIVEN, LATIN, MEN, WOMEN, WORDS_TOO
from services.capture.reading.no_names import is_none
from services.capture.reading.said import said

NAMES = {
    # Presented, in English.
    "I'm Ali": "Ali", "I’m Ali.": "Ali", "im ali": "ali", "Hi, I'm Ali, how much is SEO?": "Ali",
    "I am Sara Ahmadi": "Sara Ahmadi", "i am sara ahmadi": "sara ahmadi",
    "this is Ali Rezaei": "Ali Rezaei", "Hello, this is Sara from Nil Studio": "Sara",
    "it's Reza here": "Reza", "It is Maryam": "Maryam", "Ali here, can you call me?": "Ali",
    "Hi. Sara Ahmadi speaking": "Sara Ahmadi", "my name's Ali": "Ali",
    "My name is Ali Rezaei and I need a site": "Ali Rezaei", "my name’s sara, 0912": "sara",
    "my name is Artemis Kavousi.": "Artemis Kavousi", "name: John Smith": "John Smith",
    "my name is Ali please call me": "Ali", "I'm Ali looking for a site": "Ali",
    "I am Ali And I Need A Site": "Ali", "I'm Wojciech Kowalski": "Wojciech Kowalski",
    "I'm Artemis from Nil": "Artemis", "I am Dr. Rezaei": "Dr. Rezaei",
    "I'm John O'Brien": "John O'Brien", "This is Mr Karimi": "Mr Karimi",
    "I am Sara Ahmadi, marketing manager": "Sara Ahmadi",
    "I'm Ali Reza Ahmadi": "Ali Reza Ahmadi", "I am Sara Marketing Manager at Nil": "Sara",
    # Presented, in Persian.
    "سلام، رضایی هستم": "رضایی", "بنده حسینی هستم": "حسینی", "من علی رضایی هستم": "علی رضایی",
    "سلام رضایی هستم، قیمت سئو؟": "رضایی", "۰۹۱۲۱۲۳۴۵۶۷ علی هستم": "علی", "علی هستم": "علی",
    "سلام وقت بخیر علی رضایی هستم از شرکت نیل": "علی رضایی", "من علي كريمي هستم": "علي كريمي",
    "سلام. قیمت سئو چند است؟ مریم احمدی هستم": "مریم احمدی", "مریم‌ام": "مریم",
    "سلام قیمت می‌خواستم من رضا محمدی هستم": "رضا محمدی", "سلام خوبین؟ سارا هستم": "سارا",
    "با سلام و احترام حسن پور هستم": "حسن پور", "نوری‌زاده هستم": "نوری‌زاده",
    "علیزاده هستم": "علیزاده", "خانم کریمی هستم": "خانم کریمی", "آقای محمدی هستم": "آقای محمدی",
    "دکتر رضایی هستم": "دکتر رضایی", "مهندس علی رضایی هستم": "مهندس علی رضایی",
    "سید علی حسینی هستم": "سید علی حسینی", "خانم دکتر احمدی هستم": "خانم دکتر احمدی",
    "من علی رضایی مدیر فروش نیل هستم": "علی رضایی", "من مریم از شیراز هستم": "مریم",
    "آقای کاووسیان هستم": "آقای کاووسیان", "عـلی رضایی هستم": "عـلی رضایی",
    "علیِ رضایی هستم": "علیِ رضایی", "رضائی هستم": "رضائی",
    "salam ali rezaei hastam": "ali rezaei", "man sara hastam": "sara",
    "سلام\nعلی رضایی هستم\nقیمت؟": "علی رضایی", "سلام، بنده امین رضایی هستم": "امین رضایی",
    "سلام من علی رضایی، مدیر فروش نیل": "علی رضایی",
    "اینجانب علی رضایی متقاضی همکاری هستم": "علی رضایی", "سلام مجدد احمدی هستم": "احمدی",
    "من علی رضایی از شرکت نیل": "علی رضایی", "سلام رضا جان علی هستم": "علی",
    # Called.
    "اسمم علی رضاییه": "علی رضایی", "My name: Ali": "Ali",
    "my name is Dr. Kavousi": "Dr. Kavousi", "اسم من علی رضایی است": "علی رضایی",
    "اسمم پویا ست": "پویا", "نام من علی‌اکبر دهخدا ست ممنون": "علی‌اکبر دهخدا",
    "اسمم ساراست": "سارا", "نام: خانم کاووسی": "خانم کاووسی", "اسمِ من مریم هست": "مریم",
    "نام و نام خانوادگی: علی رضایی تلفن: 0912": "علی رضایی", "نام: دکتر رضایی": "دکتر رضایی",
    "اسمم علیه و سوال داشتم": "علی", "اسمم مهیاره": "مهیار",
    # By itself: beside the number, or all that is said.
    "علی رضایی\n09121234567": "علی رضایی", "۰۹۱۲۱۲۳۴۵۶۷\nعلی رضایی": "علی رضایی",
    "سلام\nسارا\n0912 123 4567\nقیمت می‌خواستم": "سارا", "خانم کریمی ۰۹۱۲۱۲۳۴۵۶۷": "خانم کریمی",
    "خانم کاووسی: 09121234567": "خانم کاووسی", "آقای محمدی": "آقای محمدی",
    "رضایی\n09121234567": "رضایی", "علی رضایی - ۰۹۱۲۱۲۳۴۵۶۷": "علی رضایی",
    "علی رضایی شماره تماس: 09121234567": "علی رضایی", "Ali Rezaei\n0912.123.4567": "Ali Rezaei",
    "sara 09121234567": "sara", "علی رضایی": "علی رضایی",
    "Sara Connor\n+44 20 7946 0958": "Sara Connor", "سلام. علی کاووسی. 09121234567": "علی کاووسی",
    "پیام احمدی\n09121234567": "پیام احمدی", "دکتر احمدی 09121234567": "دکتر احمدی",
    "Ali Rezaei": "Ali Rezaei", "محمد رضا\n09121234567": "محمد رضا",
    "من علی رضایی ۰۹۱۲۱۲۳۴۵۶۷": "علی رضایی", "با تشکر\nعلی رضایی\n09121234567": "علی رضایی",
    "سرکار خانم کریمی": "سرکار خانم کریمی", "شماره من 09121234567 هست علی رضایی": "علی رضایی",
}  # fmt: skip
NONE = (
    # What somebody is, and not who.
    "مشتری هستم", "علاقه‌مند هستم", "من هستم", "سلام خوب هستم", "منتظر هستم", "خانم هستم",
    "دکتر هستم", "سلام، متقاضی هستم", "من ایرانی هستم", "من تهرانی هستم", "راضی هستم",
    "مهندس هستم", "مهندس عمران هستم", "خانم دکتر هستم", "خانم خانه‌دار هستم", "خانم جوانی هستم",
    "خانم مجردی هستم", "خانم ورزشکار هستم", "آقای محترمی هستم", "سلام خسته ام",
    "من دوست علی هستم", "همسر سارا احمدی هستم", "مادر علی هستم", "خانم علی رضایی هستم",
    "عاشق مریم هستم", "منتظر پیام هستم", "همون علی هستم", "در خدمت هستم", "من با علی هستم",
    "من طرفدار رضا هستم", "پیگیر هستم", "مسافر هستم", "شاهزاده هستم", "سید هستم",
    "من دانشجوی دکتری هستم", "من از مشتریان شما هستم", "من رضایی را می‌شناسم",
    "من علی رضایی نیستم", "من علی را می‌شناسم که مدیر هستم", "۲ نفر هستم", "شرکت علی هستم",
    "فروشگاه سارا هستم",
    # Somebody else, who is spoken to or of.
    "سلام آقای محمدی", "آقای محمدی سلام", "خانم کریمی قیمت چنده؟", "با آقای محمدی صحبت کردم",
    "سلام علی\n09121234567", "به خانم کریمی بگید 09121234567", "آقای محمدی تماس گرفت",
    "علی جان\n09121234567", "سلام آقای محمدی\n09121234567", "خانم\n09121234567", "علی", "رضایی",
    "سارا خانم", "علی کجاست؟", "شماره آقای محمدی 09121234567", "شماره علی\n09121234567",
    "آقای محمدی\nبا شما تماس گرفتم", "سارا و علی هستم", "من علی رضایی را می‌شناسم",
    "دوست من علی رضایی، مدیر نیل", "من علی رضایی رو معرفی کردم", "خانم منشی 02188776655",
    "آقای املاک 09121234567", "من علی، رضا را می‌شناسم",
    # Words beside a number that some bear as a name.
    "پیام بدید\n09121234567", "پیام بدید 09121234567", "پیام\n09121234567",
    "امید دارم\n09121234567", "تماس بگیرید\n09121234567", "یلدا مبارک\n09121234567",
    "فوری 09121234567", "خانم لطفا\n09121234567", "محمد سفارش داد\n09121234567",
    "علی زنگ زد 09121234567", "شماره سفارش 09121234567\nعلی", "قیمت سئو\n09121234567",
    "طراحی سایت ۰۹۱۲۱۲۳۴۵۶۷", "بهار\n09121234567", "Call Me\n09121234567",
    "Web Design\n09121234567",
    # Of names, without one.
    "اسم من چیه", "اسم من مهم نیست", "اسمم یادت رفته", "اسم من رو سیو کنید", "نام شرکت: نیل",
    "نام", "name", "my name is not important", "my name is already on the list",
    "company name: Nil Studio", "my name is spelled wrong", "نام من در لیست نیست", "اسم من خانم",
    "my domain name: nil", "نام من علی نیست", "اسم من رضایی نیست", "my name is Ali's friend",
    "my name is not ali", "my name is confidential", "my name is above", "Name: anonymous",
    "نام: تست", "نام: نامشخص", "اسم من نبود", "Henry Street", "Charlotte Airport",
    # In English.
    "I'm interested", "I'm looking for a site", "I am here", "this is great",
    "This is Great News", "I'm Interested In SEO", "I am a customer", "I am Marketing Manager",
    "I'm from Iran", "This is Google Ads", "I'm Back from Tehran", "I am Iranian Student",
    "I'm Software Engineer", "it's fine", "it's Monday", "I am not Ali", "I'm Ali's brother",
    "I'm Ali Rezaei's brother", "This is Tehran University", "This is Sara Ahmadi's number",
    "This is Maria Hotel", "This is Ali Express", "I am Calling About Seo", "I AM INTERESTED",
    "I'm Happy To Help You", "I'm Ready", "call me, i'm waiting", "Dr. here",
    "I'm Student from Iran", "i'm good thanks", "I am sure", "it is Urgent",
    "this is my number 09121234567", "is Ali here?", "man moshtari hastam", "salam khub hastam",
    "man montazer hastam", "Hello There", "thanks Sara",
)  # fmt: skip


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_a_name_is_found_where_somebody_presents_themselves(text: str, name: str) -> None:
    assert said(text).get("name") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("نام: الهام\nنام خانوادگی: کاظمی\nتلفن: 09121119201", "الهام کاظمی"),
        ("نام: الهام\nفامیل: ورزنده", "الهام ورزنده"),
        ("فامیلی: کاظمی\nنام: الهام", "الهام کاظمی"),
        ("نام: الهام، نام خانوادگی: کاظمی", "الهام کاظمی"),
        ("Name: Sara\nFamily: Ahmadi\nPhone: 09121119201", "Sara Ahmadi"),
        ("first name: Sara\nlast name: Kavousi", "Sara Kavousi"),
        ("نام: الهام کاظمی\nنام خانوادگی: کاظمی", "الهام کاظمی"),
        ("نام: الهام\nنام خانوادگی: -", "الهام"),
        ("نام و نام خانوادگی: الهام کاظمی", "الهام کاظمی"),
        ("نام: الهام\nفامیل: نامشخص", "الهام"),
    ],
)
def test_a_family_name_of_a_line_of_its_own_belongs_to_the_name(text: str, name: str) -> None:
    assert said(text).get("name") == name


@pytest.mark.parametrize("text", NONE)
def test_what_merely_may_be_a_name_is_none(text: str) -> None:
    assert "name" not in said(text)


parts = st.sampled_from(
    [
        *"\n .،!?؛:-'’ـِ", "سلام", "من", "علی", "رضایی", "هستم", "ام", "خانم", "آقای", "دکتر",
        "پیام", "مشتری", "۰۹۱۲۱۲۳۴۵۶۷", "0912.123.4567", "I'm", "this is", "Ali", "ali",
        "Rezaei's", "Smith", "my name is", "نام:", "اسمم", "ساراست", "from", "here", "hastam",
        "\u200c", "1", "شماره", "علی‌رضا", "پور", "مدیر",
    ]
)  # fmt: skip
typed = st.one_of(
    st.text(), st.lists(parts, max_size=14).map(" ".join), st.lists(parts).map("".join)
)


@given(typed)
def test_a_found_name_is_text_of_the_message_and_has_no_digit(text: str) -> None:
    name = said(text).get("name")
    assert name is None or (name in text and name == name.strip() and name)
    assert not any(each.isdigit() or each == "\n" for each in name or "")
    assert said(text).get("name") == name


@given(typed)
def test_a_found_name_is_found_again_where_it_is_called_one(text: str) -> None:
    if found := said(text).get("name"):
        name = re.sub("[ \u200c]+", " ", found)
        again = said(f"نام: {name}").get("name")
        assert again  # without an "is" that is written onto it
        assert name.startswith(again)


@given(st.sampled_from(sorted(GIVEN)), st.sampled_from(sorted(FAMILIES)))
def test_whoever_has_common_names_is_known_by_them(first: str, family: str) -> None:
    assert said(f"سلام، من {first} {family} هستم")["name"] == f"{first} {family}"
    assert said(f"{first} {family}\n09121234567")["name"] == f"{first} {family}"


def test_the_lists_agree() -> None:
    assert WORDS_TOO <= GIVEN
    assert MEN.isdisjoint(WOMEN)
    assert not [name for name in LATIN if is_none(name)]


@pytest.mark.parametrize(
    "part",
    ["علی ", "هستم ", "من علی ", "I'm ", "I'm Ali ", "my name is ", "نام: ", "خانم ", "علی\n", "ِ"],
)
def test_a_long_text_takes_no_time(part: str) -> None:
    began = time.process_time()
    said(part * 20_000)
    assert time.process_time() - began < 10.0
