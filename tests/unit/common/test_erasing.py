"""What an erasure leaves of a lead, and who may say that there is one."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from libs.common.erasing import PERSON_ERASED, Erasure, emptied, erasure_in
from libs.common.errors import Reject
from libs.common.events import Activity, Attribution, Contact, Lead, Reason, Score, Text, Touch

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NAME = "بهارک"


def lead(**more: object) -> Lead:
    touch = Touch("s", "form", "contact", AT, Attribution(page_url=NAME, utm={"term": NAME}))
    reason = Reason("asks", "engagement", 5, Text(NAME, NAME), AT)
    known = Lead(
        id="l", person_id="p", version=3, state="open", stage="sql", temperature="hot",
        contact=Contact(name=NAME, message=NAME), score=Score(5, 0, 5, 3, (reason,)), page="nil",
        source="contact", first_touch=touch, last_touch=touch, touch_count=2, opened_at=AT,
        changed_at=AT, lost_reason=NAME, snoozed_until=AT,
    )  # fmt: skip
    return msgspec.structs.replace(known, **more)


@pytest.mark.parametrize("state", ["open", "lost", "won"])
def test_nothing_that_was_told_is_in_an_emptied_lead(state: str) -> None:
    later = AT + timedelta(days=1)
    left = emptied(lead(state=state), later)
    assert NAME not in msgspec.json.encode(left).decode()
    assert left.state == ("won" if state == "won" else "lost")
    assert (left.erased_at, left.page, left.touch_count) == (later, "nil", 2)
    assert emptied(left, later + timedelta(days=1)) == left


def test_only_the_system_says_so_and_every_id_has_one_form() -> None:
    person = uuid.uuid4()
    data = {"persons": [str(person).upper()]}
    said = Activity("a", PERSON_ERASED, AT, data=data)
    assert erasure_in(said) == Erasure(persons=(str(person),))
    assert erasure_in(msgspec.structs.replace(said, actor="visitor")) is None
    assert erasure_in(msgspec.structs.replace(said, type="page_view")) is None
    with pytest.raises(Reject):
        erasure_in(msgspec.structs.replace(said, data={"persons": ["nobody"]}))
