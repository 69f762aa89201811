"""Signed links: what was granted comes back, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.common.links import Grant, mint, read

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
GRANT = Grant("lead", "notification", "sara", NOW + timedelta(days=1))


def test_what_was_granted_comes_back_until_it_is_over() -> None:
    token = mint("secret", GRANT)
    assert read("secret", token, NOW) == GRANT
    assert read("secret", token, GRANT.until) is None
    assert read("another", token, NOW) is None


@given(st.data())
def test_a_token_changed_in_any_place_grants_nothing(data: st.DataObject) -> None:
    token = mint("secret", GRANT)
    place = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("ABCDEFabcdef0123-_").filter(lambda c: c != token[place]))
    assert read("secret", token[:place] + other + token[place + 1 :], NOW) is None


@given(st.text())
def test_any_text_is_no_token(text: str) -> None:
    assert read("secret", text, NOW) is None
