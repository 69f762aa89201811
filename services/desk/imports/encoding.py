"""In which encoding a text file is: by its mark, else by what its bytes can be."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

_CHUNK: Final = 1024 * 1024
_SAMPLE: Final = 64 * 1024
_ASCII: Final = bytes(range(0x80))
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLD: Final = "windows-1256"
"""What Persian and Arabic Windows programs write where they do not write Unicode."""
_FEW: Final = 10
"""One broken byte in so many that are not ASCII does not make a file another encoding's."""


def encoding_of(path: Path) -> str:
    """The codec's name. Reads the whole file, as the first Persian letter may be its last."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
        for mark, codec in _MARKS:
            if head.startswith(mark):
                return codec
        if b"\0" in head and (wide := _wide(head)):
            return wide
        file.seek(0)
        high = broken = 0
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := file.read(_CHUNK):
            high += len(chunk.translate(None, _ASCII))
            broken += decoder.decode(chunk).count("\ufffd")
    return "utf-8" if broken * _FEW <= high else _OLD


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every ASCII letter of it, the line feed above all, has a zero byte."""
    little, big = head.count(b"\n\0"), head.count(b"\0\n")
    zeros_odd, zeros_even = head[1::2].count(0), head[::2].count(0)
    if zeros_odd + zeros_even < len(head) // 100:
        return None
    if (little, zeros_odd) == (big, zeros_even):
        return None
    return "utf-16-le" if (zeros_odd, little) > (zeros_even, big) else "utf-16-be"
