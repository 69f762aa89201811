"""`multipart/form-data` (RFC 7578); of a file only its name, type and size are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from libs.common.bodies.contract import MOST_FIELDS, Filled, Unreadable, gathered
from libs.common.bodies.texts import decoded, known_charset

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks  # has no value at run time


class _Parts:
    """Collects the parts while the parser goes through the body."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, Any]] = []
        self.flags: set[str] = set()
        self.ended = False
        self._begin()

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._name = b""
        self._value = b""
        self._data = bytearray()

    def on_part_begin(self) -> None:
        if len(self.pairs) >= MOST_FIELDS:
            raise Unreadable("too many fields")
        self._begin()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def on_part_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"name" not in options:
            return
        kind, parameters = parse_options_header(self._headers.get(b"content-type", b""))
        name = self._text(options[b"name"])
        if b"filename" in options:
            self.pairs.append((name, self._file(options[b"filename"], kind)))
            return
        charset = known_charset(parameters.get(b"charset", b"").decode("latin-1"))
        self.pairs.append((name, self._text(bytes(self._data), charset)))

    def on_end(self) -> None:
        self.ended = True

    def _file(self, filename: bytes, kind: bytes) -> dict[str, Any]:
        return {
            "file": self._text(filename),
            "content_type": self._text(kind),
            "size": len(self._data),
        }

    def _text(self, raw: bytes, charset: str | None = None) -> str:
        text, flags = decoded(raw, charset)
        self.flags |= flags
        return text


def read_multipart(raw: bytes, boundary: str | None) -> Filled:
    """The fields. Raises Unreadable for a body that was cut off, or is none of this type."""
    if not boundary:
        raise Unreadable("multipart without a boundary")
    parts = _Parts()
    callbacks: MultipartCallbacks = {
        "on_part_begin": parts.on_part_begin,
        "on_part_data": parts.on_part_data,
        "on_part_end": parts.on_part_end,
        "on_header_field": parts.on_header_field,
        "on_header_value": parts.on_header_value,
        "on_header_end": parts.on_header_end,
        "on_end": parts.on_end,
    }
    try:
        edge = boundary.encode("latin-1")
        parser = MultipartParser(edge, callbacks)
        parser.write(_without_preamble(raw, b"--" + edge))
        parser.finalize()
    except (FormParserError, UnicodeEncodeError) as error:
        raise Unreadable("not multipart") from error
    if not parts.ended:
        raise Unreadable("the body was cut off")
    return Filled(gathered(parts.pairs), frozenset(parts.flags))


def _without_preamble(raw: bytes, edge: bytes) -> bytes:
    """From the first boundary on: what stands before it says nothing (RFC 2046, section 5.1.1)."""
    found = -1 if raw.startswith(edge) else raw.find(b"\r\n" + edge)
    return raw if found < 0 else raw[found + len(b"\r\n") :]
