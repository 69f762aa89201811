"""What came under somebody else's key by the thousand, and names a person who is erased."""

from __future__ import annotations

import pytest

from libs.common.erasing import PERSON_ERASED, erasure_in
from libs.common.events import derived_id
from tests.integration.enrichment.conftest import Captured, Service
from tests.integration.enrichment.test_erasing import OTHER, TOLD, asked, leaks, told


async def test_rule_29_however_many_bodies_name_an_erased_person_each_is_named_by_a_word(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.enrichment.erase.MOST_NAMED", 3)
    first = captured({"phone": OTHER}, key_owner="ours")
    key = {"submission_id": first.key, "key_owner": "ours"}
    theirs = [captured(TOLD | {"city": str(n)}, **key) for n in range(7)]
    (known, *_) = await service.enriched(captured(TOLD), first)
    await service.take(*theirs)
    _, words = await told(service, asked(known.person_id or ""))
    assert {word.type for word in words} == {PERSON_ERASED}
    found = [erasure for word in words if (erasure := erasure_in(word))]
    assert [len(one.conflicts) for one in found] == [3, 3, 1]
    named = {body for one in found for body in one.conflicts}
    assert named == {derived_id("key_conflict", one.id) for one in theirs}
    assert {one.persons for one in found} == {(known.person_id,)}
    assert [one.part for one in found] == [0, 1, 2]
    assert len({word.activity_id for word in words}) == 3
    assert await leaks(service) == []
