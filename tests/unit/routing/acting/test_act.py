"""Staff actions: what fits is done, what does not is refused in both languages."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.configuration import Active
from libs.common.configuration.schema import Configuration
from services.routing.acting.act import ACTIONS, Setting, act
from services.routing.case import Case, Step
from services.routing.choosing.roster import Roster
from services.routing.plan import compile_plan
from tests.unit.routing.samples import LEAD_FILE, NOW, a_case, a_cause, a_roster

LATER = (NOW + timedelta(days=1)).isoformat()
ARGUMENTS: dict[str, dict[str, Any]] = {
    "staff.snoozed": {"until": LATER},
    "staff.lost": {"reason": "گران بود"},
    "staff.won": {"amount": 1_000_000},
    "staff.reassigned": {"team": "international"},
}


def done(case: Case, action: str, **args: Any) -> tuple[Case, list[str]]:
    step, _roster = act(case, action, args, Setting(a_roster()), a_cause(action))
    return step.case, [change.kind for change in step.changes]


def closed(action: str = "staff.won") -> Case:
    return done(a_case(), action, **ARGUMENTS[action])[0]


@pytest.mark.parametrize(
    ("action", "kinds"),
    [
        ("staff.accepted", ["accepted"]),
        ("staff.declined", ["declined", "assigned"]),
        ("staff.snoozed", ["snoozed"]),
        ("staff.contacted", ["contacted"]),
        ("staff.qualified", ["qualified"]),
        ("staff.won", ["won"]),
        ("staff.lost", ["lost"]),
        ("staff.reopened", ["refused"]),
        ("staff.reassigned", ["assigned"]),
    ],
)
def test_on_an_open_lead(action: str, kinds: list[str]) -> None:
    case, found = done(a_case(), action, **ARGUMENTS.get(action, {}))
    assert found == kinds
    assert case.lead.version == 2


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"staff.reopened"}))
def test_on_a_closed_lead_everything_but_reopening_is_refused(action: str) -> None:
    before = closed()
    case, found = done(before, action, **ARGUMENTS.get(action, {}))
    assert found == ["refused"]
    assert msgspec.structs.replace(case.lead, version=2) == before.lead


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("staff.accepted", "{} سرنخ را پذیرفت"),
        ("staff.contacted", "{} با او تماس گرفت"),
        ("staff.won", "به فروش رسید، به گفتهٔ {}"),
        ("staff.lost", "از دست رفت، به گفتهٔ {}: گران بود"),
    ],
)
def test_the_timeline_says_who_did_it(action: str, said: str) -> None:
    for actor, name in (("sara", "Sara"), ("staff", "یکی از همکاران")):
        cause = a_cause(action)._replace(actor=actor)
        args = ARGUMENTS.get(action, {})
        step, _roster = act(a_case(), action, args, Setting(a_roster()), cause)
        assert step.changes[0].text.fa == said.format(name)


def test_who_declines_for_somebody_else_is_named_beside_them() -> None:
    case = a_case()
    for actor, said in (
        (case.owner or "", "Sara declined"),
        ("staff", "A colleague declined for Sara"),
    ):
        cause = a_cause("staff.declined")._replace(actor=actor)
        step, _roster = act(case, "staff.declined", {}, Setting(a_roster()), cause)
        assert step.changes[0].text.en == said


def test_a_declined_lead_that_changes_its_team_says_who_stands_in() -> None:
    case, _found = done(a_case(), "staff.declined")
    case, _found = done(case, "staff.declined")
    assert case.lead.assignment
    assert case.lead.assignment.team == "reception"
    why = case.lead.assignment.why
    assert "تیم سئو کسی را در دسترس نداشت و در پذیرش که به جای آن است نوبت Mina بود" in why.fa


def test_reopening_clears_the_end() -> None:
    case, found = done(closed("staff.lost"), "staff.reopened")
    assert found == ["reopened"]
    assert (case.lead.state, case.lead.lost_reason, case.lead.closed_at) == ("open", None, None)


def test_reopening_beside_another_open_lead_is_refused() -> None:
    setting = Setting(a_roster(), has_other_open=True)
    step, _roster = act(closed(), "staff.reopened", {}, setting, a_cause())
    assert [change.kind for change in step.changes] == ["refused"]


def test_winning_makes_a_customer_and_again_a_returning_one() -> None:
    assert closed().lead.stage == "customer"
    again, _ = done(a_case(stage="service_qualified"), "staff.won")
    assert again.lead.stage == "returning_customer"


def test_the_first_contact_stays_the_first() -> None:
    once, _ = done(a_case(), "staff.contacted")
    twice, found = done(once, "staff.contacted")
    assert found == ["contacted"]
    assert twice.lead.contacted_at == once.lead.contacted_at == NOW


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("staff.lost", {}),
        ("staff.lost", {"reason": "  "}),
        ("staff.won", {"amount": -1}),
        ("staff.won", {"amount": float("nan")}),
        ("staff.won", {"amount": True}),
        ("staff.won", {"amount": "much"}),
        ("staff.snoozed", {}),
        ("staff.snoozed", {"until": "tomorrow"}),
        ("staff.snoozed", {"until": NOW.isoformat()}),
        ("staff.snoozed", {"until": "2026-11-23T09:00:00"}),
        ("staff.snoozed", {"until": (NOW + timedelta(days=400)).isoformat()}),
        ("staff.reassigned", {}),
        ("staff.reassigned", {"team": "nobody"}),
        ("staff.reassigned", {"specialist": "nobody"}),
        ("staff.reassigned", {"specialist": "sara"}),
    ],
)
def test_bad_arguments_are_refused(action: str, args: dict[str, Any]) -> None:
    before = a_case()
    case, found = done(before, action, **args)
    assert found == ["refused"]
    assert msgspec.structs.replace(case.lead, version=1) == before.lead


def test_reassigning_to_a_person_names_their_team() -> None:
    case, _ = done(a_case(), "staff.reassigned", specialist="leila")
    assert case.lead.assignment
    assert (case.lead.assignment.team, case.lead.assignment.rule) == ("international", "staff")


def test_reassigning_within_the_team_finds_somebody_else() -> None:
    case, _ = done(a_case(), "staff.reassigned", team="seo")
    assert case.lead.assignment
    assert case.lead.assignment.specialist == "ali"


def rounds(roster: Roster, case: Case, times: int) -> tuple[Case, list[Step]]:
    """The lead after so many have declined it, each in turn."""
    steps = []
    for number in range(times):
        cause = a_cause(f"decline-{number}")
        step, roster = act(case, "staff.declined", {"reason": "x"}, Setting(roster), cause)
        case = step.case
        steps.append(step)
    return case, steps


def test_when_all_have_declined_who_did_so_longest_ago_is_next() -> None:
    first = a_case()
    roster = a_roster()
    owners = [first.owner]
    case = first
    for number in range(6):
        case, steps = rounds(roster, case, 1)
        owners.append(case.owner)
        assert owners[-1] != owners[-2], number
        assert [notice.recipient for notice in steps[0].notices] == [case.owner]
    assert owners == ["sara", "ali", "mina", "sara", "ali", "mina", "sara"]
    assert case.lead.assignment
    skipped = case.lead.assignment.skipped
    assert {one.specialist for one in skipped} == {"ali", "mina"}
    assert all("had this lead before" in one.reason.en for one in skipped)
    assert case.lead.assignment.team == "seo"


def test_whoever_gets_a_declined_lead_has_a_clock_of_their_own() -> None:
    spent = a_case().remembering(hops=2, escalated=True)
    case, [step] = rounds(a_roster(), spent, 1)
    assert [change.kind for change in step.changes] == ["declined", "assigned"]
    assert (case.owner, case.hops, case.escalated) == ("ali", 0, False)


def _alone(manager: str | None) -> Roster:
    away = [{"from": "2026-11-01", "to": "2026-11-30"}]
    teams = copy.deepcopy(LEAD_FILE["teams"])
    seo, _international, reception = teams
    seo["specialists"][1]["away"] = away
    seo["manager"] = manager
    reception["specialists"][0]["away"] = away
    plan = compile_plan(Active(7, Configuration.model_validate(LEAD_FILE | {"teams": teams})))
    return a_roster(plan)


@pytest.mark.parametrize(("manager", "told"), [("leila", ["leila"]), (None, []), ("sara", [])])
def test_with_nobody_else_a_declined_lead_stays_and_the_manager_is_told_once(
    manager: str | None, told: list[str]
) -> None:
    roster = _alone(manager)
    before = a_case(roster.plan)
    case, (first, second) = rounds(roster, before, 2)
    assert (case.owner, before.owner) == ("sara", "sara")
    assert case.lead.assignment
    assert before.lead.assignment
    assert case.lead.assignment.id == before.lead.assignment.id
    assert [change.kind for change in first.changes] == ["declined", "kept"]
    assert "nobody else" in first.changes[1].text.en
    assert [(n.recipient, n.kind) for n in first.notices] == [(m, "escalation") for m in told]
    assert second.notices == ()
    skipped = {one.specialist: one.reason.en for one in case.lead.assignment.skipped}
    assert skipped == {"ali": "is on leave", "mina": "is on leave"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=2) | st.dictionaries(st.text(), children),
    max_leaves=4,
)


@settings(deadline=None)
@given(
    action=st.sampled_from(sorted(ACTIONS)),
    args=st.dictionaries(
        st.sampled_from(["reason", "until", "amount", "team", "specialist"]), ANYTHING
    ),
)
def test_no_argument_is_an_error(action: str, args: dict[str, Any]) -> None:
    step, _roster = act(a_case(), action, args, Setting(a_roster()), a_cause())
    assert step.case.lead.version == 2
    for change in step.changes:
        assert change.text.fa
        assert change.text.en
        assert change.cause == "cause"
