"""Of a long text its beginning is shown, of a short one nothing is taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.desk.web.drawing.folding import BEGUN, LINES, LONGEST, beginning


@given(st.text(max_size=2 * LONGEST))
def test_what_is_shown_is_how_it_begins_and_no_longer_than_a_screen(text: str) -> None:
    begun = beginning(text)
    if begun is None:
        assert len(text) <= LONGEST
        assert text.count("\n") < LINES
    else:
        assert text.startswith(begun)
        assert len(begun) <= BEGUN
        assert begun.count("\n") < LINES


def test_it_is_cut_between_words() -> None:
    text = "من یک سایت فروشگاهی می‌خواهم " * 100
    begun = beginning(text)
    assert begun is not None
    assert text[len(begun)] == " "
    assert len(begun) > BEGUN - 40


def test_a_word_without_an_end_is_cut_before_no_mark() -> None:
    text = "e\u0301" * LONGEST
    begun = beginning("x" + text)
    assert begun is not None
    assert begun.endswith("\u0301")


def test_many_short_lines_are_as_long_as_one_long_one() -> None:
    assert beginning("آری\n" * LINES) == "\n".join(["آری"] * LINES)
    assert beginning("\n".join(["آری"] * LINES)) is None
