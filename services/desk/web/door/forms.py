"""What a page's form says: text repaired, numbers as people write them."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from fastapi import Request

from libs.common.normal.text import clean, digits
from services.desk.web.door.problems import Problem

_GROUPS: Final = re.compile(r"[\s,٬،_]")


async def fields(request: Request) -> dict[str, str]:
    """The fields that are filled. Raises Problem 422 for a form that is not in its own encoding."""
    try:
        form = await request.form()
    except (UnicodeError, LookupError) as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the form cannot be read") from error
    read = {clean(name): clean(str(value)) for name, value in form.items()}
    return {name: value for name, value in read.items() if value}


def number(typed: str) -> float | str:
    """The number with its digits in either script and its thousands apart; else what was typed."""
    plain = _GROUPS.sub("", digits(typed)).replace("٫", ".")
    try:
        return float(plain)
    except ValueError:
        return typed
