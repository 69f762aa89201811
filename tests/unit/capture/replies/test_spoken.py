"""A colleague's own words in a chat are overheard: then no machine speaks in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured, derived_id
from services.capture.replies import spoken
from services.capture.replies.reply import address_for, heard
from services.capture.replies.spoken import Spoken
from services.capture.sources import KINDS, Knock
from services.capture.sources.arrival import Arrival
from tests.unit.capture.sources.samples import body

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def a_source(kind: str, **more: Any) -> Source:
    given = {"key": "a", "kind": kind, "secret": "s", "auto_reply": True} | more
    return Source.model_validate(given)


def overheard(kind: str, raw: bytes, **more: Any) -> set[str]:
    ears = Spoken()
    ears.overhear(KINDS[kind], Knock("POST", "/", b"", {}, raw, ""), a_source(kind, **more))
    return {each.id for each in ears.take()}


def of(handle: str) -> str:
    return derived_id("conversation", "a", handle)


AGENT = json.loads(body("chatwoot", "chatwoot-agent-message.json"))
AGENT["conversation"]["meta"] = {"sender": {"id": 41, "type": "contact"}}


@pytest.mark.parametrize(
    ("kind", "raw", "handle"),
    [
        ("instagram", body("instagram", "instagram-echo.json"), "instagram:1784014059999001"),
        ("instagram", body("instagram", "instagram-messenger.json"), "facebook:6123456789012345"),
        ("whatsapp", body("whatsapp", "whatsapp-other-fields.json"), "whatsapp:989121234567"),
        ("chatwoot", json.dumps(AGENT).encode(), "chatwoot:a:41"),
        (
            "crisp",
            body("crisp", "crisp-operator-message.json"),
            "crisp:session_36ba3566-9651-4790-afc8-ffedbccc317f",
        ),
    ],
)
def test_an_echo_names_the_conversation_by_which_messages_are_known(
    kind: str, raw: bytes, handle: str
) -> None:
    assert overheard(kind, raw) == {of(handle)}
    assert overheard(kind, raw, auto_reply=False) == set()


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("instagram", "instagram-message-ad-referral.json"),
        ("instagram", "instagram-comment.json"),
        ("whatsapp", "whatsapp-message-persian.json"),
        ("whatsapp", "whatsapp-status.json"),
        ("chatwoot", "chatwoot-message-created.json"),
        ("chatwoot", "chatwoot-bot-template.json"),
        ("chatwoot", "chatwoot-private-note.json"),
        ("crisp", "crisp-message-text.json"),
        ("telegram", "telegram-contact.json"),
    ],
)
def test_nothing_else_is_a_colleague_s_word(kind: str, file: str) -> None:
    assert overheard(kind, body(kind, file)) == set()


@pytest.mark.parametrize("beside", ["in the echo", "in the contact"])
def test_an_echo_names_all_that_a_customer_of_whatsapp_is_known_by(beside: str) -> None:
    """Messages are known by Meta's business-scoped id where it gives one, else by the number."""
    person = "IR.13491208655302741918"
    whole = json.loads(body("whatsapp", "whatsapp-other-fields.json"))
    value = whole["entry"][0]["changes"][1]["value"]
    if beside == "in the echo":
        value["message_echoes"][0]["to_user_id"] = person
    else:
        value["contacts"] = [{"wa_id": "1"}, {"wa_id": "989121234567", "user_id": person}]
    known_by = {of("whatsapp:989121234567"), of(f"whatsapp:{person}")}
    assert overheard("whatsapp", json.dumps(whole).encode()) == known_by


def test_a_message_says_all_that_an_echo_may_name_its_sender_by() -> None:
    """Where a message has both ids, it is known by Meta's; an echo may have the number alone."""
    whole = json.loads(body("whatsapp", "whatsapp-message-persian.json"))
    value = whole["entry"][0]["changes"][0]["value"]
    message = value["messages"][0]
    value["messages"] = [message]
    source = a_source("whatsapp")
    for person in (None, "IR.13491208655302741918"):
        if person:
            message["from_user_id"] = person
        knock = Knock("POST", "/", b"", {}, json.dumps(whole).encode(), "")
        (arrival,) = KINDS["whatsapp"].parse(knock, source)
        assert isinstance(arrival, Arrival)
        captured = LeadCaptured(
            "s", "chat", "a", "whatsapp", NOW, "d", b"",
            fields=dict(arrival.fields), reply=address_for(arrival, source),
        )  # fmt: skip
        found = heard(captured)
        assert found is not None
        named = {found.conversation, *found.known_as}
        assert of(f"whatsapp:{message['from']}") in named
        assert of(f"whatsapp:{person or message['from']}") == found.conversation


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"entry":5}', b'{"object":"instagram","entry":[5]}'])
@pytest.mark.parametrize("kind", ["instagram", "whatsapp", "chatwoot", "crisp"])
def test_a_call_of_any_shape_is_looked_through(kind: str, raw: bytes) -> None:
    assert overheard(kind, raw) == set()


def test_a_bug_of_a_kind_ends_no_call_and_memory_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(_knock: Knock, _source: Source) -> Iterator[str]:
        yield "crisp:1"
        raise KeyError

    ears, call = Spoken(), Knock("POST", "/", b"", {}, b"", "")
    ears.overhear(KINDS["crisp"]._replace(written_to=breaks), call, a_source("crisp"))
    assert ears.take() == set()
    monkeypatch.setattr(spoken, "MOST", 2)
    for n in range(5):
        many = KINDS["crisp"]._replace(written_to=lambda *_, n=n: [f"crisp:{n}"])
        ears.overhear(many, call, a_source("crisp"))
    assert len(ears.take()) == 2
