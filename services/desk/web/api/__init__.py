"""The JSON API (contract, section 5): one file a thing, one router in all."""

from __future__ import annotations

from fastapi import APIRouter

from services.desk.web.api import (
    books,
    dead_letters,
    entries,
    imports,
    leads,
    overviews,
    persons,
    quarantine,
    specialists,
    submissions,
)

router = APIRouter(prefix="/api")
for part in (
    submissions,
    entries,
    imports,
    leads,
    quarantine,
    dead_letters,
    books,
    overviews,
    persons,
    specialists,
):
    router.include_router(part.router)
