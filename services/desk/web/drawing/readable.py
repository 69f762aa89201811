"""Bytes that a stranger sent, as far as a person can read them: text only, never markup."""

from __future__ import annotations

import json
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

MOST: Final = 8_000
"""Characters shown; the rest is in the file."""
_MOST_READ: Final = 64_000
_MOST_FIELDS: Final = 200


class Readable(NamedTuple):
    """The text, whether it is cut, and how many bytes there were."""

    text: str
    is_cut: bool
    size: int


def readable(raw: bytes, content_type: str | None = None) -> Readable:
    """JSON laid out, a form field by field, anything else as UTF-8 with what is not replaced."""
    text = raw[:_MOST_READ].decode("utf-8", "replace")
    if len(raw) <= _MOST_READ:
        text = _laid_out(text, content_type or "") or text
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text[:MOST])
    return Readable(shown, len(text) > MOST or len(raw) > _MOST_READ, len(raw))


def _laid_out(text: str, content_type: str) -> str | None:
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            return None
    if "urlencoded" in content_type or ("=" in text and "\n" not in text and "<" not in text):
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return None
        return "\n".join(f"{name}: {value}" for name, value in pairs) or None
    return None
