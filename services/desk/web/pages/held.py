"""What is held for review: the list, one with what came, and the decision."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.desk import shapes, words
from services.desk.store import held, pending, staff, troubles
from services.desk.web.api.asking import Id, opened
from services.desk.web.api.quarantine import as_it_came
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields
from services.desk.web.door.paging import Noticed, page
from services.desk.web.drawing.readable import readable
from services.desk.web.language import of_person
from services.desk.web.place import desk_of

router = APIRouter(prefix="/quarantine", include_in_schema=False)

_SUBJECT: Final = "quarantine:"
_NOTICES: Final = frozenset({"released", "discarded", "pending"})


@router.get("")
async def listed(request: Request, who: Person, asked: Annotated[Noticed, Query()]) -> HTMLResponse:
    """What is held now, newest first."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        rows = await held.newest(tx, asked.after, asked.limit + 1)
        contacts = await troubles.contacts(tx, [str(row["submission_id"]) for row in rows])
        mine = await pending.of_actor(tx, who.actor, datetime.now(UTC)) if who.csrf else []
    waits = [row for row in mine if row["subject"].startswith(_SUBJECT)]
    language = of_person(request, content.organisation.languages)
    found = page(rows, asked.limit, "received_at", shapes.held)
    done = asked.done
    return desk.drawing.page(
        request,
        "held.html",
        content,
        who=who,
        place="health",
        items=found["items"],
        held=[shapes.pending(row) for row in waits],
        leaving={row["subject"].removeprefix(_SUBJECT) for row in waits},
        conflicts={str(row["id"]) for row in rows if row["is_conflict"]},
        contacts=contacts,
        older=found["next"] and f"/quarantine?cursor={found['next']}",
        is_first=asked.cursor is None,
        holds={key: text.of(language) for key, text in words.HOLDS.items()},
        notice=done if done in _NOTICES else None,
    )


@router.get("/{item}")
async def one(request: Request, item: Id, who: Person) -> HTMLResponse:
    """One, with what came as far as it can be read."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        row = await opened(
            tx,
            await held.one(tx, item),
            staff.Deed(who.actor, "read raw", f"quarantine:{item}"),
        )
        contacts = await troubles.contacts(tx, [str(row["submission_id"])])
    language = of_person(request, content.organisation.languages)
    return desk.drawing.page(
        request,
        "held_one.html",
        content,
        who=who,
        place="health",
        held=shapes.held(row),
        is_held=row["state"] == "held",
        is_conflict=row["is_conflict"],
        contact=contacts.get(str(row["submission_id"]), {}),
        raw=readable(bytes(row["raw"] or b""), row["content_type"]),
        holds={key: text.of(language) for key, text in words.HOLDS.items()},
    )


@router.get("/{item}/raw")
async def raw(request: Request, item: Id, who: Person) -> Response:
    """The bytes as they came, as a file: no browser may run what a stranger sent."""
    return await as_it_came(request, item, who.actor)


@router.post("/{item}")
async def decide(request: Request, item: Id, who: Person) -> RedirectResponse:
    """A form's decision: back to the list. A discard can be undone for a moment."""
    form = await fields(request)
    prove(who, form.pop("csrf", ""))
    desk = desk_of(request)
    if form.get("do") == "release":
        deed = staff.Deed(who.actor, "released", f"quarantine:{item}", digest="released")
        _submission, moved = await desk.acting.decide(item, "released", deed)
        return _back("released" if moved else "pending")
    return await _discard(request, item, who.actor)


async def _discard(request: Request, item: str, actor: str) -> RedirectResponse:
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        row: dict[str, Any] | None = await held.one(tx, item)
    deed = staff.Deed(actor, "discarded", f"quarantine:{item}", digest="discarded")
    if row and row["is_conflict"]:  # it has no submission that could go on: nothing to undo
        await desk.acting.decide(item, "discarded", deed)
        return _back("discarded")
    await desk.holding.discard(item, deed)
    return RedirectResponse("/quarantine", HTTPStatus.SEE_OTHER)


def _back(notice: str) -> RedirectResponse:
    return RedirectResponse(f"/quarantine?done={notice}", HTTPStatus.SEE_OTHER)
