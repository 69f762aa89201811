"""Who was told that a source had gone quiet hears that it speaks again: once, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec import structs

from tests.integration.routing.conftest import Sending, new_id
from tests.integration.routing.quiet import Quiet


@pytest.fixture
async def quiet(sending: Sending) -> AsyncIterator[Quiet]:
    found = Quiet(sending)
    yield found
    await found.close()


async def test_who_was_told_of_a_silence_is_told_once_of_its_end(quiet: Quiet) -> None:
    one, other = quiet.another(), quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(one)
    for _ in range(2):
        await quiet.routing.feed(quiet.heard())
        await asyncio.gather(quiet.tell(one), quiet.tell(other))
    assert quiet.types() == ["source.silent", "source.heard_again"]
    silent, heard = (request.verified()["data"] for request in quiet.receiver.requests)
    assert isinstance(silent, dict)
    assert isinstance(heard, dict)
    assert heard["notification_id"] != silent["notification_id"]
    assert (heard["source"], heard["kind"]) == ("contact", "source_heard_again")
    assert heard["specialist"] == "mina"
    assert heard["quiet_seconds"] == (74 * 60 - 10) * 60


async def test_who_was_never_told_of_a_silence_hears_nothing_of_its_end(quiet: Quiet) -> None:
    quiet.receiver.modes = ["410"]
    await quiet.routing.feed(quiet.said())
    await quiet.tell()
    assert [state for state, _error in await quiet.states()] == ["failed"]
    await quiet.routing.feed(quiet.heard())
    await quiet.tell()
    assert await quiet.routing.rows("SELECT 1 FROM routing.reliefs") == []


async def test_who_may_have_read_of_a_silence_that_was_taken_back_hears_of_its_end(
    quiet: Quiet,
) -> None:
    """The first answer was cut, so that the message is to be sent again; then nothing is silent."""
    quiet.receiver.modes = ["cut", "ok"]
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    assert [state for state, _error in await quiet.states()] == ["planned"]
    await quiet.routing.feed(quiet.heard())
    await quiet.at_once()
    await quiet.tell(sender)
    assert await quiet.states() == [("failed", "superseded")]
    await quiet.tell(sender)
    assert quiet.types() == ["source.silent", "source.heard_again"]


async def test_who_was_being_told_of_a_silence_as_its_sender_died_hears_of_its_end(
    quiet: Quiet,
) -> None:
    """It may have come to its reader before the sender died; then nothing is silent any more."""
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.routing.rows(
        "UPDATE routing.silences SET state = 'sending', attempts = 1, begun = true,"
        " claim = gen_random_uuid(), deadline = clock_timestamp() - interval '1 second' RETURNING 1"
    )
    await quiet.routing.feed(quiet.heard())
    await quiet.tell(sender)
    await quiet.at_once()
    await quiet.tell(sender)
    assert await quiet.states() == [("failed", "superseded")]
    await quiet.tell(sender)
    assert quiet.types() == ["source.heard_again"]


async def test_a_silence_that_may_have_been_read_outdoes_the_end_of_the_one_before(
    quiet: Quiet,
) -> None:
    """Two came and went while routing was away: their end is told once, that of the later one."""
    sender, again = quiet.another(), quiet.last + timedelta(days=2)
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    quiet.receiver.modes = ["cut", "ok"]
    await quiet.routing.feed(quiet.said(last=again))
    await quiet.tell(sender)
    await quiet.routing.feed(quiet.heard(), quiet.heard(again))
    await quiet.at_once()
    for _ in range(2):
        await quiet.tell(sender)
    assert quiet.types() == ["source.silent", "source.silent", "source.heard_again"]


async def test_the_end_of_a_silence_that_is_being_told_waits_for_that(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    await quiet.routing.rows(
        "UPDATE routing.silences SET state = 'sending', attempts = 1, claim = gen_random_uuid(),"
        " deadline = clock_timestamp() + interval '1 hour' RETURNING 1"
    )
    await quiet.routing.feed(quiet.heard())
    await quiet.tell()
    assert quiet.types() == []
    await quiet.routing.rows("UPDATE routing.silences SET state = 'sent' RETURNING 1")
    await quiet.tell()
    assert quiet.types() == ["source.heard_again"]


async def test_who_answers_for_no_team_any_more_hears_nothing_of_its_end(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    await quiet.tell()
    quiet.configure(manager="sara")
    await quiet.routing.feed(quiet.heard())
    await quiet.tell()
    assert quiet.types() == ["source.silent"]
    assert quiet.sending.said == [], "nor does who was not told of the silence"
    assert await quiet.routing.rows("SELECT state, error FROM routing.reliefs") == [
        ("failed", "superseded")
    ]


async def test_an_end_that_another_silence_has_overtaken_is_not_told(quiet: Quiet) -> None:
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    later = quiet.said(last=quiet.last + timedelta(days=2))
    await quiet.routing.feed(quiet.heard(), later)
    await quiet.tell(sender)
    assert quiet.types() == ["source.silent", "source.silent"]
    assert [row[0] for row in await quiet.routing.rows("SELECT error FROM routing.reliefs")] == [
        "superseded"
    ]


@pytest.mark.parametrize("at_once", [False, True])
async def test_an_end_is_told_though_another_silence_came_and_went_untold(
    quiet: Quiet, *, at_once: bool
) -> None:
    """As when routing was away: whoever was told of the first is to know that it is over."""
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    again = quiet.last + timedelta(days=2)
    words = [quiet.heard(), quiet.said(last=again), quiet.heard(again)]
    for events in [words] if at_once else [[word] for word in words]:
        await quiet.routing.feed(*events)
    await quiet.tell(sender)
    assert quiet.types() == ["source.silent", "source.heard_again"]
    assert [state for state, _error in await quiet.states()] == ["sent", "failed"]


async def test_rule_28_an_end_that_was_known_before_is_no_news_when_it_is_read_again(
    quiet: Quiet,
) -> None:
    """The word itself says when it was heard, also one that the build before has read."""
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    await quiet.routing.feed(quiet.heard())
    await quiet.routing.rows("UPDATE routing.silences SET heard_at = NULL RETURNING 1")
    await quiet.routing.feed(structs.replace(quiet.heard(), id=new_id()))
    await quiet.tell(sender)
    assert quiet.types() == ["source.silent"]


async def test_of_silences_that_the_build_before_ended_nobody_hears(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    await quiet.tell()
    await quiet.routing.feed(quiet.said("heard_again"))
    await quiet.tell()
    assert quiet.types() == ["source.silent"]
