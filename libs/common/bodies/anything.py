"""A body of software that nobody knows: JSON, else the form that its content type says."""

from __future__ import annotations

from typing import Final

from libs.common.bodies import media_type, parse, reader_of
from libs.common.bodies.contract import Unreadable
from libs.common.bodies.json_text import Parsed

FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def read_anything(raw: bytes, content_type: str) -> Parsed:
    """The value. JSON comes first: much software says `urlencoded` of it. Raises Unreadable."""
    try:
        return parse(raw)
    except Unreadable:
        found = reader_of(content_type) if media_type(content_type)[0] in FORMS else None
        if found is None:
            raise
    read, parameter = found
    filled = read(raw, parameter)
    return Parsed(filled.values, filled.flags)
