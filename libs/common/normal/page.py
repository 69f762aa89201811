"""The page of origin in one form (contract, section 7), and the patterns that match it.

The key of a page is its host and path and has NO query: campaign parameters, `?amp=1` and
session ids never split a page into many. Pages that a site tells apart by query alone
(`?p=12`) are therefore one page; such a site gives its forms a `page` each.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile
from typing import Final

import idna

from libs.common.normal.text import clean, fold

LONGEST: Final = 4096
"""Characters; no page of origin is longer than what browsers and servers carry."""

_SCHEME: Final = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?//", re.IGNORECASE)
_OTHER_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_AUTHORITY: Final = re.compile(
    r"(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^:/?#@\[\]]+)(?::(\d*))?", re.IGNORECASE
)
_HOST: Final = re.compile(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*")
_QUERY: Final = re.compile(r"[?#]")
_ENCODED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENCODINGS: Final = re.compile(f"({_ENCODED.pattern})")
_LONE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN_PATH: Final = re.compile(r"(?:/[a-z0-9_~-][a-z0-9_.~-]*)*", re.IGNORECASE | re.ASCII)
_KEPT_ENCODED: Final = frozenset("%/?#\\")
_DEFAULT_PORTS: Final = frozenset({80, 443})
_HIGHEST_PORT: Final = 65535


def normal_page(url: str | None) -> str | None:
    """`host/path` of a page, the same for every way to write it; None for what is no page.

    Never raises, and gives its own results back unchanged.
    """
    text = clean(url or "").strip()
    if not text or len(text) > LONGEST:
        return None
    if scheme := _SCHEME.match(text):
        if (scheme[1] or "http").lower() not in {"http", "https"}:
            return None
        text = text[scheme.end() :]
    elif _OTHER_SCHEME.match(text):
        return None
    found = _AUTHORITY.match(text)
    if found is None or text[found.end() : found.end() + 1] not in {"", "/", "?", "#"}:
        return None
    host, port = _host(found[1]), int((found[2] or "80").lstrip("0")[:6] or "0")
    if host is None or port > _HIGHEST_PORT:
        return None
    path = _path(_QUERY.split(text[found.end() :], maxsplit=1)[0])
    page = f"{host}{'' if port in _DEFAULT_PORTS else f':{port}'}{path}"
    return page if len(page) <= LONGEST else None  # what is encoded has grown


@lru_cache(maxsize=1024)
def _host(typed: str) -> str | None:
    """In Unicode and lower case, without `www.` and `amp.`; None for what is no host."""
    if typed.startswith("["):
        return _address(typed[1:-1], "[{}]")
    host = typed.rstrip(".").lower()
    try:
        host = idna.decode(idna.encode(host, uts46=True))
    except (idna.IDNAError, UnicodeError):
        host = unicodedata.normalize("NFC", host)
    while host.startswith(("www.", "amp.")) and "." in host[4:]:
        host = host[4:]
    if not _HOST.fullmatch(host):
        return None
    if host.rpartition(".")[2].isdigit():
        return _address(host, "{}")
    return host if "." in host or host == "localhost" else None


def _address(text: str, shown: str) -> str | None:
    try:
        return shown.format(ipaddress.ip_address(text))
    except ValueError:
        return None


def _path(typed: str) -> str:
    """Decoded, without empty and dot segments, and without `/amp` at its end."""
    if _PLAIN_PATH.fullmatch(typed) and not typed.lower().endswith("/amp"):
        return typed
    decoded = _ENCODED.sub(_decoded, _LONE_PERCENT.sub("%25", typed))
    segments: list[str] = []
    for segment in decoded.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(_composed("".join(map(_shown, segment))))
    while segments and segments[-1].lower() == "amp":
        segments.pop()
    return "".join(f"/{segment}" for segment in segments)


def _composed(segment: str) -> str:
    """In NFC; a mark behind an encoding stays encoded, or its last digit became another letter."""
    first, *rest = _ENCODINGS.split(segment)
    composed = [unicodedata.normalize("NFC", first)]
    for encoding, behind in zip(rest[::2], rest[1::2], strict=True):
        text = unicodedata.normalize("NFC", behind)
        marks = "".join(takewhile(unicodedata.combining, text))
        composed += encoding, _encoded(marks), text[len(marks) :]
    return "".join(composed)


def _decoded(run: re.Match[str]) -> str:
    text = bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "surrogateescape")
    return "".join(map(_part, text))


def _part(character: str) -> str:
    """A decoded character, or its encoding where the character would change the page's shape."""
    plain = character not in _KEPT_ENCODED and clean(character) == character
    return character if plain and not character.isspace() else _encoded(character)


def _shown(character: str) -> str:
    return _encoded(character) if character.isspace() else character


def _encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))


class PagePatterns:
    """Patterns of pages: `x` is that page, `x/*` it and all below, `x*` all that begins so.

    Matching looks at folded text, so that «ي» and «ی», or capitals, miss nobody. The longest
    wins; of two as long, the more exact. A pattern without a readable host matches nothing.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._pages: dict[str, str] = {}
        self._trees: dict[str, str] = {}
        self._beginnings: list[tuple[str, str]] = []
        for pattern in patterns:
            text = pattern.strip()
            start = normal_page(text.rstrip("*").removesuffix("/"))
            if start is None:
                continue
            if text.endswith("/*"):
                self._trees.setdefault(fold(start), pattern)
            elif text.endswith("*"):
                self._beginnings.append((fold(start), pattern))
            else:
                self._pages.setdefault(fold(start), pattern)
        self._beginnings.sort(key=lambda item: -len(item[0]))

    def match(self, page: str | None) -> str | None:
        """The pattern, as it was given, that fits the normalised page best; None if none does."""
        if not page:
            return None
        key = fold(page)
        if key in self._pages:
            return self._pages[key]
        tree = key
        while tree not in self._trees and "/" in tree:
            tree = tree.rpartition("/")[0]
        for beginning, pattern in self._beginnings:
            if key.startswith(beginning) and (
                tree not in self._trees or len(beginning) > len(tree)
            ):
                return pattern
        return self._trees.get(tree)
