"""Persons: erased when they ask for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from services.desk.acting.actions import Erasing
from services.desk.store import staff
from services.desk.web.api.asking import Id
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked
from services.desk.web.place import desk_of

router = APIRouter(tags=["persons"])


@router.post("/persons/{item}/erase", responses={202: {"description": "On its way"}})
async def erase(
    request: Request, item: Id, who: Program, why: Erasing, _asked: Annotated[Asked, Query()]
) -> JSONResponse:
    """Erase all that we have of a person, for good: 200 when it is gone, 202 while it goes.

    The reason stays; it must name nobody.
    """
    deed = staff.Deed(who.actor, "erase", f"person:{item}")
    done = await desk_of(request).acting.erase(item, why.reason, deed)
    state = "erased" if done.is_done else "pending"
    return JSONResponse(
        {"person_id": done.person_id, "state": state},
        HTTPStatus.OK if done.is_done else HTTPStatus.ACCEPTED,
    )
