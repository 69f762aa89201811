"""A scan that is read after the form that names it: the form learns its code."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.database.transaction import Transaction
from libs.common.erasing import erasure_in
from libs.common.errors import Retry
from libs.common.events import Activity, Event, derived_id
from services.enrichment.late_scan import fact_of
from services.enrichment.store.forgetting import forget
from tests.integration.enrichment.conftest import START, Captured, Service, decided
from tests.integration.enrichment.test_erasing import asked
from tests.integration.enrichment.test_visits import form, scanned

_CODES = """
    SELECT submission_id, attribution ->> 'qr' AS code FROM enrichment.touches
    ORDER BY at, submission_id
"""


async def learnt(service: Service, *batch: Event) -> list[Event]:
    """What one slice tells of touches whose scan it brings."""
    events = [event for answer in await service.take(*batch) for event in answer.events]
    return [e for e in events if isinstance(e.data, Activity) and e.data.data.get("scanned")]


def touch_in(event: Event) -> dict[str, Any]:
    assert isinstance(event.data, Activity)
    touch = event.data.data["touch"]
    assert isinstance(touch, dict)
    return touch


async def codes(service: Service) -> list[str | None]:
    return [row.code for row in await service.rows(_CODES)]


async def test_a_form_that_is_read_before_its_scan_learns_its_code(
    service: Service, captured: Captured
) -> None:
    post, scan = form(captured, scan="t"), scanned(captured, "t")
    (known,) = await service.enriched(post)
    assert known.touch.attribution.qr is None
    (told,) = await learnt(service, scan)
    data = told.data
    assert isinstance(data, Activity)
    assert (data.type, data.person_id, told.key) == (
        "submission.resent", known.person_id, known.person_id,
    )  # fmt: skip
    assert (data.submission_id, data.at) == (post.key, known.touch.at)
    assert data.data["supplement"] is True
    assert not data.data.keys() & {"person", "person_version", "contact"}
    came = touch_in(told)["attribution"]
    assert (came["qr"], came["scan"], came["utm"]) == ("expo26", "t", {"campaign": "expo"})
    assert came["page"] == "nil.example/contact", "what it says itself stays"
    assert data.data["brought"]["phone"] == "+989123456789"
    assert await codes(service) == ["expo26"]
    assert await service.count("unscanned") == 0


async def test_a_form_and_its_scan_in_one_slice_or_in_order_need_no_further_word(
    service: Service, captured: Captured
) -> None:
    for n, batches in enumerate((["FS"], ["SF"], ["S", "F"])):
        deeds = {"F": form(captured, scan=f"t{n}"), "S": scanned(captured, f"t{n}")}
        for batch in batches:
            assert await learnt(service, *(deeds[letter] for letter in batch)) == []
    assert await codes(service) == ["expo26"] * 3
    assert await service.count("unscanned") == 0


async def test_a_form_and_its_scan_in_two_processes_at_once(
    database: Database, captured: Captured
) -> None:
    services = [Service(database) for _ in range(2)]
    for n in range(30):
        post, scan = form(captured, scan=f"t{n}"), scanned(captured, f"t{n}")
        told = await asyncio.gather(learnt(services[0], post), learnt(services[1], scan))
        after = [event for events in told for event in events]
        (row,) = await services[0].rows(
            "SELECT attribution ->> 'qr' AS code FROM enrichment.touches WHERE id = :id",
            id=post.key,
        )
        assert row.code == "expo26"
        assert len(after) <= 1
    assert await services[0].count("unscanned") == 0


async def somebody_waits(database: Database) -> None:
    """Until a statement waits for what another transaction holds."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    async with asyncio.timeout(60):
        while True:
            async with database.transaction() as tx:
                if await tx.scalar(text(waiting)):
                    return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("is_form_first", [True, False])
async def test_rule_13_of_a_form_and_a_scan_at_one_moment_the_second_sees_the_first(
    database: Database, captured: Captured, *, is_form_first: bool
) -> None:
    one, other = Service(database), Service(database)
    deeds = [form(captured, scan="t"), scanned(captured, "t")]
    first, second = deeds if is_form_first else reversed(deeds)
    async with database.transaction() as tx:
        await one.stage.handle(tx, [first])
        task = asyncio.create_task(learnt(other, second))
        await somebody_waits(database)
    assert len(await task) == int(is_form_first)
    assert await codes(one) == ["expo26"]
    assert await one.count("unscanned") == 0


async def test_rule_12_a_submission_that_somebody_else_holds_is_not_waited_for(
    service: Service, database: Database, captured: Captured
) -> None:
    post, scan = form(captured, scan="t"), scanned(captured, "t")
    await service.take(post)
    lock = text("SELECT FROM enrichment.submissions WHERE id = CAST(:id AS uuid) FOR UPDATE")
    async with database.transaction() as held:
        await held.execute(lock, {"id": post.key})
        with pytest.raises(Retry):
            async with database.transaction() as tx:
                await service.stage.handle(tx, [scan])
    assert len(await learnt(service, scan)) == 1


async def test_a_scan_or_form_that_is_read_again_says_nothing_more(
    service: Service, captured: Captured
) -> None:
    post, scan = form(captured, scan="t"), scanned(captured, "t")
    await service.take(post)
    assert len(await learnt(service, scan)) == 1
    again = msgspec.structs.replace(scan, round=1), msgspec.structs.replace(post, round=1)
    for event in (scan, post, *again):
        assert await learnt(service, event) == []
    assert await codes(service) == ["expo26"]


async def test_two_forms_with_one_token_learn_both(service: Service, captured: Captured) -> None:
    posts = [
        form(captured, scan="t", fields={"email": f"{n}@nil.example"}, after=n) for n in (1, 2)
    ]
    known = [one for post in posts for one in await service.enriched(post)]
    told = await learnt(service, scanned(captured, "t"))
    assert {event.key for event in told} == {one.person_id for one in known}
    assert {touch_in(event)["submission_id"] for event in told} == {post.key for post in posts}
    assert len({event.id for event in told}) == 2
    assert await codes(service) == ["expo26", "expo26"]


async def test_rule_16_what_is_held_learns_its_code_and_passes_it_on_when_released(
    service: Service, captured: Captured
) -> None:
    post = form(captured, scan="t", signs=("honeypot",))
    (held,) = await service.enriched(post)
    assert held.outcome == "quarantined"
    (told,) = await learnt(service, scanned(captured, "t"))
    assert isinstance(told.data, Activity)
    assert (told.data.person_id, told.key) == (None, post.key)
    came = touch_in(told)["attribution"]
    assert (came["qr"], came["page"]) == ("expo26", "nil.example/contact")
    (released,) = await service.enriched(decided("released", post.key, 1))
    assert released.touch.attribution.qr == "expo26"
    assert await codes(service) == ["expo26"]


async def test_what_is_released_before_its_scan_is_read_learns_it_then(
    service: Service, captured: Captured
) -> None:
    post = form(captured, scan="t", signs=("honeypot",))
    await service.take(post)
    (released,) = await service.enriched(decided("released", post.key, 1))
    (told,) = await learnt(service, scanned(captured, "t"))
    assert (told.key, told.round) == (released.person_id, 1)
    assert await codes(service) == ["expo26"]


async def test_what_was_discarded_learns_nothing(service: Service, captured: Captured) -> None:
    post = form(captured, scan="t", signs=("honeypot",))
    await service.take(post)
    await service.take(decided("discarded", post.key, 1))
    assert await learnt(service, scanned(captured, "t")) == []


async def test_who_joined_another_meanwhile_is_told_of_as_who_they_are_now(
    service: Service, captured: Captured
) -> None:
    (older,) = await service.enriched(form(captured, fields={"email": "a@nil.example"}, after=0))
    (named,) = await service.enriched(form(captured, scan="t", after=1))
    both = {"email": "a@nil.example", "phone": "09123456789"}
    (joined,) = await service.enriched(form(captured, fields=both, after=2))
    assert joined.person_id == older.person_id != named.person_id
    (told,) = await learnt(service, scanned(captured, "t"))
    assert told.key == older.person_id


async def test_a_changed_resend_that_names_the_scan_learns_it_beside_its_submission(
    service: Service, captured: Captured
) -> None:
    platform = {"key_owner": "platform"}
    post = form(captured, **platform)
    fields = {"phone": "09123456789", "company": "نیل"}
    again = form(captured, scan="t", fields=fields, submission_id=post.key, **platform)
    await service.take(post)
    (answer,) = await service.take(again)
    (told,) = await learnt(service, scanned(captured, "t"))
    assert isinstance(told.data, Activity)
    assert told.data.activity_id == fact_of(again.id)
    assert told.data.data["of"] == answer.events[0].id, "whoever reads it first waits for that"
    assert "brought" not in told.data.data, "the submission itself came by no code"
    rows = await service.rows("SELECT id, attribution ->> 'qr' AS code FROM enrichment.touches")
    assert {(str(row.id), row.code) for row in rows} == {(post.key, None), (again.id, "expo26")}


async def test_rule_29_what_was_erased_waits_for_no_scan(
    service: Service, captured: Captured
) -> None:
    (known,) = await service.enriched(form(captured, scan="t"))
    await service.take(asked(known.person_id or ""))
    assert await service.count("unscanned") == 0
    assert await learnt(service, scanned(captured, "t")) == []


async def test_rule_29_an_erased_submission_takes_with_it_what_was_learnt_of_its_scan(
    service: Service, captured: Captured
) -> None:
    stays, post = form(captured), form(captured, scan="t", after=11)
    await service.take(stays)
    await service.take(post)
    await service.take(scanned(captured, "t"))
    assert not isinstance(post.data, Activity)
    back = msgspec.structs.replace(post.data, withdrawn=True)
    event = msgspec.structs.replace(post, id=derived_id("back", post.key), data=back)
    events = [one for answer in await service.take(event) for one in answer.events]
    told = {fact for one in events if (e := erasure_in(one.data)) for fact in e.told}
    assert fact_of(post.key) in told


async def test_a_crowd_that_posts_one_token_is_not_kept_for_its_scan_and_age_ends_it(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.enrichment.store.unscanned.MOST", 3)
    for n in range(6):
        await service.take(form(captured, scan="t", fields={"email": f"{n}@nil.example"}))
    assert await service.count("unscanned") == 3
    async with service.database.transaction() as tx:
        await forget(tx, START + timedelta(seconds=5), 100)
    assert await service.count("unscanned") == 3
    async with service.database.transaction() as tx:
        await forget(tx, START + timedelta(seconds=50), 100)
    assert await service.count("unscanned") == 0


async def test_what_names_no_scan_costs_no_statement_more(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asks(*events: Event) -> int:
        asked_for = 0
        execute = Transaction.execute

        async def counted(tx: Transaction, *args: Any, **values: Any) -> Any:
            nonlocal asked_for
            asked_for += "unscanned" in str(args[0])
            return await execute(tx, *args, **values)

        monkeypatch.setattr(Transaction, "execute", counted)
        await service.take(*events)
        monkeypatch.undo()
        return asked_for

    forms = [form(captured, fields={"email": f"{n}@nil.example"}) for n in range(20)]
    assert await asks(*forms) == 0
    tokens = [str(uuid.uuid4()) for _ in range(20)]
    assert await asks(*(scanned(captured, token) for token in tokens)) == 1
    named = [form(captured, scan=t, fields={"email": f"{t}@nil.example"}) for t in tokens]
    assert await asks(*named) == 0
