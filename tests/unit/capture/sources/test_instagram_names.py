"""Who writes on Instagram is asked for by their scoped id; what keeps it back is told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from libs.common.configuration.schema import Source
from services.capture.sources import instagram, instagram_names
from services.capture.sources.fetch import (
    Content,
    Failed,
    Item,
    Missing,
    Refused,
    Reply,
    Result,
    Throttled,
)
from tests.unit.capture.sources.samples import arrivals_in, body, knock, source

PERSON = "1784014059999001"
SOURCE = source("instagram", secret="s", access_token="tok")


def reply(status: int, content: Any) -> Reply:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, {}, raw)


def error(code: int, status: int = 400) -> Reply:
    return reply(status, {"error": {"code": code, "message": "m"}})


def asked(file: str, known: Source = SOURCE) -> dict[str, str | None]:
    raw = body("instagram", file)
    found = arrivals_in(instagram.parse_events(knock(raw), known))
    return {each.key or "": each.stranger for each in found}


def test_nobody_is_asked_for_who_writes_to_a_page() -> None:
    assert asked("instagram-of-a-page.json") == {"m_1": None}


def test_those_who_write_and_give_no_name_are_asked_for() -> None:
    assert asked("instagram-message-ad-referral.json") == {"aWdfZAG1faXRlbToxOklH": PERSON}
    batch = asked("instagram-batch.json")
    assert batch["aWdtest1"] is None, "they have said their name"
    assert (batch["aWdtest2"], batch["aWdtest8"]) == (PERSON, "1784014059999003")
    pressed = asked("instagram-postback-and-referral.json")
    assert pressed["aWdtest11"] == PERSON
    assert pressed["referral:1784014059999001:1795255112000"] is None, (
        "who only came has not agreed"
    )


@pytest.mark.parametrize(
    "file",
    ["instagram-comment.json", "instagram-comments.json", "instagram-dashboard-test.json"],
)
def test_comments_and_tests_ask_for_nobody(file: str) -> None:
    assert not any(asked(file).values())


def test_without_a_token_nobody_is_asked_for() -> None:
    assert not any(asked("instagram-batch.json", source("instagram", secret="s")).values())


def test_the_token_is_in_the_header_only() -> None:
    made = instagram_names.request(Item(PERSON), SOURCE)
    assert made.url == f"https://graph.facebook.com/v24.0/{PERSON}?fields=name,username"
    assert made.headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize(
    ("profile", "name", "extra"),
    [
        ({"name": "سارا احمدی", "username": "sara.home", "id": PERSON}, "سارا احمدی", "sara.home"),
        ({"name": None, "username": "sara.home", "id": PERSON}, "sara.home", "sara.home"),
        ({"name": " Sara ", "id": PERSON}, "Sara", None),
    ],
)
def test_a_name_is_taken_and_else_the_user_name(
    profile: dict[str, Any], name: str, extra: str | None
) -> None:
    found = instagram_names.read(Item(PERSON), SOURCE, reply(200, profile))
    assert isinstance(found, Content)
    assert found.arrival.fields == {"name": name}
    assert found.arrival.extra == ({"username": extra} if extra else {})


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (reply(200, {"id": PERSON}), Missing("no_name", own=True)),
        (reply(200, [1]), Missing("no_name", own=True)),
        (error(230, 403), Missing("230", own=True)),
        (error(100), Missing("100", own=True)),
        (error(10, 403), Refused("10")),
        (error(190), Refused("190", everywhere=True)),
        (error(4), Throttled("4")),
        (error(2, 500), Failed("2")),
        (reply(502, b"<html>"), Failed("http_502")),
        (reply(200, b'{"name": "Sa'), Failed("cut_answer")),
    ],
)
def test_what_keeps_a_name_back_is_told_apart(answer: Reply, result: Result) -> None:
    assert instagram_names.read(Item(PERSON), SOURCE, answer) == result
