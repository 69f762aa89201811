"""What platforms say of when a token ends: asked so that no address has a token or a secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from libs.common.configuration.schema import Source
from services.capture.sources import graph_tokens, linkedin_tokens
from services.capture.sources.fetch import Failed, Refused, Reply, Request
from services.capture.sources.introspection import Ends, Onward

META = Source(key="ads", kind="meta", secret=("new-app-secret", "old"), access_token="EAAB tok/en")
LINKEDIN = Source(
    key="li", kind="linkedin", secret=("app-secret",), access_token="AQX&tok", client_id="86abc"
)
END, EARLIER = 1_800_000_000, 1_799_000_000


def reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(body).encode())


def batched(body: Any, status: int = 200) -> Reply:
    return reply([{"code": status, "body": json.dumps(body)}])


def in_form(request: Request) -> dict[str, list[str]]:
    assert request.body is not None
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return parse_qs(request.body.decode())


def of_app(source: Source = META) -> Onward:
    """The second question, which is in the name of the token's app."""
    first = graph_tokens.asked(source)
    assert first is not None
    second = first.read(reply({"id": "1234567890"}))
    assert isinstance(second, Onward)
    return second


def at(seconds: int) -> Ends:
    return Ends(datetime.fromtimestamp(seconds, UTC))


def test_meta_is_asked_in_the_name_of_the_tokens_app() -> None:
    first = graph_tokens.asked(META)
    assert first is not None
    assert first.request.url == "https://graph.facebook.com/v24.0/app?fields=id"
    assert first.request.headers["authorization"] == "Bearer EAAB tok/en"
    asked = of_app().request
    assert asked.headers["authorization"] == "Bearer 1234567890|new-app-secret"
    (batch,) = in_form(asked)["batch"]
    (one,) = json.loads(batch)
    assert one["method"] == "GET"
    assert one["relative_url"] == "debug_token?input_token=EAAB%20tok%2Fen"
    assert not [part for part in ("EAAB", "secret") if part in first.request.url + asked.url]


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        ({"expires_at": END, "is_valid": True}, at(END)),
        ({"expires_at": END, "data_access_expires_at": EARLIER}, at(EARLIER)),
        ({"expires_at": 0, "data_access_expires_at": END}, at(END)),
        ({"expires_at": 0, "data_access_expires_at": 0}, Ends(None)),
        ({"expires_at": 0}, Ends(None)),
        ({"expires_at": EARLIER, "is_valid": False, "error": {"code": 190}}, at(EARLIER)),
    ],
)
def test_meta_says_when_a_token_ends_or_its_access_to_data_whichever_is_first(
    data: dict[str, Any], ends: Ends
) -> None:
    assert of_app().read(batched({"data": data})) == ends


@pytest.mark.parametrize(
    "answer",
    [
        reply([None]),
        reply([]),
        reply({"data": {"expires_at": END}}),
        batched({"data": {"is_valid": False, "error": {"code": 100}}}),
        batched({"data": {"expires_at": False}}),
        batched({"data": {"expires_at": -5}}),
        batched({"data": {"expires_at": 10**15}}),
        reply([{"code": 200, "body": "<html>"}]),
        Reply(200, {}, b'[{"code": 200, "bo'),
        Reply(503, {}, b"<html>"),
    ],
)
def test_an_answer_of_another_shape_says_nothing(answer: Reply) -> None:
    assert isinstance(of_app().read(answer), Failed)


def test_metas_errors_are_told_by_their_codes() -> None:
    wrong = {"error": {"code": 190, "message": "m"}}
    assert of_app().read(batched(wrong, 400)) == Refused("190", everywhere=True)
    first = graph_tokens.asked(META)
    assert first is not None
    assert first.read(reply(wrong, 400)) == Refused("190", everywhere=True)
    assert isinstance(first.read(reply({"id": "app/../me"})), Failed)
    assert isinstance(first.read(reply({})), Failed)


def test_linkedin_is_asked_in_the_name_of_its_app() -> None:
    asked = linkedin_tokens.asked(LINKEDIN)
    assert asked is not None
    assert asked.request.url == "https://www.linkedin.com/oauth/v2/introspectToken"
    assert in_form(asked.request) == {
        "client_id": ["86abc"],
        "client_secret": ["app-secret"],
        "token": ["AQX&tok"],
    }
    assert asked.read(reply({"active": True, "expires_at": END})) == at(END)
    assert asked.read(reply({"active": False, "expires_at": EARLIER})) == at(EARLIER)
    odd: Any
    for odd in ({"active": False}, {"expires_at": 0}, {"expires_at": None}, []):
        assert isinstance(asked.read(reply(odd)), Failed)
    assert asked.read(reply({}, 401)) == Refused("http_401", everywhere=True)
    assert isinstance(asked.read(Reply(200, {}, b'{"expires')), Failed)


def test_without_an_apps_own_name_and_secret_nobody_is_asked() -> None:
    assert graph_tokens.asked(META.model_copy(update={"secret": None})) is None
    assert linkedin_tokens.asked(LINKEDIN.model_copy(update={"client_id": None})) is None
    assert linkedin_tokens.asked(LINKEDIN.model_copy(update={"secret": ("",)})) is None
