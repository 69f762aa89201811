"""Where in a folded text the sender's phone stands, and which numbers are something else."""

from __future__ import annotations

import re
from typing import Final

FEWEST: Final = 7
MOST: Final = 15
"""Digits of a phone (E.164 has at most 15)."""

_S: Final = r"[ -]{0,2}"
_D: Final = r"[ .()-]{0,3}"
_BEFORE: Final = r"(?<![0-9A-Za-z_#])(?<![0-9][-.,:/*])(?<![A-Za-z]-)"
_AFTER: Final = r"(?![0-9])(?![-.,:/*_][0-9])"
_IRAN: Final = (
    rf"(?:(?:\+|00){_S}98{_D}0?|98{_S}0?|\(?0{_S}){_D}"
    rf"9{_S}[0-9]{_S}(?:[0-9]{_D}){{7}}[0-9]"
)
_ABROAD: Final = rf"(?:\+ ?|00)[1-9](?:{_D}[0-9]){{7,13}}"
_LANDLINE: Final = rf"\(?0{_S}[1-8]{_S}[0-9](?:{_D}[0-9]){{8}}"
_SHORT: Final = rf"9{_S}[01239]{_S}[0-9](?:{_S}[0-9]){{7}}"
_NORTH_AMERICA: Final = r"(?:1[ -])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}-)[2-9][0-9]{2}-[0-9]{4}"
_ANY: Final = r"\(?[0-9]{2,15}(?:[ .()-]{1,3}[0-9]{2,}){0,6}"
_CERTAIN: Final = f"{_IRAN}|{_ABROAD}|{_LANDLINE}|{_SHORT}|{_NORTH_AMERICA}"

_FILLER: Final = (
    r"(?:[ :=.,،(-]"
    r"|\b(?:is|at|on|or|to|me|us|my|من|ام|م|ما|مون|خودم|هم|هست|است|اینه|این|را|رو)\b)"
)
_MINE: Final = (
    r"(?:شماره(?: ?ی)? ?(?:من|ام|م|مون|ما|خودم|تماس|تلفن|موبایل|همراه|ثابت|واتس ?اپ|واتساپ)"
    r"|شمارم|شمارمون|تلفن|موبایل|تماس با|واتس ?اپ|واتساپ"
    r"|\b(?:phone|mobile|cell(?:phone)?|tel(?:ephone)?|whats ?app|my)"
    r"(?: ?(?:no|num|number|nr)\b\.?)?"
    r"|\b(?:call|reach|text|contact|ring) (?:me|us)\b)"
)
_ITS_KIND: Final = r"(?:تماس|تلفن|موبایل|همراه|ثابت|واتس ?اپ|واتساپ|phone|mobile|number|whats ?app)"
_CALLED: Final = re.compile(
    rf"{_MINE}(?:{_FILLER}|{_ITS_KIND}){{0,12}}{_BEFORE}(?P<phone>{_CERTAIN}|{_ANY}){_AFTER}",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(rf"{_BEFORE}(?P<phone>{_CERTAIN}){_AFTER}")

_OF_A_THING: Final = (
    r"(?:سفارش|پیگیری|رهگیری|فاکتور|مرسوله|تراکنش|کارت|حساب|شبا|ملی|شناسنامه|پستی|سریال|قرارداد"
    r"|پرونده|ثبت|اقتصادی|دانشجویی|پرسنلی|محصول|کالا|قطعه|تایید|تخفیف|رزرو|بلیط|بلیت|پلاک|گذرنامه"
    r"|بارنامه|اشتراک|مشتری|پذیرش)"
)
_THING: Final = (
    r"(?:order|invoice|tracking|ref(?:erence)?|ticket|transaction|account|card|serial|case"
    r"|booking|reservation|parcel|item|product|part|sku|iban|passport|postal|zip|national|receipt"
    r"|customer|id)"
)
_RUN: Final = r"[A-Za-z]{0,6}[-_]?[0-9]+(?:[-_/.][0-9]+)*"
_MONEY: Final = r"(?:قیمت|مبلغ|هزینه|بودجه|جمع|price|budget|amount|cost|total)"
_AMOUNT: Final = r"(?:[0-9]{1,3}(?: [0-9]{3}){1,6}|[0-9]{1,24}(?:[.,،٬٫/][0-9]{1,9}){0,8})"
_UNIT: Final = (
    r"(?:هزار|میلیون|میلیارد|تومان|تومن|ریال|درصد|متر|عدد|کیلو|دلار|یورو|toman|tomans|rials?|irr|irt"
    r"|usd|eur|gbp|dollars?|euros?|pcs|kg|km|m2)"
)
_YEAR: Final = r"(?:1[34]|19|20)[0-9]{2}"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_DAY: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_OTHERS: Final = re.compile(
    "|".join(
        (
            r"(?:https?://|www\.)(?!wa\.me/)\S{1,2000}",
            r"\S{1,64}@\S{1,255}",
            r"(?<![0-9])[0-9]{4}(?:[ -]?[0-9]{4}){3}(?![0-9])",
            r"\bIR ?[0-9]{2}(?: ?[0-9]{4}){5} ?[0-9]{2}",
            rf"(?:شماره|کد|شناسه|رمز)(?: ?ی)? {_OF_A_THING}{_FILLER}{{0,6}}{_RUN}",
            rf"{_OF_A_THING}(?: ?ی)? ?(?:شماره|کد|به شماره|با کد){_FILLER}{{0,6}}{_RUN}",
            rf"\b{_THING}(?: ?(?:no|num|number|id|code|nr)\b\.?)?(?:{_FILLER}|#){{0,6}}{_RUN}",
            r"#[0-9]+",
            rf"{_MONEY}{_FILLER}{{0,4}}(?!989[0-9]{{9}}(?![0-9]))[1-9][0-9]*",
            r"[$€£] ?[0-9]+(?:[.,][0-9]+)*",
            rf"(?<![0-9]){_AMOUNT} ?(?:[$€£%٪]|{_UNIT}(?!\w))",
            r"(?<![0-9])[0-9]{1,3}(?:[,،٬][0-9]{3})+(?![0-9])",
            rf"(?<![0-9]){_YEAR}([-./ ]){_MONTH}\1{_DAY}(?![0-9])",
            rf"(?<![0-9]){_DAY}([-./ ]){_MONTH}\2{_YEAR}(?![0-9])",
            r"(?<![0-9])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?",
            rf"(?:شماره|موبایل|تلفن)(?: ?ی)?(?: تماس)? ?(?:شما|تون|تان){_FILLER}{{0,6}}\+?{_RUN}",
            rf"\byour (?:phone|mobile|cell|number|whats ?app)(?: number)?{_FILLER}{{0,6}}\+?{_RUN}",
        )
    ),
    re.IGNORECASE,
)
"""Addresses, cards, accounts, orders, money, dates, times, and the reader's own number."""


def phone_in(folded: str) -> slice | None:
    """The place of the number that the sender calls theirs, else of the first that can be one."""
    rest = _OTHERS.sub(lambda found: "\n" * len(found[0]), folded)
    for pattern in (_CALLED, _ALONE):
        for found in pattern.finditer(rest):
            if FEWEST <= sum(map(str.isdigit, found["phone"])) <= MOST:
                return slice(*found.span("phone"))
    return None
