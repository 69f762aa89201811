"""A row of a list joins the lead of whom it names, and is no reason to call."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from services.routing.join import TOLD_AGAIN_AFTER, touch_lead
from tests.unit.routing.samples import NOW, a_case, a_cause, an_arrival


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
