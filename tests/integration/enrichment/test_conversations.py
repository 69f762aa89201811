"""A conversation on a website is one person, whatever of it comes first and by what browser."""

from __future__ import annotations

import itertools

import pytest

from libs.common.events import Event
from services.capture.sources import Arrival
from tests.integration.enrichment.conftest import Captured, Service
from tests.unit.capture.sources.recorded import recorded

TOLD_IN_PARTS = {
    "crisp": (
        "crisp-message-text.json", "crisp-session-set-phone.json", "crisp-set-email.json",
        "crisp-set-nickname.json", "crisp-set-data.json",
    ),
    "tawk": ("tawk-chat-start.json", "tawk-transcript.json"),
    "goftino": ("goftino-second-message.json", "goftino-new-message.json"),
    "intercom": ("intercom-conversation-created.json", "intercom-conversation-replied.json"),
    "chatwoot": ("chatwoot-conversation-created.json", "chatwoot-message-created.json"),
}  # fmt: skip
KNOWN = {
    "crisp": ("رضا کریمی", "+989121112233", "reza@example.ir"),
    "tawk": ("Kian", "+989121110001", "kian@example.ir"),
    "goftino": ("آرش", "+989128887766", None),
    "intercom": ("مینا", "+989125551111", "mina@example.ir"),
    "chatwoot": ("سارا", "+989121112233", None),
}


def parts(captured: Captured, kind: str) -> list[Event]:
    """What the recorded calls of one conversation become, a second after another."""
    calls = {call.delivery["file"]: call for call in recorded() if call.kind.kind == kind}
    found: list[Event] = []
    for file in TOLD_IN_PARTS[kind]:
        (arrival,) = calls[file].kind.parse(calls[file].knock, calls[file].configured())
        assert isinstance(arrival, Arrival)
        found.append(chat(captured, kind, dict(arrival.fields), len(found)))
    return found


def chat(captured: Captured, kind: str, fields: dict[str, str], after: int) -> Event:
    return captured(
        fields, after=after, kind="chat", source="s", source_kind=kind, key_owner="platform"
    )


@pytest.mark.parametrize("kind", sorted(TOLD_IN_PARTS))
async def test_what_comes_in_parts_is_one_person_in_any_order(
    service: Service, captured: Captured, kind: str
) -> None:
    events = parts(captured, kind)
    orders = list(itertools.permutations(events))
    await service.enriched(*orders[len(orders) // 3])
    found = await service.enriched(*parts(captured, kind)[:1])
    assert await service.count("persons") == 1
    person = found[0].person
    assert (person.name, person.phone, person.email) == KNOWN[kind]


@pytest.mark.parametrize("kind", sorted(TOLD_IN_PARTS))
async def test_rule_15_who_writes_by_another_browser_is_the_same_person(
    service: Service, captured: Captured, kind: str
) -> None:
    phone = {"phone": "09123456789"}
    (known,) = await service.enriched(chat(captured, kind, {"handle": f"{kind}:1", **phone}, 0))
    (unknown,) = await service.enriched(chat(captured, kind, {"handle": f"{kind}:2"}, 1))
    assert unknown.person_id != known.person_id
    (told,) = await service.enriched(chat(captured, kind, {"handle": f"{kind}:2", **phone}, 2))
    assert (told.person_id, told.joined) == (known.person_id, (unknown.person_id,))
    other = {"handle": f"{kind}:2", "phone": "09350000000"}
    (lent,) = await service.enriched(chat(captured, kind, other, 3))
    assert lent.person_id == known.person_id


async def test_two_accounts_of_a_messenger_with_one_number_stay_two(
    service: Service, captured: Captured
) -> None:
    phone = {"phone": "09123456789"}
    (one,) = await service.enriched(
        chat(captured, "telegram", {"handle": "telegram:1", **phone}, 0)
    )
    (two,) = await service.enriched(chat(captured, "telegram", {"handle": "telegram:2"}, 1))
    (told,) = await service.enriched(
        chat(captured, "telegram", {"handle": "telegram:2", **phone}, 2)
    )
    assert (told.person_id, told.joined) == (one.person_id, ())
    assert two.person_id != one.person_id


async def test_a_name_typed_in_a_later_message_stays_the_person_s(
    service: Service, captured: Captured
) -> None:
    def said(after: int, name: str, *, typed: bool) -> Event:
        fields = {"handle": "whatsapp:1", "name": name}
        return captured(
            fields, after=after, kind="chat", source="s", source_kind="whatsapp", nickname=not typed
        )

    (first,) = await service.enriched(said(0, "Sara ❤", typed=False))
    assert (first.person.name, first.person.nickname) == ("Sara ❤", True)
    (typed,) = await service.enriched(said(1, "سارا رضایی", typed=True))
    assert (typed.person.name, typed.contact.name) == ("سارا رضایی", "سارا رضایی")
    (later,) = await service.enriched(said(2, "Sara ❤", typed=False))
    assert (later.person.name, later.contact.name) == ("سارا رضایی", "Sara ❤")
