"""A form with one file, read as it comes: the fields before it first, then its bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from libs.common.normal.text import clean
from services.desk.web.door.problems import Problem

FIELDS_BYTES: Final = 16 * 1024
"""Of all fields and heads together."""


class Upload:
    """RFC 7578, for one file; what stands behind the file is not read."""

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise _unreadable()
        self.fields: dict[str, str] = {}
        self.name: str | None = None
        """What the file is called; None until it begins."""
        self._stream = request.stream().__aiter__()
        self._parts: list[bytes] = []
        self._head = {b"": b""}
        self._header, self._value = b"", b""
        self._field: str | None = None
        self._typed = b""
        self._spent = 0
        self._is_over = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_head,
                "on_part_data": self._on_data,
                "on_part_end": self._on_end,
            },
        )

    async def begin(self) -> None:
        """Read up to where the file begins. Raises Problem 422 for a form without one."""
        while self.name is None:
            if not await self._read():
                raise _unreadable()

    async def file(self) -> AsyncIterator[bytes]:
        """The file's bytes. Raises Problem 422 where the form is cut."""
        while True:
            parts, self._parts = self._parts, []
            for part in parts:
                yield part
            if self._is_over:
                return
            if not await self._read():
                raise _unreadable()

    async def _read(self) -> bool:
        async for chunk in self._stream:
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                raise _unreadable() from error
            return True
        return False

    def _begin(self) -> None:
        self._head, self._field, self._typed = {}, None, b""

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += self._bounded(data[start:end])

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += self._bounded(data[start:end])

    def _on_header_end(self) -> None:
        self._head[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _on_head(self) -> None:
        _kind, options = parse_options_header(self._head.get(b"content-disposition", b""))
        if b"filename" in options and self.name is None:
            self.name = clean(options[b"filename"].decode("utf-8", "replace"))
            return
        self._field = clean(options.get(b"name", b"").decode("utf-8", "replace"))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._typed += self._bounded(data[start:end])
        elif not self._is_over:
            self._parts.append(data[start:end])

    def _on_end(self) -> None:
        if self._field is None:
            self._is_over = True
        else:
            self.fields[self._field] = clean(self._typed.decode("utf-8", "replace"))

    def _bounded(self, part: bytes) -> bytes:
        self._spent += len(part)
        if self._spent > FIELDS_BYTES:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return part


def _unreadable() -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the form cannot be read")
