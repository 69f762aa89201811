"""One activity as a site, an app or a program tells of it: read strictly, believed in bounds."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.bodies import plain
from libs.common.events import Attribution, Text
from libs.common.ours import is_ours
from services.capture.calls.problems import Problem, wrong_type
from services.capture.reading.attribution import FLAT, Origins
from services.capture.reading.objects import attribution_in, text_in

CONTACTS: Final = ("phone", "email", "handle", "person_id")
"""By which an activity may name its person, where a key of ours vouches for it."""
LARGEST: Final = 16 * 1024
"""Bytes of JSON that one activity may have."""

_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}(?:\.[A-Za-z0-9_-]{1,31})?")
_NUMBER: Final = re.compile(r"[0-9]{9,16}")
"""A moment that a form or a query has made a text of: seconds or milliseconds since 1970."""
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS: Final = 100_000_000_000
"""From here on a number counts milliseconds: as seconds it would be the year 5138."""
_KNOWN: Final = frozenset(
    {"type", "at", "data", "submission_id", "utm", "click_ids", *CONTACTS, *FLAT}
)


class Said(NamedTuple):
    """What an activity says. `at` None: its clock said nothing that can be believed."""

    type: str
    at: datetime | None
    attribution: Attribution
    fields: dict[str, str]
    """Identifiers other than the visitor's; empty where nobody vouches for them."""
    extra: dict[str, Any]


def read_visit(body: Mapping[str, Any], origins: Origins, now: datetime, *, vouched: bool) -> Said:
    """The activity in a JSON object. Raises Problem (401, 413, 422).

    Anybody may post any visitor id, so only who holds a key names persons by other means.
    """
    values = dict(body)
    if len(msgspec.json.encode(plain(values))) > LARGEST:
        raise _too_large()
    attribution, page = attribution_in(values, origins)
    fields = {name: text for name in CONTACTS if (text := text_in(values, name).strip())}
    if not vouched:
        fields = _unvouched(attribution, fields)
    if not attribution.visitor_id and not fields:
        raise _nobody()
    if "person_id" in fields:
        fields["person_id"] = _person(fields["person_id"])
    data = values.get("data")
    if data is not None and type(data) is not dict:
        raise wrong_type("data")
    extra = {name: plain(value) for name, value in values.items() if name not in _KNOWN}
    extra |= page | ({"data": plain(data)} if data else {})
    return Said(_type(values), believed(values.get("at"), now), attribution, fields, extra)


def believed(value: Any, now: datetime) -> datetime | None:
    """When it happened: RFC 3339 with its offset, or seconds or milliseconds since 1970.

    A device's clock may be ahead: then it counts for nothing, and what is long ago stays so.
    Raises Problem(422) for what is no time at all.
    """
    if value is None:
        return None
    try:
        at = _instant(value)
    except (ValueError, OverflowError, OSError) as error:
        raise Problem(422, _NO_TIME, fields=("at",)) from error
    return at if at <= now else None


def _instant(value: Any) -> datetime:
    if type(value) is str and _NUMBER.fullmatch(value.strip()):
        value = int(value)
    if type(value) in (int, float):
        if value < 0:
            raise ValueError("nobody did anything here before 1970")
        return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS else value, UTC)
    if type(value) is not str:
        raise wrong_type("at")
    at = datetime.fromisoformat(value.strip())
    if at.tzinfo is None:
        raise ValueError("a time without an offset is no moment")
    if at < _FIRST:
        raise ValueError("nobody did anything here before 1970")
    return at.astimezone(UTC)


def _type(values: dict[str, Any]) -> str:
    name = text_in(values, "type").strip()
    if not name:
        raise Problem(422, Text("type لازم است.", "A type is needed."), fields=("type",))
    if not _TYPE.fullmatch(name) or is_ours(name):
        detail = Text(
            "type یک نام کوتاه لاتین است، مانند page_view، و با نام‌های خود سامانه آغاز نمی‌شود.",
            "A type is a short name as page_view, and begins with none of the system's own.",
        )
        raise Problem(422, detail, fields=("type",))
    return name.lower()


def _unvouched(attribution: Attribution, fields: dict[str, str]) -> dict[str, str]:
    if fields and not attribution.visitor_id:
        detail = Text(
            "بدون visitor_id، کلید API لازم است.", "Without a visitor_id an API key is needed."
        )
        raise Problem(401, detail, headers=((b"www-authenticate", b"Bearer"),))
    return {}


def _person(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        detail = Text("person_id شناسهٔ ما نیست.", "The person_id is none of ours.")
        raise Problem(422, detail, fields=("person_id",)) from error


def _nobody() -> Problem:
    detail = Text(
        "معلوم نیست کار چه کسی است: visitor_id را بفرستید.",
        "Nobody is named who did it: send a visitor_id.",
    )
    return Problem(422, detail, fields=("visitor_id",))


def _too_large() -> Problem:
    detail = Text("هر فعالیت حداکثر ۱۶ کیلوبایت است.", "An activity may have 16 kilobytes at most.")
    return Problem(413, detail)


_NO_TIME: Final = Text(
    "at زمان نیست: 2026-11-22T08:00:00Z، یا ثانیه یا هزارم ثانیه از ۱۹۷۰.",
    "The value of at is no time: 2026-11-22T08:00:00Z, or seconds or milliseconds since 1970.",
)
