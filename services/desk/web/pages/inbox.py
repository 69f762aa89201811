"""The inbox: whom do I call now?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from libs.common.configuration import Configuration
from libs.common.database import Transaction
from services.desk import shapes
from services.desk.acting.taking import Unknown
from services.desk.store import finding, pending
from services.desk.web.api.leads import Filters, wanted
from services.desk.web.door.access import Person
from services.desk.web.door.paging import page
from services.desk.web.language import of_person
from services.desk.web.place import desk_of
from services.desk.web.who import Staff

router = APIRouter(include_in_schema=False)

PAGE: Final = 50
ME: Final = "me"
"""In the address: whoever says that they sit here."""
_KEPT: Final = (
    "state",
    "stage",
    "temperature",
    "owner",
    "team",
    "only",
    "closed_from",
    "source",
    "page",
    "q",
    "sort",
)


def narrowed(asked: Filters, who: Staff) -> Filters:
    """Open leads unless the address says otherwise, and `owner=me` as the specialist's key."""
    found = asked if asked.state or asked.q else asked.model_copy(update={"state": "open"})
    return found.model_copy(update={"owner": who.me}) if asked.owner == ME else found


@router.get("/")
async def inbox(request: Request, who: Person, asked: Annotated[Filters, Query()]) -> HTMLResponse:
    """Leads that match, in two lines each."""
    desk = desk_of(request)
    chosen, now = narrowed(asked, who), datetime.now(UTC)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        tongue = of_person(request, content.organisation.languages)
        look = wanted(chosen, ZoneInfo(content.organisation.time_zone))
        rows = await finding.newest(tx, look, asked.after, PAGE + 1)
        begun = bool(rows) or await finding.any_lead(tx)
        waits = await waiting(tx, rows[:PAGE], now)
        mine = await pending.of_actor(tx, who.actor, now) if who.csrf else []
    found = page(rows, PAGE, "opened_at", lambda row: shapes.lead(row, tongue))
    filters = {name: value for name in _KEPT if (value := getattr(asked, name))}
    if asked.listed:
        filters["list"] = str(asked.listed)
    return desk.drawing.page(
        request,
        "inbox.html",
        content,
        who=who,
        leads=found["items"],
        waits=waits,
        once=secrets.token_urlsafe(12),
        said=None,
        held=[shapes.pending(row) for row in mine],
        state=chosen.state,
        filters=filters,
        link=lambda **changed: link(filters, changed),
        older=found["next"] and link(filters, {"cursor": found["next"]}),
        is_first=asked.cursor is None,
        live=f"/live?{urlencode(filters)}" if asked.cursor is None else None,
        begun=begun,
        snippet_url=snippet_url(content, desk.runtime.settings),
    )


async def row(request: Request, item: str, who: Staff, said: str, *, is_refused: bool) -> Response:
    """One lead as the list shows it now, with what is to be said of the key that was pressed."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        found = await finding.one(tx, item)
        if found is None:
            raise Unknown
        waits = await waiting(tx, [found], datetime.now(UTC))
    return desk.drawing.page(
        request,
        "lead_row.html",
        content,
        status=HTTPStatus.CONFLICT if is_refused else HTTPStatus.OK,
        who=who,
        lead=shapes.lead(found, of_person(request, content.organisation.languages)),
        waits=waits,
        once=secrets.token_urlsafe(12),
        said=said,
    )


async def waiting(
    tx: Transaction, rows: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, str]:
    """What is about to be done, by the id of its lead."""
    found = await pending.of_leads(tx, [str(row["id"]) for row in rows], now)
    return {str(row["lead_id"]): row["action"] for row in found}


def link(filters: Mapping[str, Any], changed: Mapping[str, Any]) -> str:
    """The inbox under these filters with some changed; None takes one away."""
    query = {name: value for name, value in {**filters, **changed}.items() if value}
    return f"/?{urlencode(query)}" if query else "/"


def snippet_url(content: Configuration, settings: Any) -> str:
    """Where the first form is posted to, as a web page outside would say it."""
    form = next((form.key for site in content.sites for form in site.forms), "contact")
    door = settings.public_url.rstrip("/") or (
        f"http://{settings.capture_host}:{settings.capture_port}"
    )
    return f"{door}/v1/forms/{form}"
