from __future__ import annotations

import pytest

from libs.common.events import SubmissionEnriched, Touch
from services.scoring.arrival import Arrival
from services.scoring.fact import Fact
from services.scoring.numbering import Place, number
from services.scoring.sentences import ONLY_INTERESTED
from services.scoring.standing import BLANK, Standing, Stored
from tests.unit.scoring.facts import NOW


def _place(at: int, fact: str) -> Place:
    """Facts named s… are submissions, all others activities; all of one person."""
    if not fact.startswith("s"):
        return Place(at, "p", Arrival("p", Fact(fact, "activity", NOW, {})))
    enriched = SubmissionEnriched(fact, "enriched", Touch(fact, "form", "c", NOW), person_id="p")
    return Place(at, "p", Arrival("p", Fact(fact, "submission", NOW, {}), (), enriched))


@pytest.mark.parametrize(
    ("facts", "new", "is_news", "answers", "newest"),
    [
        (["s1"], {"s1"}, True, {0: 1}, 1),
        (["s1"], {"s1"}, False, {0: 1}, 1),
        (["s1", "a1", "s2"], {"s1", "a1", "s2"}, True, {0: 1, 2: 2}, 2),
        (["s1", "s1"], {"s1"}, True, {0: 1, 1: 1}, 1),
        (["s1"], set(), False, {0: 0}, 0),
        (["s1"], set(), True, {0: 1}, 1),
        (["a1", "a2"], {"a1", "a2"}, True, {1: 1}, 1),
        (["a1", "a2"], {"a1", "a2"}, False, {}, 0),
        (["s1", "a1"], {"a1"}, True, {0: 1, 1: 1}, 1),
        (["s1", "s2"], {"s2"}, True, {0: 1, 1: 1}, 1),
    ],
)
def test_rule_11_every_new_submission_has_a_version_of_its_own(
    facts: list[str], new: set[str], *, is_news: bool, answers: dict[int, int], newest: int
) -> None:
    places = [_place(at, fact) for at, fact in enumerate(facts)]
    standing = Standing(BLANK, "iql", "cold", ONLY_INTERESTED, is_news)
    numbers = number(places, new, {"p": standing}, {"p": Stored()})
    assert numbers.answers == answers
    assert numbers.grown.get("p", 0) == newest
