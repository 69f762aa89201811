"""Lists: brought as files, checked without effect, put in, stopped, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from libs.common.events import Text
from libs.common.serving.patience import take_time
from services.desk.imports import check as checking
from services.desk.imports.choice import Choice
from services.desk.imports.folder import TooLarge
from services.desk.imports.importing import Row, assigned
from services.desk.imports.problems import FILES, Unreadable
from services.desk.shapes import moment
from services.desk.store import imports
from services.desk.web.api.asking import Id, settings
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked, Listed, page
from services.desk.web.door.problems import Problem
from services.desk.web.place import desk_of

router = APIRouter(prefix="/imports", tags=["imports"])

_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
    }
}


class Named(Asked):
    """What a file is called."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "list"


@router.get("")
async def listed(
    request: Request, _who: Program, asked: Annotated[Listed, Query()]
) -> dict[str, Any]:
    """Lists that were brought, newest first."""
    async with desk_of(request).runtime.database.transaction() as tx:
        rows = await imports.newest(tx, asked.after, asked.limit + 1)
        _content, tongue = await settings(request, tx)
    return page(rows, asked.limit, "created_at", lambda row: shape(dict(row), tongue))


@router.post("", status_code=HTTPStatus.CREATED, openapi_extra=_FILE)
async def bring(request: Request, who: Program, asked: Annotated[Named, Query()]) -> JSONResponse:
    """Bring a file, CSV or .xlsx, 32 MiB at most: 201 with its columns and first rows.

    It may take its time while it comes with 9 kB a second.

    200 for a file whose import has begun and not ended: it goes on where it is.
    """
    desk = desk_of(request)
    take_time(request.scope)
    try:
        row = await desk.importing.receive(asked.name, request.stream(), who.actor)
    except TooLarge as error:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a list has 32 MiB at most") from error
    except Unreadable as error:
        text = error.text.of(await _tongue(request))
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, text, code=error.code) from error
    status = HTTPStatus.CREATED if row["state"] == "new" else HTTPStatus.OK
    return JSONResponse(await _told(request, row), status)


@router.api_route(
    "", methods=["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"], include_in_schema=False
)
async def no_such_way(_who: Program) -> Response:
    """The framework would name the methods of the first route only (RFC 9110, section 15.5.6)."""
    raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, POST"})


@router.get("/{item}")
async def one(
    request: Request, item: Id, _who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """One list: its columns, first rows, counts, and how far it is.

    `behind`: while it waits for its turn, how many lists are before it.
    """
    return await _told(request, await desk_of(request).importing.find(item))


@router.post("/{item}/check", status_code=HTTPStatus.ACCEPTED)
async def check(
    request: Request, item: Id, who: Program, choice: Choice, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """Read all of it under this choice, without effect; `state` is checked when that is done."""
    return await _told(request, await desk_of(request).importing.check(item, choice, who.actor))


@router.post("/{item}/start", status_code=HTTPStatus.ACCEPTED)
async def start(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """Put it in as it was checked, or go on where it stopped."""
    return await _told(request, await desk_of(request).importing.start(item, who.actor))


@router.post("/{item}/stop", status_code=HTTPStatus.ACCEPTED)
async def stop(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """Stop it where it is."""
    return await _told(request, await desk_of(request).importing.stop(item, who.actor))


@router.post("/{item}/forget", status_code=HTTPStatus.NO_CONTENT)
async def forget(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> Response:
    """Delete the file; what came of it stays."""
    await desk_of(request).importing.forget(item, who.actor)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/{item}/errors", response_class=Response)
async def errors(
    request: Request, item: Id, _who: Program, _asked: Annotated[Asked, Query()]
) -> Response:
    """The rows that are left out, with why, as CSV."""
    importing = desk_of(request).importing
    found = await importing.errors(await importing.find(item), await _tongue(request))
    return as_file(found, item)


def as_file(parts: Iterator[str], item: str) -> Response:
    """CSV to keep, which no browser shows."""
    disposition = {"Content-Disposition": f'attachment; filename="errors-{item[:8]}.csv"'}
    return StreamingResponse(parts, media_type="text/csv; charset=utf-8", headers=disposition)


def shape(row: Row, language: str) -> dict[str, Any]:
    """An import as the API tells it."""
    problem = row["problem"] and FILES.get(row["problem"], Text(row["problem"], row["problem"]))
    kind: Mapping[str, Any] = row["shape"]
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "sha256": row["digest"],
        "size": row["size"],
        "state": row["state"],
        "problem": problem and {"code": row["problem"], "text": problem.of(language)},
        "format": {name: kind.get(name, "") for name in ("kind", "encoding", "delimiter", "sheet")},
        "columns": [{"name": n, "ours": ours or None} for n, ours in assigned(row).items()],
        "choice": row["choice"],
        "rows": row["rows"],
        "position": row["position"],
        "behind": row["behind"],
        "checked": row["checked"],
        "counts": row["counts"],
        "examples": [{**one, "text": checking.sentence(one, language)} for one in row["examples"]],
        "created_at": moment(row["created_at"]),
        "started_at": moment(row["started_at"]),
        "finished_at": moment(row["finished_at"]),
    }


async def _told(request: Request, row: Row) -> dict[str, Any]:
    first = await desk_of(request).importing.preview(row) if row["state"] != "done" else []
    preview = [{"line": one.line, "contact": one.contact, "code": one.code} for one in first]
    return shape(row, await _tongue(request)) | {"preview": preview}


async def _tongue(request: Request) -> str:
    async with desk_of(request).runtime.database.transaction() as tx:
        return (await settings(request, tx))[1]
