"""WhatsApp, Instagram, Bale and Rubika: what recorded calls cannot show."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from services.capture.sources import KINDS, Arrival, Knock
from services.capture.sources.arrival import Withdrawn
from services.capture.sources.chats import code_in
from services.capture.sources.hub import MOST
from tests.unit.capture.sources.samples import arrivals_in, body, knock, source

HUBS = ("whatsapp", "instagram")
TOKEN = "meta-verify-token-test-001"


def parsed(kind: str, whole: Any, **given: Any) -> list[Arrival]:
    call = knock(json.dumps(whole, ensure_ascii=False).encode())
    return list(arrivals_in(KINDS[kind].parse(call, source(kind, secret="s", **given))))


def written(*messages: dict[str, Any], **value: Any) -> dict[str, Any]:
    change = {"field": "messages", "value": {"messages": list(messages), **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def text(n: int, said: str = "سلام", **more: Any) -> dict[str, Any]:
    return {
        "id": f"wamid.{n}",
        "from": "989121234567",
        "type": "text",
        "text": {"body": said},
        **more,
    }


@pytest.mark.parametrize("kind", HUBS)
def test_the_handshake_is_answered_as_it_came_and_only_to_who_knows_the_token(kind: str) -> None:
    shake = KINDS[kind].handshake
    assert shake is not None
    asked = json.loads(body("meta", "meta-verify-get.json"))["url"].partition("?")[2].encode()
    call = Knock("GET", "/", asked, {}, b"", "")
    answer = shake(call, source(kind, secret="s", verify_token=TOKEN))
    assert answer is not None
    assert (answer.status, answer.body, answer.content_type) == (200, b"1158201444", b"text/plain")
    assert shake(call, source(kind, secret="s", verify_token="other")) is None
    assert shake(call, source(kind, secret="s")) is None


@pytest.mark.parametrize("token", ["رمز من", "clé", "a+b &=%"])
def test_a_token_in_any_letters_is_known(token: str) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": token}
    call = Knock("GET", "/", urlencode(asked).encode(), {}, b"", "")
    shake = KINDS["whatsapp"].handshake
    assert shake is not None
    assert shake(call, source("whatsapp", secret="s", verify_token=token)) is not None
    assert shake(call, source("whatsapp", secret="s", verify_token="?" * len(token))) is None


@pytest.mark.parametrize("kind", ["whatsapp", "instagram", "bale", "rubika", "telegram"])
def test_nothing_that_is_answered_is_taken_for_an_order(kind: str) -> None:
    assert json.loads(KINDS[kind].answer.body) == {}


def test_a_person_s_messages_have_one_handle_and_each_a_key() -> None:
    found = parsed("whatsapp", written(*(text(n) for n in range(3)), text(0)))
    assert [a.key for a in found] == ["wamid.0", "wamid.1", "wamid.2"]
    assert {a.fields["handle"] for a in found} == {"whatsapp:989121234567"}
    assert all(a.raw and a.key.encode() in a.raw for a in found if a.key)


def test_one_bad_message_loses_none_of_the_others() -> None:
    found = parsed("whatsapp", written(text(1), 5, {"id": "wamid.2", "type": "text"}, text(3)))  # type: ignore[arg-type]  # what nobody sends
    assert [(a.key, a.held) for a in found if a.held is None] == [
        ("wamid.1", None),
        ("wamid.3", None),
    ]
    assert [a.held for a in found if a.held] == ["unexpected_shape"] * 2


def test_more_than_anybody_sends_is_held_whole() -> None:
    found = parsed("whatsapp", written(*(text(n) for n in range(MOST + 1))))
    assert [a.held for a in found] == ["unexpected_shape"]


def test_the_operator_s_mapping_wins_and_takes_the_proof_along() -> None:
    said = text(1, profile={"tel": "0935", "firm": "نیل"})
    (found,) = parsed(
        "whatsapp", written(said), fields={"phone": "profile.tel", "company": "profile.firm"}
    )
    assert (found.fields["phone"], found.fields["company"], found.proven) == ("0935", "نیل", ())


def test_what_is_typed_never_replaces_what_the_platform_knows() -> None:
    (found,) = parsed("whatsapp", written(text(1, "شماره من 09351112233، ali@nil.example")))
    assert (found.fields["phone"], found.proven) == ("+989121234567", ("phone",))
    assert found.fields["email"] == "ali@nil.example"


def test_of_what_is_taken_back_in_the_call_that_brings_it_nothing_is_kept() -> None:
    gone = {"id": "wamid.9", "from": "989121234567", "type": "revoke"}
    gone |= {"revoke": {"original_message_id": "wamid.1"}}  # type: ignore[dict-item]  # nested as the platform has it
    for order in ([text(1), gone], [gone, text(1)], [gone, text(1), gone, text(1)]):
        call = knock(json.dumps(written(*order)).encode())
        found = KINDS["whatsapp"].parse(call, source("whatsapp", secret="s"))
        assert list(found) == [Withdrawn("wamid.1")]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("سلام qr_expo26", "qr_expo26"), ("(sn_Ab-3_x)", "sn_Ab-3_x"),
        ("[qr_TEH-0042]", "qr_TEH-0042"),
        ("qr_", None), ("myqr_code", None), ("expo26", None), ("", None), ("qr_" + "a" * 65, None),
    ],
)  # fmt: skip
def test_a_code_in_a_prefilled_text_is_found(said: str, code: str | None) -> None:
    assert code_in(said) == code
    (found,) = parsed("whatsapp", written(text(1, said or "x")))
    assert (found.start, found.extra.get("start")) == (code, code)


def test_a_number_in_a_forwarded_text_is_nobody_s_here() -> None:
    who = {"from_user_id": "IR.1", "from": None}
    (passed_on,) = parsed(
        "whatsapp", written(text(1, "شماره من 09351112233", context={"forwarded": True}, **who))
    )
    (own,) = parsed("whatsapp", written(text(1, "شماره من 09351112233", **who)))
    assert ("phone" in passed_on.fields, own.fields["phone"], own.proven) == (
        False,
        "09351112233",
        (),
    )


def test_rubika_s_start_word_counts_and_is_no_message() -> None:
    message = {"message_id": "1", "sender_id": "u0", "text": "/start expo", "time": "1795255200"}
    (found,) = parsed(
        "rubika", {"update": {"type": "NewMessage", "chat_id": "b0", "new_message": message}}
    )
    assert (found.start, found.fields) == ("expo", {"handle": "rubika:u0"})
    message |= {"text": "", "contact_message": {"phone_number": "98912", "first_name": "Sara ❤"}}  # type: ignore[dict-item]  # nested as the platform has it
    (shared,) = parsed(
        "rubika", {"update": {"type": "NewMessage", "chat_id": "b0", "new_message": message}}
    )
    assert (shared.fields["first_name"], shared.nickname) == ("Sara ❤", True)
    assert [a.held for a in parsed("rubika", {"update": {"type": "NewMessage"}})] == [
        "unexpected_shape"
    ]


def test_an_echo_is_ours_whatever_account_it_names() -> None:
    said = {"mid": "m1", "text": "سلام"}
    for echo, count in ((True, 0), (False, 1)):
        event = {"sender": {"id": "9"}, "recipient": {"id": "5"}, "timestamp": 1795255200000}
        event["message"] = {**said, "is_echo": echo}
        whole = {"object": "instagram", "entry": [{"id": "1", "messaging": [event]}]}
        assert len(parsed("instagram", whole)) == count


def flow(answers: Any, **mapped: str) -> Arrival:
    told = json.dumps(answers)
    reply = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": told}}
    message = text(1, type="interactive", interactive=reply)
    (found,) = parsed("whatsapp", written(message), fields=mapped)
    return found


def test_a_mapped_answer_of_a_flow_wins_over_whatsapp_and_is_proven_by_nobody() -> None:
    found = flow({"reach": "0930", "who": "Sara"}, phone="reach", name="who")
    assert (found.fields["phone"], found.fields["name"], found.proven) == ("0930", "Sara", ())
    assert found.extra["wa_phone"] == "+989121234567"


def test_a_flow_s_several_numbers_are_all_kept_and_whatsapp_s_own_is_taken() -> None:
    found = flow({"phone": "0930", "mobile": "0931", "email": ["a@b.ir", "c@d.ir"], "ok": True})
    assert found.fields["phone"] == "+989121234567"
    assert found.candidates == {"email": {"email": "a@b.ir", "email 2": "c@d.ir"}}
    assert (found.extra["mobile"], found.extra["ok"]) == ("0931", True)


PROFILE = [{"profile": {"name": "Sara ❤"}, "wa_id": "989121234567"}]
SAID = "اسم من سارا رضایی است"


def test_a_typed_name_counts_more_than_whatsapp_s_profile() -> None:
    (found,) = parsed("whatsapp", written(text(1, SAID), contacts=PROFILE))
    assert (found.fields["name"], found.nickname) == ("سارا رضایی", False)
    assert found.extra["profile_name"] == "Sara ❤"


def test_a_name_typed_as_the_profile_has_it_is_a_typed_one() -> None:
    same = [{"profile": {"name": "سارا رضایی"}, "wa_id": "989121234567"}]
    (found,) = parsed("whatsapp", written(text(1, SAID), contacts=same))
    assert (found.fields["name"], found.nickname) == ("سارا رضایی", False)
    assert "profile_name" not in found.extra, "it says nothing more"


def test_a_profile_s_name_is_a_nickname_until_another_is_typed() -> None:
    mapped = {"name": "from"}
    for message, by, known in (
        (text(1), {}, ("Sara ❤", True)),
        (text(1, SAID, context={"forwarded": True}), {}, ("Sara ❤", True)),
        (text(1, SAID), mapped, ("989121234567", False)),
    ):
        (found,) = parsed("whatsapp", written(message, contacts=PROFILE), fields=by)
        assert (found.fields["name"], found.nickname) == known
    (nameless,) = parsed("whatsapp", written(text(1)))
    assert not nameless.nickname


def test_a_name_that_a_flow_asked_for_is_no_nickname() -> None:
    assert not flow({"name": "Sara"}).nickname


@pytest.mark.parametrize("answers", [[], "x", 5, {}, {"a": {"a": {"a": 1}}}])
def test_a_flow_of_any_shape_is_its_sender_s_message(answers: Any) -> None:
    found = flow(answers)
    assert (found.held, found.fields["handle"]) == (None, "whatsapp:989121234567")
    assert "response_json" in found.extra or found.extra["a"] == {"a": {"a": 1}}
