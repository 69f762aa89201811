"""One submission: where it is, what it brought, what happened to it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from services.desk import shapes
from services.desk.store import staff, stories, submissions
from services.desk.web.api.asking import Id, absent, settings
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked
from services.desk.web.place import desk_of

router = APIRouter(tags=["submissions"])


@router.get("/submissions/{item}")
async def one(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """One submission with its timeline."""
    async with desk_of(request).runtime.database.transaction() as tx:
        row = await submissions.find(tx, item)
        if row is None:
            raise absent()
        _content, tongue = await settings(request, tx)
        lines = await stories.of_submission(tx, item)
        await staff.note(tx, staff.Deed(who.actor, "read", f"submission:{item}"))
    return shapes.submission(row, lines, tongue)
