"""For whoever watches the process: alive, ready, and counted."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from libs.common.database import Database
from libs.common.errors import Retry
from services.desk.store import staff
from services.desk.web.place import desk_of

LOOK_SECONDS: Final = 1.0
"""Probes wait a second or two at most."""

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
    elif not await _is_postgres_there(request):
        troubles["postgres"] = "away"
    if troubles:
        body = {"status": "not ready", "because": troubles}
        return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"status": "ok"})


async def _is_postgres_there(request: Request) -> bool:
    """Ask it, and wait a moment. One that hangs is away, and is not asked by each probe anew."""
    state = request.app.state
    looking: asyncio.Task[bool] | None = getattr(state, "looking", None)
    if looking is None or looking.done():
        looking = state.looking = asyncio.create_task(_look(desk_of(request).runtime.database))
    await asyncio.wait({looking}, timeout=LOOK_SECONDS)
    return looking.done() and looking.result()


async def _look(database: Database) -> bool:
    try:
        async with database.transaction() as tx:
            await staff.is_there(tx)
    except (Retry, asyncpg.PostgresError):
        return False
    return True


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
