"""Hours, limits and the time to accept, seen from outside; the books balance while leads wait."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.looking import assigned, told_once
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

pytestmark = pytest.mark.parametrize("install", ["kafka"], indirect=True, scope="module")

ALL_DAY = ", ".join(
    f'{day}: ["00:00-24:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)


def post(system: System, page: str = "seo") -> str:
    """A new person's lead; its submission."""
    answer = system.post_lead(
        {
            "phone": f"0912{uuid.uuid4().int % 10**7:07d}",
            "page_url": f"https://nil.example/services/{page}",
        }
    )
    return str(answer.json()["submission_id"])


def lead_of(system: System, submission_id: str, *states: str) -> dict[str, Any]:
    """The lead of a submission that is in one of these states."""
    return system.lead(system.submission(submission_id, *states)["lead_id"])


def act(system: System, lead_id: str, action: str, **more: object) -> None:
    """A deed of staff on a lead."""
    body = {"action": action, **more}
    system.desk.post(f"/api/leads/{lead_id}/actions", json=body).raise_for_status()


def configure(system: System, *changes: tuple[str, str]) -> None:
    """Change the file of a system; it takes it up within a second or so."""
    text = system.config.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    system.config.write_text(text, encoding="utf-8")


def test_held_then_by_turn_then_one_seat_then_reminded_moved_on_and_escalated(
    install: Install, receiver: Receiver
) -> None:
    system = install()
    today = datetime.now(UTC).date()
    off = [str(today), str(today + timedelta(days=1))]
    held = f"working_week: {{time_zone: UTC, {ALL_DAY}}}, holidays: {off}"
    plain = "languages: [fa, en]}"
    fallback = "  fallback: reception\n"
    configure(
        system,
        (plain, f"languages: [fa, en], {held}}}"),
        (fallback, f"{fallback}  outside_hours: hold\n"),
    )
    system.up()
    _held_until_the_opening(system, receiver, held)
    _one_seat(system, receiver)
    _reminded_moved_on_and_escalated(system, receiver)
    books = system.settled_books()
    assert books["balanced"], books


def _held_until_the_opening(system: System, receiver: Receiver, held: str) -> None:
    waits = post(system)
    lead = lead_of(system, waits, "waiting")
    assert lead["assignment"] is None
    kinds = [line["kind"] for line in lead["timeline"]]
    assert kinds.count("waiting") == 1
    eventually(lambda: _balanced_with(system, 1), 120, "balanced, and one in flight")
    assert receiver.of_lead(lead["id"]) == []
    configure(system, (f", {held}", ""))
    lead = assigned(system, lead_of(system, waits, "notified")["id"])
    assert lead["assignment"]["team"] == "seo"
    assert told_once(receiver, lead["id"])
    act(system, lead["id"], "won")


def _one_seat(system: System, receiver: Receiver) -> None:
    configure(
        system,
        ("{key: sara, name: Sara,", "{key: sara, name: Sara, capacity: {open: 1},"),
        ("{key: reza, name: Reza,", "{key: reza, name: Reza, capacity: {open: 0},"),
    )
    eventually(lambda: _is_full(system), 120, "the limit is in force")
    holders = [
        lead["id"]
        for lead in system.leads(state="open")
        if (lead["assignment"] or {}).get("specialist") == "sara"
    ]
    waits = post(system)
    lead_of(system, waits, "waiting")
    first = eventually(lambda: _oldest_waiting(system), 120, "somebody waits")
    for holder in holders:  # all that she was given before the limit was in force
        act(system, holder, "won")
    given = eventually(lambda: _assigned(system, first), 120, "the oldest has the seat")
    assert given["assignment"]["specialist"] == "sara"
    assert {s["specialist"] for s in given["assignment"]["skipped"]} == {"reza"}
    eventually(lambda: system.books()["balanced"], 120, "balanced")
    configure(system, (" capacity: {open: 1},", ""), (" capacity: {open: 0},", ""))
    assert assigned(system, lead_of(system, waits, "notified")["id"])
    eventually(lambda: len(receiver.of_lead(first)) == 1, 120, "told once")


def _balanced_with(system: System, in_flight: int) -> bool:
    books = system.books()
    return bool(books["balanced"] and books["in_flight"] == in_flight)


def _is_full(system: System) -> bool:
    """Post until one has to wait; whoever does not, has a seat from before."""
    submission = post(system)
    found = system.submission(submission, "waiting", "notified")
    if found["state"] == "notified":
        assigned(system, found["lead_id"])  # so that its seat is seen, and given back
    return bool(found["state"] == "waiting")


def _oldest_waiting(system: System) -> str | None:
    waiting = [lead["id"] for lead in system.leads(state="open") if lead["assignment"] is None]
    return waiting[-1] if waiting else None


def _assigned(system: System, lead_id: str) -> dict[str, Any] | None:
    lead = system.lead(lead_id)
    return lead if lead["assignment"] else None


def _reminded_moved_on_and_escalated(system: System, receiver: Receiver) -> None:
    name = "    name: {fa: سئو, en: SEO}\n"
    fallback = "  fallback: reception\n"
    configure(
        system,
        (name, f"{name}    manager: mina\n"),
        (fallback, f"{fallback}  sla: {{accept_within: 6s, hops: 1}}\n"),
    )
    lead_id = eventually(lambda: _with_deadline(system), 120, "a time to accept")
    eventually(lambda: len(receiver.of_lead(lead_id)) == 5, 120, "two reminded, then the manager")
    told = [(each.specialist, each.body["data"]["kind"]) for each in receiver.of_lead(lead_id)]
    first, second = told[0][0], told[2][0]
    assert {first, second} == {"sara", "reza"}
    assert sorted(told) == sorted(
        [(who, kind) for who in (first, second) for kind in ("assigned", "reminder")]
        + [("mina", "escalation")]
    )


def _with_deadline(system: System) -> str | None:
    lead = lead_of(system, post(system), "notified")
    return str(lead["id"]) if lead["deadline"] else None
