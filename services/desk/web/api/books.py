"""Whether everything accepted is accounted for."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request

from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked
from services.desk.web.place import desk_of

router = APIRouter(tags=["books"])


@router.get("/books")
async def books(
    request: Request, _who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """Accepted, each end, in flight, and whether they balance.

    True of a moment after the question came. Books are made up by one at a time: who asks
    meanwhile waits for those to end, and for the next ones, with all others who ask.
    """
    found = msgspec.to_builtins(await desk_of(request).glances.books_now())
    problems = [{"check": check, "id": item} for check, item in found.pop("problems")]
    return {**found, "problems": problems}
