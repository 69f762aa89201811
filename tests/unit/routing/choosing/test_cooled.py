"""Rules and messages see a lead as it is now, not as its score was last told."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from libs.common.events import Fade, Heat, Lead, Part, Reason, Score, Text
from libs.common.fading import weighed
from services.routing.case import Cause
from services.routing.choosing.assign import Given, assign
from services.routing.choosing.roster import Roster
from services.routing.messages.message import Surroundings, compose
from services.routing.messages.notification import Notification
from tests.unit.routing.samples import NOW, a_case, a_plan

WORDS = Text("قیمت خواست", "asked for a price")
MONTH = NOW + timedelta(days=30)


def _hot() -> Lead:
    fade = Fade(half_life=7 * 86_400)
    reason = Reason("asked", "engagement", 70, WORDS, NOW, fade, (Part(70, NOW),))
    score = weighed(Score(0, 0, 0, 1, (reason,), heat=Heat(30, 60)), NOW)
    return msgspec.structs.replace(
        a_case(language="en").lead, score=score, temperature="hot", assignment=None
    )


@pytest.mark.parametrize(("now", "team"), [(NOW, "international"), (MONTH, "seo")])
def test_a_rule_about_the_temperature_means_that_of_now(now: datetime, team: str) -> None:
    given = assign(_hot(), None, Roster(a_plan(), now), Cause("cause", now))
    assert isinstance(given, Given)
    assert given.assignment.team == team


@pytest.mark.parametrize(("now", "score", "temperature"), [(NOW, 70, "hot"), (MONTH, 4, "cold")])
def test_a_message_says_the_score_of_the_moment_it_is_sent(
    now: datetime, score: int, temperature: str
) -> None:
    lead = _hot()
    told = Notification(
        id="n", lead_id=lead.id, person_id=lead.person_id, assignment_id="a", submission_id=None,
        settles=False, round=0, recipient="leila", team="international", channel="console",
        address="", kind="assigned", step=0, why=WORDS, planned_at=NOW,
    )  # fmt: skip
    around = Surroundings("https://desk.example", "secret", a_plan().content)
    message = compose(told, lead, around, now)
    assert (message.score, message.temperature, message.stage) == (score, temperature, lead.stage)
