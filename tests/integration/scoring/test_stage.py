"""The scoring stage on a real Postgres."""

from __future__ import annotations

import uuid
from pathlib import Path

import msgspec
import pytest

from libs.common.database.statements import text
from libs.common.errors import Reject
from libs.common.events import Event, LeadScored, SubmissionEnriched, derived_id
from services.scoring import store
from tests.integration.scoring.shell import Scoring
from tests.plugins.statements import noted

ASKED = "قیمت سئو چقدر می‌شود؟"


def _person() -> str:
    return str(uuid.uuid4())


def _submission_of(event: Event) -> str:
    assert isinstance(event.data, SubmissionEnriched)
    return event.data.submission_id


async def _rows(scoring: Scoring, sql: str) -> list[tuple[object, ...]]:
    async with scoring.database.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(sql))]


async def test_a_submission_is_answered_with_itself_and_its_score(scoring: Scoring) -> None:
    person = _person()
    cause = scoring.submission(person, ASKED, round=2)
    [answer] = await scoring.feed(cause)
    [event] = answer.events
    assert (event.key, event.round, event.id) == (person, 2, derived_id("scored", cause.id))
    scored = event.data
    assert isinstance(scored, LeadScored)
    assert scored.enriched == cause.data
    assert scored.submission_id == _submission_of(cause)
    assert (scored.stage, scored.temperature, scored.version) == ("sql", "hot", 1)
    assert scored.stage_reason is not None
    assert scored.stage_reason.fa == "در فرم سایت قیمت خواست"
    assert scored.score.total == sum(reason.points for reason in scored.score.reasons) >= 60
    assert scored.score.version == 1
    ledger = await _rows(scoring, "SELECT submission_id::text, state FROM scoring.ledger")
    assert ledger == [(_submission_of(cause), "scored")]


async def test_a_submission_is_answered_also_when_it_changes_nothing(scoring: Scoring) -> None:
    person = _person()
    first, second, third = [
        (await scoring.scored(scoring.submission(person, "سلام")))[0] for _ in range(3)
    ]
    assert [one.version for one in (first, second, third)] == [1, 2, 3]
    assert second.score.total == first.score.total + 10  # came back
    assert third.score.total == second.score.total


@pytest.mark.parametrize(
    "outcome", ["hydrating", "activity", "quarantined", "test", "discarded", "erased"]
)
async def test_other_outcomes_are_left_alone(scoring: Scoring, outcome: str) -> None:
    assert await scoring.scored(scoring.submission(_person(), ASKED, outcome=outcome)) == []
    assert await _rows(scoring, "SELECT * FROM scoring.persons") == []


async def test_an_activity_is_answered_when_it_changes_something(scoring: Scoring) -> None:
    person = _person()
    await scoring.scored(scoring.submission(person, "سلام"))
    [answered] = await scoring.scored(scoring.activity(person, "download"))
    assert (answered.version, answered.enriched, answered.submission_id) == (2, None, None)
    assert await scoring.scored(scoring.activity(person, "something_new")) == []
    [again] = await scoring.scored(scoring.activity(person, "download"))
    assert (again.version, again.score.total) == (3, answered.score.total)  # it fades later now
    [won] = await scoring.scored(scoring.activity(person, "staff.won", lead_id=_person()))
    assert (won.stage, won.version) == ("customer", 4)


async def test_an_activity_before_anything_is_known_counts_later(scoring: Scoring) -> None:
    person = _person()
    assert await scoring.scored(scoring.activity(person, "heartbeat")) == []
    [early] = await scoring.scored(scoring.activity(person, "trial_start"))
    assert (early.stage, early.version) == ("mql", 1)
    [scored] = await scoring.scored(scoring.submission(person, "سلام"))
    assert "started_trial" in {reason.rule for reason in scored.score.reasons}


async def test_clocks_strangers_and_other_topics_say_nothing(scoring: Scoring) -> None:
    silent = [
        scoring.activity(_person(), "timer.sla_due"),
        scoring.activity(None, "page_view"),
    ]
    assert await scoring.scored(*silent) == []
    assert await _rows(scoring, "SELECT * FROM scoring.facts") == []


async def test_a_batch_answers_each_event_in_its_place(scoring: Scoring) -> None:
    one, other = _person(), _person()
    batch = [
        scoring.activity(one, "download"),
        scoring.submission(one, "سلام"),
        scoring.activity("nobody's id", "download"),
        scoring.activity(other, "download"),
        scoring.activity(other, "wish_list"),
        scoring.submission(one, ASKED),
        scoring.activity(None, "page_view"),
    ]
    answers = await scoring.feed(*batch)
    assert [len(answer.events) for answer in answers] == [0, 1, 0, 0, 1, 1, 0]
    assert isinstance(answers[2].rejected, Reject)
    first, last = answers[1].events[0].data, answers[5].events[0].data
    assert isinstance(first, LeadScored)
    assert isinstance(last, LeadScored)
    assert first.score.reasons == last.score.reasons
    assert (first.version, last.version) == (1, 2)
    assert [_submission_of(batch[1]), _submission_of(batch[5])] == [
        first.submission_id,
        last.submission_id,
    ]


async def test_rule_28_a_replay_without_the_journal_doubles_nothing(scoring: Scoring) -> None:
    person = _person()
    events = [scoring.submission(person, ASKED), scoring.activity(person, "download")]
    [before] = await scoring.scored(*events)
    rows = await _rows(scoring, "SELECT * FROM scoring.persons")
    scoring.stage = scoring.new_stage()
    for again in ([events[0]], [events[1]], events, events[::-1]):
        for scored in await scoring.scored(*again):
            assert scored == before
    assert await _rows(scoring, "SELECT * FROM scoring.persons") == rows
    assert await _rows(scoring, "SELECT count(*) FROM scoring.facts") == [(2,)]


async def test_rule_03_any_order_of_arrival_gives_the_same_score(scoring: Scoring) -> None:
    one, other = _person(), _person()
    events = [
        scoring.submission(one, "سلام"),
        scoring.activity(one, "staff.lost", lead_id=_person()),
        scoring.submission(one, ASKED),
        scoring.activity(one, "download"),
    ]
    for event in events:
        await scoring.feed(event)
    for event in reversed(events):
        await scoring.feed(_of_person(event, other))
    stored = await _rows(
        scoring,
        """
        SELECT DISTINCT stage, temperature, CAST(score -> 'reasons' AS text)
        FROM scoring.persons
        """,
    )
    assert len(stored) == 1


def _of_person(event: Event, person: str) -> Event:
    """The same thing, done by another person."""
    names = ("submission_id",) if isinstance(event.data, SubmissionEnriched) else ("activity_id",)
    data = msgspec.structs.replace(
        event.data, person_id=person, **{name: str(uuid.uuid4()) for name in names}
    )
    return msgspec.structs.replace(event, id=str(uuid.uuid4()), key=person, data=data)


async def test_joined_persons_are_scored_as_one(scoring: Scoring) -> None:
    older, younger = _person(), _person()
    await scoring.scored(scoring.submission(older, "سلام"))
    await scoring.scored(scoring.submission(younger, ASKED))
    await scoring.scored(scoring.activity(younger, "download"))
    [joined] = await scoring.scored(scoring.submission(older, "منم", joined=(younger,)))
    assert joined.person_id == older
    assert joined.stage == "sql"
    assert {"asked_price", "downloaded", "came_back"} <= {r.rule for r in joined.score.reasons}
    owners = await _rows(scoring, "SELECT DISTINCT person_id::text FROM scoring.submissions")
    assert owners == [(older,)]


async def test_a_late_event_of_a_retired_person_is_the_survivor_s(scoring: Scoring) -> None:
    older, younger, eldest = _person(), _person(), _person()
    await scoring.scored(scoring.submission(younger, "سلام"))
    await scoring.scored(scoring.submission(older, "سلام", joined=(younger,)))
    await scoring.scored(scoring.submission(eldest, "سلام", joined=(older,)))
    [answer] = await scoring.feed(scoring.activity(younger, "download"))
    [event] = answer.events
    assert isinstance(event.data, LeadScored)
    assert (event.key, event.data.person_id) == (eldest, eldest)
    [late] = await scoring.scored(scoring.submission(younger, ASKED))
    assert late.person_id == eldest
    owners = await _rows(scoring, "SELECT DISTINCT person_id::text FROM scoring.facts")
    assert owners == [(eldest,)]


async def test_rules_of_the_file_count_and_replace(scoring: Scoring, tmp_path: Path) -> None:
    own = """
scoring:
  rules:
    - {id: gave_name, group: fit, when: {field: contact.name, op: exists}, points: 41, text: نام}
    - {id: hi, group: fit, when: {field: contact.message, op: contains, value: سلام}, points: 2,
       text: {fa: سلام کرد, en: said hello}}
  thresholds: {warm: 1, hot: 2, mql: 3}
"""
    file = tmp_path / "own.yaml"
    file.write_text(scoring.file.read_text(encoding="utf-8") + own, encoding="utf-8")
    scoring.file = file
    scoring.stage = scoring.new_stage()
    [scored] = await scoring.scored(scoring.submission(_person(), "سلام"))
    points = {reason.rule: reason.points for reason in scored.score.reasons}
    assert (points["gave_name"], points["hi"]) == (41, 2)
    assert (scored.temperature, scored.stage) == ("hot", "mql")


async def test_text_that_postgres_cannot_keep_does_no_harm(scoring: Scoring) -> None:
    [scored] = await scoring.scored(scoring.submission(_person(), "قیمت\x00؟ \\u0000"))
    assert scored.stage == "sql"


async def test_a_slice_costs_the_same_statements_whatever_its_size(scoring: Scoring) -> None:
    async def count(batch: list[Event]) -> int:
        with noted() as seen:
            await scoring.feed(*batch)
        return len(seen)

    one = await count([scoring.submission(_person(), ASKED)])
    many = [scoring.submission(_person(), ASKED) for _ in range(250)]
    many += [scoring.activity(_person(), "download") for _ in range(250)]
    assert await count(many) == one <= 12


async def test_a_person_with_very_many_facts_stays_affordable(
    scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_FACTS", 5)
    person = _person()
    await scoring.scored(scoring.submission(person, ASKED))
    await scoring.scored(scoring.activity(person, "product_value"))
    await scoring.scored(*(scoring.activity(person, "comment") for _ in range(2)))
    [flooded] = await scoring.scored(*(scoring.activity(person, "page_view") for _ in range(20)))
    assert {"asked_price", "gave_phone", "got_value"} <= _rules(flooded)
    [flooded] = await scoring.scored(*(scoring.activity(person, "comment") for _ in range(20)))
    assert {"asked_price", "gave_phone"} <= _rules(flooded)
    async with scoring.database.transaction() as tx:
        facts = (await store.facts_of(tx, [person]))[person]
    assert len(facts) == 5
    assert {"submission", "activity"} == {fact.kind for fact in facts}


async def test_of_what_a_stranger_posts_no_more_is_kept_than_is_scored(
    scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_FACTS", 5)
    one, other = _person(), _person()
    for person in (one, other):
        await scoring.scored(scoring.submission(person, ASKED))
        await scoring.feed(scoring.activity(person, "staff.contacted", actor="mina"))
        for _ in range(3):
            await scoring.feed(*(scoring.activity(person, "page_view") for _ in range(9)))
        await scoring.feed(*(scoring.activity(person, "comment") for _ in range(9)))
    count = "SELECT person_id::text, count(*) FROM scoring.facts GROUP BY 1"
    assert set(await _rows(scoring, count)) == {(one, 5), (other, 5)}
    await scoring.feed(scoring.submission(one, ASKED, joined=(other,)))
    kinds = "SELECT kind, count(*) FROM scoring.facts GROUP BY 1 ORDER BY 1"
    assert await _rows(scoring, kinds) == [("staff", 2), ("submission", 3)]
    for _ in range(6):
        await scoring.feed(scoring.submission(one, ASKED))
    assert await _rows(scoring, kinds) == [("staff", 2), ("submission", 9)]


def _rules(scored: LeadScored) -> set[str]:
    return {reason.rule for reason in scored.score.reasons}
