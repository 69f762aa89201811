"""A sender whose machine's clock is wrong: what it signs is taken all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.routing.conftest import Sending, new_id


@pytest.mark.parametrize("hours", [-1, 1])
async def test_invariant_27_a_message_is_signed_by_the_database_s_clock(
    sending: Sending, hours: int
) -> None:
    sending.start(own=lambda: datetime.now(UTC) + timedelta(hours=hours))
    await sending.tell(sending.routing.scored(new_id()))
    await sending.until("sent")
    [request] = sending.receiver.requests
    assert request.verified()["type"] == "lead.assigned"
