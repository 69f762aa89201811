"""A message that came with other content too: what begins anew is what its platform sent last."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from libs.common.events import Event, LeadCaptured, SubmissionEnriched, derived_id
from tests.integration.enrichment.conftest import Captured, Service
from tests.integration.enrichment.test_messages import SAID, Talk, anew, message_of, told


def in_other_words(said: Event, words: str) -> Event:
    """The same message a second later, as its platform has it by then."""
    assert isinstance(said.data, LeadCaptured)
    other = structs.replace(
        said.data,
        fields=said.data.fields | {"message": words},
        digest=derived_id("digest", words),
        received_at=said.data.received_at + timedelta(seconds=1),
    )
    return structs.replace(said, id=derived_id("captured", said.id), data=other)


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("asked_twice", [False, True])
async def test_what_a_platform_sent_last_of_a_message_begins_anew_in_whatever_order_it_is_read(
    service: Service, captured: Captured, *, is_late: bool, asked_twice: bool
) -> None:
    talk = Talk(captured)
    (found,) = await told(service, talk.said(SAID[0]))
    said = talk.said({"message": "قیمت؟"}, after=1)
    bodies = [said, in_other_words(said, "قیمت سئو؟")]
    for body in reversed(bodies) if is_late else bodies:
        await told(service, body)
    words = [anew(talk, found.person_id, said) for _ in range(1 + asked_twice)]
    (own,) = await told(service, *words)
    assert isinstance(own, SubmissionEnriched)
    assert (own.submission_id, own.contact.message) == (message_of(said), "قیمت سئو؟")
    assert await told(service, *words) == []
    assert (await service.count("touches"), await service.count("resends")) == (2, 0)
