"""Visits that still wait for their person when that person is erased."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from libs.common.events import Activity, Event, SubmissionEnriched
from tests.integration.enrichment import test_erasing
from tests.integration.enrichment.conftest import Captured, Service
from tests.integration.enrichment.test_erasing import HOOK, asked, withdrawn
from tests.integration.enrichment.test_visits import due_timers, form, scanned, seen, told

CANARY = {"data": {"q": "بهار کاناری"}}
OTHER = {"email": "other@mail.example"}


async def leaks(service: Service) -> list[str]:
    """Rows in which something of the visits is left, and visits that wait under no identifier."""
    orphans = await service.rows("""
        SELECT k.kind || ':' || k.value FROM enrichment.visit_keys k WHERE NOT EXISTS (
            SELECT FROM enrichment.identifiers i WHERE i.kind = k.kind AND i.value = k.value)
    """)
    return [*await test_erasing.leaks(service), *(row[0] for row in orphans)]


async def ended(service: Service, *batch: Event) -> list[str]:
    """The submissions of whose end one slice tells, under their own keys."""
    found = [event for answer in await service.take(*batch) for event in answer.events]
    return [
        event.data.submission_id
        for event in found
        if isinstance(event.data, SubmissionEnriched) and event.data.outcome == "erased"
        if event.key == event.data.submission_id
    ]


async def crowd(service: Service, captured: Captured, visitor: str, number: int = 7) -> set[str]:
    views = [
        seen(captured, visitor, after=n, extra=CANARY, body=f"بهار کاناری {n}".encode())
        for n in range(number)
    ]
    await service.take(*views)
    return {view.key for view in views}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two visits a slice: whatever else there is waits for its turn."""
    monkeypatch.setattr("services.enrichment.journey.MOST_AT_ONCE", 2)
    monkeypatch.setattr("services.enrichment.ending.MOST_AT_ONCE", 2, raising=False)


@pytest.mark.usefixtures("few")
async def test_rule_29_visits_that_wait_for_an_erased_person_go_with_them(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    views = await crowd(service, captured, visitor)
    (known,) = await service.enriched(form(captured, visitor, after=90))
    heard = await ended(service, asked(known.person_id or ""))
    assert await leaks(service) == []
    assert await service.count("visit_keys") == await service.count("identifiers") == 0
    assert await told(service, form(captured, visitor, fields=OTHER, after=99)) == []
    while timers := await due_timers(service):
        part = await ended(service, *timers)
        assert len(part) <= 2 * len(timers)
        heard += part
    assert len(heard) == len(views)
    assert set(heard) == views
    assert await service.count("visits") == 0


@pytest.mark.usefixtures("few")
async def test_rule_29_visits_of_the_first_go_though_the_browser_is_somebody_elses_by_now(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    await crowd(service, captured, visitor)
    (first,) = await service.enriched(form(captured, visitor, after=90))
    (second,) = await service.enriched(form(captured, visitor, fields=OTHER, after=95))
    await service.take(asked(first.person_id or ""))
    assert await leaks(service) == []
    (visit,) = await told(service, seen(captured, visitor, after=120))
    assert visit.person_id == second.person_id


@pytest.mark.usefixtures("few")
async def test_rule_29_whoever_came_last_on_a_browser_takes_no_visits_of_the_first_along(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    views = await crowd(service, captured, visitor)
    await service.take(form(captured, visitor, after=90))
    (first,) = await service.rows("SELECT person_id::text FROM enrichment.touches")
    (second,) = await service.enriched(form(captured, visitor, fields=OTHER, after=95))
    assert await ended(service, asked(second.person_id or "")) == []
    third = form(captured, visitor, fields={"email": "third@mail.example"}, after=99)
    assert await told(service, third) == []
    heard: list[Activity] = []
    while timers := await due_timers(service):
        heard += await told(service, *timers)
    assert {one.person_id for one in heard} == {first[0]}
    assert len(heard) == len(views) - 2


@pytest.mark.usefixtures("few")
async def test_rule_29_what_waits_by_a_submission_taken_back_goes_with_it(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    views = await crowd(service, captured, visitor)
    gone = form(captured, visitor, after=90, **HOOK)
    before = await told(service, gone)
    await service.take(form(captured, after=99))
    heard = await ended(service, withdrawn(captured, gone.key))
    while timers := await due_timers(service):
        heard += await ended(service, *timers)
    assert set(heard) == views - {str(one.submission_id) for one in before}
    left = await service.rows(
        "SELECT 1 FROM enrichment.submissions WHERE kind = 'activity' AND outcome <> 'erased'"
    )
    assert len(left) == len(before)
    assert await service.count("visit_keys") == 0
    assert await told(service, form(captured, visitor, fields=OTHER, after=120)) == []


async def test_rule_29_a_scan_that_waits_with_them_leaves_no_key(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.enrichment.journey.MOST_AT_ONCE", 1)
    visitor = str(uuid.uuid4())
    await service.take(scanned(captured, "visitor-7"))
    await service.take(seen(captured, visitor, scan="visitor-7", after=1))
    (known,) = await service.enriched(form(captured, visitor, after=90))
    await service.take(asked(known.person_id or ""))
    assert await leaks(service) == []
    for table in ("identifiers", "scans", "visit_keys"):
        assert await service.count(table) == 0


@pytest.mark.usefixtures("few")
async def test_rule_29_visits_that_are_fetched_and_erased_at_once_leave_nothing(
    database: Any, captured: Captured
) -> None:
    services = [Service(database) for _ in range(3)]
    for turn in range(5):
        visitor = str(uuid.uuid4())
        await crowd(services[0], captured, visitor)
        fields = {"phone": f"0912000{turn:04d}"}
        (known,) = await services[0].enriched(form(captured, visitor, fields=fields, after=90))
        late = seen(captured, visitor, after=95, extra=CANARY, body=b"late")
        other = form(captured, visitor, fields={"email": f"o{turn}@mail.example"}, after=99)
        await asyncio.gather(
            services[0].take(*await due_timers(services[0])),
            services[1].take(asked(known.person_id or "")),
            services[2].take(other),
        )
        heard = await told(services[2], late)
        assert {one.submission_id for one in heard} == {late.key}
        orphans = await leaks(services[0])
        assert [one for one in orphans if late.key not in one] == []
        await services[0].take(asked(str(heard[0].person_id)))
        assert await leaks(services[0]) == []
