"""The score of one fact is made once for all that are alike; it says the same as any other way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration.scoring import Caps, Condition, Scoring, ScoringRule
from services.scoring.book import compile_rules
from services.scoring.fact import Fact
from services.scoring.rules import RULES
from services.scoring.score import score
from services.scoring.story import story
from tests.unit.scoring.facts import activity
from tests.unit.scoring.made_up import FACTS, OWN_RULES, own_rule

SECONDS = st.sampled_from([0, 1, 59, 60, 61, 3600, 10**6, 10**8])
STEPS = st.lists(
    st.fixed_dictionaries(
        {"after": st.sampled_from(["0s", "1m", "10d"]), "keep": st.sampled_from([0, 50, 100])}
    ),
    max_size=2,
)


@given(
    fact=FACTS.filter(bool).map(lambda facts: facts[0]),
    own=OWN_RULES,
    steps=STEPS,
    cap=st.one_of(st.none(), st.integers(1, 120)),
    seconds=st.tuples(SECONDS, st.sampled_from([-1, 0, 1])),
)
def test_the_score_of_one_fact_is_what_it_is_beside_one_that_fulfils_nothing(
    fact: Fact,
    own: list[ScoringRule],
    steps: list[dict[str, object]],
    cap: int | None,
    seconds: tuple[int, int],
) -> None:
    fading = own_rule(id="fading", when=Condition(field="touch.kind", op="exists"), steps=steps)
    rules, settings = compile_rules(RULES, [*own, fading]), Scoring(caps=Caps(fit=cap))
    [told] = story([fact])
    beside = Fact("nothing", "staff", fact.at, {"touch": {"temperature": "cold"}})
    for size in (-seconds[0], seconds[0]):
        now = fact.at + timedelta(seconds=size, microseconds=seconds[1])
        alone = score([told], rules, 3, now, settings)
        assert alone == score([told, beside], rules, 3, now, settings)


def test_what_would_fade_after_the_calendars_end_stays() -> None:
    at = datetime(9999, 12, 31, 23, tzinfo=UTC)
    rules = compile_rules([], [own_rule(half_life="1d")])
    seen = msgspec.structs.replace(activity("page_view", page="nil.example/pricing"), at=at)
    found = score(story([seen]), rules, 1, at)
    assert (found.total, found.changes_at) == (10, None)
