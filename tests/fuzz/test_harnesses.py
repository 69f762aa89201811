"""Each parser's harness over what was found once, the catalogue's bodies, and any bytes at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import beyond, capture, kinds
from tests.fuzz.harnesses import HARNESSES, kept, seeds

WORDS = [
    b"phone", b"=", b"&", b"%00", b"\xff", b"\xed\xa0\x80", b"\\ud800", b'{"', b'":', b"}", b"[",
    b"]", b"1e999", b"NaN", b"\r\n", b"\n", b"--b", b"name=", b"https://", b"nil.example", b"0912",
    b"@", b"\xdb\xb0", b"sha256=", b"v1,", b"\xff\xfe\xfdR", b"charset=", b"+98", b"\x00", b";",
]  # fmt: skip
PIECES = st.lists(st.sampled_from(WORDS) | st.binary(max_size=12), max_size=30).map(b"".join)


def test_each_parser_has_a_name_of_its_own() -> None:
    parts = (capture.HARNESSES, beyond.HARNESSES, kinds.HARNESSES)
    assert len(HARNESSES) == sum(map(len, parts))


@pytest.mark.parametrize(
    ("name", "file"),
    [(name, file) for name in HARNESSES for file in kept(name)],
    ids=lambda part: part.name if isinstance(part, Path) else part,
)
def test_what_was_found_stays_mended(name: str, file: Path) -> None:
    HARNESSES[name](file.read_bytes())


@pytest.mark.parametrize("name", HARNESSES)
def test_the_catalogue_s_own_bodies(name: str) -> None:
    for seed in _seeds(name):
        HARNESSES[name](seed)


@pytest.mark.parametrize("name", HARNESSES)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200) | PIECES)
def test_any_bytes(name: str, data: bytes) -> None:
    HARNESSES[name](data)


@pytest.mark.parametrize("name", HARNESSES)
@settings(max_examples=60, deadline=None)
@given(data=PIECES, cut=st.integers(0, 2000), where=st.integers(0, 10**6))
def test_bodies_that_are_almost_right(name: str, data: bytes, cut: int, where: int) -> None:
    known = _seeds(name)
    seed = known[where % len(known)]
    HARNESSES[name](seed[:cut] + data + seed[cut:])


@cache
def _seeds(name: str) -> list[bytes]:
    """Made when a test asks, not wherever tests are only collected."""
    return list(seeds(name))
