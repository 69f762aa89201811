"""Invented people, companies and questions, Persian and English."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

_FIRST: Final = {
    "fa": ("نیلوفر", "آرش", "شیدا", "کاوه", "مهسا", "بهرام", "پریسا", "سیاوش", "لاله", "رامین"),
    "en": ("Alice", "Daniel", "Maya", "Oliver", "Hannah", "Victor", "Nora", "Samuel"),
}
_LAST: Final = {
    "fa": ("احمدی", "کریمی", "رستگار", "صادقی", "نیک‌پور", "دهقان", "فرهمند", "یوسفی", "آذری"),
    "en": ("Brooks", "Hartley", "Nguyen", "Osborne", "Petrov", "Quinn", "Sorensen"),
}
_COMPANIES: Final = {
    "fa": ("فروشگاه ترمه‌گستر", "کلینیک یاس سپید", "آموزشگاه اوج دانش", "قنادی گلپونه", ""),
    "en": ("Northlight Dental", "Kestrel Outdoor", "Bluebrick Homes", "Tidewater Legal", ""),
}
_QUESTIONS: Final = {
    "fa": (
        "برای سئوی سایتمان قیمت می‌خواهم",
        "می‌شود فردا قبل از ظهر تماس بگیرید؟",
        "تبلیغات گوگل چقدر هزینه دارد؟",
        "سایت فروشگاهی داریم و بازدیدمان افت کرده",
    ),
    "en": (
        "Could you send me a quote for SEO?",
        "We need help with our Google Ads account",
        "Please call me tomorrow morning",
        "Our shop lost half of its visitors since spring",
    ),
}
_MOBILE: Final = ("0912", "0919", "0935", "0936", "0901", "0921")
_LATIN: Final = ("nil", "ara", "sho", "kav", "mah", "bah", "par", "sia", "lal", "ram")


class Person(NamedTuple):
    """Somebody who may want to buy."""

    name: str
    phone: str
    """As typed on an Iranian keyboard: 09…"""
    email: str
    company: str
    message: str
    language: str


def invent(draw: Random) -> Person:
    """A new person; the same numbers drawn, the same person."""
    language = draw.choice(("fa", "fa", "fa", "en"))
    name = f"{draw.choice(_FIRST[language])} {draw.choice(_LAST[language])}"
    email = f"{draw.choice(_LATIN)}.{draw.randrange(10**8):08d}@post.nil.example"
    return Person(
        name=name,
        phone=f"{draw.choice(_MOBILE)}{draw.randrange(10**7):07d}",
        email=email,
        company=draw.choice(_COMPANIES[language]),
        message=draw.choice(_QUESTIONS[language]),
        language=language,
    )


def spellings(phone: str) -> tuple[str, ...]:
    """Six ways in which one number is typed."""
    bare = phone[1:]
    persian = phone.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    arabic = phone.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    return (
        phone,
        f"+98{bare}",
        f"0098 {bare[:3]} {bare[3:6]} {bare[6:]}",
        f"{phone[:4]}-{phone[4:7]}-{phone[7:]}",
        persian,
        arabic,
    )
