"""What a touch learns of a scan that is read after it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import structs

from libs.common.events import Activity, Attribution, Contact, Event, Touch
from services.enrichment.draft import Draft
from services.enrichment.effects import TouchRow
from services.enrichment.intake import Item
from services.enrichment.late_scan import Naming, Waiting, fact_of, learnt, naming, said
from services.enrichment.verdict import Verdict
from tests.unit.enrichment.conftest import Normalised

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SUBMISSION = "0f0e0d0c-0000-4000-8000-000000000001"
SCAN = Attribution(
    page="nil.example/expo", qr="expo26", scan="t", utm={"campaign": "expo"}, referrer="x"
)


def waiting(**came: object) -> Waiting:
    own = structs.replace(Attribution(scan="t"), **came)
    touch = Touch(SUBMISSION, "form", "contact", AT, own, AT)
    return Waiting("t", SUBMISSION, touch, Contact(name="سارا"), round=0, person_id="p")


def test_what_was_left_open_is_filled_in_and_what_was_said_stays() -> None:
    own = {"page": "nil.example/a", "utm": {"campaign": "own"}, "visitor_id": "v"}
    (one,) = learnt([waiting(**own)], {"t": SCAN})
    assert one.touch.attribution == Attribution(
        page="nil.example/a", utm={"campaign": "own"}, visitor_id="v", qr="expo26", scan="t"
    )
    (bare,) = learnt([waiting()], {"t": SCAN})
    assert bare.touch.attribution == structs.replace(SCAN, referrer=None)


def test_a_chat_keeps_its_page_for_it_was_routed_by_it() -> None:
    one = waiting(page="nil.example/chat")
    chat = structs.replace(one, touch=structs.replace(one.touch, kind="chat"))
    (found,) = learnt([chat], {"t": SCAN})
    assert found.touch.attribution.page == "nil.example/chat"


@pytest.mark.parametrize(
    ("one", "scans"),
    [
        (waiting(), {}),
        (waiting(), {"other": SCAN}),
        (waiting(), {"t": structs.replace(SCAN, qr=None)}),
        (waiting(qr="first"), {"t": SCAN}),
    ],
)
def test_nothing_is_learnt_where_nothing_is_missing_or_known(
    one: Waiting, scans: dict[str, Attribution]
) -> None:
    assert learnt([one], scans) == []


def test_the_same_word_is_the_same_event_and_names_nobody_s_contact_but_its_own() -> None:
    (one,) = learnt([waiting()], {"t": SCAN})
    told = said(one, "p", AT)
    assert isinstance(told.data, Activity)
    assert said(one, "q", AT).id == told.id
    assert told.data.activity_id == fact_of(SUBMISSION)
    assert (told.key, told.data.at, told.round) == ("p", AT, 0)
    assert told.data.data["brought"] == {"name": "سارا"}
    later = said(structs.replace(one, touch_id="r"), None, AT)
    assert isinstance(later.data, Activity)
    assert (later.key, "brought" in later.data.data) == (SUBMISSION, False)


def item(draft: Draft, outcome: str) -> Item:
    came = structs.replace(draft, attribution=Attribution(scan="t"))
    event = Event("e", SUBMISSION, AT, draft.captured)
    verdict = Verdict(outcome)  # type: ignore[arg-type]  # the test says one that exists
    return Item(event, "content", captured=draft.captured, draft=came, verdict=verdict)


def test_persons_touches_and_what_is_held_wait_for_the_scan_that_they_name(
    normalised: Normalised,
) -> None:
    draft = normalised({"phone": "09121234567"})
    held = item(draft, "quarantined")
    assert naming([held], []) == [Naming("t", SUBMISSION, SUBMISSION, AT)]
    for outcome in ("enriched", "test", "activity"):
        assert naming([item(draft, outcome)], []) == []
    row = TouchRow("r", "e", "p", held.touch)
    assert naming([], [row]) == [Naming("t", "r", SUBMISSION, AT)]
    discarded = structs.replace(held, action="discarded")
    assert naming([discarded], []) == []


@pytest.mark.parametrize(
    "came", [Attribution(), Attribution(scan="t", qr="x"), Attribution(scan="t" * 321)]
)
def test_what_names_no_scan_or_knows_its_code_waits_for_none(came: Attribution) -> None:
    touch = Touch(SUBMISSION, "form", "contact", AT, came)
    assert naming([], [TouchRow(SUBMISSION, "e", "p", touch)]) == []
