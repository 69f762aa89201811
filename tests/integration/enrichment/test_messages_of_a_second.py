"""Messages of one second are one submission at one moment: their own ids tell them apart."""

from __future__ import annotations

from msgspec import structs

from libs.common.erasing import erasure_in
from libs.common.events import Activity, Attribution, LeadCaptured, derived_id
from tests.integration.enrichment.conftest import Captured, Service
from tests.integration.enrichment.test_late_scans import learnt, touch_in
from tests.integration.enrichment.test_messages import HANDLE, SAID, Talk, message_of
from tests.integration.enrichment.test_visits import scanned


async def test_each_learns_of_a_scan_that_is_read_later_under_its_own_id(
    service: Service, captured: Captured
) -> None:
    talk = Talk(captured)
    wrote = [talk.said(fields, attribution=Attribution(scan="t")) for fields in SAID[:2]]
    for event in wrote:
        await service.take(event)
    told = await learnt(service, scanned(captured, "t"))
    assert len({touch_in(event)["at"] for event in told}) == 1
    is_first = {
        touch_in(event)["message"]: "of" not in event.data.data
        for event in told
        if isinstance(event.data, Activity)
    }
    assert is_first == {message_of(wrote[0]): True, message_of(wrote[1]): False}


async def test_rule_29_what_is_left_of_a_person_says_which_message_each_touch_is(
    service: Service, captured: Captured
) -> None:
    talk = Talk(captured)
    wrote = [talk.said(fields) for fields in SAID[:2]]
    form = captured(HANDLE | {"phone": "09121234567"}, key_owner="platform", after=5)
    await service.take(*wrote)
    await service.take(form)
    assert isinstance(form.data, LeadCaptured)
    back = structs.replace(form.data, withdrawn=True)
    event = structs.replace(form, id=derived_id("back", form.key), data=back)
    (answer,) = await service.take(event)
    [erasure] = [found for one in answer.events if (found := erasure_in(one.data))]
    assert {touch.message for touch in erasure.touches} == set(map(message_of, wrote))
