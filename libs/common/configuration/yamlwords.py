"""What the YAML parser complains of, said in both languages and without a value of the file."""

from __future__ import annotations

from typing import Final

from libs.common.events.values import Text

_UNKNOWN: Final = Text("نوشتارش درست نیست", "it is not written as YAML is")
_KNOWN: Final[tuple[tuple[str, Text], ...]] = (
    ("mapping values are not allowed", Text(
        "دونقطه جای درستی نیست، یا متن گیومه می‌خواهد",
        "a colon stands in the wrong place, or the text needs quotes")),
    ("that cannot start any token", Text(
        "با این نویسه آغاز نمی‌شود؛ به‌جای Tab فاصله بگذارید، یا متن را در گیومه",
        "nothing begins with this character; write spaces for a tab, or put the text in quotes")),
    ("found a tab character", Text(
        "Tab دارد؛ به‌جایش فاصله بگذارید", "there is a tab; write spaces in its place")),
    ("could not find expected ':'", Text(
        "پس از نام، دونقطه نیامده", "a name is not followed by a colon")),
    ("expected <block end>", Text(
        "تورفتگی یا بستن این بخش درست نیست", "the part is wrongly indented or not closed")),
    ("expected ',' or", Text(
        "کاما یا بستن [ یا { جا افتاده", "a comma, or the end of [ or {, is missing")),
    ("unexpected end of stream", Text(
        "گیومه‌ای بسته نشده", "a quote is not closed")),
    ("unexpected document separator", Text(
        "گیومه‌ای بسته نشده", "a quote is not closed")),
    ("found undefined alias", Text(
        "به نامی با * اشاره شده که پیش از آن با & نیامده؛ شاید متن گیومه می‌خواهد",
        "a * stands before a name that no & gives; perhaps the text needs quotes")),
    ("duplicate anchor", Text(
        "یک نام دو بار با & آمده", "a name is given by & twice")),
    ("unknown escape character", Text(
        "پس از \\ نویسهٔ نادرستی آمده؛ متن را در '…' بگذارید",
        "a wrong character follows a \\; put the text in '…'")),
    ("expected escape sequence", Text(
        "نویسه‌ای که با \\ آمده درست نیست", "a character written by \\ is not right")),
    ("but found another document", Text(
        "دو سند در یک پرونده است؛ --- را بردارید",
        "there are two documents in one file; take out the ---")),
)  # fmt: skip

NO_CHARACTER: Final = Text("نویسه‌ای دارد که متن نیست", "there is a character that is no text")
OUT_OF_RANGE: Final = Text(
    "عددی یا نویسه‌ای که با \\ آمده از اندازه بیرون است",
    "a number, or a character written by \\, is out of range",
)


def words(problem: str) -> Text:
    """The parser's sentence as people who edit the file need it."""
    return next((text for mark, text in _KNOWN if mark in problem), _UNKNOWN)
