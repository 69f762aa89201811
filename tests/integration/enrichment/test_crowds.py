"""What a stranger may bring about who posts visits without end."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from tests.integration.enrichment.conftest import Captured, Service
from tests.integration.enrichment.test_visits import form, seen, told


async def test_of_a_day_s_crowd_so_many_are_told_and_all_are_kept(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.enrichment.journey.MOST_A_DAY", 5)
    visitor, other = str(uuid.uuid4()), str(uuid.uuid4())
    (known,) = await service.enriched(form(captured, visitor))
    await service.enriched(form(captured, other, fields={"email": "o@mail.example"}))
    views = [seen(captured, visitor, after=60 + n) for n in range(8)]
    found = await told(service, *views[:3])
    found += await told(service, *views[3:], seen(captured, other, after=70))
    assert [a.submission_id for a in found if a.person_id == known.person_id] == [
        view.key for view in views[:5]
    ]
    assert len(found) == 6
    assert await told(service, seen(captured, visitor, after=90)) == []
    assert await service.count("visits WHERE person_id IS NOT NULL") == 10
    assert len(await told(service, seen(captured, visitor, after=24 * 3600))) == 1
    again = msgspec.structs.replace(views[0], round=1)
    assert len(await told(service, again)) == 1  # a person asked for it
