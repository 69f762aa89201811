"""Calendly's bookings, in a call or in the list of an account's meetings and their invitees.

https://developer.calendly.com/api-docs/calendly-api/scheduled-events/list-scheduled-events
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from libs.common.bodies import Unreadable
from libs.common.configuration.schema import Source
from services.capture.sources import rest
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Failed, Reply, Request, Trouble
from services.capture.sources.listing import Asked, Beside, Found, Listing, Page, newest_of
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import canonical, id_text, mapping, of_iso, texts

ADDRESS: Final = "https://api.calendly.com"
BOOKED: Final = "invitee.created"
LONGEST_URI: Final = 512
AT_ONCE: Final = 100
_OF_THE_TOKEN: Final = "me"  # noqa: S105 - the account that a token is of
_MEETINGS: Final = "meetings"
_MEETING: Final = "meeting"
_OUTBOUND: Final = "outbound_call"
"""The host calls the invitee, whose number is the place of the meeting."""
_BESIDE: Final = ("timezone", "cancel_url", "reschedule_url", "old_invitee")
_TIMES: Final = {"meeting_at": "start_time", "meeting_ends_at": "end_time"}


def booking_of(body: dict[str, Any], source: Source) -> Arrival:
    """A booking or routing form, from the body of a call; it has a URI.

    A booking is told of once, so that its URI says as much as its content.
    """
    payload = mapping(body.get("payload"))
    key = texts(payload, "uri").get("uri", "")
    moment = of_iso(payload.get("created_at")) or of_iso(body.get("created_at"))
    arrival = Arrival(
        key,
        key.encode() if body.get("event") == BOOKED else canonical(payload),
        extra=_beside(payload),
        occurred_at=moment,
    )
    return answered(arrival, _questions(payload), source, whole=body)


def places(source: Source) -> tuple[str, ...]:
    """The organisation or user, else whose the token is."""
    return (source.account or _OF_THE_TOKEN,)


def request(asked: Asked, source: Source) -> Request:
    """Whose the token is, a page of meetings, or a page of one meeting's invitees.

    Meetings can be had by when they begin: whoever books, books for later. So those that begin
    after the newest booking known are looked through, and of these the ones that have changed.
    """
    what, of, token = _asked(asked)
    page = {"page_token": token} if token else {}
    if what == _MEETING:
        query = urlencode({"count": str(AT_ONCE), **page})
        return _get(source, f"scheduled_events/{of}/invitees?{query}")
    if what == _MEETINGS:
        since = {"min_start_time": _iso(asked.since)} if asked.since else {}
        whose = "organization" if "/organizations/" in of else "user"
        query = urlencode(
            {whose: of, "count": str(AT_ONCE), "sort": "start_time:asc", **since, **page}
        )
        return _get(source, f"scheduled_events?{query}")
    return _get(source, "users/me")


def read(asked: Asked, source: Source, reply: Reply) -> Found | Beside:
    """What the page says, whichever it is."""
    wrong = _trouble(reply)
    if wrong is not None:
        return wrong
    what, of, _token = _asked(asked)
    if what == _OF_THE_TOKEN:
        return _account(reply)
    page = rest.listed_in(reply, "collection")
    if isinstance(page, Failed):
        return page
    body, listed = page
    following = texts(mapping(body.get("pagination")), "next_page_token").get("next_page_token")
    further = (f"{what} {of} {following}",) if following else ()
    found = [mapping(one) for one in listed]
    if what == _MEETING:
        meeting = _get(source, f"scheduled_events/{of}")
        return Beside(meeting, partial(_invited, source, found, further)) if found else Page()
    changed = tuple(_changed(found, asked.since))
    return Page(
        newest=newest_of([of_iso(one.get("created_at")) for one in found]),
        further=(*changed, *further),
    )


def _account(reply: Reply) -> Found:
    """The meetings of whose the token is come next."""
    try:
        body = rest.json_object(reply.body) or {}
    except Unreadable:
        return Failed("cut_answer")
    account = texts(mapping(body.get("resource")), "current_organization", "uri")
    whose = next(iter(account.values()), None)
    return Page(further=(f"{_MEETINGS} {whose}",)) if whose else Failed("no_account")


def _asked(asked: Asked) -> tuple[str, str, str]:
    """What is asked for, of whom or which, and from where on."""
    if not asked.cursor and asked.place == _OF_THE_TOKEN:
        return _OF_THE_TOKEN, "", ""
    cursor = asked.cursor or f"{_MEETINGS} {asked.place}"
    what, of, token = (*cursor.split(" "), "", "")[:3]
    return what, of, token


def _changed(meetings: list[dict[str, Any]], since: datetime | None) -> Iterator[str]:
    """Cursors of the meetings that may have an invitee whom nobody has seen."""
    for one in meetings:
        uuid = id_text(texts(one, "uri").get("uri", "").rpartition("/")[2])
        moment = newest_of([of_iso(one.get("created_at")), of_iso(one.get("updated_at"))])
        most = mapping(one.get("invitees_counter")).get("limit")
        is_of_many = isinstance(most, int) and most > 1
        if uuid and (since is None or moment is None or moment >= since or is_of_many):
            yield f"{_MEETING} {uuid}"


def _invited(
    source: Source, invitees: list[dict[str, Any]], further: tuple[str, ...], reply: Reply
) -> Found:
    """The bookings of a meeting, each with the meeting, as a call would have brought them."""
    wrong = _trouble(reply)
    if wrong is not None:
        return wrong
    try:
        meeting = mapping((rest.json_object(reply.body) or {}).get("resource"))
    except Unreadable:
        return Failed("cut_meeting")
    found = []
    for one in invitees:
        if 0 < len(texts(one, "uri").get("uri", "")) <= LONGEST_URI:
            payload = one | {"scheduled_event": meeting}
            body = {"event": BOOKED, "created_at": one.get("created_at"), "payload": payload}
            found.append(booking_of(body, source)._replace(raw=canonical(body)))
    return Page(tuple(found), newest_of([each.occurred_at for each in found]), further)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _get(source: Source, path: str) -> Request:
    return Request(f"{(source.api_url or ADDRESS).rstrip('/')}/{path}", rest.bearing(source))


def _trouble(reply: Reply) -> Trouble | None:
    return rest.trouble(reply, f"http_{reply.status}")


def _questions(payload: dict[str, Any]) -> Iterator[Question]:
    own = texts(payload, "name", "first_name", "last_name", "email")
    if "first_name" in own and "last_name" in own:
        own.pop("name", None)
    for name, text in own.items():
        yield Question((name,), text)
    asked = payload.get("questions_and_answers")
    for each in asked if isinstance(asked, list) else ():
        said = texts(mapping(each), "question", "answer")
        if len(said) > 1:
            yield Question((said["question"],), said["answer"])
    location = _location(payload)
    if location.get("type") == _OUTBOUND:
        yield Question((_OUTBOUND,), location.get("location"), "phone")
    yield Question(("text_reminder_number",), payload.get("text_reminder_number"), "phone")
    for name, value in mapping(payload.get("tracking")).items():
        yield Question((name,), value)


def _beside(payload: dict[str, Any]) -> dict[str, Any]:
    """The meeting, and how it can be moved."""
    meeting, location = mapping(payload.get("scheduled_event")), _location(payload)
    found: dict[str, Any] = texts(payload, *_BESIDE)
    if isinstance(meeting.get("name"), str):
        found["meeting"] = meeting["name"]
    for ours, theirs in _TIMES.items():
        moment = of_iso(meeting.get(theirs))
        if moment:
            found[ours] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    where = texts(location, "join_url", "location", "type")
    if where.get("type") == _OUTBOUND:
        where = texts(location, "type")
    return found | ({"location": next(iter(where.values()))} if where else {})


def _location(payload: dict[str, Any]) -> dict[str, Any]:
    return mapping(mapping(payload.get("scheduled_event")).get("location"))


LISTING: Final = Listing(places, request, read)
