"""What a message offers follows its lead: only to its owner, only for its own assignment."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from libs.common.events import Lead, Text
from services.routing.acting.act import Setting, act
from services.routing.buttons.pressing import judge
from services.routing.channels.keyboard import Press
from services.routing.messages.standing import Standing, standing
from tests.unit.routing.samples import NOW, a_case, a_cause, a_roster

TEHRAN = ZoneInfo("Asia/Tehran")


def a_lead(**more: Any) -> Lead:
    return a_case().evolved(NOW, **more).lead


def stands(lead: Lead, recipient: str = "sara", assignment_id: str | None = None) -> Standing:
    assert lead.assignment
    return standing(lead, assignment_id or lead.assignment.id, recipient, "سارا", TEHRAN)


@pytest.mark.parametrize(
    ("change", "said", "offers"),
    [
        ({}, None, ("accept", "contacted", "decline")),
        ({"accepted_at": NOW}, "سارا پذیرفت · ۱۲:۳۰", ("contacted", "decline")),
        ({"accepted_at": NOW, "contacted_at": NOW}, "سارا تماس گرفت · ۱۲:۳۰", ()),
        ({"state": "won"}, "به فروش رسید", ()),
        ({"state": "lost"}, "از دست رفت", ()),
        ({"merged_into": "other"}, "با سرنخ دیگری یکی شد", ()),
    ],
)
def test_the_owner_is_offered_what_is_left_to_do(
    change: dict[str, Any], said: str | None, offers: tuple[str, ...]
) -> None:
    lead = a_lead(**change)
    owner = lead.assignment.specialist if lead.assignment else ""
    found = stands(lead, owner)
    assert (found.text.fa if found.text else None, found.offers) == (said, offers)


def test_nobody_else_is_offered_anything() -> None:
    assert stands(a_lead(), "mina").offers == ()
    assert stands(a_lead(accepted_at=NOW), "mina").offers == ()


def test_an_old_message_only_says_who_has_it_now() -> None:
    found = stands(a_lead(), assignment_id="an older one")
    assert found.text == Text("به سارا سپرده شد · ۱۲:۳۰", "Moved on to سارا · 12:30")
    assert not found.offers


def test_a_press_for_an_older_assignment_is_refused() -> None:
    case = a_case()
    assert case.lead.assignment
    setting, cause = Setting(a_roster()), a_cause()
    now = {"assignment_id": case.lead.assignment.id}
    before = {"assignment_id": "older"}
    step, _ = act(case, "staff.accepted", before, setting, cause)
    assert [change.kind for change in step.changes] == ["refused"]
    assert step.case.lead.accepted_at is None
    step, _ = act(case, "staff.accepted", now, setting, cause)
    assert step.case.lead.accepted_at == NOW


@pytest.mark.parametrize(
    ("action", "offers", "expected"),
    [
        ("accept", ("accept", "contacted", "decline"), "staff.accepted"),
        ("contacted", ("contacted", "decline"), "staff.contacted"),
        ("reason", ("contacted", "decline"), "staff.declined"),
        ("decline", ("decline",), None),
        ("back", (), None),
        ("accept", ("contacted", "decline"), None),
        ("reason", (), None),
    ],
)
def test_a_press_does_what_is_still_offered(
    action: str, offers: tuple[Any, ...], expected: str | None
) -> None:
    verdict = judge(Press(action, "id", "busy"), Standing("x", None, offers), is_theirs=True)
    assert verdict.activity == expected
    assert verdict.is_alert is (expected is None and action not in {"decline", "back"})


def test_a_stranger_can_do_nothing() -> None:
    verdict = judge(Press("accept", "id"), Standing("open", None, ("accept",)), is_theirs=False)
    assert (verdict.activity, verdict.is_alert) == (None, True)
