"""The end: what the oracle's ledger says against what the system says. Nothing is repaired here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import httpx

_TERMINAL: Final = frozenset({"notified", "undelivered", "duplicate", "quarantined", "activity"})
_ASKED: Final = 100
_NAMED: Final = 20

Leads = dict[str, list[dict[str, Any]]]
"""By phone."""
Whole = Callable[[str], Awaitable[dict[str, Any]]]
"""Gives one lead, whole, by its id."""


@dataclass
class Person:
    """One person as the ledger knows them."""

    name: str
    message: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    """Ids of their submissions that were answered with a complete 2xx."""
    by_platform: int = 0
    """Webhooks of theirs that were answered with 200 (which names no id)."""
    expect: str = "lead"

    @property
    def is_accepted(self) -> bool:
        return bool(self.accepted or self.by_platform)


@dataclass
class Verdict:
    """Counts, and the first few of each kind of trouble."""

    accepted: int = 0
    """Posts answered with a complete 2xx, repeats of the same id counted once."""
    persons: int = 0
    leads: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """missing, spurious, corrupted, untold, doubled, changed_id, escalated."""
    named: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    books: dict[str, Any] = field(default_factory=dict)

    def note(self, what: str, text: str) -> None:
        """Count one, and remember the first few."""
        self.counts[what] += 1
        if len(self.named) < _NAMED:
            self.named.append(f"{what}: {text}")


async def judge(
    lines: list[dict[str, Any]], desk: httpx.AsyncClient, database: asyncpg.Connection
) -> Verdict:
    """Ask the system for everything, and compare it with the ledger."""

    async def whole(lead: str) -> dict[str, Any]:
        found: dict[str, Any] = (await desk.get(f"/api/leads/{lead}")).raise_for_status().json()
        return found

    states = await _states(desk, database, accepted_ids(lines))
    verdict = await weigh(lines, await _leads(desk), states, whole)
    verdict.books = (await desk.get("/api/books")).raise_for_status().json()
    return verdict


async def weigh(
    lines: list[dict[str, Any]], leads: Leads, states: dict[str, str], whole: Whole
) -> Verdict:
    """The ledger's lines against the leads (by phone) and the submissions' states."""
    verdict = Verdict()
    persons = _persons(lines, verdict)
    told = _told(lines)
    verdict.leads = sum(len(found) for found in leads.values())
    verdict.persons = sum(p.is_accepted and p.expect == "lead" for p in persons.values())
    verdict.states = Counter(states.values())
    for phone, person in persons.items():
        _of_person(verdict, phone, person, leads.get(phone, []), states)
    for phone, found in leads.items():
        if phone not in persons:
            verdict.note("spurious", f"a lead of {phone}, whom nobody posted")
        for lead in found:
            await _of_notifications(verdict, lead, told, whole)
    return verdict


def accepted_ids(lines: list[dict[str, Any]]) -> list[str]:
    """Of every submission that was answered with a complete 2xx and an id."""
    good = (line for line in lines if line["what"] == "answered" and 200 <= line["status"] < 300)
    return sorted({line["submission"] for line in good if line["submission"]})


def _persons(lines: list[dict[str, Any]], verdict: Verdict) -> dict[str, Person]:
    persons: dict[str, Person] = {}
    phones: dict[int, str] = {}
    ids: set[str] = set()
    for line in lines:
        if line["what"] == "issued":
            phones[line["n"]] = line["phone"]
            person = persons.setdefault(line["phone"], Person(line["name"], expect=line["expect"]))
            person.message.add(line["message"])
        elif line["what"] == "answered" and 200 <= line["status"] < 300:
            person = persons[phones[line["n"]]]
            if line["submission"]:
                person.accepted.add(line["submission"])
            else:
                person.by_platform += 1
            ids.add(line["submission"] or f"post {line['n']}")
        elif line["what"] == "changed_id":
            verdict.note("changed_id", f"{line['was']} became {line['now']}")
    verdict.accepted = len(ids)
    return persons


@dataclass
class Told:
    """What the providers have accepted."""

    webhooks: dict[str, dict[str, set[str]]]
    """Lead → kind → the ids of its messages; a repeat of an id is seen by its receiver."""
    posted: Counter[str]
    """Phone → how many messages of an assignment a bot has posted: each is one too many after
    the first."""


def _told(lines: list[dict[str, Any]]) -> Told:
    told = Told(defaultdict(lambda: defaultdict(set)), Counter())
    for line in lines:
        if line["what"] == "told":
            told.webhooks[line["lead"]][line["kind"]].add(line["id"])
        elif line["what"] == "posted":
            told.posted[line["phone"]] += line["first"]
    return told


def _of_person(
    verdict: Verdict,
    phone: str,
    person: Person,
    leads: list[dict[str, Any]],
    states: dict[str, str],
) -> None:
    for submission in person.accepted:
        state = states[submission]
        if state not in _TERMINAL:
            verdict.note("missing", f"submission {submission} is {state}")
    if person.expect == "held":
        if any(states[each] != "quarantined" for each in person.accepted) or leads:
            verdict.note("spurious", f"a bot's post of {phone} became a lead")
        return
    if person.is_accepted and not leads:
        verdict.note("missing", f"no lead of {phone}")
    if len(leads) > 1:
        verdict.note("spurious", f"{len(leads)} leads of {phone}")
    openers = [s for each in person.accepted if (s := states[each]) in {"notified", "undelivered"}]
    if len(openers) > 1:
        verdict.note("spurious", f"{len(openers)} submissions of {phone} opened a lead")
    for lead in leads:
        contact = lead["contact"]
        if contact["name"] != person.name or contact["message"] not in person.message:
            verdict.note("corrupted", f"lead {lead['id']} of {phone}")


async def _of_notifications(
    verdict: Verdict, lead: dict[str, Any], told: Told, whole: Whole
) -> None:
    messages = told.webhooks.get(lead["id"], {})
    posted = told.posted[lead["contact"]["phone"]]
    assigned = len(messages.get("assigned", ())) + posted
    if assigned > 1:
        verdict.note("doubled", f"lead {lead['id']} was told of {assigned} times")
    if assigned == 1 and not posted and set(messages) == {"assigned"}:
        return
    notifications = (await whole(lead["id"]))["notifications"]
    kinds = {(one["kind"], one["state"]) for one in notifications}
    is_uncertain = kinds & {("assigned", "unknown"), ("assigned", "failed")}
    if is_uncertain and ("reminder", "sent") in kinds:
        verdict.counts["escalated"] += 1
    elif is_uncertain or not assigned:
        verdict.note("untold", f"lead {lead['id']}: {sorted(kinds)}")
    elif any(kind != "assigned" and state == "sent" for kind, state in kinds):
        verdict.note("doubled", f"lead {lead['id']}: {sorted(kinds)}")


async def _leads(desk: httpx.AsyncClient) -> Leads:
    """Every lead there is, by its phone."""
    found: Leads = defaultdict(list)
    async for lead in _pages(desk, "/api/leads"):
        found[str(lead["contact"]["phone"])].append(lead)
    return found


async def _pages(desk: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    parameters = {"limit": "200"}
    while True:
        page = (await desk.get(path, params=parameters)).raise_for_status().json()
        for item in page["items"]:
            yield item
        if page["next"] is None:
            return
        parameters["cursor"] = page["next"]


async def _states(
    desk: httpx.AsyncClient, database: asyncpg.Connection, ids: list[str]
) -> dict[str, str]:
    """The state of each submission, `absent` for one that nobody knows.

    Of all by the desk's table, and of some by its API, which must say the same.
    """
    rows = await database.fetch(
        "SELECT id::text, state FROM desk.submissions WHERE id = ANY($1::uuid[])", ids
    )
    states = dict.fromkeys(ids, "absent") | {row["id"]: row["state"] for row in rows}
    for each in ids[:: max(1, len(ids) // _ASKED)]:
        answer = await desk.get(f"/api/submissions/{each}")
        shown = answer.json()["state"] if answer.is_success else "absent"
        if shown != states[each]:
            states[each] = f"{states[each]}, shown as {shown}"
    return states
