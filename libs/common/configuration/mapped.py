"""The `fields` of a source as one line for the file, and whether the file would read it so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from libs.common.configuration import document, known, load
from libs.common.configuration.problems import Invalid
from libs.common.configuration.schema import Source

_BARE: Final = re.compile(r"[^\W\d][\w-]*(?:\.[\w-]+)*")
"""What YAML takes for text without quotes, but for `_WORDS`."""
_WORDS: Final = frozenset({"true", "false", "null"})


def written(fields: Mapping[str, str]) -> str | None:
    """`fields: {phone: data.contact.mobile}`; None for a path that the file cannot hold.

    That is one with control characters, or with `${…}`, which the file takes for a secret's name.
    """
    line = "fields: {" + ", ".join(f"{ours}: {_text(path)}" for ours, path in fields.items()) + "}"
    return line if _is_read_as(line, fields) else None


def _text(path: str) -> str:
    """The path itself, else as a string of JSON, which is YAML's too."""
    plain = _BARE.fullmatch(path) and path.isascii() and path.lower() not in _WORDS
    return path if plain else json.dumps(path, ensure_ascii=False)


def _is_read_as(line: str, fields: Mapping[str, str]) -> bool:
    """By the way of the file itself: its reader, then its secrets, then its schema."""
    try:
        read, _lines = document.read(line)
        if load.unset(read, {}):
            return False
        source = Source.model_validate({"key": "source", "kind": "json", **read})
    except (Invalid, ValidationError):
        return False
    return source.fields == fields and known.FIELDS.issuperset(fields)
