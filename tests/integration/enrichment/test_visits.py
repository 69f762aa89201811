"""Visits and scans, and the persons that they turn out to be of."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.common.database import Database
from libs.common.events import (
    Activity,
    Attribution,
    Client,
    Event,
    SubmissionEnriched,
    decode,
)
from libs.common.log import Record
from libs.common.stage import timers
from services.enrichment import visits
from services.enrichment.store.forgetting import forget
from tests.integration.enrichment.conftest import START, Captured, Service, decided

PHONE = {"phone": "09123456789"}
PAGE = "https://www.nil.example/pricing/?utm_source=q"


def seen(captured: Captured, visitor: str | None, **given: Any) -> Event:
    """A visit, as a site's script tells of it."""
    page = given.pop("page", PAGE)
    came = Attribution(page_url=page, visitor_id=visitor, scan=given.pop("scan", None))
    kind = {"kind": "activity", "source": "main", "source_kind": "site", "activity": "page_view"}
    body = given.pop("body", uuid.uuid4().bytes)
    fields = given.pop("fields", {})
    return captured(fields, attribution=came, body=body, **(kind | given))


def scanned(captured: Captured, token: str, **given: Any) -> Event:
    """A scan of a code, as capture makes it."""
    came = Attribution(
        page_url="https://nil.example/expo", qr="expo26", scan=token, utm={"campaign": "expo"}
    )
    kind = {"kind": "qr", "source": "expo26", "source_kind": "qr", "activity": "qr_scan"}
    return captured(attribution=came, body=token.encode(), **(kind | given))


def form(captured: Captured, visitor: str | None = None, **given: Any) -> Event:
    """A form by which somebody becomes known."""
    fields = given.pop("fields", PHONE)
    came = Attribution(
        page_url="https://nil.example/contact", visitor_id=visitor, scan=given.pop("scan", None)
    )
    return captured(fields, attribution=came, **({"after": 10} | given))


async def told(service: Service, *batch: Event) -> list[Activity]:
    """What one slice tells of visits."""
    events = [event for answer in await service.take(*batch) for event in answer.events]
    assert all(e.key == e.data.person_id for e in events if isinstance(e.data, Activity))
    found = [event.data for event in events if isinstance(event.data, Activity)]
    return [activity for activity in found if activity.actor == "visitor"]


async def test_a_visit_of_nobody_waits_and_is_told_when_somebody_identifies(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    when = START - timedelta(minutes=3)
    visit = seen(captured, visitor, occurred_at=when, extra={"data": {"seconds": 40}})
    (enriched,) = await service.enriched(visit)
    assert (enriched.outcome, enriched.person_id) == ("activity", None)
    (activity,) = await told(service, form(captured, visitor))
    person = (await service.rows("SELECT id::text FROM enrichment.persons"))[0][0]
    assert activity.person_id == person
    assert (activity.type, activity.at, activity.actor) == ("page_view", when, "visitor")
    assert (activity.page, activity.visitor_id) == ("nil.example/pricing", visitor)
    assert (activity.submission_id, activity.data) == (visit.key, {"seconds": 40})
    assert await told(service, form(captured, visitor, after=20)) == []


async def test_a_visit_of_somebody_known_is_told_at_once(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    (known,) = await service.enriched(form(captured, visitor))
    answers = await service.take(seen(captured, visitor, after=60))
    enriched, activity = (event.data for event in answers[0].events)
    assert isinstance(enriched, SubmissionEnriched)
    assert isinstance(activity, Activity)
    assert enriched.outcome == "activity"
    assert enriched.person_id == activity.person_id == known.person_id


@pytest.mark.parametrize("size", [1, 20])
async def test_rule_14_identification_and_visits_at_once_orphan_nothing(
    database: Database, captured: Captured, size: int
) -> None:
    services = [Service(database) for _ in range(4)]
    for turn in range(6):
        visitor = str(uuid.uuid4())
        views = [seen(captured, visitor, after=n) for n in range(20)]
        post = form(captured, visitor, fields={"phone": f"0912000{turn:04d}"})
        slices: list[Sequence[Event]] = [views[n : n + size] for n in range(0, 20, size)]
        slices.insert(len(slices) // 2, [post])
        slices.insert(0, [form(captured, visitor, fields={"email": f"e{turn}@mail.example"})])
        found = await asyncio.gather(
            *(told(services[n % 4], *part) for n, part in enumerate(slices))
        )
        ids = [activity.submission_id for part in found for activity in part]
        assert sorted(ids, key=str) == sorted((view.key for view in views), key=str)
    assert await services[0].count("visit_keys") == 0


async def test_a_repeat_of_a_visit_or_a_form_tells_nothing_twice(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    visit, post = seen(captured, visitor), form(captured, visitor)
    assert len(await told(service, visit, post)) == 1
    assert await told(service, visit, post) == []
    (again,) = await service.take(msgspec.structs.replace(visit, round=1))
    other = form(captured, visitor, fields={"email": "b@mail.example"}, after=99)
    assert await told(service, other) == []
    (replayed,) = await service.take(msgspec.structs.replace(visit, round=2))
    assert [e.id for e in again.events][1] == [e.id for e in replayed.events][1]


async def test_on_a_shared_browser_earlier_visits_are_the_firsts_and_later_ones_the_lasts(
    service: Service, captured: Captured
) -> None:
    kiosk = str(uuid.uuid4())
    people = []
    await service.take(seen(captured, kiosk))
    for n in range(3):
        fields = {"phone": f"0912111222{n}"}
        (known,) = await service.enriched(form(captured, kiosk, fields=fields, after=10 + n))
        (activity,) = await told(service, seen(captured, kiosk, after=20 + n))
        assert activity.person_id == known.person_id
        people.append(known)
    assert len({known.person_id for known in people}) == 3
    assert all(known.joined == () for known in people)
    rows = await service.rows(
        "SELECT v.person_id::text FROM enrichment.visits v JOIN enrichment.submissions s"
        " ON s.id = v.submission_id ORDER BY s.received_at"
    )
    assert [row[0] for row in rows] == [people[n].person_id for n in (0, 0, 1, 2)]


async def test_a_form_that_comes_late_takes_no_browser_from_who_came_after(
    service: Service, captured: Captured
) -> None:
    browser = str(uuid.uuid4())
    (later,) = await service.enriched(form(captured, browser, after=100))
    await service.enriched(form(captured, browser, fields={"email": "a@mail.example"}, after=50))
    (activity,) = await told(service, seen(captured, browser, after=120))
    assert activity.person_id == later.person_id


async def test_rule_16_what_is_held_claims_no_visit_until_it_is_released(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    await service.take(seen(captured, visitor))
    held = form(captured, visitor, signs=("honeypot",))
    assert await told(service, held) == []
    assert (
        await service.rows("SELECT 1 FROM enrichment.identifiers WHERE person_id IS NOT NULL") == []
    )
    (activity,) = await told(service, decided("released", held.key, 1))
    assert activity.type == "page_view"


@pytest.mark.parametrize("sign", [{"signs": ("rate",)}, {"agent": "Googlebot/2.1"}])
async def test_what_a_robot_does_is_kept_and_is_nobodys(
    service: Service, captured: Captured, sign: dict[str, Any]
) -> None:
    agent = sign.pop("agent", None)
    client = Client(user_agent=agent)
    visitor = str(uuid.uuid4())
    await service.enriched(form(captured, visitor))
    visit = seen(captured, visitor, client=client, after=20, **sign)
    (enriched,) = await service.enriched(visit)
    assert (enriched.outcome, enriched.person_id) == ("activity", None)
    assert await service.count("visit_keys") == 0


async def test_a_scan_joins_the_form_that_names_it(service: Service, captured: Captured) -> None:
    await service.take(scanned(captured, "tok-1"))
    answers = await service.take(form(captured, scan="tok-1"))
    enriched, activity = (event.data for event in answers[0].events)
    assert isinstance(enriched, SubmissionEnriched)
    assert isinstance(activity, Activity)
    came = enriched.touch.attribution
    assert (came.qr, came.page, came.utm) == ("expo26", "nil.example/contact", {"campaign": "expo"})
    assert (activity.type, activity.data) == ("qr_scan", {"qr": "expo26"})
    shared = form(captured, scan="tok-1", fields={"email": "b@mail.example"}, after=30)
    (second,) = await service.enriched(shared)
    assert second.touch.attribution.qr == "expo26"
    assert second.person_id != enriched.person_id
    assert await told(service, form(captured, scan="tok-2", after=40)) == []


async def test_a_scan_comes_along_with_the_visitor_whom_it_led(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    await service.take(scanned(captured, "tok"))
    await service.take(seen(captured, visitor, scan="tok"))
    found = await told(service, form(captured, visitor))
    assert sorted(activity.type for activity in found) == ["page_view", "qr_scan"]


async def test_a_key_of_ours_names_persons_by_their_contacts(
    service: Service, captured: Captured
) -> None:
    by_key = {"source": "shop", "source_kind": "api", "activity": "trial_start"}
    await service.take(seen(captured, None, fields=PHONE, page=None, **by_key))
    (activity,) = await told(service, form(captured))
    assert (activity.type, activity.page) == ("trial_start", None)
    person = str(activity.person_id)
    (named,) = await told(service, seen(captured, None, fields={"person_id": person}, **by_key))
    assert named.person_id == person
    unknown = seen(captured, None, fields={"person_id": str(uuid.uuid4())}, **by_key)
    assert await told(service, unknown) == []
    assert await service.count("persons") == 1


async def test_what_scripts_send_for_no_visitor_is_no_visitor(
    service: Service, captured: Captured
) -> None:
    await service.take(seen(captured, "undefined"))
    assert await told(service, form(captured, "undefined")) == []


async def test_a_crowd_of_visits_is_told_in_turns(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.enrichment.journey.MOST_AT_ONCE", 4)
    visitor = str(uuid.uuid4())
    views = [seen(captured, visitor, after=n) for n in range(10)]
    await service.take(*views)
    found = await told(service, form(captured, visitor, after=90))
    assert [activity.submission_id for activity in found] == [view.key for view in views[6:]]
    for left in (4, 2):
        (due,) = await due_timers(service)
        assert visits.turn_of(due) is not None
        found = await told(service, due)
        assert len(found) == left
    assert await due_timers(service) == []
    assert await service.count("visit_keys") == 0


async def test_a_visit_that_is_replayed_before_its_turn_is_told_once(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.enrichment.journey.MOST_AT_ONCE", 1)
    visitor = str(uuid.uuid4())
    older, latest = seen(captured, visitor), seen(captured, visitor, after=1)
    await service.take(older, latest)
    (first,) = await told(service, form(captured, visitor))
    (second,) = await told(service, msgspec.structs.replace(older, round=1))
    assert [first.submission_id, second.submission_id] == [latest.key, older.key]
    assert await told(service, *await due_timers(service)) == []


async def due_timers(service: Service) -> list[Event]:
    """The events of timers that are due, taken as the loop takes them."""
    async with service.database.transaction() as tx:
        entries = await timers.claim_due(tx, "enrichment", START + timedelta(days=9999))
    answers = [answer for entry in entries for answer in entry.answers]
    assert all(isinstance(answer, Record) for answer in answers)
    return [decode(answer) for answer in answers]


async def test_old_visits_of_nobody_are_forgotten_and_still_counted(
    service: Service, captured: Captured
) -> None:
    old, known = str(uuid.uuid4()), str(uuid.uuid4())
    await service.take(seen(captured, old, extra={"data": {"q": "x"}}), seen(captured, known))
    await service.take(scanned(captured, "tok"), form(captured, known))
    await service.take(seen(captured, old, after=1000))
    async with service.database.transaction() as tx:
        assert await forget(tx, START + timedelta(seconds=500), 100) == 2
    left = await service.rows(
        "SELECT person_id IS NOT NULL, raw = '' AND NOT captured ? 'attribution'"
        " FROM enrichment.submissions WHERE kind <> 'form' ORDER BY received_at, 2"
    )
    assert sorted(map(tuple, left)) == [(False, False)] * 2 + [(False, True)] * 2
    assert await service.count("scans") == 0
    kinds = await service.rows("SELECT kind FROM enrichment.identifiers ORDER BY kind")
    assert [row.kind for row in kinds] == ["phone", "visitor", "visitor"]
    assert await service.count("ledger") == 5
    assert len(await told(service, form(captured, old, fields={"email": "o@mail.example"}))) == 1
