"""What each platform is asked to say, what its answers mean, and when nothing is said at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.common.configuration import known
from libs.common.configuration.load import load
from libs.common.configuration.schema import Configuration, Source
from libs.common.events import LeadCaptured
from services.capture.replies import REPLIES, reply
from services.capture.replies.contract import Busy, Denied, Outcome, Sent, Unknown
from services.capture.replies.reply import Heard, Step
from services.capture.sources import KINDS, Knock
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Reply
from tests.unit.capture.sources.samples import body

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ADDRESS = {
    "telegram": {"chat": "42"}, "bale": {"chat": "42"}, "rubika": {"chat": "b0"},
    "whatsapp": {"number": "106", "to": "98912"}, "instagram": {"to": "178"},
    "chatwoot": {"account": "1", "conversation": "7"}, "crisp": {"website": "w", "session": "s"},
}  # fmt: skip
ASKED: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "telegram": (
        "https://api.telegram.org/bottoken/sendMessage", {}, {"chat_id": "42", "text": "سلام <b>"},
    ),
    "bale": (
        "https://tapi.bale.ai/bottoken/sendMessage", {}, {"chat_id": "42", "text": "سلام <b>"},
    ),
    "rubika": (
        "https://botapi.rubika.ir/v3/token/sendMessage", {}, {"chat_id": "b0", "text": "سلام <b>"},
    ),
    "whatsapp": (
        "https://graph.facebook.com/v24.0/106/messages",
        {"authorization": "Bearer token"},
        {
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "98912",
            "type": "text", "text": {"preview_url": False, "body": "سلام <b>"},
        },
    ),
    "instagram": (
        "https://graph.facebook.com/v24.0/me/messages",
        {"authorization": "Bearer token"},
        {"recipient": {"id": "178"}, "message": {"text": "سلام <b>"}},
    ),
    "chatwoot": (
        "https://app.chatwoot.com/api/v1/accounts/1/conversations/7/messages",
        {"api_access_token": "token"},
        {"content": "سلام <b>", "message_type": "outgoing", "private": False},
    ),
    "crisp": (
        "https://api.crisp.chat/v1/website/w/conversation/s/message",
        {"authorization": "Basic dG9rZW4=", "x-crisp-tier": "plugin"},
        {"type": "text", "from": "operator", "origin": "chat", "content": "سلام <b>"},
    ),
}  # fmt: skip


def a_source(kind: str = "telegram", **more: Any) -> Source:
    given = {"key": "a", "kind": kind, "secret": "s", "access_token": "token", "auto_reply": True}
    return Source.model_validate(given | more)


def an_answer(status: int, body: Any = None, **headers: str) -> Reply:
    return Reply(status, headers, b"" if body is None else json.dumps(body).encode())


def said(at: datetime, name: str = "1") -> Heard:
    return Heard("c", "telegram", "a", name, {"chat": "42"}, "fa", at)


def test_the_kinds_are_those_that_the_file_is_checked_for() -> None:
    assert set(REPLIES) == known.ANSWERED == set(ADDRESS)


@pytest.mark.parametrize("kind", sorted(ADDRESS))
def test_it_is_asked_for_as_the_platform_documents_it(kind: str) -> None:
    url, headers, wanted = ASKED[kind]
    post = REPLIES[kind].post(ADDRESS[kind], "سلام <b>", a_source(kind))
    assert (post.url, json.loads(post.body)) == (url, wanted)
    assert headers.items() <= post.headers.items()
    assert post.headers["content-type"] == "application/json"
    own = REPLIES[kind].post(ADDRESS[kind], "x", a_source(kind, api_url="http://127.0.0.1:9/"))
    assert own.url.startswith("http://127.0.0.1:9/")
    assert "//" not in own.url.removeprefix("http://")


def graph(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "…", **more}}


@pytest.mark.parametrize(
    ("kind", "answer", "outcome"),
    [
        ("telegram", an_answer(200, {"ok": True, "result": {}}), Sent()),
        (
            "telegram",
            an_answer(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 35}}),
            Busy("http_429", 35.0),
        ),
        ("telegram", an_answer(403, {"ok": False, "error_code": 403}), Denied("http_403")),
        ("telegram", an_answer(400, {"ok": False, "error_code": 400}), Denied("http_400")),
        ("telegram", an_answer(401, {"ok": False, "error_code": 401}), Busy("http_401")),
        ("telegram", an_answer(502), Unknown("http_502")),
        ("telegram", an_answer(200), Unknown("http_200")),
        ("bale", an_answer(200, {"ok": True}), Sent()),
        ("rubika", an_answer(200, {"status": "OK", "data": {}}), Sent()),
        ("rubika", an_answer(200, {"status": "INVALID_INPUT"}), Denied("INVALID_INPUT")),
        ("rubika", an_answer(200, {"status": "INVALID_AUTH"}), Busy("INVALID_AUTH")),
        ("rubika", an_answer(429), Busy("http_429")),
        ("rubika", an_answer(500), Unknown("http_500")),
        ("rubika", an_answer(200), Unknown("http_200")),
        ("whatsapp", an_answer(200, {"messages": [{"id": "wamid"}]}), Sent()),
        ("whatsapp", an_answer(400, graph(131047)), Denied("131047")),
        ("whatsapp", an_answer(400, graph(130429)), Busy("130429")),
        ("whatsapp", an_answer(401, graph(190, error_subcode=463)), Busy("190/463")),
        ("whatsapp", an_answer(500, graph(131000)), Unknown("131000")),
        ("instagram", an_answer(200, {"message_id": "m"}), Sent()),
        ("instagram", an_answer(400, graph(10, error_subcode=2534022)), Denied("10/2534022")),
        ("instagram", an_answer(400, graph(613)), Busy("613")),
        ("instagram", an_answer(503), Unknown("http_503")),
        ("chatwoot", an_answer(200, {"id": 1}), Sent()),
        ("chatwoot", an_answer(401), Busy("http_401")),
        ("chatwoot", an_answer(404), Denied("http_404")),
        ("crisp", an_answer(202, {"error": False}), Sent()),
        ("crisp", an_answer(429, **{"retry-after": "9"}), Busy("http_429", 9.0)),
        ("crisp", an_answer(422), Denied("http_422")),
        ("crisp", an_answer(302), Denied("http_302")),
        ("crisp", an_answer(500), Unknown("http_500")),
    ],
)
def test_an_answer_says_whether_it_was_sent(kind: str, answer: Reply, outcome: Outcome) -> None:
    assert REPLIES[kind].read(answer) == outcome


@pytest.mark.parametrize(
    ("kind", "file", "address"),
    [
        ("telegram", "telegram-start-deeplink.json", {"chat": "5123456789"}),
        ("bale", "bale-contact.json", {"chat": "1922334455"}),
        ("rubika", "rubika-new-message.json", {"chat": "b0AbCdEfTest01"}),
        (
            "whatsapp",
            "whatsapp-message-persian.json",
            {"number": "106540352242922", "to": "989351112222"},
        ),
        ("whatsapp", "whatsapp-message-username-only.json", {}),
        ("instagram", "instagram-message-ad-referral.json", {"to": "1784014059999001"}),
        ("instagram", "instagram-comment.json", {}),
        ("instagram", "instagram-page-feed.json", {}),
        ("instagram", "instagram-echo.json", None),
        ("whatsapp", "whatsapp-status.json", None),
        ("chatwoot", "chatwoot-message-created.json", {"account": "1"}),
        ("crisp", "crisp-session-set-phone.json", {}),
    ],
)
def test_an_arrival_says_where_it_can_be_answered(
    kind: str, file: str, address: dict[str, str] | None
) -> None:
    source = a_source(kind)
    found = KINDS[kind].parse(Knock("POST", "/", b"", {}, body(kind, file), ""), source)
    arrivals = [each for each in found if isinstance(each, Arrival)]
    if address is None:
        assert arrivals == []
        return
    arrival = arrivals[0]
    given = reply.address_for(arrival, source)
    assert given.items() >= address.items()
    assert set(given) == (set(ADDRESS[kind]) if address else set())


def test_messenger_hears_that_it_is_an_answer() -> None:
    call = Knock("POST", "/", b"", {}, body("instagram", "instagram-messenger.json"), "")
    first = KINDS["instagram"].parse(call, a_source("instagram"))[0]
    assert isinstance(first, Arrival)
    post = REPLIES["instagram"].post(first.reply, "سلام", a_source("instagram"))
    assert json.loads(post.body) == {
        "recipient": {"id": "6123456789012345"}, "message": {"text": "سلام"},
        "messaging_type": "RESPONSE",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "more"),
    [
        (a_source(auto_reply=False), {}),
        (a_source(secret=None), {}),
        (a_source(), {"held": "unexpected_shape"}),
        (a_source(), {"test": True}),
        (a_source(), {"activity": "comment"}),
    ],
)
def test_what_is_held_a_test_unproven_or_unasked_for_is_not_answered(
    source: Source, more: dict[str, Any]
) -> None:
    arrival = Arrival("1", b"", {"handle": "telegram:42"}, reply={"chat": "42"})
    assert reply.address_for(arrival, a_source()) == {"chat": "42"}
    assert reply.address_for(arrival._replace(**more), source) == {}


def captured(**more: Any) -> LeadCaptured:
    given: dict[str, Any] = {
        "fields": {"handle": "telegram:42", "message": "hi"}, "reply": {"chat": "42"},
    } | more  # fmt: skip
    return LeadCaptured("s", "chat", "a", "telegram", NOW, "d", b"", **given)


def test_an_event_is_heard_by_its_sender_s_clock_but_never_from_the_future() -> None:
    early = reply.heard(captured(occurred_at=NOW - timedelta(minutes=5)))
    ahead = reply.heard(captured(occurred_at=NOW + timedelta(days=9)))
    assert early is not None
    assert ahead is not None
    assert (early.at, early.language) == (NOW - timedelta(minutes=5), "en")
    assert ahead.at == NOW
    odd: list[dict[str, Any]] = [
        {"held": "x"}, {"test": True}, {"signs": ("rate",)}, {"reply": {}}, {"fields": {}},
    ]  # fmt: skip
    assert [reply.heard(captured(**more)) for more in odd] == [None] * len(odd)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "messages", "answered"),
    [
        (None, [NOW], NOW),
        (None, [NOW, NOW - timedelta(minutes=1)], NOW - timedelta(minutes=1)),
        (NOW - HOUR, [NOW], None),
        (NOW - DAY, [NOW], None),
        (NOW - DAY - HOUR, [NOW], NOW),
        (NOW, [NOW], None),
        (NOW, [NOW - 2 * DAY], None),
        (None, [NOW - HOUR], None),
        (None, [NOW - HOUR, NOW], None),
        (None, [NOW - 2 * DAY, NOW], NOW),
    ],
)
def test_only_who_begins_to_talk_is_answered_and_only_soon(
    last: datetime | None, messages: list[datetime], answered: datetime | None
) -> None:
    found, heard_at = reply.begun(last, [said(at) for at in messages], NOW)
    assert (found and found.at) == answered
    assert heard_at == max([*messages, *([last] if last else [])])


ORGANISATION = """
organisation: {working_week: {sat: ["09:00-17:00"]}}
sources: [{key: a, kind: telegram, secret: s, access_token: t, auto_reply: true}]
teams: [{key: t, name: T, specialists: [{key: a, name: A, notify: [{channel: telegram, to: "7"}]}]}]
routing: {fallback: t}
channels: {telegram: {token: "1:a"}}
"""


def organisation() -> Configuration:
    return load(ORGANISATION, {}).configuration


def test_outside_working_hours_other_words_are_said() -> None:
    content = organisation()
    (source,) = content.sources
    monday = NOW + timedelta(days=2)
    words = {reply.words_for(source, "fa", content, at) for at in (NOW, monday)}
    assert len(words) == 2
    assert all(words)
    assert reply.words_for(a_source(auto_reply=None), "fa", content, NOW) == ""


def test_a_colleague_who_tries_the_bot_is_not_answered() -> None:
    content = organisation()
    assert reply.is_staff("telegram", {"chat": "7"}, content)
    assert not reply.is_staff("bale", {"chat": "7"}, content)
    assert not reply.is_staff("telegram", {"chat": "8"}, content)


def test_only_what_was_certainly_not_sent_is_tried_again_and_not_for_ever() -> None:
    assert reply.after(Sent(), 1, NOW, 0.5) == Step("sent")
    assert reply.after(Unknown("cut"), 1, NOW, 0.5) == Step("unknown")
    assert reply.after(Denied("http_403"), 1, NOW, 0.5) == Step("denied")
    assert reply.after(Busy("x", 35.0), 1, NOW, 0.5) == Step("due", NOW + 35 * HOUR / 3600, 35.0)
    waits = [reply.after(Busy("x"), tries, NOW, 0.5).wait for tries in range(1, 5)]
    assert waits == [15, 30, 60, 120]
    assert reply.after(Busy("x"), reply.MOST_TRIES, NOW, 0.5).state == "denied"
