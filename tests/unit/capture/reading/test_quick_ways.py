"""The quick ways of the door say what the careful ones say."""

from __future__ import annotations

import uuid
from urllib.parse import unquote_to_bytes

from hypothesis import example, given, settings
from hypothesis import strategies as st

from libs.common.bodies.contract import gathered
from libs.common.bodies.texts import decoded
from libs.common.bodies.urlencoded import read_urlencoded
from libs.common.events import derived_id
from libs.common.normal.page import normal_page
from services.capture.reading.attribution import Origins, page_of

NAMESPACE = uuid.UUID("6f6a1f0e-6f0b-5b7e-9d54-5a726e616b68")
PARTS = (
    "http://", "https://", "www.", "localhost", "127.0.0.1", "nil.example", ":80", ":99999", "xn--",
    "a", "X", "0", ".", "-", ":", "/", "?", "#", "@", "[", "]", "%", "_", " ", "\x00", "ß", "م",
)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(PARTS), max_size=6).map("".join))
@example("https://nil.example:99999/x")
@example("https:/nil.example")
@example("https://nil_9.example?")
def test_a_page_is_one_for_the_door_if_it_is_one_behind_it(said: str) -> None:
    assert (page_of(said, Origins()) == said) == (normal_page(said) is not None)


@given(st.text("%0123aAfFgG.=&+۱", max_size=24).map(str.encode) | st.binary(max_size=12))
def test_a_form_is_unescaped_as_everybody_does(raw: bytes) -> None:
    pairs = [part.partition(b"=") for part in raw.replace(b"+", b" ").split(b"&") if part]
    texts = [
        tuple(decoded(unquote_to_bytes(each)).text for each in (name, value))
        for name, _, value in pairs
    ]
    assert read_urlencoded(raw, None).values == gathered([(name, value) for name, value in texts])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_a_derived_id_is_a_uuid_of_version_5(parts: list[str]) -> None:
    assert derived_id(*parts) == str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))
