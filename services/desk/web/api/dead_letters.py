"""Dead letters: the list, one with its bytes, and sending it again."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from services.desk import shapes
from services.desk.store import letters, staff
from services.desk.web.api.asking import Id, opened
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked, Listed, page
from services.desk.web.place import desk_of

router = APIRouter(prefix="/dead-letters", tags=["dead letters"])


@router.get("")
async def listed(
    request: Request, _who: Program, asked: Annotated[Listed, Query()]
) -> dict[str, Any]:
    """Dead letters that nobody has sent again, newest first."""
    async with desk_of(request).runtime.database.transaction() as tx:
        rows = await letters.newest(tx, asked.after, asked.limit + 1)
    return page(rows, asked.limit, "at", shapes.letter)


@router.get("/{item}")
async def one(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """One dead letter with its original headers, and its bytes in base64."""
    async with desk_of(request).runtime.database.transaction() as tx:
        row = await opened(
            tx,
            await letters.one(tx, item),
            staff.Deed(who.actor, "read", f"dead letter:{item}"),
        )
    value = base64.b64encode(row["value"]).decode()
    return {**shapes.letter(row), "headers": row["headers"], "value": value}


@router.post("/{item}/replay", status_code=HTTPStatus.ACCEPTED)
async def replay(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> JSONResponse:
    """Send it again: it begins a new round of its submission."""
    deed = staff.Deed(who.actor, "replay", f"dead letter:{item}", digest="replay")
    row = await desk_of(request).acting.replay(item, deed)
    return JSONResponse(shapes.letter(row), HTTPStatus.ACCEPTED)
