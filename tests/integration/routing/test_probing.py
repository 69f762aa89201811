"""What was refused is tried before its own wait is over, so that a receiver's return is noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.routing.sending.settle import DELAYS
from services.routing.stage import utc_now
from services.routing.store import probing as store
from tests.integration.routing.conftest import Sending, new_id

PUT_OFF = """
    UPDATE routing.notifications SET attempts = :attempts, error = 'http_500',
        next_at = clock_timestamp() + interval '900 seconds',
        refused_at = clock_timestamp() - make_interval(secs => :ago)
    WHERE kind = 'assigned' RETURNING 1
"""
DUE = """
    SELECT count(*) FROM routing.notifications
    WHERE kind = 'assigned' AND next_at <= clock_timestamp()
"""


async def refused(sending: Sending, *, ago: float, attempts: int = 7) -> None:
    """Three messages on one route that have been refused, and wait for a quarter of an hour."""
    await sending.routing.feed(*(sending.routing.scored(new_id()) for _ in range(3)))
    await sending.routing.rows(PUT_OFF, attempts=attempts, ago=ago)


async def due(sending: Sending, well: float | None = None) -> int:
    """How many are due once routes were looked at; theirs did `well` so many seconds ago."""
    route = ("webhook", sending.receiver.url)
    known = {} if well is None else {route: utc_now() - timedelta(seconds=well)}
    async with sending.routing.database.transaction() as tx:
        await store.hasten(tx, known)
    return int((await sending.routing.rows(DUE))[0][0])


async def test_whoever_waits_is_told_within_a_minute_of_a_receivers_return(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.routing.sending.probing.LOOK_SECONDS", 0.05)
    await refused(sending, ago=store.PROBE_SECONDS + 1)
    sending.start()
    await sending.until("sent")
    assert len(sending.receiver.requests) == 3
    assert len(set(sending.receiver.accepted)) == 3


async def test_a_route_that_is_away_is_tried_with_one_message_at_a_time(sending: Sending) -> None:
    await refused(sending, ago=store.PROBE_SECONDS - 10)
    assert await due(sending) == 0
    await refused(sending, ago=store.PROBE_SECONDS + 1)
    assert await due(sending) == 1
    assert await due(sending) == 1, "its answer is waited for"


@pytest.mark.parametrize(
    ("ago", "attempts", "found"),
    [(5, 7, 3), (30, 7, 0), (5, store.MOST_TRIES, 0)],
    ids=["since", "before", "at fault itself"],
)
async def test_all_are_due_once_their_route_does_well(
    sending: Sending, ago: float, attempts: int, found: int
) -> None:
    await refused(sending, ago=20, attempts=attempts)
    assert await due(sending, well=ago) == found


async def test_what_its_receiver_put_off_is_not_tried_before(sending: Sending) -> None:
    sending.receiver.modes = ["later"]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("planned", attempts=1)
    assert row.refused_at is None
    assert await due(sending, well=0) == 0


async def test_what_was_refused_without_a_word_is(sending: Sending) -> None:
    sending.receiver.modes = ["500"]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("planned", attempts=3)
    assert row.refused_at is not None


@pytest.mark.parametrize(("first", "state"), [(None, "planned"), (5, "failed")])
async def test_what_was_first_tried_late_is_given_up_hours_after_its_first_refusal(
    sending: Sending, first: int | None, state: str
) -> None:
    sending.receiver.modes = ["500"]
    await sending.routing.feed(sending.routing.scored(new_id()))
    await sending.routing.rows(
        """
            UPDATE routing.notifications SET attempts = :tried, error = 'http_500',
                next_at = clock_timestamp(), planned_at = clock_timestamp() - interval '5 hours',
                first_refused_at = clock_timestamp() - make_interval(hours => :first)
            WHERE kind = 'assigned' RETURNING 1
        """,
        tried=len(DELAYS),
        first=first,
    )
    sending.start()
    sending.planned.set()
    await sending.until(state, attempts=len(DELAYS) + 1)
