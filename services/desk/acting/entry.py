"""A call or a walk-in as staff write it down, and the submission that it is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple, Self

import msgspec
import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from libs.common.events import Attribution, Event, LeadCaptured, derived_id, digest
from libs.common.normal.text import clean, fold
from services.desk.reading.numbering import FROM
from services.desk.store.entries import Place

SOURCE: Final = "desk"
_TEXTS: Final = ("name", "phone", "email", "company", "message", "language")
_SHORTEST_EMAIL: Final = 3
_ENOUGH_DIGITS: Final = 8


_CLEAN: Final = AfterValidator(clean)


def _bound(most: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=most)


Name = Annotated[str, _CLEAN, _bound(200)]
Phone = Annotated[str, _CLEAN, _bound(40)]
Email = Annotated[str, _CLEAN, _bound(254)]
Address = Annotated[str, _CLEAN, _bound(2000)]
Message = Annotated[str, _CLEAN, _bound(4000)]


class Entry(BaseModel):
    """Name or number is enough."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    kind: Literal["call", "walk_in"] = "call"
    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    company: Name | None = None
    message: Message | None = None
    page_url: Address | None = None
    language: Literal["fa", "en"] | None = None
    consent: bool | None = None

    @model_validator(mode="after")
    def reaches_somebody(self) -> Self:
        """Say plainly that there must be somebody."""
        if not (self.name or self.phone or self.email):
            raise ValueError("a name, a phone or an e-mail is needed")
        if self.email and not _looks_like_email(self.email):
            raise ValueError("this e-mail cannot be right")
        return self

    def is_odd_phone(self, region: str) -> bool:
        """Whether the number cannot be one, read in `region` (ISO 3166).

        Only what is plainly none: with enough digits it may be one, which enrichment decides.
        """
        typed = fold(self.phone or "")
        if not typed or sum(map(str.isdecimal, typed)) >= _ENOUGH_DIGITS:
            return False
        try:
            parsed = phonenumbers.parse(typed, region)
        except phonenumbers.NumberParseException:
            return True
        return not phonenumbers.is_possible_number(parsed)


def _looks_like_email(text: str) -> bool:
    name, _, host = text.rpartition("@")
    return bool(name) and len(host) >= _SHORTEST_EMAIL and "." in host and " " not in text


class Heard(NamedTuple):
    """What is known of an entry beside what was written down."""

    submission_id: str
    by: str
    at: datetime
    region: str
    config_version: int


def submission_id(key: str, mark: str = "") -> str:
    """The same for the same key (and, from a page, the same content): sent twice is one."""
    return derived_id("entry", key, mark)


def as_event(entry: Entry, heard: Heard, place: Place, now: datetime) -> Event:
    """The submission as captured; its raw bytes are what was written down."""
    raw = msgspec.json.encode(entry.model_dump(exclude_none=True))
    fields = {name: value for name in _TEXTS if (value := getattr(entry, name))}
    data = LeadCaptured(
        submission_id=heard.submission_id,
        kind=entry.kind,
        source=SOURCE,
        source_kind=SOURCE,
        received_at=heard.at,
        digest=digest(raw),
        raw=raw,
        content_type="application/json",
        key_owner="ours",
        region=heard.region,
        fields=fields,
        consent=entry.consent,
        attribution=Attribution(page_url=entry.page_url),
        entered_by=heard.by,
        config_version=heard.config_version,
    )
    return Event(
        id=derived_id("entered", heard.submission_id),
        key=heard.submission_id,
        time=now,
        data=data,
        source=FROM,
        extensions=(("spool", place.spool), ("sequence", str(place.sequence))),
    )
