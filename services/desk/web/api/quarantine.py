"""What is held for review: the list, the raw bytes, and the decision."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from services.desk import shapes
from services.desk.store import held, staff, stories, submissions
from services.desk.web.api.asking import Id, absent, opened, settings
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked, Listed, page
from services.desk.web.place import desk_of

router = APIRouter(prefix="/quarantine", tags=["quarantine"])


@router.get("")
async def listed(
    request: Request, _who: Program, asked: Annotated[Listed, Query()]
) -> dict[str, Any]:
    """What is held now, newest first."""
    async with desk_of(request).runtime.database.transaction() as tx:
        rows = await held.newest(tx, asked.after, asked.limit + 1)
    return page(rows, asked.limit, "received_at", shapes.held)


@router.get("/{item}/raw", response_class=Response)
async def raw(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> Response:
    """The bytes as they came, as a file: no browser may run what a stranger sent."""
    return await as_it_came(request, item, who.actor)


async def as_it_came(request: Request, item: str, actor: str) -> Response:
    """Its bytes, and a note of who took them. Raises Problem 404 where there are none."""
    async with desk_of(request).runtime.database.transaction() as tx:
        found = await held.one(tx, item)
        has_bytes = found is not None and found["raw"] is not None
        deed = staff.Deed(actor, "read raw", f"quarantine:{item}")
        row = await opened(tx, found if has_bytes else None, deed)
    disposition = {"Content-Disposition": f'attachment; filename="{item}.bin"'}
    return Response(bytes(row["raw"]), 200, disposition, "application/octet-stream")


@router.post("/{item}/release")
async def release(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> JSONResponse:
    """Let it go on as if it were clean: 200 with the submission, 202 when that takes longer."""
    return await _decide(request, item, who.actor, "released")


@router.post("/{item}/discard")
async def discard(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> JSONResponse:
    """End it here: 200 with the submission, 202 when that takes longer."""
    return await _decide(request, item, who.actor, "discarded")


async def _decide(
    request: Request, item: str, actor: str, verb: Literal["released", "discarded"]
) -> JSONResponse:
    desk = desk_of(request)
    deed = staff.Deed(actor, verb, f"quarantine:{item}", digest=verb)
    submission_id, moved = await desk.acting.decide(item, verb, deed)
    async with desk.runtime.database.transaction() as tx:
        _content, tongue = await settings(request, tx)
        row = await submissions.find(tx, submission_id)
        lines = await stories.of_submission(tx, submission_id)
    if row is None:
        raise absent()
    status = HTTPStatus.OK if moved else HTTPStatus.ACCEPTED
    return JSONResponse(shapes.submission(row, lines, tongue), status)
