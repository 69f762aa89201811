"""Pictures, spans and strangers' bytes: what is drawn adds up and nothing of it can run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.web.drawing.readable import MOST, readable
from services.desk.web.drawing.sankey import WIDTH, Stream, sankey
from services.desk.web.drawing.spans import span

STREAMS = st.lists(
    st.builds(Stream, st.text(max_size=5), st.sampled_from("abc"), st.integers(1, 10_000)),
    min_size=1,
    max_size=14,
)


@given(STREAMS, st.booleans())
def test_everything_stays_inside_the_picture_and_both_sides_have_the_same_leads(
    streams: list[Stream],
    rtl: bool,  # noqa: FBT001 - hypothesis gives it by position
) -> None:
    drawn = sankey(streams, rtl=rtl)
    total = sum(stream.leads for stream in streams)
    assert sum(node.leads for node in drawn.teams) == total
    assert sum(node.leads for node in drawn.sources) == total
    for node in (*drawn.sources, *drawn.teams):
        assert 0 <= node.x <= WIDTH
        assert 0 <= node.y <= node.y + node.height <= drawn.height + 1


def test_a_persian_reader_begins_at_the_right() -> None:
    stream = [Stream("x", "team", 1)]
    assert sankey(stream, rtl=True).sources[0].x > sankey(stream, rtl=True).teams[0].x
    assert sankey(stream, rtl=False).sources[0].x < sankey(stream, rtl=False).teams[0].x


@pytest.mark.parametrize(
    ("length", "fa", "en"),
    [
        (timedelta(seconds=5), "۱ دقیقه", "1 min"),
        (timedelta(hours=2, minutes=5), "۲ ساعت و ۵ دقیقه", "2 h 5 min"),
        (timedelta(days=3, minutes=5), "۳ روز", "3 d"),
        (timedelta(days=1, hours=2, minutes=5), "۱ روز و ۲ ساعت", "1 d 2 h"),
    ],
)
def test_a_length_of_time_is_said_with_its_two_largest_units(
    length: timedelta, fa: str, en: str
) -> None:
    assert (span(length, "fa"), span(length, "en")) == (fa, en)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"name":"\xd8\xb3\xd8\xa7\xd8\xb1\xd8\xa7"}', '{\n  "name": "سارا"\n}'),
        (b"phone=0912&name=a+b", "phone: 0912\nname: a b"),
        (b"{not json", "{not json"),
        (b"\x00\xff", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_what_came_is_laid_out_where_it_can_be(raw: bytes, text: str) -> None:
    assert readable(raw).text == text


@given(st.binary(max_size=300))
def test_any_bytes_can_be_shown(raw: bytes) -> None:
    found = readable(raw)
    assert found.size == len(raw)
    assert all(c.isprintable() or c in "\n\t" for c in found.text)


def test_what_is_long_is_cut_and_says_so() -> None:
    assert readable(b"x" * (MOST + 1)).is_cut
    assert not readable(b"x" * MOST).is_cut
    assert readable(b"[" * 100_000).is_cut
