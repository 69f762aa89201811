"""The application: our routes in front, FastAPI behind them for probes and documentation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from services.capture.call import Answer
from services.capture.door import Door
from services.capture.entrance import App, Entrance
from services.capture.languages import reader_language
from services.capture.openapi import document
from services.capture.pages import Pages
from services.capture.problems import TITLES, Problem

Checks = Mapping[str, Callable[[], str | None]]


def build(door: Door, checks: Checks, stop: asyncio.Event) -> App:
    """The application over a door. Readiness says no as soon as `stop` is set."""
    pages = Pages()
    inner = FastAPI(title="Sarnakh capture", docs_url=None, redoc_url=None)
    inner.add_exception_handler(HTTPException, _as_problem)
    _probes(inner, checks, stop)
    described = document(get_openapi(title="", version="1", routes=inner.routes)["paths"])
    inner.openapi = lambda: described  # type: ignore[method-assign]  # FastAPI's own way to extend

    @inner.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        language = reader_language(request.headers.get("accept-language", ""), "fa")
        return _response(pages.docs(described, language))

    return Entrance(door, pages, inner)


def _probes(inner: FastAPI, checks: Checks, stop: asyncio.Event) -> None:
    @inner.get("/livez", summary="زنده است؟", description="Whether the process runs.")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @inner.get("/readyz", summary="آمادهٔ پذیرش است؟", description="Whether it accepts.")
    async def readyz() -> Response:
        found = {name: check() for name, check in checks.items()}
        wrong: dict[str, Any] = {name: trouble for name, trouble in found.items() if trouble}
        if stop.is_set():
            wrong["process"] = "stopping"
        status = {"status": "not_ready", "wrong": wrong} if wrong else {"status": "ready"}
        return JSONResponse(status, 503 if wrong else 200)

    @inner.get("/metrics", summary="سنجه‌ها", description="Metrics, as Prometheus reads them.")
    async def metrics() -> Response:
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _as_problem(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    language = reader_language(request.headers.get("accept-language", ""), "fa")
    headers = error.headers if isinstance(error, HTTPException) else None
    body = Problem(status if status in TITLES else 400).document(language)
    return Response(body, status, dict(headers or {}), "application/problem+json")


def _response(answer: Answer) -> Response:
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(answer.body, answer.status, headers, answer.content_type.decode())
