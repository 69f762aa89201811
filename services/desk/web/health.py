"""For whoever watches the process: alive, ready, and counted."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from libs.common.errors import Retry
from services.desk.store import staff
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def live() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """Every part says that it can do its work; else 503 and which cannot."""
    runtime = desk_of(request).runtime
    troubles = {name: trouble for name, check in runtime.checks.items() if (trouble := check())}
    if runtime.stop.is_set():
        troubles["desk"] = "stopping"
    try:
        async with runtime.database.transaction() as tx:
            await staff.is_there(tx)
    except (Retry, SQLAlchemyError):
        troubles["postgres"] = "away"
    if troubles:
        body = {"status": "not ready", "because": troubles}
        return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"status": "ok"})


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
