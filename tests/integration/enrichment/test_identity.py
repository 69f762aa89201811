from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from typing import Any

import pytest

from libs.common.database import Database
from libs.common.events import Attribution, digest
from services.enrichment.identify import Identifier
from services.enrichment.store import identity
from tests.integration.enrichment.conftest import Captured, Service

SIX = (
    "09123456789",
    "9123456789",
    "989123456789",
    "00989123456789",
    "+98 912 345 6789",
    "۰۹۱۲ ۳۴۵ ۶۷۸۹",
)


async def test_rule_13_fifty_parallel_posts_of_one_person_are_one_person(
    database: Database, captured: Captured
) -> None:
    instances = [Service(database), Service(database)]
    events = [
        captured({"phone": spelling, "name": "علی"}, after=n)
        for n, spelling in zip(range(50), itertools.cycle(SIX), strict=False)
    ]
    slices = [events[n::10] for n in reversed(range(10))]
    await asyncio.gather(*(instances[n % 2].enriched(*part) for n, part in enumerate(slices)))
    service = instances[0]
    assert await service.count("persons") == 1
    assert await service.count("identifiers") == 1
    assert await service.count("touches") == 50
    assert await service.count("submissions") == 50
    row = (
        await service.rows(
            "SELECT profile->'first'->>'submission_id', profile->'last'->>'submission_id'"
            " FROM enrichment.persons"
        )
    )[0]
    by_time = sorted(events, key=lambda event: event.time)
    assert tuple(row) == (by_time[0].key, by_time[-1].key)


async def test_rule_12_unsorted_slices_never_deadlock(database: Database) -> None:
    async def lock(turn: int, member: int) -> None:
        ones = [Identifier("phone", f"{turn}-{n}") for n in range(400)]
        ones.sort(key=lambda one: digest(f"{member}{one.value}".encode()))
        async with database.transaction() as tx:  # a deadlock raises here
            await identity.lock_identifiers(tx, ones[:300])

    for turn in range(20):
        await asyncio.gather(*(lock(turn, member) for member in range(6)))


async def waits_for_a_lock(service: Service, task: asyncio.Task[Any]) -> None:
    """Until the task's transaction is held up by another's."""
    query = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while not await service.rows(query):
        assert not task.done(), "it did not wait"
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_rule_12_two_slices_of_one_person_fold_one_after_the_other(
    service: Service, captured: Captured
) -> None:
    await service.enriched(captured({"phone": SIX[0], "email": "a@mail.example"}))
    async with service.database.transaction() as tx:
        await service.stage.handle(tx, [captured({"phone": SIX[0], "name": "علی"}, after=1)])
        other = captured({"email": "a@mail.example", "company": "نیل"}, after=2)
        second = asyncio.create_task(service.enriched(other))
        await waits_for_a_lock(service, second)
    await second
    (found,) = await service.enriched(captured({"phone": SIX[1]}, after=3))
    assert (found.person.name, found.person.company) == ("علی", "نیل")


async def test_rule_15_a_touch_meets_the_join_of_its_person(
    service: Service, captured: Captured
) -> None:
    chat = {"kind": "chat", "source": "tg", "source_kind": "telegram"}
    (older,) = await service.enriched(captured({"phone": SIX[0]}))
    await service.enriched(captured({"handle": "7", "email": "a@mail.example"}, after=1, **chat))
    async with service.database.transaction() as tx:
        both = captured({"phone": SIX[0], "email": "a@mail.example"}, after=2)
        await service.stage.handle(tx, [both])
        second = asyncio.create_task(service.enriched(captured({"handle": "7"}, after=3, **chat)))
        await waits_for_a_lock(service, second)
    (found,) = await second
    assert found.person_id == older.person_id
    assert found.person.phone == "+989123456789"


async def test_rule_15_phone_and_email_of_two_persons_join_them(
    service: Service, captured: Captured
) -> None:
    (one,) = await service.enriched(captured({"phone": SIX[0], "name": "علی"}))
    (two,) = await service.enriched(captured({"email": "Ali@Mail.example"}, after=1))
    assert one.person_id != two.person_id
    (both,) = await service.enriched(
        captured({"phone": SIX[3], "email": "ali@mail.EXAMPLE"}, after=2)
    )
    assert both.person_id == one.person_id
    assert both.joined == (two.person_id,)
    assert both.person.name == "علی"
    assert both.person.email == "Ali@mail.example"
    assert "persons_joined" in [note.code for note in both.notes]
    (later,) = await service.enriched(captured({"email": "ali@mail.example"}, after=3))
    assert later.person_id == one.person_id
    assert one.person_version < both.person_version < later.person_version
    assert later.joined == ()


async def test_rule_15_the_older_id_survives_whoever_holds_the_phone(
    service: Service, captured: Captured
) -> None:
    (mail,) = await service.enriched(captured({"email": "a@mail.example"}, after=0))
    (phone,) = await service.enriched(captured({"phone": SIX[0]}, after=5))
    (both,) = await service.enriched(
        captured({"phone": SIX[0], "email": "a@mail.example"}, after=9)
    )
    assert both.person_id == mail.person_id
    assert both.joined == (phone.person_id,)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"phone": SIX[0], "email": "own@mail.example"}, {"email": "b@mail.example"}),
        ({"phone": SIX[0]}, {"email": "b@mail.example", "phone": "09350000001"}),
    ],
)
async def test_rule_15_in_a_conflict_the_phone_decides_and_nobody_is_merged(
    service: Service, captured: Captured, first: dict[str, str], second: dict[str, str]
) -> None:
    (a,) = await service.enriched(captured(first))
    (b,) = await service.enriched(captured(second, after=1))
    (both,) = await service.enriched(
        captured({"phone": SIX[0], "email": "b@mail.example"}, after=2)
    )
    assert both.person_id == a.person_id
    assert both.joined == ()
    assert "identity_conflict" in [note.code for note in both.notes]
    ((one, other),) = await service.rows(
        "SELECT person_a::text, person_b::text FROM enrichment.candidates"
    )
    assert {one, other} == {a.person_id, b.person_id}
    (still,) = await service.enriched(captured({"email": "b@mail.example"}, after=3))
    assert still.person_id == b.person_id


async def test_an_unknown_identifier_beside_a_known_one_is_added(
    service: Service, captured: Captured
) -> None:
    (one,) = await service.enriched(captured({"phone": SIX[0]}))
    assert one.new_person
    (same,) = await service.enriched(captured({"phone": SIX[1], "email": "a@mail.example"}))
    (again,) = await service.enriched(captured({"email": "a@mail.example"}))
    assert {one.person_id} == {same.person_id, again.person_id}
    assert not same.new_person


async def test_a_join_of_joined_persons_still_redirects(
    service: Service, captured: Captured
) -> None:
    (handle,) = await service.enriched(
        captured({"handle": "77"}, kind="chat", source="tg", source_kind="telegram")
    )
    await service.enriched(captured({"email": "a@mail.example"}, after=1))
    await service.enriched(captured({"phone": SIX[0]}, after=2))
    await service.enriched(captured({"phone": SIX[0], "email": "a@mail.example"}, after=3))
    telegram = {"kind": "chat", "source": "tg", "source_kind": "telegram"}
    (all_of,) = await service.enriched(
        captured({"handle": "77", "phone": SIX[0]}, after=4, **telegram)
    )
    assert all_of.person_id == handle.person_id
    for fields in ({"phone": SIX[2]}, {"email": "A@mail.example"}):
        (found,) = await service.enriched(captured(fields, after=5))
        assert found.person_id == handle.person_id


async def test_joining_while_others_post_ends_in_one_person(
    database: Database, captured: Captured
) -> None:
    services = [Service(database) for _ in range(4)]
    for n in range(8):
        phone, email = f"0912000{n:04d}", f"p{n}@mail.example"
        await services[0].enriched(captured({"phone": phone}))
        await services[0].enriched(captured({"email": email}, after=1))
        await asyncio.gather(
            services[0].enriched(captured({"phone": phone, "email": email}, after=2)),
            services[1].enriched(captured({"email": email}, after=3), captured({"phone": phone})),
            services[2].enriched(captured({"phone": phone}, after=3)),
            services[3].enriched(captured({"email": email, "phone": phone}, after=4)),
        )
        answers = await services[0].enriched(captured({"phone": phone}), captured({"email": email}))
        assert len({answer.person_id for answer in answers}) == 1


async def test_a_visitor_id_makes_nobody_one(service: Service, captured: Captured) -> None:
    """Three people on one tablet are three people."""
    tablet = Attribution(visitor_id=str(uuid.uuid4()))
    found = [
        await service.enriched(captured({"phone": f"0912111222{n}"}, attribution=tablet))
        for n in range(3)
    ]
    assert len({one.person_id for (one,) in found}) == 3
