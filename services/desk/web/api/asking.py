"""What the calls of the API have in common: ids, language, bodies."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request

from libs.common.configuration import Configuration
from libs.common.database import Transaction
from services.desk.store import staff
from services.desk.web import language
from services.desk.web.door.problems import Problem
from services.desk.web.place import desk_of


def identity(item: str) -> str:
    """An id in its one spelling; what is no id names nothing. Raises Problem 404."""
    try:
        return str(uuid.UUID(item))
    except ValueError:
        raise absent() from None


Id = Annotated[str, Depends(identity)]


def absent() -> Problem:
    """Nothing has this id."""
    return Problem(HTTPStatus.NOT_FOUND, "there is nothing with this id")


async def settings(request: Request, tx: Transaction) -> tuple[Configuration, str]:
    """The configuration in force, and the language of this answer."""
    content = (await desk_of(request).runtime.configurations.in_force(tx)).content
    return content, language.of_program(request, content.organisation.languages)


async def opened(tx: Transaction, row: dict[str, Any] | None, deed: staff.Deed) -> dict[str, Any]:
    """What somebody reads whole; that they did is noted. Raises Problem 404 where nothing is."""
    if row is None:
        raise absent()
    await staff.note(tx, deed)
    return row
