"""The read model comes out the same whatever order the events come in."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from functools import reduce
from typing import Any

import msgspec
import pytest

from libs.common.database.statements import text
from libs.common.events import Contact
from services.desk.reading.fold import merged
from services.desk.reading.rows import SubmissionRow
from services.desk.reading.states import RANKS
from services.desk.store import submissions
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import NOW, Journey, new
from tests.plugins.statements import noted


async def test_a_submission_is_told_from_end_to_end(desk: Desk) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    found = await desk.get(f"/api/submissions/{way.submission}", lang="en")
    assert found["state"] == "notified"
    assert found["lead_id"] == way.lead_id
    assert found["person_id"] == way.person
    assert found["contact"]["phone"] == "+989121234567"
    assert found["contact"]["phone_typed"] == "۰۹۱۲ ۱۲۳ ۴۵۶۷"
    assert found["attribution"]["page"] == "nil.example/خدمات/سئو"
    assert found["attribution"]["first"]["utm"] == {"source": "google", "campaign": "seo-autumn"}
    assert found["received_at"] == "2026-11-22T09:00:00Z"
    kinds = [line["kind"] for line in found["timeline"]]
    assert kinds == [
        "notification_sent",
        "assigned",
        "scored",
        "identified",
        "phone_read",
        "opened",
        "received",
    ]
    assert found["timeline"][-1]["data"]["arrived"]["phone"] == "۰۹۱۲ ۱۲۳ ۴۵۶۷"
    assert found["timeline"][0]["text"] == "New lead: told سارا احمدی (webhook)"


async def test_rule_11_any_order_and_any_repeat_ends_the_same(desk: Desk) -> None:
    chance = random.Random(11)  # noqa: S311 - which order is not a secret
    seen: list[Any] = []
    for _ in range(8):
        way = Journey()
        events = [*way.whole(), way.routed(None, state="won", closed_at=NOW)]
        events += chance.choices(events, k=4)
        chance.shuffle(events)
        while events:
            cut = chance.randint(1, 4)
            await desk.feed(*events[:cut])
            events = events[cut:]
        found = await desk.get(f"/api/submissions/{way.submission}")
        lead = await desk.get(f"/api/leads/{way.lead_id}")
        assert (lead["state"], lead["version"]) == ("won", 2)
        assert [message["state"] for message in lead["notifications"]] == ["sent"]
        found = {n: v for n, v in found.items() if n not in {"id", "lead_id", "person_id"}}
        seen.append(
            (found["state"], found["contact"], [line["kind"] for line in found["timeline"]])
        )
    assert all(one == seen[0] for one in seen)


async def test_what_is_stored_merges_as_a_slice_does(desk: Desk) -> None:
    """However much is a slice: rows written one after the other are what they are at once."""
    chance = random.Random(7)  # noqa: S311 - which rows is not a secret
    ways = [[_told(chance, new())] for _ in range(60)]
    for way in ways:
        way += [_told(chance, way[0].id) for _ in range(chance.randint(0, 5))]
    async with desk.database.transaction() as tx:
        for step in range(6):
            rows = [way[step] for way in ways if len(way) > step]
            await submissions.write(tx, sorted(rows, key=lambda row: row.id))
        found = await tx.execute(text("SELECT * FROM desk.submissions"))
    stored = {str(row.id): row for row in found}
    for way in ways:
        whole, row = reduce(merged, way), stored[way[0].id]
        for name in ("round", "rank", "state", "state_at", "reason", "source", "raw_size"):
            assert row[name] == getattr(whole, name), name
        assert row.contact == msgspec.to_builtins(whole.contact)
        assert row.lead_id == (uuid.UUID(whole.lead_id) if whole.lead_id else None)


def _told(chance: random.Random, submission_id: str) -> SubmissionRow:
    state = chance.choice(sorted(RANKS))
    return SubmissionRow(
        submission_id,
        chance.randint(0, 2),
        RANKS[state],
        state,
        NOW + timedelta(seconds=chance.randint(0, 2)),
        reason=chance.choice((None, "a", "b")),
        source=chance.choice((None, "a", "b")),
        lead_id=chance.choice((None, new())),
        content_round=chance.randint(-1, 1),
        content_weight=chance.choice((-1, 1, 2)),
        contact=Contact(name=chance.choice(("a", "b", "c"))),
        raw_size=chance.choice((None, 1, 2)),
    )


async def test_a_late_sent_makes_an_undelivered_submission_notified(desk: Desk) -> None:
    way = Journey()
    await desk.feed(*way.whole()[:4], way.settled("unknown", "undelivered"))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "undelivered"
    await desk.feed(way.settled("sent", "notified", version=3))
    await desk.feed(way.settled("unknown", "undelivered"))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "notified"


async def test_a_later_round_beats_any_state_of_an_earlier(desk: Desk) -> None:
    way = Journey()
    await desk.feed(way.captured(), way.enriched(), way.died())
    found = await desk.get(f"/api/submissions/{way.submission}")
    assert (found["state"], found["reason"]) == ("dead", "bug")
    await desk.feed(way.scored(turn=1))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "scored"
    await desk.feed(way.died())
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "scored"


@pytest.mark.parametrize("is_late", [True, False])
async def test_a_death_before_a_step_that_was_taken_after_all_is_none_of_the_submission(
    desk: Desk, *, is_late: bool
) -> None:
    way = Journey()  # its first revision dies, its second brings the content
    died = [way.died("enrichment", "leads.captured.v1")]
    await desk.feed(way.captured(), *(died if not is_late else ()))
    for step in (*way.whole()[1:3], *(died if is_late else ())):
        await desk.feed(step)
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "scored"
    await desk.feed(way.died("routing", "leads.scored.v1"))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "dead"


async def test_the_id_of_a_joined_lead_gives_the_one_it_was_joined_to(desk: Desk) -> None:
    one, other = Journey(), Journey(NOW + timedelta(minutes=5))
    await desk.feed(*one.whole(), *other.whole())
    await desk.feed(other.routed(None, state="lost", merged_into=one.lead_id))
    found = await desk.get(f"/api/leads/{other.lead_id}")
    assert found["id"] == one.lead_id
    assert {touch["submission_id"] for touch in found["touches"]} == {
        one.submission,
        other.submission,
    }
    assert [lead["id"] for lead in (await desk.get("/api/leads"))["items"]] == [one.lead_id]
    assert (await desk.get(f"/api/submissions/{other.submission}"))["lead_id"] == one.lead_id


async def test_a_retired_person_is_the_survivor(desk: Desk) -> None:
    one, other = Journey(), Journey()
    await desk.feed(*one.whole(), *other.whole())
    last = Journey()
    last.person = one.person
    await desk.feed(last.enriched(joined=(other.person,)))
    assert (await desk.get(f"/api/submissions/{other.submission}"))["person_id"] == one.person


async def test_a_slice_takes_the_same_number_of_statements_whatever_its_length(desk: Desk) -> None:
    counts = []
    for length in (1, 60):
        events = [step for _ in range(length) for step in Journey().whole()]
        with noted() as statements:
            await desk.feed(*events)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


async def test_text_that_postgres_refuses_is_kept_without_it(desk: Desk) -> None:
    way = Journey(name="ne\x00gar", extra={"k\x00": ["\x00", {"a": "\\u0000"}]})
    await desk.feed(*way.whole())
    found = await desk.get(f"/api/submissions/{way.submission}")
    assert found["contact"]["name"] == "negar"
    assert found["contact"]["extra"] == {"k": ["", {"a": "\\u0000"}]}
