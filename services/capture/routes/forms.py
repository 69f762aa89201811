"""`POST /v1/forms/{form}`: from a visitor's browser, with JavaScript or without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec
from uuid_utils import uuid7

from libs.common import metrics
from libs.common.bodies import Filled, Unreadable, reader_of
from libs.common.bodies.texts import header_text
from libs.common.configuration.schema import Site
from libs.common.events import LeadCaptured, Text, digest
from libs.common.normal.names import CONTACTS, Sorted, sort_out, text_of
from services.capture.calls.call import Answer, Call, Headers
from services.capture.calls.idempotency import read_key
from services.capture.calls.problems import (
    NO_CONTACT,
    Problem,
    missing,
    retry_after,
    unreadable,
)
from services.capture.door.directory import Place, authority, is_at_home
from services.capture.door.door import Door, arrived_at, durable, received, submission_id_of
from services.capture.door.misaddressed import misaddressed
from services.capture.pages import Pages
from services.capture.pages.asking import asked_again
from services.capture.reading.attribution import Origins, attributed
from services.capture.reading.consent import consented
from services.capture.reading.kiosk import beside
from services.capture.reading.signs import CAPTCHAS, signs_of

_LONGEST_ORIGIN: Final = 256
"""A host's name has 253 characters at most: what is longer nobody reads the answer of."""
_URL_LETTERS: Final = ":/?#[]@!$&'()*+,;=%-._~"


class Forms:
    """The forms of the organisation's sites."""

    def __init__(self, door: Door, pages: Pages) -> None:
        self._door = door
        self._pages = pages

    async def post(self, call: Call, key: str) -> Answer:
        """Take a form. Raises Problem."""
        cors = cors_of(call, self._sites(key))
        try:
            if key not in self._door.directory().forms:
                await self._misaddressed(call, key)
            return _with(await self._take(call, self._place(key)), cors)
        except Problem as problem:
            problem.headers = (*problem.headers, *cors)
            raise

    def preflight(self, call: Call, key: str) -> Answer:
        """What a browser asks before a script may post from another origin (Fetch, CORS)."""
        return preflight_of(call, self._sites(key))

    def thanks(self, key: str) -> Answer:
        """The page for forms that name none of their own."""
        place = self._place(key)
        name = self._door.directory().content.organisation.name
        return self._pages.thanks(name, place.site.hosts)

    def _place(self, key: str) -> Place:
        place = self._door.directory().forms.get(key)
        if place is None:
            raise Problem(404, Text("چنین فرمی نیست.", "There is no such form."))
        return place

    def _sites(self, key: str) -> tuple[Site, ...]:
        """Whose pages may read the answer: for an unknown form (a typing mistake) all of them."""
        directory = self._door.directory()
        place = directory.forms.get(key)
        return (place.site,) if place else directory.content.sites

    async def _misaddressed(self, call: Call, key: str) -> None:
        """Keep the post for staff to find, if it comes from one of our own pages."""
        sites = self._door.directory().content.sites
        sent_from = (call.header(b"origin"), call.header(b"referer"))
        _, wait = self._door.form_limits(call, "")
        if wait or not any(is_at_home(url, site) for url in sent_from for site in sites):
            metrics.UNKNOWN_FORMS.labels("foreign").inc()
            return
        post = await misaddressed(call, key, arrived_at(self._door.now()))
        self._door.misaddressings.offer(post)

    async def _take(self, call: Call, place: Place) -> Answer:
        reader = reader_of(call.header(b"content-type"))
        if reader is None:
            raise Problem(415)
        held, wait = self._door.form_limits(call, place.form.key)
        limited = Problem(429, headers=retry_after(wait)) if wait else None
        if limited and not is_navigation(call):
            raise limited
        raw = await call.body()
        read, parameter = reader
        try:
            filled = read(raw, parameter)
        except Unreadable as error:
            raise unreadable(
                "آنچه فرستاده شد خوانده نمی‌شود.", f"The body is unreadable: {error}."
            ) from error
        lead, lacks = self._read(call, place, raw, filled, rate=held)
        return await self._answer(call, place, filled, lead, limited or lacks)

    async def _answer(
        self, call: Call, place: Place, filled: Filled, lead: LeadCaptured, problem: Problem | None
    ) -> Answer:
        """Take it; where that cannot be done now, a browser gets back what was typed."""
        try:
            if problem is not None:
                raise problem
            durability = await self._door.accept(self._door.event(call, lead))
        except Problem as refusal:
            if not is_navigation(call):
                raise
            seen = lead.attribution.page_url, self._door.language(call)
            return asked_again(self._pages, place, filled.values, refusal, seen)
        if not is_navigation(call):
            answer = received(lead.submission_id, durability)
            thanks = place.form.thank_you  # a script follows it by itself, if it wants to
            return _with(answer, (_location(thanks),)) if thanks else answer
        where = place.form.thank_you or f"/v1/forms/{place.form.key}/thanks"
        return Answer(303, headers=(_location(where), *durable(durability)))

    def _read(
        self, call: Call, place: Place, raw: bytes, filled: Filled, *, rate: bool
    ) -> tuple[LeadCaptured, Problem | None]:
        """The event, and what is missing in it."""
        form = place.form
        foreign = is_foreign(call, place, self._door.settings.public_url)
        signs = signs_of(filled.values, form, foreign=foreign) + (("rate",) if rate else ())
        origins = Origins(
            header_text(call.headers.get(b"referer"), 2048),
            form.page,
            header_text(call.headers.get(b"origin"), 256),
        )
        attribution, rest = attributed(filled.values, origins)
        attribution, rest = beside(attribution, rest, self._door.directory().qr)
        consent, rest = consented(rest)
        key = _key(call, filled.values)
        found = sort_out({n: v for n, v in rest.items() if n not in _KEYS}, form.fields)
        submission_id = submission_id_of("form", form.key, key) if key else str(uuid7())
        lead = LeadCaptured(
            submission_id=submission_id,
            kind="form",
            source=form.key,
            source_kind="form",
            received_at=arrived_at(self._door.now()),
            digest=_digest(filled.values, form.elapsed),
            raw=raw,
            content_type=header_text(call.headers.get(b"content-type"), 256) or "",
            key_owner="ours" if key else "none",
            site=place.site.key,
            form=form.key,
            region=form.region,
            fields=found.fields,
            extra=_extra(found.rest, form.elapsed, filled.flags),
            candidates=found.candidates,
            consent=consent,
            attribution=attribution,
            client=self._door.client(call),
            signs=signs,
            held="duplicate_keys" if "duplicate_keys" in filled.flags else None,
            config_version=self._door.directory().version,
        )
        return lead, lacking(found, form.required)


_KEY_NAMES: Final = ("submission_id", "Idempotency-Key", "idempotency_key")
_KEYS: Final = frozenset(_KEY_NAMES)


def lacking(found: Sorted, required: str | tuple[str, ...]) -> Problem | None:
    """What is not filled in though it must be."""
    if not any(name in found.fields for name in CONTACTS):
        return Problem(422, NO_CONTACT, fields=("phone", "email"))
    if isinstance(required, str):
        return None
    both = found.fields.get("first_name") or found.fields.get("last_name")
    empty = tuple(
        name
        for name in required
        if not found.fields.get(name)
        and not text_of(found.rest.get(name))
        and not (name == "name" and both)
    )
    return missing(empty) if empty else None


def is_navigation(call: Call) -> bool:
    """Whether a person is looking at the answer, and not a script."""
    return (
        call.headers.get(b"sec-fetch-mode") == b"navigate"
        or b"text/html" in call.headers.get(b"accept", b"").lower()
    )


def is_foreign(call: Call, place: Place, public_url: str) -> bool:
    """Whether the form was on a page of somebody else's.

    `null` is what a strict referrer policy makes of an honest page, so it says nothing; our own
    origin is the page that asks again.
    """
    origin = call.header(b"origin")
    if not origin or origin == "null" or not place.site.hosts:
        return False
    host = urlsplit(public_url).netloc or call.header(b"host")
    own = authority(origin.partition("://")[2])
    return own != authority(host) and not is_at_home(origin, place.site)


def preflight_of(call: Call, sites: Iterable[Site]) -> Answer:
    """The answer to an OPTIONS that asks for those sites' pages."""
    allowed = (
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"content-type, idempotency-key, traceparent"),
        (b"access-control-max-age", b"600"),
    )
    return Answer(204, headers=(*allowed, *cors_of(call, sites)))


def cors_of(call: Call, sites: Iterable[Site]) -> Headers:
    """Which origin may read the answer: one of those sites'."""
    origin = call.headers.get(b"origin", b"")
    vary = ((b"vary", b"Origin"),)
    text = origin.decode("latin-1")
    if not 0 < len(text) <= _LONGEST_ORIGIN or not any(is_at_home(text, site) for site in sites):
        return vary
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),  # a beacon is always sent with them
        (b"access-control-expose-headers", b"x-durability, retry-after, location"),
        *vary,
    )


def _key(call: Call, values: Mapping[str, Any]) -> str | None:
    """Under which key it was sent; a form's odd key is no reason to lose a person."""
    try:
        key = read_key(call.header(b"idempotency-key"))
    except ValueError:
        key = None
    if key or _KEYS.isdisjoint(values):
        return key
    return next((t for t in (text_of(values.get(n))[:255] for n in _KEY_NAMES) if t), None)


def _digest(values: Mapping[str, Any], elapsed: str | None) -> str:
    """Of what the form says, not of its bytes: a second click has another boundary and time."""
    said = {n: v for n, v in values.items() if n != elapsed and n not in CAPTCHAS}
    return digest(msgspec.json.encode(said, order="deterministic"))


def _extra(rest: Mapping[str, Any], elapsed: str | None, flags: frozenset[str]) -> dict[str, Any]:
    """What was answered beside our fields; proofs and the time it took are no answers."""
    extra = {n: v for n, v in rest.items() if n != elapsed and n not in CAPTCHAS}
    if flags:
        extra["_repaired"] = sorted(flags)
    return extra


def _location(url: str) -> tuple[bytes, bytes]:
    return b"location", quote(url, safe=_URL_LETTERS).encode()


def _with(answer: Answer, headers: Headers) -> Answer:
    return answer._replace(headers=(*answer.headers, *headers))
