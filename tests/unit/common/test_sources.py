"""What a source needs is asked for, with line and field, by kind."""

from __future__ import annotations

import pytest

from libs.common.configuration import known
from services.capture.sources import SOURCES
from services.capture.sources.standard import prove
from tests.unit.common.test_load import VALID, warned, wrong


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
    ],
)
def test_what_works_less_than_it_could_is_warned_of(source: str, said: str) -> None:
    assert [line for line in warned(sourced(source)) if said in line]


def test_a_whole_source_is_warned_of_in_nothing() -> None:
    whole = "kind: meta, secret: s, verify_token: v, access_token: t, forms: ['1']"
    assert warned(sourced(whole)) == []


def test_the_kinds_by_what_they_need_are_those_of_capture() -> None:
    assert {kind.kind for kind in SOURCES} == set(known.KINDS)
    assert {kind.kind for kind in SOURCES if kind.is_signed} == known.SIGNED
    assert {kind.kind for kind in SOURCES if kind.prove is prove} == known.STANDARD
    assert {kind.kind for kind in SOURCES if kind.has_forms} == known.FORMED
    assert {kind.kind for kind in SOURCES if kind.fetch} == known.FETCHED
    assert {kind.kind for kind in SOURCES if kind.handshake} == known.GREETED | known.CHALLENGED
