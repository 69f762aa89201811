"""Who may see the desk: the API token, or a session that began with it.

Cookie and CSRF rules after the OWASP cheat sheets for session management and CSRF.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response

from libs.common.runtime import Runtime
from services.desk.stage import specialists
from services.desk.store import staff
from services.desk.web.door.problems import Problem
from services.desk.web.place import desk_of
from services.desk.web.who import Staff

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_token(runtime: Runtime, given: str) -> bool:
    """Whether this is the API token, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(errors="replace"), runtime.token.encode())


def cookie_name(request: Request) -> str:
    """The session cookie's name: only on loopback http may it be an ordinary one."""
    return "sarnakh" if is_plain(request) else "__Host-sarnakh"


def is_plain(request: Request) -> bool:
    """Whether this is http on the machine itself, where Secure cookies do not travel."""
    return request.url.scheme == "http" and (request.url.hostname or "") in _LOOPBACK


def csrf_of(session: str) -> str:
    """A token that only this session's pages know."""
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()


def digest_of(session: str) -> bytes:
    """What is stored of a session's id."""
    return hashlib.sha256(session.encode()).digest()


async def begin(request: Request, response: Response) -> None:
    """Open a session and hand its id to the browser."""
    session = secrets.token_urlsafe(32)
    async with desk_of(request).runtime.database.transaction() as tx:
        await staff.open_session(tx, digest_of(session), datetime.now(UTC))
        await staff.note(tx, staff.Deed("staff", "sign-in", "desk"))
    response.set_cookie(
        cookie_name(request),
        session,
        max_age=int(LONGEST.total_seconds()),
        secure=not is_plain(request),
        httponly=True,
        samesite="lax",
        path="/",
    )


async def end(request: Request, response: Response) -> None:
    """Close the session on both sides."""
    name = cookie_name(request)
    session = request.cookies.get(name, "")
    async with desk_of(request).runtime.database.transaction() as tx:
        await staff.close_session(tx, digest_of(session), datetime.now(UTC) - LONGEST)
    response.delete_cookie(
        name, path="/", secure=not is_plain(request), httponly=True, samesite="lax"
    )


async def signed_in(request: Request) -> Staff | None:
    """Who has sent this, or None."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme:
        known = scheme.lower() == "bearer" and is_token(desk_of(request).runtime, given.strip())
        return Staff("api") if known else None
    session = request.cookies.get(cookie_name(request))
    if not session:
        return None
    now = datetime.now(UTC)
    async with desk_of(request).runtime.database.transaction() as tx:
        alive = await staff.use_session(tx, digest_of(session), now, now - IDLE, now - LONGEST)
    if alive is None:
        return None
    known = alive.specialist in specialists(desk_of(request).runtime.configurations.from_file()[1])
    me = alive.specialist if known else None
    return Staff(me or "staff", csrf_of(session), me)


async def sit(request: Request, specialist: str | None) -> None:
    """Note who sits at this session."""
    digest = digest_of(request.cookies.get(cookie_name(request), ""))
    async with desk_of(request).runtime.database.transaction() as tx:
        await staff.sit(tx, digest, specialist)


async def is_open(request: Request) -> bool:
    """Whether the session of a long answer is still open."""
    digest, now = digest_of(request.cookies.get(cookie_name(request), "")), datetime.now(UTC)
    async with desk_of(request).runtime.database.transaction() as tx:
        return await staff.is_open(tx, digest, now - IDLE, now - LONGEST)


async def for_program(request: Request) -> Staff:
    """Who calls the API. Raises Problem 401, or 403 for a session's call without its token."""
    who = await signed_in(request)
    if who is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "send the API token as Authorization: Bearer",
            {"WWW-Authenticate": 'Bearer realm="desk"'},
        )
    if who.csrf and request.method not in _SAFE:
        refuse_foreign(request)
        prove(who, request.headers.get("x-csrf-token", ""))
    return who


class SignInFirst(Exception):
    """A person without a session: show them the way in."""


async def for_person(request: Request) -> Staff:
    """Who opens a page. Raises SignInFirst; a form's own token is checked by `prove`."""
    who = await signed_in(request)
    if who is None:
        raise SignInFirst
    if request.method not in _SAFE:
        refuse_foreign(request)
    return who


def prove(who: Staff, given: str) -> None:
    """Refuse what does not carry the session's own token."""
    if who.csrf and not hmac.compare_digest(given.encode(errors="replace"), who.csrf.encode()):
        raise Problem(HTTPStatus.FORBIDDEN, "the form is no longer valid; load the page again")


def refuse_foreign(request: Request) -> None:
    """Refuse what another site's page makes a browser send.

    Our pages send no referrer, so their own forms come with `Origin: null`; Sec-Fetch-Site,
    which no page can set, then tells them from a sandboxed stranger.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "null")
    foreign = origin != "null" and _host(origin) != request.headers.get("host", "")
    if site not in {"same-origin", "none"} or foreign:
        raise Problem(HTTPStatus.FORBIDDEN, "sent from another site")


def _host(origin: str) -> str | None:
    """The host of an origin; None of what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


Program = Annotated[Staff, Depends(for_program)]
Person = Annotated[Staff, Depends(for_person)]
