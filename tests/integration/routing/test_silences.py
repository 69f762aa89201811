"""Those who answer for teams hear of a source that has gone quiet: once, while it is so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from libs.common.events import Activity, Event
from tests.integration.routing.conftest import Sending, new_id
from tests.integration.routing.quiet import Quiet

CLAIM_BEFORE = """
    UPDATE routing.announcements a SET state = 'sending'
    WHERE a.id = ANY (ARRAY(
        SELECT id FROM routing.announcements
        WHERE state = 'planned' AND next_at <= clock_timestamp()
        ORDER BY next_at, id LIMIT 8 FOR UPDATE SKIP LOCKED))
    RETURNING CAST(a.id AS text) AS id, a.source, a.expires
"""
"""As the build before claims what it tells of sources."""


@pytest.fixture
async def quiet(sending: Sending) -> AsyncIterator[Quiet]:
    found = Quiet(sending)
    yield found
    await found.close()


async def test_a_silence_is_told_once_to_each_manager(quiet: Quiet) -> None:
    one, other = quiet.another(), quiet.another()
    for _ in range(2):
        await quiet.routing.feed(quiet.said())
        await asyncio.gather(quiet.tell(one), quiet.tell(other))
    (request,) = quiet.receiver.requests
    body = request.verified()
    data = body["data"]
    assert isinstance(data, dict)
    assert (body["type"], data["kind"]) == ("source.silent", "source_silent")
    assert (data["source"], data["source_kind"]) == ("contact", "form")
    assert (data["specialist"], data["usual_seconds"]) == ("mina", 7200)
    assert datetime.fromisoformat(str(data["last_at"])) == quiet.last
    assert int(str(data["quiet_seconds"])) >= 74 * 3600
    assert str(data["url"]).endswith("/sources/contact")
    assert await quiet.states() == [("sent", None)]


@pytest.mark.parametrize("order", [("silent", "heard_again"), ("heard_again", "silent")])
async def test_nobody_is_told_of_a_source_that_was_heard_again(
    quiet: Quiet, order: tuple[str, str]
) -> None:
    for name in order:
        await quiet.routing.feed(quiet.said(name))
    await quiet.tell()
    assert quiet.receiver.requests == []
    assert await quiet.states() == [("failed", "superseded")]
    await quiet.routing.feed(quiet.said(last=quiet.last + timedelta(days=1)))
    await quiet.tell()
    assert len(quiet.receiver.requests) == 1, "the silence after that is another one"


async def test_what_waits_for_another_try_is_dropped_once_it_is_heard_again(quiet: Quiet) -> None:
    quiet.receiver.modes = ["500"]
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    assert [state for state, _error in await quiet.states()] == ["planned"]
    await quiet.routing.feed(quiet.said("heard_again"))
    await quiet.at_once()
    await quiet.tell(sender)
    assert await quiet.states() == [("failed", "superseded")]
    assert len(quiet.receiver.requests) == 1


async def test_nobody_is_told_of_what_is_not_configured_any_more(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    quiet.configure(form="other")
    await quiet.tell()
    assert (quiet.receiver.requests, await quiet.states()) == ([], [("failed", "superseded")])


async def test_rule_20_a_claim_of_a_dead_process_is_settled_by_another(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    await quiet.routing.rows(
        "UPDATE routing.silences SET state = 'sending', attempts = 1, claim = gen_random_uuid(),"
        " deadline = clock_timestamp() - interval '1 second' RETURNING 1"
    )
    sender = quiet.another()
    await quiet.tell(sender)
    await quiet.at_once()
    await quiet.tell(sender)
    assert (len(quiet.receiver.requests), await quiet.states()) == (1, [("sent", None)])


async def test_the_build_before_tells_no_silence_as_the_end_of_a_token(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    assert await quiet.routing.rows(CLAIM_BEFORE) == []
    await quiet.tell()
    assert await quiet.states() == [("sent", None)]


@pytest.mark.parametrize(
    "odd", [{"last_at": "soon"}, {"last_at": "2026-11-21"}, {"source": 7}, {"actor": "visitor"}]
)
async def test_what_has_another_shape_plans_nothing(quiet: Quiet, odd: dict[str, object]) -> None:
    data = {"source": "contact", "last_at": quiet.last.isoformat(), **odd}
    actor = str(data.pop("actor", "system"))
    for name in ("source.silent", "source.heard_again"):
        said = Activity(new_id(), name, quiet.routing.now, actor, data=data)
        await quiet.routing.feed(Event(said.activity_id, "contact", quiet.routing.now, said))
    assert await quiet.states() == []
    assert await quiet.routing.rows("SELECT 1 FROM routing.heard_again") == []


async def test_a_usual_pause_of_another_shape_is_left_out(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said(usual_seconds="often"))
    await quiet.tell()
    (request,) = quiet.receiver.requests
    data = request.verified()["data"]
    assert isinstance(data, dict)
    assert data["usual_seconds"] is None
