"""What time and a changed file do to the scores of persons, on a real Postgres."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

from libs.common.fading import score_at
from tests.integration.scoring.shell import Scoring

ASKED = "قیمت سئو چقدر می‌شود؟"


def _person() -> str:
    return str(uuid.uuid4())


async def test_points_fade_between_two_events_and_age_alone_is_never_told(
    scoring: Scoring,
) -> None:
    person = _person()
    [first] = await scoring.scored(scoring.submission(person, ASKED))
    scoring.now += timedelta(days=60)
    assert await scoring.scored(scoring.activity(person, "heartbeat")) == []
    [second] = await scoring.scored(scoring.activity(person, "download"))
    points = {reason.rule: reason.points for reason in second.score.reasons}
    assert (points["asked_price"], points["downloaded"], points["gave_phone"]) == (8, 5, 10)
    assert (first.temperature, second.temperature) == ("hot", "warm")
    assert (first.stage, second.stage, second.version) == ("sql", "sql", 2)
    told = score_at(first.score, scoring.now)
    kept = sum(points for rule, points in points.items() if rule != "downloaded")
    assert (told.total, second.score.as_of) == (kept, scoring.now)


async def test_new_rules_count_from_the_persons_next_event_on(
    scoring: Scoring, tmp_path: Path
) -> None:
    person = _person()
    [before] = await scoring.scored(scoring.submission(person, ASKED))
    own = """
scoring: {rules: [{id: gave_name, group: fit, when: {field: contact.name, op: exists}, points: 1,
                   steps: [{after: 7d, keep: 0}], text: Name}], caps: {engagement: 20}}
"""
    scoring.file = tmp_path / "own.yaml"
    scoring.file.write_text((tmp_path / "sarnakh.yaml").read_text("utf-8") + own, "utf-8")
    scoring.stage = scoring.new_stage()
    [after] = await scoring.scored(scoring.activity(person, "heartbeat"))
    points = {reason.rule: reason.points for reason in after.score.reasons}
    assert points["gave_name"] == 1
    assert points["cap.engagement"] == 20 - before.score.engagement
    assert (after.score.engagement, after.version) == (20, 2)
    scoring.now += timedelta(days=8)
    assert score_at(after.score, scoring.now).fit == after.score.fit - 1
