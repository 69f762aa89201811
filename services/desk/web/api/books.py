"""Whether everything accepted is accounted for."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request

from libs.common.books import balance
from services.desk.web.access import Program
from services.desk.web.paging import Asked
from services.desk.web.place import desk_of

router = APIRouter(tags=["books"])


@router.get("/books")
async def books(
    request: Request, _who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """Accepted, each end, in flight, and whether they balance."""
    found = msgspec.to_builtins(await balance(desk_of(request).runtime))
    problems = [{"check": check, "id": item} for check, item in found.pop("problems")]
    return {**found, "problems": problems}
