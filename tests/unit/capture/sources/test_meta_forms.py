"""A lead of Meta's in the words of its form; a form that cannot be read holds no lead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.capture.sources import meta_forms, meta_leads
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import (
    Content,
    Explained,
    Failed,
    Further,
    Item,
    Missing,
    Refused,
    Reply,
    Result,
    Trouble,
)
from tests.unit.capture.sources.samples import source

SOURCE = source("meta", secret="s", access_token="tok")
TICKED = [{"checkbox_key": "sms", "is_checked": True}]


def reply(content: Any, status: int = 200) -> Reply:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, {}, raw)


def error(code: int, subcode: int = 0, status: int = 400) -> Reply:
    return reply({"error": {"code": code, "error_subcode": subcode, "message": "m"}}, status)


def asked(answers: dict[str, list[str]], missing: int = 0, **more: Any) -> Explained:
    data = [{"name": name, "values": values} for name, values in answers.items()]
    lead = {"id": "7", "form_id": "55", "field_data": data, **more.pop("lead", {})}
    found = meta_leads.read(Item("7", missing), source("meta", secret="s", **more), reply(lead))
    assert isinstance(found, Explained)
    return found


def told(found: Explained, form: Reply) -> Result:
    said = found.by.read(form)
    if isinstance(said, Further):
        said = said.read(form)
    assert not isinstance(said, Further | Explained)
    return said if isinstance(said, Content) else found.otherwise(said)


def lead(answers: dict[str, list[str]], form: Any, **more: Any) -> Arrival:
    content = told(asked(answers, **more), reply(form))
    assert isinstance(content, Content)
    return content.arrival


def question(key: str, label: str = "", type_: str = "CUSTOM", **options: str) -> dict[str, Any]:
    named = [{"key": option, "value": words} for option, words in options.items()]
    return {"key": key, "label": label, "type": type_, **({"options": named} if named else {})}


def disclaimer(**parts: Any) -> dict[str, Any]:
    return {"legal_content": {"id": "9", "custom_disclaimer": parts}}


def test_the_form_is_asked_with_the_token_in_a_header_and_remembered_by_its_id() -> None:
    found = asked({}, access_token="tok", api_url="http://h:1")
    assert found.by.request.url.startswith("http://h:1/v24.0/55?fields=id%2Cname%2Cquestions")
    assert "tok" not in found.by.request.url
    assert found.by.request.headers["authorization"] == "Bearer tok"
    assert found.by.remember == "55"


def test_a_lead_that_names_no_form_is_told_at_once() -> None:
    answer = reply({"id": "7", "field_data": [{"name": "x", "values": ["option_1"]}]})
    found = meta_leads.read(Item("7"), SOURCE, answer)
    assert isinstance(found, Content)
    assert found.arrival.extra == {"x": "option_1"}


def test_answers_are_in_the_words_of_the_form_and_the_keys_are_kept() -> None:
    form = {"questions": [
        question("q1", "Which service?", a="Design", b="Repairs"), question("q2", "Anything else?"),
        question("same", "same"), question("bare"), {"key": 5}, "junk",
    ]}  # fmt: skip
    found = lead({"q1": ["b", "c"], "q2": ["a"], "same": ["1"], "bare": ["2"], "new": ["3"]}, form)
    assert found.extra == {
        "Which service?": ["Repairs", "c"], "Anything else?": "a", "same": "1", "bare": "2",
        "new": "3", "_keys": {"q1": ["b", "c"], "q2": "a"},
    }  # fmt: skip


@pytest.mark.parametrize("theirs", ["q1", "Where do you work?"])
def test_a_question_is_mapped_by_its_key_as_before_or_by_its_words(theirs: str) -> None:
    form = {"questions": [question("q1", "Where do you work?", o="Nil")]}
    found = lead({"q1": ["o"]}, form, fields={"company": theirs})
    assert (found.fields, found.extra) == ({"company": "Nil"}, {"_keys": {"q1": "o"}})


def test_contacts_are_known_by_their_type_whatever_they_are_called_and_kept_once() -> None:
    form = {"questions": [
        question("a", "How do we reach you?", "PHONE"), question("b", "Where to write", "EMAIL"),
        question("full_name", "What is your name?", "FULL_NAME"),
    ]}  # fmt: skip
    found = lead({"a": ["09121112233"], "b": ["a@b.ir"], "full_name": ["Sara"]}, form)
    assert found.fields == {"phone": "09121112233", "email": "a@b.ir", "name": "Sara"}
    assert found.extra == {}


@pytest.mark.parametrize("boxes", [lambda each: each, lambda each: {"data": each}])
@pytest.mark.parametrize("body", ["We write on Sundays.", {"text": "We write on Sundays."}])
def test_consent_says_who_agreed_to_what_words(boxes: Any, body: Any) -> None:
    words = [{"key": "sms", "text": "You may text me."}, {"key": "mail", "text": "And write."}]
    ticked = [*TICKED, {"checkbox_key": "mail", "is_checked": ""}]
    form = disclaimer(title="News", body=body, checkboxes=boxes(words))
    found = lead({}, form, lead={"custom_disclaimer_responses": ticked})
    assert found.consent == {
        "News": "We write on Sundays.", "You may text me.": True, "And write.": False,
    }  # fmt: skip
    assert found.extra["_keys"] == {"sms": True, "mail": False}


@pytest.mark.parametrize(
    ("above", "beside", "consent"),
    [
        ("x" * 9000, "You may text me.", {"You may text me.": True}),
        ("x", "y" * 9000, {"sms": True}),
        (None, "You may text me.", {"You may text me.": True}),
        ([5], "", {"sms": True}),
    ],
)
def test_no_words_are_so_many_that_a_box_is_lost(above: Any, beside: str, consent: Any) -> None:
    form = disclaimer(body=above, checkboxes=[{"key": "sms", "text": beside}])
    found = lead({}, form, lead={"custom_disclaimer_responses": TICKED})
    assert found.consent == consent


def test_boxes_of_the_same_words_stay_apart() -> None:
    ticked = [*TICKED, {"checkbox_key": "mail", "is_checked": False}]
    form = disclaimer(checkboxes=[{"key": key, "text": "I agree."} for key in ("sms", "mail")])
    found = lead({}, form, lead={"custom_disclaimer_responses": ticked})
    assert found.consent == {"sms": True, "mail": False}


@pytest.mark.parametrize(
    "form", [error(100, 33), error(803, 0, 404), error(10), error(200, 0, 403), error(3),
             reply(b"<html>", 404), error(80005), reply(b"", 429), reply([]),
             reply(b'{"id": 1, "id": 2}')],
)  # fmt: skip
def test_a_form_that_is_gone_throttled_or_not_for_us_to_read_holds_no_lead(form: Reply) -> None:
    found = told(asked({"q": ["option_1"]}), form)
    assert isinstance(found, Content)
    assert (found.arrival.held, found.arrival.extra) == (None, {"q": "option_1"})


@pytest.mark.parametrize(
    ("form", "first"),
    [
        (error(190, 460), Missing("form 190/460", own=True)),
        (error(2, 0, 500), Missing("form 2", own=True)),
        (reply(b"busy", 503), Missing("form http_503", own=True)),
        (reply(b'{"id": "55", "na'), Missing("form cut_form", own=True)),
    ],
)
def test_a_form_that_is_in_trouble_is_waited_for_once(form: Reply, first: Trouble) -> None:
    assert told(asked({"q": ["option_1"]}), form) == first
    again = told(asked({"q": ["option_1"]}, missing=1), form)
    assert isinstance(again, Content)
    assert again.arrival.extra == {"q": "option_1"}


def test_a_form_without_legal_content_is_asked_for_its_questions() -> None:
    found = asked({"q": ["o"]})
    fewer = found.by.read(error(100))
    assert isinstance(fewer, Further)
    assert "legal_content" not in fewer.request.url
    assert fewer.remember != found.by.remember
    said = fewer.read(reply({"id": "55", "questions": [question("q", "Which?", o="This")]}))
    assert isinstance(said, Content)
    assert said.arrival.extra == {"Which?": "This", "_keys": {"q": "o"}}
    assert isinstance(fewer.read(error(100)), Missing)


def test_a_cut_form_is_failed() -> None:
    assert asked({}).by.read(reply(b"{")) == Failed("cut_form")
    assert isinstance(asked({}).by.read(error(190)), Refused)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["id", "name", "questions", "key", "label", "type", "options", "value",
                         "legal_content", "custom_disclaimer", "title", "body", "checkboxes",
                         "text", "data"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(_JSON, _JSON)
def test_no_form_makes_a_lead_fail(form: Any, boxes: Any) -> None:
    ticked = {"custom_disclaimer_responses": [*TICKED, boxes]}
    told(asked({"key": ["a"], "b": ["c", "d"]}, lead=ticked), reply(form))
    content = {"questions": [form], "legal_content": {"custom_disclaimer": boxes}, "name": form}
    assert isinstance(told(asked({"key": ["a"]}, lead=ticked), reply(content)), Content)
    meta_forms.form_in(reply(content))
