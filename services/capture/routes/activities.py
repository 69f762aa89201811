"""`POST /v1/activities`: what visitors do, told by a site's script, an app or a server."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from uuid_utils import uuid7

from libs.common.bodies import Unreadable, media_type, parse, plain
from libs.common.bodies.texts import header_text
from libs.common.configuration.schema import ApiKey
from libs.common.events import LeadCaptured, Text, digest
from libs.common.normal.names import text_of
from services.capture.calls.call import Answer, Call
from services.capture.calls.problems import Problem, retry_after, unreadable, wrong_type
from services.capture.door.directory import authority, is_at_home
from services.capture.door.door import Door, arrived_at, durable, received, submission_id_of
from services.capture.door.keys import key_of
from services.capture.door.once import key_in, once
from services.capture.publishing.publisher import Durability
from services.capture.reading.attribution import Origins
from services.capture.reading.visit import read_visit
from services.capture.routes.forms import cors_of, preflight_of

MOST: Final = 100
"""Activities that one request may tell of."""
_SEVERAL: Final = "activities"
_NO_SITE: Final = "visitors"
"""The source of visits whose site nobody knows."""


class Asked(msgspec.Struct, frozen=True):
    """What is the same for all activities of a request."""

    call: Call
    holder: ApiKey | None
    key: str | None
    site: str | None
    signs: tuple[str, ...]
    flags: frozenset[str]

    @property
    def source(self) -> str:
        """Whose program tells of it, else of which site it is."""
        return self.holder.key if self.holder else self.site or _NO_SITE


async def take_activities(door: Door, call: Call) -> Answer:
    """Take one activity or several. Raises Problem."""
    cors = cors_of(call, door.directory().content.sites)
    try:
        answer = await _take(door, call)
    except Problem as problem:
        problem.headers = (*problem.headers, *cors)
        raise
    return answer._replace(headers=(*answer.headers, *cors))


def preflight(door: Door, call: Call) -> Answer:
    """What a browser asks before a script may post from another origin (Fetch, CORS)."""
    return preflight_of(call, door.directory().content.sites)


async def _take(door: Door, call: Call) -> Answer:
    holder = door.holder(call)
    if holder is None and call.headers.get(b"authorization"):
        raise door.unproven(call)
    kind, _ = media_type(call.header(b"content-type"))
    if kind not in ("application/json", "text/plain", "") and not kind.endswith("+json"):
        raise Problem(415)
    key = key_in(call)
    raw = await call.body()
    told, bodies, flags = _read(raw)
    asked = _asked(door, call, holder, (key, flags), len(bodies))
    visits = [_captured(door, asked, own, body, n) for n, (own, body) in enumerate(bodies)]

    async def take() -> Durability:
        return await _accept_all(door, call, visits)

    if key:
        own_key = key_of(f"{asked.source}/activity", key)
        _, durability = await once(door, own_key, (digest(raw), visits[0].submission_id), take)
    else:
        durability = await take()
    if told != _SEVERAL:
        return received(visits[0].submission_id, durability)
    ids = [visit.submission_id for visit in visits]
    body = msgspec.json.encode({"submission_ids": ids, "status": "received"})
    return Answer(202, body, headers=durable(durability))


async def _accept_all(door: Door, call: Call, visits: list[LeadCaptured]) -> Durability:
    """All in one write to the disk. What is sent again after a 503 counts once only by a key."""
    taken = await asyncio.gather(
        *(door.accept(door.event(call, visit)) for visit in visits), return_exceptions=True
    )
    for outcome in taken:
        if isinstance(outcome, BaseException):
            raise outcome
    return "spooled" if "spooled" in taken else "replicated"


def _read(raw: bytes) -> tuple[str, list[tuple[bytes, dict[str, Any]]], frozenset[str]]:
    """Whether it is one or several, each with bytes of its own, and what was repaired."""
    try:
        body, flags = parse(raw)
    except Unreadable as error:
        raise unreadable("بدنهٔ درخواست JSON نیست.", f"The body is unreadable: {error}.") from error
    if not isinstance(body, dict):
        raise unreadable("یک شیء JSON لازم است.", "A JSON object is expected.")
    if _SEVERAL not in body:
        return "one", [(raw, body)], flags
    several = body[_SEVERAL]
    if type(several) is not list or not all(type(one) is dict for one in several):
        raise wrong_type(_SEVERAL)
    if not 1 <= len(several) <= MOST:
        detail = Text(f"از ۱ تا {MOST} فعالیت در هر درخواست.", f"1 to {MOST} activities a request.")
        raise Problem(422, detail, fields=(_SEVERAL,))
    return _SEVERAL, [(msgspec.json.encode(plain(one)), one) for one in several], flags


def _asked(
    door: Door,
    call: Call,
    holder: ApiKey | None,
    told: tuple[str | None, frozenset[str]],
    count: int,
) -> Asked:
    """Count them, and see what speaks against them. Raises Problem(429)."""
    held, wait = (False, 0) if holder else door.visit_limits(call, count)
    if wait:
        raise Problem(429, headers=retry_after(wait))
    site, foreign = _site(door, call)
    signs = (("foreign_origin",) if foreign and holder is None else ()) + (
        ("rate",) if held else ()
    )
    return Asked(call, holder, told[0], site, signs, told[1])


def _site(door: Door, call: Call) -> tuple[str | None, bool]:
    """The site that the request comes from, and whether it comes from somebody else's."""
    origin = call.header(b"origin")
    sites = door.directory().content.sites
    if not origin or origin == "null":
        return (sites[0].key if len(sites) == 1 else None), False
    home = next((site.key for site in sites if is_at_home(origin, site)), None)
    public = urlsplit(door.settings.public_url).netloc or call.header(b"host")
    own = authority(origin.partition("://")[2]) == authority(public)
    foreign = home is None and not own and any(site.hosts for site in sites)
    return home, foreign


def _captured(
    door: Door, asked: Asked, raw: bytes, body: dict[str, Any], place: int
) -> LeadCaptured:
    now = arrived_at(door.now())
    directory = door.directory()
    headers = asked.call.headers
    origins = Origins(
        header_text(headers.get(b"referer"), 2048),
        None,
        header_text(headers.get(b"origin"), 256),
    )
    vouched = asked.holder is not None
    said = read_visit(body, origins, now, vouched=vouched)
    key = asked.key and f"{asked.key}\x1f{place}"
    key = key or text_of(body.get("submission_id"))[:255]
    return LeadCaptured(
        submission_id=submission_id_of("activity", asked.source, key) if key else str(uuid7()),
        kind="activity",
        source=asked.source,
        source_kind="api" if vouched else "site",
        received_at=now,
        digest=digest(raw),
        raw=raw,
        content_type="application/json",
        # a stranger's changed repeat is noted, and fills no quarantine
        key_owner=("ours" if vouched else "platform") if key else "none",
        site=asked.site,
        fields=said.fields,
        extra=said.extra | ({"_repaired": sorted(asked.flags)} if asked.flags else {}),
        attribution=said.attribution,
        client=door.client(asked.call),
        signs=asked.signs,
        occurred_at=said.at,
        activity=said.type,
        config_version=directory.version,
    )
