"""Programs of staff that write down a call or a walk-in."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse

from libs.common.events import digest
from services.desk import shapes
from services.desk.acting import entry
from services.desk.store import staff
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked
from services.desk.web.door.problems import Problem
from services.desk.web.place import desk_of

router = APIRouter(tags=["submissions"])


@router.post(
    "/submissions",
    status_code=HTTPStatus.ACCEPTED,
    responses={201: {"description": "With its lead"}},
)
async def add(
    request: Request,
    who: Program,
    said: entry.Entry,
    _asked: Annotated[Asked, Query()],
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> JSONResponse:
    """Put in a call or a walk-in: 201 with its lead, 202 while it is on its way there."""
    desk = desk_of(request)
    version, content = desk.runtime.configurations.from_file()
    country = content.organisation.country
    if said.is_odd_phone(country):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "phone: this cannot be a number")
    submission_id = entry.submission_id(idempotency_key or str(uuid.uuid4()))
    mark = digest(said.model_dump_json().encode())
    heard = entry.Heard(submission_id, who.actor, datetime.now(UTC), country, version)
    deed = staff.Deed(who.actor, "add", f"submission:{submission_id}", digest=mark)
    entered = await desk.entering.enter(said, heard, deed)
    body = {
        "submission_id": submission_id,
        "state": entered.row["state"] if entered.row else "received",
        "received_at": shapes.moment(entered.row["received_at"] if entered.row else heard.at),
        "lead_id": entered.lead_id,
    }
    return JSONResponse(body, HTTPStatus.CREATED if entered.row else HTTPStatus.ACCEPTED)
