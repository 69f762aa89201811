from __future__ import annotations

import math
import random
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration.scoring import Caps, Condition, Scoring, ScoringRule
from libs.common.fading import score_at, temperature_at
from services.scoring.book import compile_rules
from services.scoring.fact import Fact
from services.scoring.rules import RULES
from services.scoring.score import score
from services.scoring.standing import Stored, stand
from services.scoring.story import story
from tests.unit.scoring.facts import NOW, activity, submission
from tests.unit.scoring.made_up import FACTS, OWN_RULES, WORDS, own_rule


@given(facts=FACTS, own=OWN_RULES)
def test_the_total_is_the_sum_of_its_reasons(facts: list[Fact], own: list[ScoringRule]) -> None:
    found = score(story(facts), compile_rules(RULES, own), version=1, now=NOW)
    by_group = {"fit": 0, "engagement": 0}
    for reason in found.reasons:
        by_group[reason.group] += reason.points
    assert found.total == sum(reason.points for reason in found.reasons)
    assert found.total == found.fit + found.engagement
    assert (found.fit, found.engagement) == (by_group["fit"], by_group["engagement"])
    assert len({reason.rule for reason in found.reasons}) == len(found.reasons)


@given(
    facts=FACTS,
    own=OWN_RULES,
    cap=st.one_of(st.none(), st.integers(1, 120)),
    seconds=st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)).map(sorted),
)
def test_a_score_seen_later_is_the_score_of_the_facts_then(
    facts: list[Fact], own: list[ScoringRule], cap: int | None, seconds: list[int]
) -> None:
    told, rules = story(facts), compile_rules(RULES, own)
    settings = Scoring(caps=Caps(engagement=cap))
    early, late = (NOW + timedelta(seconds=each) for each in seconds)
    first = score(told, rules, 1, early, settings)
    assert score_at(first, late) == score(told, rules, 1, late, settings)


@given(facts=FACTS, own=OWN_RULES, seed=st.randoms(use_true_random=False))
def test_rule_03_the_order_of_arrival_changes_nothing(
    facts: list[Fact], own: list[ScoringRule], seed: random.Random
) -> None:
    shuffled = list(facts)
    seed.shuffle(shuffled)
    rules = compile_rules(RULES, own)
    one = stand(facts, rules, Scoring(), Stored(), NOW)
    assert stand(shuffled, rules, Scoring(), Stored(), NOW) == one


@given(facts=FACTS, own=OWN_RULES)
def test_rule_11_standing_again_on_the_same_facts_is_no_news(
    facts: list[Fact], own: list[ScoringRule]
) -> None:
    rules = compile_rules(RULES, own)
    first = stand(facts, rules, Scoring(), Stored(), NOW)
    stored = Stored(first.score, first.stage, first.temperature)
    again = stand(facts, rules, Scoring(), stored, NOW)
    assert not again.is_news
    assert again[:4] == first[:4]


def test_a_rule_that_counts_once_counts_once_and_for_the_first() -> None:
    seen = [activity("page_view", page="nil.example/pricing", minute=m) for m in (7, 3, 5)]
    [reason] = score(story(seen), compile_rules([], [own_rule()]), 1, NOW).reasons
    assert (reason.points, reason.at) == (10, seen[1].at)
    assert reason.text.fa == WORDS.fa


def test_a_rule_that_repeats_counts_each_time_and_says_how_often() -> None:
    seen = [activity("page_view", page="nil.example/pricing", minute=m) for m in (7, 3, 5)]
    [reason] = score(story(seen), compile_rules([], [own_rule(once=False)]), 1, NOW).reasons
    assert (reason.points, reason.at) == (30, seen[0].at)
    assert reason.text.fa == "صفحهٔ قیمت را دید (۳ بار)"
    assert reason.text.en == "looked at prices (3 times)"


def test_points_may_be_negative() -> None:
    seen = [activity("page_view", page="nil.example/pricing")]
    assert score(story(seen), compile_rules([], [own_rule(points=-7)]), 1, NOW).total == -7


def test_all_conditions_of_a_rule_hold_of_one_and_the_same_fact() -> None:
    both = (
        Condition(field="activity.page", op="matches", value="nil.example/pricing"),
        Condition(field="activity.type", op="is", value="download"),
    )
    rules = compile_rules([], [own_rule(when=both)])
    apart = [activity("page_view", page="nil.example/pricing"), activity("download")]
    assert score(story(apart), rules, 1, NOW).total == 0
    assert (
        score(story([activity("download", page="nil.example/pricing")]), rules, 1, NOW).total == 10
    )


def test_a_condition_of_absence_holds_of_what_has_no_such_field() -> None:
    when = (
        Condition(field="activity.type", op="is", value="download"),
        Condition(field="verified.email_free", op="is_not", value=True),
        Condition(field="contact.phone", op="exists", value=False),
    )
    rules = compile_rules([], [own_rule(when=when)])
    assert score(story([activity("download")]), rules, 1, NOW).total == 10


def test_a_configured_rule_takes_the_place_of_the_shipped_one_of_its_id() -> None:
    exists = Condition(field="contact.phone", op="exists")
    own = own_rule(id="gave_phone", group="fit", when=exists, points=99)
    found = score(
        story([submission(contact={"phone": "+98"})]), compile_rules(RULES, [own]), 1, NOW
    )
    assert [r.points for r in found.reasons if r.rule == "gave_phone"] == [99]
    assert len(compile_rules(RULES, [own])) == len(RULES)
    assert len(compile_rules(RULES, [own_rule()])) == len(RULES) + 1


def test_the_example_in_the_how_to_works() -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "add-a-scoring-rule.md"
    block = re.search(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    own = Scoring.model_validate(yaml.safe_load(block[1])["scoring"])
    seen = [
        activity("page_view", page="nil.example/pricing/fa"),
        activity("page_view", page="nil.example/pricing"),
        submission(contact={"extra": {"شهر": "تهران"}}),
    ]
    reasons = score(story(seen), compile_rules([], own.rules), 1, NOW).reasons
    assert {reason.rule: reason.points for reason in reasons} == {
        "pricing_page": 20,
        "in_tehran": 5,
    }


def _temperature(*facts: Fact, points: int) -> str | None:
    everything = own_rule(
        id="gift", when=Condition(field="gift", op="is_not", value=1), points=points
    )
    return temperature_at(score(story(facts), compile_rules([], [everything]), 1, NOW), NOW)


@pytest.mark.parametrize(
    ("total", "temperature"),
    [(-5, "cold"), (29, "cold"), (30, "warm"), (59, "warm"), (60, "hot"), (400, "hot")],
)
def test_the_temperature_follows_the_thresholds(total: int, temperature: str) -> None:
    assert _temperature(submission(), points=total) == temperature


def test_a_bought_list_is_always_cold_until_they_do_something_themselves() -> None:
    bought = {"consent": {"basis": "bought_list"}}
    listed = submission(kind="import", contact=bought, touch={"temperature": "cold"})
    assert _temperature(listed, points=99) == "cold"
    assert _temperature(listed, submission(), points=99) == "hot"
    assert _temperature(listed, activity("download"), points=99) == "hot"
    agreed = submission(kind="import", contact={"consent": {"basis": "consent"}})
    assert _temperature(agreed, points=99) == "hot"


def test_a_repeated_thing_counts_up_to_its_most_and_the_latest_times_count() -> None:
    seen = [activity("page_view", page="nil.example/pricing", minute=m) for m in range(12)]
    own = own_rule(once=False, most=25, half_life="1d")
    [reason] = score(story(seen), compile_rules([], [own]), 1, NOW).reasons
    assert [(part.points, part.at) for part in reason.parts] == [
        (5, seen[9].at),
        (10, seen[10].at),
        (10, seen[11].at),
    ]
    assert (reason.points, reason.at) == (25, seen[11].at)
    assert reason.text.fa == "صفحهٔ قیمت را دید (۱۲ بار، تا سقف ۲۵)"
    assert reason.text.en == "looked at prices (12 times, counted up to 25)"


@pytest.mark.parametrize(("points", "total"), [(7, 100), (-7, -100)])
def test_no_flood_of_one_thing_weighs_more_than_its_groups_cap(points: int, total: int) -> None:
    seen = [activity("page_view", page="nil.example/pricing", minute=m) for m in range(300)]
    own = own_rule(once=False, points=points, half_life="7d")
    found = score(story(seen), compile_rules([], [own]), 1, NOW)
    assert (found.total, len(found.reasons)) == (total, 1)
    assert len(found.reasons[0].parts) == math.ceil(100 / 7)


def test_a_group_counts_up_to_its_cap_and_the_rest_is_a_reason_of_its_own() -> None:
    own = [own_rule(id=f"r{n}", points=25) for n in range(3)]
    seen = [activity("page_view", page="nil.example/pricing")]
    settings = Scoring(caps=Caps(engagement=60, fit=10))
    found = score(story(seen), compile_rules([], own), 1, NOW, settings)
    assert (found.total, found.engagement, found.fit) == (60, 60, 0)
    cap = found.reasons[-1]
    assert (cap.rule, cap.group, cap.points) == ("cap.engagement", "engagement", -15)
    assert cap.text.fa == "سقف گروه تعامل: بیش از ۶۰ امتیاز شمرده نمی‌شود"
    assert cap.text.en == "group cap: engagement counts up to 60"
    free = Scoring(caps=Caps(engagement=None))
    assert score(story(seen), compile_rules([], own), 1, NOW, free).total == 75


def test_what_staff_do_counts_only_for_rules_that_ask_for_it() -> None:
    anything = own_rule(id="anything", when=Condition(field="activity.type", op="exists"))
    named = own_rule(
        id="named", when=Condition(field="activity.type", op="is", value="staff.called")
    )
    found = score(story([activity("staff.called")]), compile_rules([], [anything, named]), 1, NOW)
    assert [reason.rule for reason in found.reasons] == ["named"]


def test_a_rule_that_fades_has_the_last_time_and_one_that_does_not_the_first() -> None:
    seen = [activity("page_view", page="nil.example/pricing", minute=m) for m in (7, 3, 5)]
    own = [own_rule(id="fades", half_life="1d"), own_rule(id="stays")]
    fades, stays = score(story(seen), compile_rules([], own), 1, NOW).reasons
    assert (fades.points, fades.at) == (10, seen[0].at)
    assert (stays.points, stays.at, stays.parts) == (10, seen[1].at, ())


def test_age_moves_no_stage_back_and_the_temperature_it_does() -> None:
    seen = [activity("page_view", page="nil.example/pricing", minute=0)]
    rules = compile_rules([], [own_rule(points=60, half_life="7d")])
    fresh = stand(seen, rules, Scoring(), Stored(), NOW)
    assert (fresh.stage, fresh.temperature) == ("mql", "hot")
    later = stand(seen, rules, Scoring(), Stored(), NOW + timedelta(days=70))
    assert (later.stage, later.temperature, later.score.total) == ("mql", "cold", 0)


def test_what_age_alone_has_done_is_no_news() -> None:
    rules = compile_rules([], [own_rule(points=60, half_life="7d")])
    seen = [activity("page_view", page="nil.example/pricing", minute=0)]
    first = stand(seen, rules, Scoring(), Stored(), NOW)
    stored = Stored(first.score, first.stage, first.temperature)
    month = NOW + timedelta(days=30)
    assert not stand([*seen, activity("other")], rules, Scoring(), stored, month).is_news
    again = activity("page_view", page="nil.example/pricing")
    assert stand([*seen, again], rules, Scoring(), stored, month).is_news
    ahead = stand([*seen, again], rules, Scoring(), stored, month).score
    behind = stand([*seen, again], rules, Scoring(), Stored(ahead, "mql", "warm"), NOW)
    assert not behind.is_news
