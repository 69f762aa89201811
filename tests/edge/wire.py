"""What a case of the catalogue says as the bytes that it stands for."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

Words = Mapping[str, str]
"""What stands for `@name@`."""


def written(part: Any, words: Words) -> bytes:
    """A part, or a list of parts. Raises KeyError for a part that nobody knows."""
    if part is None:
        return b""
    if isinstance(part, str):
        return _named(part, words).encode()
    if isinstance(part, list):
        return _joined(part, words)
    name = next(iter(part))
    return _PARTS[name](part, words)


def _joined(parts: list[Any], words: Words) -> bytes:
    """The parts in turn; `@length@` is the size of the next body among them."""
    sizes = iter([len(written(p, words)) for p in parts if isinstance(p, dict) and "body" in p])
    said = []
    for part in parts:
        counts = isinstance(part, str) and "@length@" in part
        said.append(written(part, {**words, "length": str(next(sizes))} if counts else words))
    return b"".join(said)


def _named(text: str, words: Words) -> str:
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text


def _as(encoding: str, name: str) -> Callable[[Any, Words], bytes]:
    return lambda part, words: _named(part[name], words).encode(encoding)


def _counted(part: Any, words: Words) -> bytes:
    text = _named(part["count"], words)
    return "".join(text.replace("#", str(n)) for n in range(part["times"])).encode()


def _zipped(part: Any, words: Words) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", written(part["zip"], words))
    return out.getvalue()


_PARTS: Final[Mapping[str, Callable[[Any, Words], bytes]]] = {
    "bytes": _as("latin-1", "bytes"),
    "utf16": _as("utf-16", "utf16"),
    "utf16le": _as("utf-16-le", "utf16le"),
    "utf32": _as("utf-32", "utf32"),
    "repeat": lambda part, words: written(part["repeat"], words) * part["times"],
    "count": _counted,
    "random": lambda part, words: random.Random(words["case"]).randbytes(part["random"]),  # noqa: S311  # the same in each run
    "gzip": lambda part, words: gzip.compress(written(part["gzip"], words), mtime=0),
    "deflate": lambda part, words: zlib.compress(written(part["deflate"], words)),
    "zip": _zipped,
    "body": lambda part, words: written(part["body"], words),
}
