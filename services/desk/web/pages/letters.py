"""Dead letters: the list, one with its bytes, and sending it again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.desk import shapes, words
from services.desk.store import letters, staff
from services.desk.web.api.asking import Id, opened
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields
from services.desk.web.door.paging import Noticed, page
from services.desk.web.drawing.readable import readable
from services.desk.web.language import of_person
from services.desk.web.place import desk_of

router = APIRouter(prefix="/dead-letters", include_in_schema=False)


@router.get("")
async def listed(request: Request, who: Person, asked: Annotated[Noticed, Query()]) -> HTMLResponse:
    """Dead letters that nobody has sent again, newest first."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        rows = await letters.newest(tx, asked.after, asked.limit + 1)
    language = of_person(request, content.organisation.languages)
    found = page(rows, asked.limit, "at", shapes.letter)
    return desk.drawing.page(
        request,
        "letters.html",
        content,
        who=who,
        place="health",
        items=found["items"],
        older=found["next"] and f"/dead-letters?cursor={found['next']}",
        is_first=asked.cursor is None,
        steps={key: text.of(language) for key, text in words.STEPS.items()},
        notice=asked.done == "replayed",
    )


@router.get("/{item}")
async def one(request: Request, item: Id, who: Person) -> HTMLResponse:
    """One dead letter with its headers and content."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        row = await opened(
            tx,
            await letters.one(tx, item),
            staff.Deed(who.actor, "read", f"dead letter:{item}"),
        )
    language = of_person(request, content.organisation.languages)
    return desk.drawing.page(
        request,
        "letters_one.html",
        content,
        who=who,
        place="health",
        letter=shapes.letter(row),
        headers=row["headers"],
        value=readable(bytes(row["value"])),
        steps={key: text.of(language) for key, text in words.STEPS.items()},
    )


@router.post("/{item}")
async def replay(request: Request, item: Id, who: Person) -> RedirectResponse:
    """A form's replay: back to the list."""
    form = await fields(request)
    prove(who, form.pop("csrf", ""))
    deed = staff.Deed(who.actor, "replay", f"dead letter:{item}", digest="replay")
    await desk_of(request).acting.replay(item, deed)
    return RedirectResponse("/dead-letters?done=replayed", HTTPStatus.SEE_OTHER)
