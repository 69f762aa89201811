"""Chats that are answered by themselves, where two slices or processes meet over one of them."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.database.statements import text
from libs.common.erasing import SUBMISSION_ERASED
from libs.common.events import Activity, Event, LeadCaptured
from services.capture.replies.reply import AT_MOST
from services.capture.replies.spoken import Conversation, conversation_of
from services.capture.store import claims, replies
from tests.integration.capture.locks import held_up
from tests.integration.capture.replies.chatting import Chats


def taken_back(chats: Chats, message: LeadCaptured, word: str) -> Event:
    """The word that it is gone: its sender's, or enrichment's."""
    if word == "withdrawn":
        back = chats.message("1", reply={}, withdrawn=True)
        return Event("w", back.submission_id, chats.now, back)
    gone = Activity("e", SUBMISSION_ERASED, chats.now, submission_id=message.submission_id)
    return Event("e", "e", chats.now, gone)


@pytest.mark.parametrize("word", ["withdrawn", "erased"])
@pytest.mark.parametrize("is_first", [True, False])
async def test_rule_29_what_is_taken_back_in_another_slice_at_once_gets_no_answer(
    chats: Chats, word: str, *, is_first: bool
) -> None:
    message = chats.message("1")
    events = [
        Event(message.submission_id, message.submission_id, chats.now, message),
        taken_back(chats, message, word),
    ]
    one, other = events if is_first else reversed(events)

    async def handle(event: Event) -> None:
        async with chats.database.transaction() as tx:
            await chats.stage.handle(tx, [event])

    async with chats.database.transaction() as tx:
        await chats.stage.handle(tx, [one])
        second = asyncio.create_task(handle(other))
        await held_up(chats.database, 1, second)
    await second
    await chats.run()
    assert chats.told() == []
    async with chats.database.transaction() as tx:
        kept = await tx.execute(text("SELECT 1 FROM capture.replies WHERE address IS NOT NULL"))
        assert kept.first() is None


async def test_rule_12_an_echo_by_another_name_and_the_stage_never_deadlock(chats: Chats) -> None:
    """The conversation's own row comes before its other name's: who locks that first waits."""
    own = conversation_of("bot", "telegram:42")
    number = next(str(n) for n in range(100, 200) if conversation_of("bot", f"telegram:{n}") > own)
    other = Conversation(conversation_of("bot", f"telegram:{number}"), "telegram", "bot")
    known = {"chat": "42", "to": number}
    await chats.hears(
        chats.message("1", reply=known), chats.message("2", number, reply={"chat": number})
    )

    async def speaks() -> None:
        async with chats.database.transaction() as tx:
            await replies.yield_to(tx, [other], chats.now)

    hold = "SELECT 1 FROM capture.replies WHERE conversation = CAST(:own AS uuid) FOR UPDATE"
    async with chats.database.transaction() as tx:
        await tx.execute(text(hold), {"own": own})
        hears = asyncio.create_task(chats.hears(chats.message("3", reply=known)))
        await held_up(chats.database, 1, hears)
        echo = asyncio.create_task(speaks())
        await held_up(chats.database, 2, hears, echo)
    await asyncio.gather(hears, echo)
    await chats.run()
    assert chats.told() == []
    assert await chats.states() == ["spoken", "spoken"]


async def test_rule_12_answers_are_withdrawn_in_the_order_of_their_conversations(
    chats: Chats,
) -> None:
    """Rows lie in no order: who waits for the first holds none of the others."""
    said = [chats.message(str(n), str(n), reply={"chat": str(n)}) for n in range(1, 4)]
    await chats.hears(*said)
    async with chats.database.transaction() as tx:
        rows = await tx.execute(text("SELECT CAST(conversation AS text) FROM capture.replies"))
        held, *_, last = sorted(rows.scalars())
        later = "UPDATE capture.replies SET tries = 0 WHERE conversation = CAST(:id AS uuid)"
        await tx.execute(text(later), {"id": held})  # lies behind the others now

    async def withdrawn() -> None:
        async with chats.database.transaction() as other:
            await replies.withdraw(other, [each.submission_id for each in said])

    lock = "SELECT FROM capture.replies WHERE conversation = CAST(:id AS uuid) FOR UPDATE"
    async with chats.database.transaction() as tx:
        await tx.execute(text(lock), {"id": held})
        task = asyncio.create_task(withdrawn())
        await held_up(chats.database, 1, task)
        await tx.execute(text(f"{lock} NOWAIT"), {"id": last})
    await task
    assert await chats.states() == ["withdrawn"] * 3


async def test_rule_12_house_keeping_waits_for_no_answer_that_somebody_is_at(
    chats: Chats,
) -> None:
    await chats.hears(chats.message("1", "1"), chats.message("2", "2"))
    lock = "SELECT FROM capture.replies ORDER BY conversation LIMIT 1 FOR UPDATE"
    async with chats.database.transaction() as at_it:
        await at_it.execute(text(lock))
        async with asyncio.timeout(30), chats.database.transaction() as tx:
            assert await claims.tidy(tx, chats.now + AT_MOST) == (1, 0)
    async with chats.database.transaction() as tx:
        assert await claims.tidy(tx, chats.now + AT_MOST) == (1, 0)
