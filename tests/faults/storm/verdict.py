"""The end: what the oracle's ledger says against what the system says. Nothing is repaired here."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

_TERMINAL: Final = frozenset({"notified", "undelivered", "duplicate", "quarantined", "activity"})
_AT_ONCE: Final = 12
_NAMED: Final = 20


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


async def judge(lines: list[dict[str, Any]], desk: httpx.AsyncClient) -> Verdict:
    """Compare everything with everything."""
    verdict = Verdict()
    persons = _persons(lines, verdict)
    told = _told(lines)
    leads = await _leads(desk)
    verdict.leads = sum(len(found) for found in leads.values())
    verdict.persons = sum(p.is_accepted and p.expect == "lead" for p in persons.values())
    states = await _states(desk, [each for p in persons.values() for each in p.accepted])
    verdict.states = Counter(states.values())
    for phone, person in persons.items():
        _of_person(verdict, phone, person, leads.get(phone, []), states)
    for phone, found in leads.items():
        if phone not in persons:
            verdict.note("spurious", f"a lead of {phone}, whom nobody posted")
        for lead in found:
            await _of_notifications(verdict, lead, told, desk)
    verdict.books = (await desk.get("/api/books")).raise_for_status().json()
    return verdict


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


def _told(lines: list[dict[str, Any]]) -> dict[str, dict[str, set[str]]]:
    """Lead → kind → the ids of the messages that the provider has accepted."""
    told: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in lines:
        if line["what"] == "told":
            told[line["lead"]][line["kind"]].add(line["id"])
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
    verdict: Verdict,
    lead: dict[str, Any],
    told: dict[str, dict[str, set[str]]],
    desk: httpx.AsyncClient,
) -> None:
    messages = told.get(lead["id"], {})
    assigned = len(messages.get("assigned", ()))
    if assigned > 1:
        verdict.note("doubled", f"lead {lead['id']} was told of {assigned} times")
    if assigned == 1 and set(messages) == {"assigned"}:
        return
    whole = (await desk.get(f"/api/leads/{lead['id']}")).raise_for_status().json()
    kinds = {(one["kind"], one["state"]) for one in whole["notifications"]}
    is_uncertain = kinds & {("assigned", "unknown"), ("assigned", "failed")}
    if is_uncertain and ("reminder", "sent") in kinds:
        verdict.counts["escalated"] += 1
    elif not assigned:
        verdict.note("untold", f"lead {lead['id']}: {sorted(kinds)}")
    else:
        verdict.note("doubled", f"lead {lead['id']}: {sorted(kinds)}")


async def _leads(desk: httpx.AsyncClient) -> dict[str, list[dict[str, Any]]]:
    """Every lead there is, by its phone."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
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


async def _states(desk: httpx.AsyncClient, ids: list[str]) -> dict[str, str]:
    """The state of each submission; `absent` for one that nobody knows."""
    states: dict[str, str] = {}
    waiting = iter(ids)

    async def ask() -> None:
        for each in waiting:
            answer = await desk.get(f"/api/submissions/{each}")
            states[each] = answer.json()["state"] if answer.is_success else "absent"

    await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))
    return states
