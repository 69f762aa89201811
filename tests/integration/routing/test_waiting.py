"""Leads that nobody can be given now: they wait in order, and are given away when a seat frees."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import msgspec

from libs.common.events import Lead
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.waiting import (
    ONE_SEAT,
    WEEK,
    a_file,
    counts_are_true,
    look,
    offered,
    owner,
    pause,
)

HOLD = a_file("  outside_hours: hold\n", organisation=f", working_week: {{{WEEK}}}")


async def test_rule_12_a_seat_that_frees_is_offered_and_decided_in_the_persons_own_turn(
    routing: Routing,
) -> None:
    routing.configure(ONE_SEAT)
    first = await routing.lead(routing.scored(new_id()))
    person = new_id()
    [routed] = await routing.routed(routing.scored(person))
    waiting = routed.lead.waiting
    assert (owner(first), owner(routed.lead), routed.outcome) == ("sara", None, "waiting")
    assert waiting
    assert (waiting.reason, waiting.team, waiting.until) == ("capacity", "seo", None)
    assert routed.changes[1].text.fa == "در صف ماند، چون ظرفیت همه پر است"
    reasons = {s["specialist"]: s["reason"] for s in routed.changes[1].data["skipped"]}
    assert reasons == {"sara": "is full: 1 open leads of 1", "ali": "is on leave"}
    assert await routing.rows("SELECT state FROM routing.ledger ORDER BY at") == [
        ("assigned",),
        ("waiting",),
    ]
    routing.later(minutes=130)
    [seat] = offered(await routing.feed(routing.act(first, "staff.won")))
    assert seat.key == person
    [given] = await routing.routed(seat)
    assert (owner(given.lead), given.outcome, given.lead.waiting) == ("sara", "assigned", None)
    assert given.submission_id == routed.submission_id
    assert given.changes[0].text.en.endswith("after a wait of 2 h 10 min")
    assert await routing.feed(seat) == []
    await counts_are_true(routing)


async def test_rule_18_an_offer_of_a_seat_that_is_gone_keeps_the_place(routing: Routing) -> None:
    routing.configure(ONE_SEAT)
    first = await routing.lead(routing.scored(new_id()))
    waits = await routing.lead(routing.scored(new_id()))
    [seat] = offered(await routing.feed(routing.act(first, "staff.lost", reason="x")))
    await routing.feed(routing.act(first, "staff.reopened"))
    assert await routing.routed(seat) == []
    rows = await routing.rows("SELECT CAST(lead_id AS text) FROM routing.waiting")
    assert rows == [(waits.id,)]
    await counts_are_true(routing)


async def test_hottest_first_then_oldest_and_new_ones_queue_behind(routing: Routing) -> None:
    routing.configure(ONE_SEAT)
    holder = await routing.lead(routing.scored(new_id()))
    names: dict[str, str] = {}
    for name in ("cold", "warm", "hot", "cold"):
        routing.later(minutes=1)
        lead = await routing.lead(routing.scored(new_id(), temperature=name))
        names[lead.id] = name + ("" if name not in names.values() else "2")
    heated = next(lead_id for lead_id, name in names.items() if name == "cold2")
    [person] = await routing.rows(
        "SELECT CAST(person_id AS text) AS id FROM routing.leads WHERE id = :id", id=heated
    )
    await routing.feed(routing.rescored(person.id, total=70, temperature="hot"))
    order = []
    for _ in range(4):
        answers = await routing.feed(routing.act(holder, "staff.won"))
        [seat] = offered(answers)
        late = await routing.lead(routing.scored(new_id(), temperature="cold"))
        assert owner(late) is None, "a seat that is offered is not for who comes later"
        routing.later(seconds=1)
        holder = await routing.lead(seat)
        order.append(names[holder.id])
    assert order == ["hot", "cold2", "warm", "cold"]
    await counts_are_true(routing)


async def test_a_cold_lead_that_waits_long_is_not_overtaken_for_ever(routing: Routing) -> None:
    routing.configure(ONE_SEAT)
    holder = await routing.lead(routing.scored(new_id()))
    old = await routing.lead(routing.scored(new_id(), temperature="cold"))
    routing.later(days=2, minutes=1)
    await routing.feed(routing.scored(new_id(), temperature="hot"))
    [seat] = offered(await routing.feed(routing.act(holder, "staff.won")))
    assert (await routing.lead(seat)).id == old.id


async def test_outside_hours_a_lead_is_held_until_the_opening(routing: Routing) -> None:
    routing.configure(HOLD)
    routing.now = datetime.fromisoformat("2026-11-25T19:00:00+03:30")  # Wednesday evening
    [held] = await routing.routed(routing.scored(new_id()))
    waiting = held.lead.waiting
    assert waiting
    assert (held.outcome, waiting.reason) == ("waiting", "hours")
    assert waiting.until == datetime.fromisoformat("2026-11-28T10:00:00+03:30")
    assert held.changes[1].text.en == "Waits in the queue, because nobody is at work now"
    assert await look(routing) == []
    routing.now = waiting.until
    [seat] = await look(routing)
    assert await look(routing) == [], "one seat is not offered twice at once"
    given = await routing.lead(seat)
    assert owner(given) == "sara"
    assert given.deadline is None


async def test_rule_12_two_processes_never_exceed_a_limit_and_leave_nobody(
    routing: Routing,
) -> None:
    routing.configure(a_file(sara=", capacity: {open: 3}", ali=", capacity: {open: 2}"))
    stages = [routing.new_stage() for _ in range(2)]
    persons = [new_id() for _ in range(40)]
    await asyncio.gather(
        *(routing.feed(routing.scored(p), stage=stages[n % 2]) for n, p in enumerate(persons))
    )
    rounds = 0
    while await routing.rows("SELECT lead_id FROM routing.waiting"):
        rounds += 1
        assert rounds < 60
        await _is_within_limits(routing)
        held = await routing.rows(
            "SELECT CAST(content->'lead' AS text) AS lead FROM routing.leads"
            " WHERE state = 'open' AND specialist IS NOT NULL ORDER BY id LIMIT 2"
        )
        leads = [msgspec.json.decode(row.lead, type=Lead) for row in held]
        answers = await asyncio.gather(
            *(
                routing.feed(routing.act(x, "staff.won"), stage=stages[n])
                for n, x in enumerate(leads)
            )
        )
        seats = offered([event for found in answers for event in found])
        await asyncio.gather(
            *(routing.feed(seat, stage=stages[n % 2]) for n, seat in enumerate(seats))
        )
        routing.later(seconds=6)
        await asyncio.gather(*(routing.feed(seat) for seat in await look(routing)))
    await _is_within_limits(routing)
    await counts_are_true(routing)
    rows = await routing.rows("SELECT count(*) FROM routing.submissions WHERE state = 'assigned'")
    assert rows == [(40,)]


async def _is_within_limits(routing: Routing) -> None:
    rows = await routing.rows(
        "SELECT specialist, count(*) FROM routing.leads WHERE state = 'open' GROUP BY 1"
    )
    found = {row[0]: row[1] for row in rows}
    assert found.get("sara", 0) <= 3
    assert found.get("ali", 0) <= 2


async def test_the_limit_of_a_day_ends_at_midnight(routing: Routing) -> None:
    routing.configure(a_file(sara=", capacity: {per_day: 1}", ali=", capacity: {per_day: 0}"))
    await routing.feed(routing.scored(new_id()))
    waits = await routing.lead(routing.scored(new_id()))
    assert owner(waits) is None
    assert await look(routing) == []
    routing.now = datetime.fromisoformat("2026-11-23T00:00:00+03:30")
    [seat] = await look(routing)
    given = await routing.lead(seat)
    assert given.assignment
    [ali] = given.assignment.skipped
    assert (owner(given), ali.reason.en) == ("sara", "has had today's share: 0 leads")
    await counts_are_true(routing)


async def test_a_waiting_lead_moves_with_a_changed_configuration(routing: Routing) -> None:
    routing.configure(ONE_SEAT)
    await routing.feed(routing.scored(new_id()), routing.scored(new_id()))
    assert await look(routing) == []
    routing.configure(ONE_SEAT.replace("team: seo}", "team: reception}"))
    await routing.rows("UPDATE routing.waiting SET config_version = -1 RETURNING lead_id")
    [seat] = await look(routing)
    given = await routing.lead(seat)
    assert (owner(given), given.waiting) == ("mina", None)


NIGHT = ', hours: {sun: ["20:00-24:00"]}'


async def test_held_leads_wait_for_their_own_team_while_others_are_at_work(
    routing: Routing,
) -> None:
    routing.configure(a_file("  outside_hours: hold\n", sara=NIGHT, ali=NIGHT))
    lead = await routing.lead(routing.scored(new_id()))
    assert lead.waiting
    opening = datetime.fromisoformat("2026-11-22T20:00:00+03:30")
    assert (lead.waiting.team, lead.waiting.until) == ("seo", opening)
    assert await look(routing) == []
    routing.now = opening
    [seat] = await look(routing)
    assert owner(await routing.lead(seat)) == "sara"
    routing.now = opening - timedelta(hours=2)
    for who in ("sara", "ali"):
        await routing.feed(pause(routing, "paused", who))
    assert owner(await routing.lead(routing.scored(new_id()))) == "mina", "nobody is ever back"


async def test_held_leads_wait_for_the_end_of_a_leave(routing: Routing) -> None:
    away = ", away: [{from: 2026-11-20, to: 2026-11-23}]"
    routing.configure(a_file("  outside_hours: hold\n", sara=away, ali=away))
    lead = await routing.lead(routing.scored(new_id()))
    assert lead.waiting
    assert lead.waiting.until == datetime.fromisoformat("2026-11-24T00:00:00+03:30")


async def test_a_wait_of_seconds_is_no_wait_of_0_minutes(routing: Routing) -> None:
    routing.configure(ONE_SEAT)
    first = await routing.lead(routing.scored(new_id()))
    await routing.feed(routing.scored(new_id()))
    routing.later(seconds=40)
    [seat] = offered(await routing.feed(routing.act(first, "staff.won")))
    [given] = await routing.routed(seat)
    assert given.changes[0].text.fa.endswith("پس از کمتر از یک دقیقه انتظار")


async def test_all_on_leave_or_paused_falls_to_the_fallback_team_and_else_waits(
    routing: Routing,
) -> None:
    away = ", away: [{from: 2026-11-20, to: 2026-11-23}]"
    routing.configure(a_file(sara=away, ali=away))
    lead = await routing.lead(routing.scored(new_id()))
    assert lead.assignment
    assert lead.assignment.why.fa == (
        "چون از صفحهٔ سئو آمده، ولی تیم سئو کسی را در دسترس نداشت"
        " و در reception که به جای آن است نوبت Mina بود"
    )
    assert (owner(lead), lead.assignment.team) == ("mina", "reception")
    assert {s.specialist for s in lead.assignment.skipped} == {"sara", "ali"}
    await routing.feed(pause(routing, "paused", "mina"))
    waits = await routing.lead(routing.scored(new_id()))
    assert waits.waiting
    back = datetime.fromisoformat("2026-11-24T00:00:00+03:30")
    assert (waits.waiting.reason, waits.waiting.until) == ("hours", back)
    assert waits.waiting.why.fa == "چون همه در مرخصی‌اند یا موقتاً کنار گذاشته شده‌اند"
    resumed = pause(routing, "resumed", "mina")
    [seat] = offered(await routing.feed(resumed))
    assert owner(await routing.lead(seat)) == "mina"
    await counts_are_true(routing)


async def test_a_pause_ends_by_itself_and_an_older_decision_is_void(routing: Routing) -> None:
    routing.configure(a_file())
    until = routing.now + timedelta(hours=1)
    late = pause(routing, "resumed", "sara")
    routing.later(seconds=1)
    await routing.feed(pause(routing, "paused", "sara", until.isoformat()))
    await routing.feed(late, pause(routing, "paused", "", "never"))
    lead = await routing.lead(routing.scored(new_id()))
    assert lead.assignment
    assert [(s.specialist, s.reason.fa) for s in lead.assignment.skipped] == [
        ("sara", "موقتاً کنار است")
    ]
    routing.now = until
    assert owner(await routing.lead(routing.scored(new_id()))) == "sara"


async def test_outside_hours_assign_goes_by_turn_and_the_clock_starts_at_opening(
    routing: Routing,
) -> None:
    sla = "  sla: {accept_within: 10m}\n"
    routing.configure(a_file(sla, organisation=f", working_week: {{{WEEK}}}"))
    routing.now = datetime.fromisoformat("2026-11-25T20:00:00+03:30")
    leads = [await routing.lead(routing.scored(new_id())) for _ in range(2)]
    assert [owner(lead) for lead in leads] == ["sara", "ali"]
    opening = datetime.fromisoformat("2026-11-28T10:00:00+03:30")
    deadline = leads[0].deadline
    assert deadline
    assert (deadline.since, deadline.due_at) == (opening, opening + timedelta(minutes=10))
    assert deadline.half_at == opening + timedelta(minutes=5)
    assert deadline.last_fifth_at == opening + timedelta(minutes=8)


async def test_those_at_work_come_first(routing: Routing) -> None:
    night = ', hours: {sun: ["18:00-24:00"]}'
    routing.configure(a_file(sara=night))
    leads = [await routing.lead(routing.scored(new_id())) for _ in range(2)]
    assert [owner(lead) for lead in leads] == ["ali", "ali"]
    assert leads[0].assignment
    assert leads[0].assignment.skipped[0].reason.fa == "بیرون از ساعت کاری‌اش است"
