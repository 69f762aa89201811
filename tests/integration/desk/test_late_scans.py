"""A scan that is read after its form: the lead and the report by code know of it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import msgspec

from libs.common.database import Database
from libs.common.events import Activity, Contact, Event
from services.desk.store import codes
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import Journey, new
from tests.integration.desk.test_codes import by_code

CODE = "expo26"


def late_scan(way: Journey, *, turn: int = 0, is_own: bool = True) -> Event:
    """What enrichment tells of a submission once its scan is read."""
    came = msgspec.structs.replace(way.attribution, qr=CODE, scan="t")
    touch = msgspec.structs.replace(way.touch, attribution=came)
    told = {
        "source": touch.source,
        "kind": touch.kind,
        "supplement": True,
        "scanned": True,
        "touch": msgspec.to_builtins(touch),
    }
    if is_own:
        told["brought"] = msgspec.to_builtins(way.contact)
    word = Activity(
        new(),
        "submission.resent",
        way.at,
        person_id=way.person,
        submission_id=way.submission,
        data=told,
    )
    return way.event(word, 5, round=turn)


async def counted(database: Database) -> codes.Counted:
    async with database.transaction() as tx:
        found = await codes.counts(tx, [CODE], datetime.now(UTC) - timedelta(days=1))
    return found[CODE]


async def test_the_report_by_code_counts_a_form_that_was_read_before_its_scan(
    desk: Desk, database: Database
) -> None:
    way = Journey(datetime.now(UTC))
    scan = by_code(CODE, "qr").enriched("activity")
    everything = [*way.whole(), scan]
    await desk.feed(*everything)
    assert ((await counted(database)).scans, (await counted(database)).leads) == (1, 0)
    everything.append(late_scan(way))
    await desk.feed(everything[-1])
    assert ((await counted(database)).scans, (await counted(database)).leads) == (1, 1)
    await desk.feed(*everything)
    assert ((await counted(database)).scans, (await counted(database)).leads) == (1, 1)
    found = await desk.get(f"/api/submissions/{way.submission}")
    assert (found["state"], found["attribution"]["qr"]) == ("notified", CODE)
    assert found["contact"]["phone"] == way.contact.phone
    lead = await desk.get(f"/api/leads/{way.lead_id}")
    assert lead["touch_count"] == len(lead["touches"]) == 1
    assert "resent" not in {line["kind"] for line in lead["timeline"]}


async def test_it_does_not_matter_in_which_order_the_desk_reads_of_it(
    desk: Desk, database: Database
) -> None:
    chance = random.Random(3)  # noqa: S311 - which order is not a secret
    for number in range(1, 9):
        way = Journey(datetime.now(UTC))
        events = [*way.whole(), late_scan(way)]
        chance.shuffle(events)
        for event in events:
            await desk.feed(event)
        assert (await counted(database)).leads == number
        found = await desk.get(f"/api/submissions/{way.submission}")
        assert (found["state"], found["attribution"]["qr"]) == ("notified", CODE)
        assert found["contact"]["phone_typed"] == way.contact.phone_typed


async def test_what_is_held_shows_its_code_and_goes_on_with_it(
    desk: Desk, database: Database
) -> None:
    way = Journey(datetime.now(UTC))
    held = late_scan(way)
    assert isinstance(held.data, Activity)
    nobodys = msgspec.structs.replace(held.data, person_id=None)
    await desk.feed(
        way.captured(), way.enriched("quarantined"), msgspec.structs.replace(held, data=nobodys)
    )
    found = await desk.get(f"/api/submissions/{way.submission}")
    assert (found["state"], found["attribution"]["qr"]) == ("quarantined", CODE)
    assert found["person_id"] is None
    came = msgspec.structs.replace(way.attribution, qr=CODE)
    way.touch = msgspec.structs.replace(way.touch, attribution=came)
    await desk.feed(way.enriched(turn=1), way.scored(turn=1), way.routed())
    assert (await counted(database)).leads == 1


async def test_rule_08_a_word_of_a_scan_that_is_sent_again_moves_its_submission_nowhere(
    desk: Desk, database: Database
) -> None:
    way = Journey(datetime.now(UTC))
    await desk.feed(*way.whole(), late_scan(way, turn=1))
    assert (await counted(database)).leads == 1
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "notified"


async def test_a_later_body_s_scan_is_not_the_submission_s(desk: Desk, database: Database) -> None:
    way = Journey(datetime.now(UTC))
    await desk.feed(*way.whole(), late_scan(way, is_own=False))
    assert (await counted(database)).leads == 0


async def test_rule_29_what_was_erased_stays_so(desk: Desk, database: Database) -> None:
    way = Journey(datetime.now(UTC))
    gone = way.enriched("erased", contact=Contact(), person_id=way.person)
    await desk.feed(*way.whole(), gone)
    await desk.feed(late_scan(way))
    assert (await counted(database)).leads == 0
    found = await desk.get(f"/api/submissions/{way.submission}")
    assert (found["state"], found["attribution"]["qr"], found["contact"]["phone"]) == (
        "erased", None, None,
    )  # fmt: skip


async def test_what_has_another_shape_is_passed_over(desk: Desk, database: Database) -> None:
    way = Journey(datetime.now(UTC))
    word = late_scan(way)
    assert isinstance(word.data, Activity)
    odd = msgspec.structs.replace(word.data, data={**word.data.data, "touch": 1})
    await desk.feed(*way.whole(), msgspec.structs.replace(word, data=odd))
    assert (await counted(database)).leads == 0
