"""What was erased scores nothing: told before, told after, and told again from the beginning."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from libs.common.database.statements import text
from libs.common.erasing import PERSON_ERASED, SUBMISSION_ERASED, Erasure
from libs.common.events import Activity, Event
from tests.integration.scoring.shell import NOW, Scoring

WORDS = "قیمت سئو چند است؟ من بهار کاناری هستم"


def gone(*persons: str, submission: Event | None = None, told: tuple[str, ...] = ()) -> Event:
    """The word that a submission is erased, or without one its person with all that joined it."""
    data = Activity(
        str(uuid.uuid4()),
        SUBMISSION_ERASED if submission else PERSON_ERASED,
        NOW,
        person_id=persons[0],
        submission_id=submission.data.submission_id if submission else None,
        data=msgspec.to_builtins(Erasure(persons=persons, told=told)),
    )
    return Event(data.activity_id, persons[0], NOW, data)


async def rows(scoring: Scoring, query: str) -> list[Any]:
    async with scoring.database.transaction() as tx:
        return list((await tx.execute(text(query))).all())


async def states(scoring: Scoring) -> dict[str, str]:
    found = await rows(scoring, "SELECT submission_id::text, state FROM scoring.ledger")
    return {row[0]: row[1] for row in found}


async def is_clean(scoring: Scoring) -> bool:
    """Whether no table has a word of what was told."""
    for table in ("facts", "persons", "submissions"):
        found = await rows(scoring, f"SELECT row_to_json(t)::text FROM scoring.{table} t")
        if any(word in row[0] for row in found for word in ("بهار", "9121234567", "سارا")):
            return False
    return True


async def test_a_person_who_stays_scores_what_is_left(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    plain, asking = scoring.submission(person), scoring.submission(person, WORDS)
    resent = scoring.activity(
        person,
        "submission.resent",
        submission_id=asking.data.submission_id,
        data={"contact": {"message": WORDS}, "source": "s"},
    )
    (alone,) = await scoring.scored(plain)
    *_, both = await scoring.scored(asking, resent)
    assert both.score.total > alone.score.total
    told = (resent.data.activity_id,) if isinstance(resent.data, Activity) else ()
    (after,) = await scoring.scored(gone(person, submission=asking, told=told))
    assert after.score.total == alone.score.total
    assert (after.version, after.submission_id) == (both.version + 1, None)
    assert await states(scoring) == {
        plain.data.submission_id: "scored",
        asking.data.submission_id: "erased",
    }
    assert await scoring.scored(asking, resent) == []
    (found,) = await rows(scoring, "SELECT count(*) FROM scoring.facts")
    assert found[0] == 1


async def test_rule_29_the_word_may_come_before_what_it_is_about(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    asking = scoring.submission(person, WORDS)
    assert await scoring.scored(gone(person, submission=asking)) == []
    again = msgspec.structs.replace(asking, id=str(uuid.uuid4()), round=3)
    assert await scoring.scored(asking, again) == []
    assert await is_clean(scoring)
    assert await states(scoring) == {asking.data.submission_id: "erased"}
    (other,) = await scoring.scored(scoring.submission(person))
    assert other.version == 1


async def test_rule_29_nothing_is_left_of_a_person_and_nothing_told_brings_it_back(
    scoring: Scoring,
) -> None:
    person, joined, late = (str(uuid.uuid4()) for _ in range(3))
    first, second = scoring.submission(joined, WORDS), scoring.submission(person, WORDS)
    join = scoring.submission(person, joined=(joined,))
    seen = scoring.activity(person, "page_view", page="nil.example/x")
    told = [first, second, join, seen]
    await scoring.scored(*told)
    before = await states(scoring)
    erased = gone(person, joined, late)
    assert await scoring.scored(erased) == []
    for batch in (told, [erased, *told], *([one] for one in told)):
        assert await scoring.scored(*batch) == []
    assert await scoring.scored(scoring.submission(late, WORDS)) == []
    assert await is_clean(scoring)
    assert await states(scoring) == dict.fromkeys(before, "erased")


async def test_in_one_slice_the_word_comes_first(scoring: Scoring) -> None:
    person, stays = str(uuid.uuid4()), str(uuid.uuid4())
    batch = [scoring.submission(person, WORDS), scoring.submission(stays), gone(person)]
    (other,) = await scoring.scored(*batch)
    assert other.person_id == stays


@pytest.mark.parametrize("is_first", [True, False])
async def test_rule_29_in_one_slice_a_submission_is_ended_by_its_word_in_either_order(
    scoring: Scoring, *, is_first: bool
) -> None:
    person = str(uuid.uuid4())
    asking = scoring.submission(person, WORDS)
    word = gone(person, submission=asking)
    assert await scoring.scored(*([word, asking] if is_first else [asking, word])) == []
    assert await is_clean(scoring)
    assert await states(scoring) == {asking.data.submission_id: "erased"}


async def test_a_word_that_cannot_be_read_dies_alone(scoring: Scoring) -> None:
    data = Activity(
        str(uuid.uuid4()), PERSON_ERASED, NOW, person_id="x", data={"persons": ["no id"]}
    )
    bad = Event(data.activity_id, "x", NOW, data)
    answers = await scoring.feed(bad, scoring.submission(str(uuid.uuid4())))
    assert answers[0].rejected is not None
    assert answers[0].rejected.reason == "unreadable_erasure"
    assert len(answers[1].events) == 1


async def test_no_visitor_can_say_so(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    await scoring.scored(scoring.submission(person))
    forged = gone(person)
    data = msgspec.structs.replace(forged.data, actor="visitor")
    await scoring.scored(msgspec.structs.replace(forged, data=data))
    assert set((await states(scoring)).values()) == {"scored"}
