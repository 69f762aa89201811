"""A scan that is read after its form: its code counts as if it had been known, and nobody came."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from libs.common.events import Activity, Event, LeadScored, SubmissionEnriched
from tests.integration.scoring.shell import Scoring
from tests.integration.scoring.test_erasing import gone, rows


def late_scan(scoring: Scoring, submission: Event) -> Event:
    """What enrichment tells of a submission's touch once its scan is read."""
    assert isinstance(submission.data, SubmissionEnriched)
    touch = msgspec.to_builtins(submission.data.touch)
    touch["attribution"] = {**touch.get("attribution", {}), "qr": "expo26", "scan": "t"}
    word = scoring.activity(
        submission.key,
        "submission.resent",
        submission_id=submission.data.submission_id,
        data={"source": "contact", "supplement": True, "scanned": True, "touch": touch},
    )
    assert isinstance(word.data, Activity)
    at = msgspec.structs.replace(word.data, at=submission.data.touch.at)
    return msgspec.structs.replace(word, data=at)


def rules(scored: LeadScored) -> dict[str, Any]:
    return {reason.rule: (reason.points, reason.at) for reason in scored.score.reasons}


async def test_a_late_scan_scores_as_one_in_time_and_is_no_coming_back(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    first = scoring.submission(person)
    (before,) = await scoring.scored(first)
    (after,) = await scoring.scored(word := late_scan(scoring, first))
    assert rules(after).keys() - rules(before).keys() == {"scanned_qr"}
    assert after.score.total == before.score.total + 5
    assert (after.submission_id, after.version) == (None, before.version + 1)
    assert await scoring.scored(word, word) == [], "read again"


async def test_of_two_touches_none_counts_again(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    first, second = scoring.submission(person), scoring.submission(person)
    *_, before = await scoring.scored(first, second)
    (after,) = await scoring.scored(late_scan(scoring, second))
    assert "came_back" in rules(before)
    known = {name: what for name, what in rules(after).items() if name != "scanned_qr"}
    assert known == rules(before)


async def test_it_may_be_read_first(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    first = scoring.submission(person)
    found = await scoring.scored(late_scan(scoring, first))
    found += await scoring.scored(first)
    assert "came_back" not in rules(found[-1])
    assert rules(found[-1])["scanned_qr"][0] == 5


async def test_rule_29_it_goes_with_the_submission_that_it_is_of(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    stays, first = scoring.submission(person), scoring.submission(person)
    word = late_scan(scoring, first)
    await scoring.scored(stays, first, word)
    assert isinstance(word.data, Activity)
    (after,) = await scoring.scored(gone(person, submission=first, told=(word.data.activity_id,)))
    assert "scanned_qr" not in rules(after)
    assert await scoring.scored(word) == []
    kept = await rows(scoring, "SELECT fact_id FROM scoring.facts")
    assert [row[0] for row in kept] == [stays.data.submission_id]
