"""What counts as a word of a source: no test, and whatever came, with whatever clock."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from libs.common.database.statements import text
from libs.common.events import Activity, Event
from services.desk.reading.states import RANKS
from services.desk.store import silences, submissions
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import Journey
from tests.integration.desk.listening import HOUR, Listening


@pytest.fixture
def listening(desk: Desk) -> Listening:
    return Listening(desk)


async def test_a_test_submission_is_no_word_of_its_source(listening: Listening) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    trial, lead = Journey(datetime.now(UTC)), Journey(datetime.now(UTC))
    await listening.desk.feed(trial.captured())
    await one.look()
    assert len(listening.said()) == 1, "it may be a test: its outcome is waited for"
    await listening.desk.feed(trial.enriched("test"))
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]
    await listening.desk.feed(lead.captured(), lead.enriched())
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent", "source.heard_again"]


async def test_a_test_submission_makes_no_pause_longer(listening: Listening) -> None:
    await listening.came([40 + n for n in range(12)])
    trial = Journey(listening.now - 400 * HOUR)
    await listening.desk.feed(trial.captured(), trial.enriched("test"))
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]


async def test_a_lead_whose_outcome_is_late_is_a_word_all_the_same(listening: Listening) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    await listening.came([0.1])
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent", "source.heard_again"]


async def test_what_says_itself_that_it_is_a_test_is_no_word_however_late_its_outcome(
    listening: Listening,
) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    await listening.came([0.1, 0.2], test=True)
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]


async def test_a_test_that_died_is_no_word_nor_is_it_when_it_is_sent_again(
    listening: Listening,
) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    trial, lead = (Journey(listening.now - minutes * HOUR / 60) for minutes in (12, 11))
    came = trial.captured()
    came = structs.replace(came, data=structs.replace(came.data, test=True))

    async def said_after(*events: Event) -> list[str]:
        await listening.desk.feed(*events)
        await one.look()
        return [name for name, _data in listening.said()]

    assert await said_after(came) == ["source.silent"]
    assert await said_after(trial.died("enrichment")) == ["source.silent"]
    async with listening.desk.database.transaction() as tx:
        await submissions.step_back(tx, trial.submission, "received", RANKS["received"], 1)
    assert await said_after() == ["source.silent"]
    assert await said_after(trial.enriched("test", turn=1)) == ["source.silent"]
    heard = await said_after(lead.captured(), lead.died("enrichment"))
    assert heard == ["source.silent", "source.heard_again"], (
        "another's death is a word all the same"
    )


@pytest.mark.parametrize("hours_ago", [-24 * 365, 40.5])
async def test_one_arrival_with_a_wrong_clock_neither_hides_a_silence_nor_makes_one(
    listening: Listening, hours_ago: float
) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(30)
    await listening.became_a_lead(hours_ago)
    await one.look()
    await listening.pass_by(30)
    await one.look()
    assert listening.said() == [], "it came, whatever its clock says"
    await listening.pass_by(11)
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]
    await listening.became_a_lead(hours_ago)
    await asyncio.gather(one.look(), (await listening.other()).look())
    name, data = listening.said()[-1]
    assert name == "source.heard_again"
    assert datetime.fromisoformat(data["heard_at"]) <= datetime.now(UTC)
    await one.look()
    assert len(listening.said()) == 2


async def test_a_source_whose_clock_is_ahead_from_the_first_is_not_called_silent(
    listening: Listening,
) -> None:
    for n in range(12):
        await listening.became_a_lead(-9000 - n)
    one = await listening.other()
    await one.look()
    for _ in range(3):
        await listening.pass_by(1000)
        await listening.became_a_lead(1 - 9000)
        await one.look()
    assert listening.said() == []


async def test_an_erased_arrival_is_no_word(listening: Listening) -> None:
    await listening.came([40 + n for n in range(12)])
    await listening.came([208 + n / 4 for n in range(1, 8)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(160)
    await one.look()
    async with listening.desk.database.transaction() as tx:
        await tx.execute(
            text("DELETE FROM desk.submissions WHERE received_at > now() - interval '42 hours'")
        )
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]


async def test_a_look_finds_the_newest_by_an_index(listening: Listening) -> None:
    """However many arrivals there are, a look reads few of them."""
    async with listening.desk.database.transaction() as tx:
        await tx.execute(
            text("""
                INSERT INTO desk.submissions (id, round, rank, state, state_at, source, kind,
                    received_at)
                SELECT gen_random_uuid(), 0, 50, 'assigned', now(), 'contact', 'form',
                    now() - n * interval '1 hour' FROM generate_series(30, 20000) AS n
            """)
        )
        await tx.execute(text("ANALYZE desk.submissions"))
        values = {"sources": ["contact"], "most": timedelta(minutes=15)}
        rows = await tx.execute(text(f"EXPLAIN ANALYZE {silences.LISTEN}"), values)
        plan = "\n".join(str(row[0]) for row in rows)
    assert plan.count("submissions_source") == 2
    assert "Seq Scan on submissions" not in plan


async def test_a_later_message_of_a_conversation_is_a_word_of_its_source(
    listening: Listening,
) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]
    now, talk, message = datetime.now(UTC), str(uuid.uuid4()), str(uuid.uuid4())
    for facts in ({"source": "contact"}, {"source": "contact", "message": message}):
        assert len(listening.said()) == 1, "a platform's repeat is none"
        said = Activity(str(uuid.uuid4()), "submission.resent", now, submission_id=talk, data=facts)
        await listening.desk.feed(Event(str(uuid.uuid4()), talk, now, said))
        await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent", "source.heard_again"]


async def test_a_message_that_became_a_submission_is_one_arrival(desk: Desk) -> None:
    """It was told of as a touch of its conversation, before its lead turned out to be closed."""
    own, now = Journey(), datetime.now(UTC)
    for message in (own.submission, str(uuid.uuid4())):
        facts = {"source": "contact", "message": message}
        talk = str(uuid.uuid4())
        said = Activity(str(uuid.uuid4()), "submission.resent", now, submission_id=talk, data=facts)
        await desk.feed(Event(str(uuid.uuid4()), talk, now, said))

    async def heard() -> int:
        async with desk.database.transaction() as tx:
            (row,) = await tx.execute(text("SELECT count(*) AS n FROM desk.arrivals"))
            return int(row.n)

    assert await heard() == 2
    await desk.feed(own.enriched())
    assert await heard() == 2
