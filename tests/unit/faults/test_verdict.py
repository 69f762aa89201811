"""The storm's verdict sees each kind of trouble: else its zeros would say nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.storm.verdict import Leads, Verdict, accepted_ids, weigh

PHONE = "+989122000001"
ASSIGNED = [{"kind": "assigned", "state": "sent"}]


def ledger(*more: dict[str, Any], told: int = 1) -> list[dict[str, Any]]:
    """One person's post, accepted, and told of so many times under ids of their own."""
    issued = {"what": "issued", "n": 1, "phone": PHONE, "name": "مهسا", "message": "قیمت؟"}
    answered = {"what": "answered", "n": 1, "status": 202, "submission": "s1"}
    messages = [
        {"what": "told", "lead": "l1", "kind": "assigned", "id": f"m{n}"} for n in range(told)
    ]
    return [issued | {"expect": "lead"}, answered, *messages, *more]


def lead(name: str = "مهسا", message: str = "قیمت؟", identity: str = "l1") -> dict[str, Any]:
    return {"id": identity, "contact": {"name": name, "phone": PHONE, "message": message}}


async def verdict_of(
    lines: list[dict[str, Any]],
    leads: Leads,
    state: str = "notified",
    notifications: list[dict[str, str]] | None = None,
) -> Verdict:
    async def whole(_lead: str) -> dict[str, Any]:
        return {"notifications": ASSIGNED if notifications is None else notifications}

    return await weigh(lines, leads, dict.fromkeys(accepted_ids(lines), state), whole)


async def test_what_is_well_is_seen_to_be_well() -> None:
    verdict = await verdict_of(ledger(), {PHONE: [lead()]})
    assert not verdict.counts
    assert (verdict.accepted, verdict.persons, verdict.leads) == (1, 1, 1)


async def test_a_repeat_of_one_message_is_one_message() -> None:
    again = {"what": "told", "lead": "l1", "kind": "assigned", "id": "m0"}
    assert not (await verdict_of(ledger(again), {PHONE: [lead()]})).counts


@pytest.mark.parametrize(
    ("what", "lines", "leads", "state"),
    [
        ("missing", ledger(told=0), {}, "absent"),
        ("missing", ledger(), {PHONE: [lead()]}, "enriched"),
        ("spurious", ledger(), {PHONE: [lead()], "+989120000000": [lead()]}, "notified"),
        ("spurious", ledger(), {PHONE: [lead(), lead(identity="l2")]}, "notified"),
        ("corrupted", ledger(), {PHONE: [lead(name="مهس")]}, "notified"),
        ("corrupted", ledger(), {PHONE: [lead(message="")]}, "notified"),
        ("doubled", ledger(told=2), {PHONE: [lead()]}, "notified"),
        ("doubled", ledger({"what": "posted", "phone": PHONE, "first": True}),
         {PHONE: [lead()]}, "notified"),
        ("untold", ledger(told=0), {PHONE: [lead()]}, "notified"),
    ],
)  # fmt: skip
async def test_each_trouble_is_seen(
    what: str, lines: list[dict[str, Any]], leads: Leads, state: str
) -> None:
    assert (await verdict_of(lines, leads, state)).counts[what]


async def test_an_unknown_outcome_is_well_only_with_a_reminder() -> None:
    unknown = [{"kind": "assigned", "state": "unknown"}]
    reminded = [*unknown, {"kind": "reminder", "state": "sent"}]
    lines, leads = ledger(told=0), {PHONE: [lead()]}
    silent = await verdict_of(lines, leads, "undelivered", unknown)
    assert silent.counts == {"untold": 1}
    told = await verdict_of(lines, leads, "undelivered", reminded)
    assert told.counts == {"escalated": 1}


async def test_a_bot_s_post_that_became_a_lead_is_spurious() -> None:
    lines = ledger()
    lines[0]["expect"] = "held"
    assert (await verdict_of(lines, {PHONE: [lead()]})).counts["spurious"]
    assert not (await verdict_of(lines[:2], {}, "quarantined")).counts
