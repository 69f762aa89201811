"""Values from outside: what Postgres, the calendar or an answer cannot hold is refused."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

Day = TypeVar("Day", bound=date)

FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2999, 12, 31)
"""No lead is older or younger, and every zone can show a day between them."""
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_WRITTEN: Final = re.compile(r"\d{4}-\d\d-\d\d")


def is_text(value: str) -> bool:
    """Whether it has no NUL and no lone surrogate, which neither Postgres nor UTF-8 takes."""
    return not _NO_TEXT.search(value)


def shown(value: str) -> str:
    """The value as an answer can carry it."""
    return _NO_TEXT.sub("\ufffd", value)


def _text(value: str) -> str:
    if not is_text(value):
        raise ValueError("not text")
    return value


def _written(value: Any) -> Any:
    """Only what is written as a date: a bare number would be read as seconds of an epoch."""
    if isinstance(value, date) or (isinstance(value, str) and _WRITTEN.match(value.strip())):
        return value
    raise ValueError("not a date or time of RFC 3339")


def within(value: Day) -> Day:
    """The day or moment, where the calendar has it in every zone. Raises ValueError."""
    day = value.date() if isinstance(value, datetime) else value
    if not FIRST <= day <= LAST:
        raise ValueError(f"not between {FIRST} and {LAST}")
    return value


Plain = Annotated[str, AfterValidator(_text), Field(json_schema_extra={"pattern": "^[^\\u0000]*$"})]
"""Text that can be looked for; a schema can tell of NUL, and no lone surrogate is sent in UTF-8."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(within)]
DayOrMoment = Annotated[AwareDatetime | date, BeforeValidator(_written), AfterValidator(within)]
