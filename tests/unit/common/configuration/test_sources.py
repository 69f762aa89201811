"""What a source needs is asked for, with line and field, by kind."""

from __future__ import annotations

import pytest

from libs.common.configuration import known
from libs.common.configuration.load import load
from libs.common.configuration.schema import Configuration
from services.capture.sources import SOURCES
from services.capture.sources.standard import prove
from tests.unit.common.configuration.test_load import VALID, warned, wrong


def loaded(text: str) -> Configuration:
    return load(text, {}).configuration


def sourced(source: str) -> str:
    return f"{VALID}sources: [{{key: a, {source}}}]"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("kind: meta", "line 8: sources[0].secret: is required"),
        ("kind: meta, secret: ['']", "line 8: sources[0].secret: is required"),
        ("kind: standard", "line 8: sources[0].secret: is required"),
        ("kind: json, secret: ''", "line 8: sources[0].secret: is empty"),
        ("kind: tiktok, secret: ['', '']", "line 8: sources[0].secret: is empty"),
        ("kind: google-forms, secret: 'no base64!'", "line 8: sources[0].secret: must be base64"),
        ("kind: cloudevents, secret: 'no base64!'", "line 8: sources[0].secret: must be base64"),
        ("kind: meta, secret: s, forms: []", "line 8: sources[0].forms: is empty"),
        ("kind: telegram, secret: s, forms: ['1']", "line 8: sources[0].forms: leads of this kind"),
        (
            "kind: meta, secret: s, access_token: t, token_expires: 2027-02-30",
            "line 8: sources[0].token_expires: is no day (2027-01-15 or 1405-10-25)",
        ),
        (
            "kind: meta, secret: s, access_token: t, token_expires: soon",
            "line 8: sources[0].token_expires: is no day",
        ),
        (
            "kind: meta, secret: s, token_expires: 2027-01-15",
            "line 8: sources[0].token_expires: there is no access_token",
        ),
    ],
)
def test_what_would_refuse_or_hold_every_lead_is_an_error(source: str, said: str) -> None:
    assert [line for line in wrong(sourced(source)) if line.startswith(said)]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("kind: telegram", "sources[0].secret: is not set"),
        ("kind: google-ads", "sources[0].secret: is not set"),
        ("kind: meta, secret: s, verify_token: v", "sources[0].access_token: is not set"),
        ("kind: meta, secret: s, access_token: t", "sources[0].verify_token: is not set"),
        ("kind: linkedin, secret: s, access_token: t", "sources[0].token_expires: is not set"),
        ("kind: meta, secret: s, client_id: '1'", "sources[0].client_id: has no effect"),
    ],
)
def test_what_works_less_than_it_could_is_warned_of(source: str, said: str) -> None:
    assert [line for line in warned(sourced(source)) if said in line]


def test_a_whole_source_is_warned_of_in_nothing() -> None:
    whole = "kind: meta, secret: s, verify_token: v, access_token: t, forms: ['1']"
    assert warned(sourced(whole)) == []


def test_whoever_names_the_app_need_not_write_down_when_its_token_ends() -> None:
    named = "kind: linkedin, secret: s, access_token: t, client_id: '86abc', reconcile: off"
    assert warned(sourced(named)) == []


def test_the_kinds_by_what_they_need_are_those_of_capture() -> None:
    assert {kind.kind for kind in SOURCES} == set(known.KINDS)
    assert {kind.kind for kind in SOURCES if kind.is_signed} == known.SIGNED
    assert {kind.kind for kind in SOURCES if kind.introspection} == known.INTROSPECTED
    assert {kind.kind for kind in SOURCES if kind.prove is prove} == known.STANDARD
    assert {kind.kind for kind in SOURCES if kind.has_forms} == known.FORMED
    fetched = {kind.kind: kind.fetch for kind in SOURCES if kind.fetch}
    assert {kind for kind, fetch in fetched.items() if not fetch.names} == known.FETCHED
    assert {kind for kind, fetch in fetched.items() if fetch.names} == known.NAMED
    assert {kind.kind for kind in SOURCES if kind.handshake} == known.GREETED | known.CHALLENGED


REPLIED = "kind: telegram, secret: s, access_token: '1:a', auto_reply: "


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("{fa: سلام}", (("سلام", "سلام"), ("سلام", "سلام"))),
        ("{en: Hi, outside_hours: {fa: بسته}}", (("Hi", "Hi"), ("بسته", "بسته"))),
        ("Hi", (("Hi", "Hi"), ("Hi", "Hi"))),
    ],
)
def test_a_source_says_what_is_written_in_the_language_that_there_is(
    reply: str, said: tuple[tuple[str, str], tuple[str, str]]
) -> None:
    (source,) = loaded(sourced(REPLIED + reply)).sources
    answer = source.auto_reply
    assert answer is not None
    found = [[answer.saying(of, is_open=open_) for of in ("fa", "en")] for open_ in (True, False)]
    assert tuple(map(tuple, found)) == said


def test_true_stands_for_good_sentences_and_nothing_is_said_unless_it_is_asked_for() -> None:
    (source,) = loaded(sourced(REPLIED + "true")).sources
    assert source.auto_reply is not None
    said = {source.auto_reply.saying(of, is_open=on) for of in ("fa", "en") for on in (True, False)}
    assert len(said) == 4
    for off in (REPLIED + "false", "kind: telegram, secret: s"):
        assert loaded(sourced(off)).sources[0].auto_reply is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("kind: meta, secret: s, auto_reply: true", "auto_reply: cannot be given by this kind"),
        ("kind: bale, auto_reply: true", "auto_reply: needs a secret"),
        (REPLIED + "{}", "auto_reply: needs a sentence in fa or en"),
        (REPLIED + "{fa: ' '}", "auto_reply: needs a sentence in fa or en"),
        (REPLIED + "{fa: سلام, outside_hours: {}}", "auto_reply.outside_hours: needs a sentence"),
        (REPLIED + "{en: '" + 501 * "س" + "'}", "auto_reply.en: is longer than 1000 bytes"),
        (REPLIED + "{de: Hallo}", "auto_reply.de: is not a known name"),
        (REPLIED + "[Hi]", "auto_reply: takes names with values"),
    ],
)
def test_an_answer_that_cannot_be_given_is_an_error(source: str, said: str) -> None:
    assert [line for line in wrong(sourced(source)) if f"sources[0].{said}" in line]


def test_an_answer_without_a_token_is_warned_of() -> None:
    source = "kind: telegram, secret: s, auto_reply: true"
    assert [line for line in warned(sourced(source)) if "sources[0].auto_reply: is not" in line]
