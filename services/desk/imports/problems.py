"""What can be wrong with a list or a row of it, in the words of both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from libs.common.events import Text

FILES: Final[Mapping[str, Text]] = {
    "empty": Text("در این فایل هیچ ردیفی نیست.", "There are no rows in this file."),
    "no_column": Text(
        "هیچ ستونی از این فایل خوانا نبود.", "No column of this file could be made out."
    ),
    "old_excel": Text(
        "این فایل اکسل قدیمی است یا رمز دارد؛ آن را با قالب xlsx یا CSV ذخیره کنید.",
        "This is an old Excel file, or one with a password; save it as .xlsx or CSV.",
    ),
    "a_web_page": Text(
        "این فایل در واقع یک صفحهٔ وب است؛ در اکسل بازش کنید و با قالب xlsx ذخیره کنید.",
        "This file is really a web page; open it in Excel and save it as .xlsx.",
    ),
    "broken_workbook": Text(
        "این فایل اکسل خراب است یا اکسل نیست.", "This Excel file is broken, or is none."
    ),
    "binary": Text("این فایل متن یا اکسل نیست.", "This file is neither text nor Excel."),
    "too_large": Text(
        "این فایل بیش از اندازه بزرگ است؛ آن را چند تکه کنید.",
        "This file is too large; split it into several.",
    ),
    "too_many_rows": Text(
        "این فایل بیش از ۲۰۰٬۰۰۰ ردیف دارد؛ آن را چند تکه کنید.",
        "This file has more than 200,000 rows; split it into several.",
    ),
    "file_gone": Text(
        "فایل دیگر اینجا نیست؛ دوباره بفرستیدش.", "The file is no longer here; send it again."
    ),
}
ROWS: Final[Mapping[str, Text]] = {
    "without_contact": Text(
        "نه شماره دارد، نه ایمیل و نه شناسه", "it has no phone, e-mail or handle"
    ),
    "unusable_phone": Text("این شماره درست نیست", "this cannot be a phone number"),
    "unusable_email": Text("این ایمیل درست نیست", "this cannot be an e-mail address"),
    "digits_lost": Text(
        "اکسل رقم‌های شماره را از بین برده؛ ستون را «متن» کنید و دوباره ذخیره کنید",
        "Excel has cut the number's digits; format the column as text and save it again",
    ),
    "too_many_cells": Text(
        "خانه‌هایش بیشتر از ستون‌هاست؛ شاید جداکننده در متن آمده",
        "it has more cells than there are columns; a text may hold the delimiter",
    ),
    "too_long": Text("متنش بیش از اندازه بلند است", "its text is too long"),
    "repeated": Text("تکرار ردیف {n} همین فایل است", "it repeats line {n} of this file"),
}


class Unreadable(Exception):
    """A file that is no list that we can read."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def text(self) -> Text:
        """The sentence for people."""
        return FILES[self.code]
