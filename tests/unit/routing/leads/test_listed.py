"""A row of a list joins the lead of whom it names, and is no reason to call."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from libs.common.events import Contact
from services.routing.acting.act import Setting, act
from services.routing.case import ListOf
from services.routing.choosing.wait import assigned_notice
from services.routing.leads.join import TOLD_AGAIN_AFTER, touch_lead
from services.routing.leads.listing import list_of
from tests.unit.routing.samples import NOW, a_case, a_cause, a_roster, an_arrival


@pytest.mark.parametrize(("kind", "told"), [("form", 1), ("import", 0)])
def test_the_owner_is_not_told_that_somebody_came_back_who_only_stands_in_a_list(
    kind: str, told: int
) -> None:
    arrival = an_arrival(submission_id="later")
    later = NOW + TOLD_AGAIN_AFTER + timedelta(minutes=1)
    touch = msgspec.structs.replace(arrival.enriched.touch, kind=kind, at=later, source="expo")
    enriched = msgspec.structs.replace(arrival.enriched, touch=touch)
    step = touch_lead(a_case(), arrival._replace(enriched=enriched), a_cause())
    assert len(step.notices) == told
    assert ("list expo" in step.changes[0].text.en) is (kind == "import")
    assert step.case.lead.touch_count == 2


def test_who_waits_is_told_of_with_the_list_as_well_and_who_woke_up_is_not() -> None:
    listed = ListOf("0f3c9c1e-8f5a-4f0e-9d35-6b1f6c2a7d10", "expo.csv")
    case = a_case().remembering(listed=listed)
    assert assigned_notice(case).listed == listed
    woken = touch_lead(case, an_arrival(submission_id="later"), a_cause())
    assert [notice.kind for notice in woken.notices] == ["touched"]
    assert assigned_notice(woken.case).listed is None
    row = an_arrival(submission_id="row")
    touch = msgspec.structs.replace(row.enriched.touch, kind="import")
    enriched = msgspec.structs.replace(row.enriched, touch=touch)
    asleep = touch_lead(case, row._replace(enriched=enriched), a_cause())
    assert (asleep.notices, asleep.case.listed) == ((), listed)


@pytest.mark.parametrize(
    ("action", "args", "kind"),
    [
        ("staff.reopened", {}, "refused"),
        ("staff.lost", {}, "refused"),
        ("staff.accepted", {"assignment_id": "an older one"}, "refused"),
        ("staff.contacted", {}, "contacted"),
    ],
)
def test_what_is_refused_leaves_a_lead_in_its_list(
    action: str, args: dict[str, object], kind: str
) -> None:
    before = a_case().remembering(listed=ListOf("0f3c9c1e-8f5a-4f0e-9d35-6b1f6c2a7d10", "expo.csv"))
    step, _roster = act(before, action, args, Setting(a_roster()), a_cause(action))
    assert [change.kind for change in step.changes] == [kind]
    assert step.case.listed == (before.listed if kind == "refused" else None)


@pytest.mark.parametrize(
    "told",
    [None, "x", {}, {"list": "x", "file": "f"}, {"list": "0f3c9c1e-8f5a-4f0e-9d35-6b1f6c2a7d10"}],
)
def test_a_row_that_names_no_list_is_told_of_by_itself(told: object) -> None:
    enriched = an_arrival().enriched
    touch = msgspec.structs.replace(enriched.touch, kind="import")
    contact = Contact(extra={"_import": told})
    assert list_of(msgspec.structs.replace(enriched, touch=touch, contact=contact)) is None


def test_only_what_the_desk_brought_is_a_row_of_a_list() -> None:
    told = {"list": "0f3c9c1e-8f5a-4f0e-9d35-6b1f6c2a7d10", "file": "f"}
    enriched = msgspec.structs.replace(
        an_arrival().enriched, contact=Contact(extra={"_import": told})
    )
    assert list_of(enriched) is None
