"""The public API's pages: OpenAPI for programs, and the same for people."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.capture.calls.languages import reader_language
from services.capture.calls.problems import TITLES, Problem
from services.capture.entrance.openapi import document
from services.capture.pages import Pages


def documentation(pages: Pages) -> FastAPI:
    """The application that serves `/docs` and `/openapi.json`."""
    app = FastAPI(title="Sarnakh capture", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(HTTPException, _as_problem)
    described = document()

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return JSONResponse(described)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        language = reader_language(request.headers.get("accept-language", ""), "fa")
        answer = pages.docs(described, language)
        headers = {name.decode(): value.decode() for name, value in answer.headers}
        return Response(answer.body, answer.status, headers, answer.content_type.decode())

    return app


async def _as_problem(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    language = reader_language(request.headers.get("accept-language", ""), "fa")
    headers = error.headers if isinstance(error, HTTPException) else None
    body = Problem(status if status in TITLES else 400).document(language)
    return Response(body, status, dict(headers or {}), "application/problem+json")
