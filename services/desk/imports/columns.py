"""Which row names the columns, and which column holds what of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from libs.common.events import Text
from libs.common.normal.names import COMMON, folded, ours_of
from libs.common.normal.text import clean
from services.desk.imports.contacts import address, is_phone_like
from services.desk.imports.records import Row

UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
PAGE: Final = "page_url"
OURS: Final = (*COMMON, PAGE, *UTM)
"""What a column may be said to hold."""
REPEATABLE: Final = frozenset({"phone", "email"})
"""Of these several columns may be filled; the first good one is the contact."""
LOOKED_AT: Final = 60
"""Rows of the beginning by which the names and columns are told."""
_HEADER_WITHIN: Final = 10
_LONGEST_NAME: Final = 100
_MOSTLY: Final = 0.6
_PAGES: Final = {
    folded(n): PAGE for n in (PAGE, "page", "صفحه", "صفحهٔ مبدأ", "صفحه مبدا", "لینک صفحه")
}
_MORE: Final = {
    folded(name): ours
    for ours, names in {
        "name": ("نام مشتری", "نام مخاطب", "نام فرد", "اسم و فامیل", "customer", "contact", "lead"),
        "phone": ("mobile no", "mobile phone number", "msisdn", "تلفن ۱", "موبایل ۱", "phone 1"),
        "email": ("e mail 1", "email 1", "mail address"),
        "company": ("account", "account name", "فروشگاه", "نام فروشگاه"),
        "message": ("خواسته", "نیاز", "یادداشت", "remarks"),
    }.items()
    for name in names
}
_WITHIN: Final = tuple(
    (folded(word), ours)
    for word, ours in (
        ("موبایل", "phone"), ("تلفن همراه", "phone"), ("شماره تماس", "phone"), ("تلفن", "phone"),
        ("mobile", "phone"), ("phone", "phone"), ("واتساپ", "phone"), ("whatsapp", "phone"),
        ("ایمیل", "email"), ("e-mail", "email"), ("email", "email"),
        ("نام خانوادگی", "last_name"),
    )
)  # fmt: skip
"""Words that say enough wherever they stand in a column's name."""
COUNTERS: Final = frozenset(
    map(folded, ("ردیف", "شماره ردیف", "#", "row", "row number", "no", "no.", "index", "id ردیف"))
)
"""Columns that only number the rows: another number does not make another person."""


class Column(NamedTuple):
    """A column of the file, and what of ours it seems to hold (None: kept under its own name)."""

    name: str
    ours: str | None


class Head(NamedTuple):
    """The columns, and the line on which their names stand; 0 where there are no names."""

    line: int
    columns: tuple[Column, ...]


def head_of(rows: Sequence[Row]) -> Head:
    """The names among the first rows, and what the columns below them hold."""
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        return Head(0, ())
    known = [sum(guess(cell) is not None for cell in r.cells) for r in filled[:_HEADER_WITHIN]]
    best = max(range(len(known)), key=lambda place: (known[place], -place))
    first = filled[best if known[best] else 0]
    is_named = bool(known[best]) or not any(_is_contact(cell) for cell in first.cells)
    below = [row for row in filled if row.line > first.line] if is_named else filled
    width = max(len(row.cells) for row in ([first] if is_named else filled))
    names = _names(first.cells if is_named else [], width)
    while is_named and len(names) > 1 and not _has(first.cells, len(names) - 1):
        if any(_has(row.cells, len(names) - 1) for row in below):
            break
        names.pop()
    return Head(first.line if is_named else 0, _columns(names, below, is_named=is_named))


def guess(name: str) -> str | None:
    """What a column of this name holds."""
    plain = folded(clean(name).strip())
    if not plain or plain in COUNTERS:
        return None
    if plain in map(folded, UTM):
        return next(utm for utm in UTM if folded(utm) == plain)
    exact = ours_of(name.strip()) or _PAGES.get(plain) or _MORE.get(plain)
    return exact or next((ours for word, ours in _WITHIN if word in plain), None)


def _columns(names: Sequence[str], below: Sequence[Row], *, is_named: bool) -> tuple[Column, ...]:
    taken: set[str] = set()
    found = []
    for place, name in enumerate(names):
        ours = guess(name) if is_named else None
        if ours is None and (not is_named or not name.strip()):
            ours = _by_content([row.cells[place] for row in below if _has(row.cells, place)])
        if ours in taken and ours not in REPEATABLE:
            ours = None
        taken |= {ours} if ours else set()
        found.append(Column(name, ours))
    return tuple(found)


def _by_content(cells: Sequence[str]) -> str | None:
    for ours, is_one in (("email", address), ("phone", is_phone_like)):
        if cells and sum(bool(is_one(cell)) for cell in cells) >= _MOSTLY * len(cells):
            return ours
    return None


def _is_contact(cell: str) -> bool:
    return is_phone_like(cell) or address(cell) is not None


def _has(cells: Sequence[str], place: int) -> bool:
    return place < len(cells) and bool(cells[place].strip())


def _names(cells: Sequence[str], width: int) -> list[str]:
    """A name for each column, no two the same."""
    names: dict[str, None] = {}
    counts: dict[str, int] = {}
    for place in range(width):
        typed = clean(cells[place]).strip()[:_LONGEST_NAME] if place < len(cells) else ""
        plain = name = typed or _letters(place)
        count = counts.get(plain, 1)
        while name in names:
            count += 1
            name = f"{plain} {count}"
        counts[plain] = count
        names[name] = None
    return list(names)


def _letters(place: int) -> str:
    """A, B … AA, as a sheet calls its columns."""
    letters, left = "", place + 1
    while left:
        left, rest = divmod(left - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


MEANINGS: Final[Mapping[str, Text]] = {
    "name": Text("نام و نام خانوادگی", "Full name"),
    "first_name": Text("نام", "First name"),
    "last_name": Text("نام خانوادگی", "Last name"),
    "phone": Text("تلفن", "Phone"),
    "email": Text("ایمیل", "E-mail"),
    "handle": Text("شناسهٔ پیام‌رسان", "Chat handle"),
    "company": Text("شرکت", "Company"),
    "message": Text("خواسته", "Message"),
    "language": Text("زبان", "Language"),
    PAGE: Text("صفحهٔ مبدأ", "Page of origin"),
    **{name: Text(name, name) for name in UTM},
}
