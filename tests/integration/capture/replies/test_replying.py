"""Chats are answered by themselves: once, soon, and rather not at all than twice."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from libs.common.database.statements import text
from libs.common.erasing import SUBMISSION_ERASED
from libs.common.events import Activity, Event, derived_id
from services.capture.replies.reply import Step
from services.capture.replies.spoken import Conversation, conversation_of
from services.capture.store import claims
from services.capture.store.claims import Claim
from tests.doubles.telegram import TOKEN
from tests.integration.capture.replies.chatting import START, Chats


async def test_who_begins_to_talk_is_answered_once_and_again_after_a_day_s_silence(
    chats: Chats,
) -> None:
    await chats.hears(chats.message("1"), chats.message("2"))
    await chats.run()
    assert chats.told() == [("42", "«سلام»")]
    for hours in (1, 20, 20):  # nobody is interrupted who goes on talking
        chats.now += timedelta(hours=hours)
        await chats.hears(chats.message(f"after {hours} {chats.now}"))
        await chats.run(seconds=5)
    assert len(chats.told()) == 1
    chats.now += timedelta(hours=25)
    await chats.hears(chats.message("back"))
    await chats.run()
    assert chats.told()[1:] == [("42", "بسته")], "it is Monday: nobody is at work"


async def test_a_redelivery_is_not_answered_whenever_it_comes(chats: Chats) -> None:
    first = chats.message("1", occurred_at=START)
    await chats.hears(first)
    await chats.run()
    for hours in (0, 1, 30):
        chats.now += timedelta(hours=hours)
        await chats.hears(first)
        await chats.run()
    assert len(chats.told()) == 1


async def test_each_is_answered_in_their_language_and_their_own_chat(chats: Chats) -> None:
    fields = {"handle": "telegram:8", "message": "Hi, how much?", "language": "en"}
    await chats.hears(
        chats.message("1"), chats.message("2", "8", fields=fields, reply={"chat": "8"})
    )
    await chats.run()
    assert sorted(chats.told()) == [("42", "«سلام»"), ("8", "Hello")]


async def test_staff_and_what_is_held_or_a_test_get_no_answer(chats: Chats) -> None:
    await chats.hears(
        chats.message("1", "7"),
        chats.message("2", "8", held="unexpected_shape"),
        chats.message("3", "9", test=True),
        chats.message("4", "10", reply={}),
    )
    await chats.run()
    assert chats.told() == []
    assert await chats.states() == ["unwanted"]


async def test_what_is_taken_back_or_erased_first_gets_no_answer(chats: Chats) -> None:
    unsent, erased = chats.message("1"), chats.message("2", "8")
    await chats.hears(unsent, erased)
    await chats.hears(chats.message("1", reply={}, withdrawn=True))
    gone = Activity("e", SUBMISSION_ERASED, chats.now, submission_id=erased.submission_id)
    async with chats.database.transaction() as tx:
        await chats.stage.handle(tx, [Event("e", "e", chats.now, gone)])
    await chats.run()
    assert chats.told() == []
    assert await chats.states() == ["withdrawn", "withdrawn"]


async def test_rule_29_the_word_that_it_is_gone_may_be_read_before_the_message(
    chats: Chats,
) -> None:
    unsent, erased = chats.message("1"), chats.message("2", "8")
    await chats.hears(chats.message("1", reply={}, withdrawn=True))
    gone = Activity("e", SUBMISSION_ERASED, chats.now, submission_id=erased.submission_id)
    for _ in range(2):
        async with chats.database.transaction() as tx:
            await chats.stage.handle(tx, [Event("e", "e", chats.now, gone)])
    await chats.hears(unsent, erased, chats.message("3", "9"))
    await chats.run()
    assert [chat for chat, _ in chats.told()] == ["9"]


async def test_where_a_colleague_speaks_no_machine_does(chats: Chats) -> None:
    def spoken(person: str) -> set[Conversation]:
        return {Conversation(conversation_of("bot", f"telegram:{person}"), "telegram", "bot")}

    await chats.hears(chats.message("1"))
    chats.spoken.put_back(spoken("42") | spoken("8"))
    await chats.run(seconds=1)
    assert sorted(await chats.states()) == ["heard", "spoken"]
    chats.now += timedelta(hours=1)
    await chats.hears(chats.message("2", "8"), chats.message("3"))
    await chats.run()
    assert chats.told() == []
    chats.now += timedelta(hours=26)
    await chats.hears(chats.message("4", "8"))
    await chats.run()
    assert [chat for chat, _ in chats.told()] == ["8"]


@pytest.mark.parametrize("when", ["before", "after", "meanwhile"])
async def test_a_colleague_is_heard_by_whatever_id_the_echo_names_the_customer(
    chats: Chats, when: str
) -> None:
    """As on WhatsApp, whose messages are known by one id and whose echoes may name another."""
    number = Conversation(conversation_of("bot", "telegram:989121234567"), "telegram", "bot")
    other = {"chat": "42", "to": "989121234567"}

    async def speaks() -> None:
        chats.spoken.put_back({number})
        await chats.run(seconds=1)

    if when == "before":
        await speaks()
        chats.now += timedelta(hours=20)
    await chats.hears(chats.message("1", reply=other))
    if when == "after":
        await speaks()
    if when == "meanwhile":
        token = derived_id("under way")
        async with chats.database.transaction() as tx:
            (one,) = await claims.claim(tx, Claim("telegram", "bot", token, chats.now, 4))
        await speaks()
        async with chats.database.transaction() as tx:
            await claims.settle(tx, one, token, Step("due", chats.now, 0.0))
    await chats.run(3, seconds=2)
    assert chats.told() == []
    chats.now += timedelta(hours=26)
    await chats.hears(chats.message("2", reply=other), chats.message("3", "8"))
    await chats.run(2, seconds=1)
    assert sorted(chat for chat, _ in chats.told()) == ["42", "8"], "the next day is another"


async def test_who_speaks_while_a_try_is_under_way_is_not_followed_by_the_machine(
    chats: Chats,
) -> None:
    await chats.hears(chats.message("1"))
    token = derived_id("under way")
    async with chats.database.transaction() as tx:
        (one,) = await claims.claim(tx, Claim("telegram", "bot", token, chats.now, 4))
    conversation = conversation_of("bot", "telegram:42")
    chats.spoken.put_back({Conversation(conversation, "telegram", "bot")})
    await chats.run()
    async with chats.database.transaction() as tx:
        busy = Step("due", chats.now + timedelta(seconds=5), 5.0)
        await claims.settle(tx, one, token, busy)
    await chats.run(seconds=10)
    assert chats.told() == []
    assert await chats.states() == ["spoken"]
    chats.now += timedelta(hours=26)
    await chats.hears(chats.message("3"))
    await chats.run(seconds=1)
    assert len(chats.told()) == 1, "the next day is another"


async def test_a_late_answer_is_none(chats: Chats) -> None:
    await chats.hears(chats.message("old", occurred_at=START - timedelta(hours=1)))
    await chats.hears(chats.message("waits", "8"))
    chats.repliers.clear()  # the process is away
    chats.another()
    await chats.run(minutes=61)
    assert chats.told() == []
    assert await chats.states() == ["heard", "late"]


async def test_nothing_is_said_once_it_is_switched_off(chats: Chats) -> None:
    await chats.hears(chats.message("1"))
    chats.configure("false")
    chats.repliers.clear()
    chats.another()
    await chats.run()
    assert chats.told() == []


async def test_several_processes_share_the_work(chats: Chats) -> None:
    for _ in range(3):
        chats.another()
    await chats.hears(*(chats.message(f"{n}", f"{100 + n}") for n in range(12)))
    for _ in range(8):
        await chats.run(seconds=1)
    assert sorted(chat for chat, _ in chats.told()) == [f"{100 + n}" for n in range(12)]


@pytest.mark.parametrize("mode", ["500", "cut", "reset", "hang_after"])
async def test_an_unknown_outcome_is_not_sent_again(chats: Chats, mode: Any) -> None:
    chats.bot.modes = [mode, "ok"]
    chats.repliers.clear()
    chats.another(0.4)
    await chats.hears(chats.message("1"))
    for _ in range(3):
        await chats.run(minutes=10)
    assert len(chats.told()) == 1
    assert await chats.states() == ["unknown"]


async def test_who_is_busy_is_asked_again_when_they_said(chats: Chats) -> None:
    chats.bot.modes = ["429", "ok"]
    await chats.hears(chats.message("1"))
    await chats.run()
    await chats.hears(chats.message("2", "8"))
    await chats.run(seconds=1)
    assert len(chats.told()) == 1, "the whole bot is asked for patience"
    await chats.run(3, seconds=2)
    assert sorted(chat for chat, _ in chats.told()[1:]) == ["42", "8"]
    assert await chats.states() == ["sent", "sent"]


async def test_a_platform_that_is_away_is_tried_a_few_times_then_left(chats: Chats) -> None:
    await chats.bot.stop()
    await chats.hears(chats.message("1"))
    for _ in range(30):
        await chats.run(minutes=1)
    assert await chats.states() == ["denied"]
    await chats.bot.start()
    await chats.hears(chats.message("2", "8"))
    await chats.run(2, minutes=15)
    assert chats.told() == [("8", "«سلام»")]


async def test_who_has_blocked_the_bot_is_left_alone(chats: Chats) -> None:
    chats.bot.modes = ["403"]
    await chats.hears(chats.message("1"))
    await chats.run(3, minutes=5)
    assert (len(chats.told()), await chats.states()) == (1, ["denied"])


async def test_a_claim_of_a_dead_process_is_never_sent_again(chats: Chats) -> None:
    await chats.hears(chats.message("1"))
    async with chats.database.transaction() as tx:
        claim = Claim("telegram", "bot", derived_id("dead"), chats.now, 4)
        assert len(await claims.claim(tx, claim)) == 1
    await chats.run(3, minutes=4)
    chats.repliers.clear()
    chats.another()
    await chats.run(minutes=4)
    assert chats.told() == []
    assert await chats.states() == ["unknown"]


async def test_no_address_is_kept_no_token_told_and_a_conversation_forgotten_after_two_days(
    chats: Chats, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    chats.bot.modes = ["ok", "403", "cut"]
    for person in ("42", "43", "44"):
        await chats.hears(chats.message(person, person))
        await chats.run(seconds=5)
    assert await chats.states() == ["sent", "denied", "unknown"]
    async with chats.database.transaction() as tx:
        kept = await tx.execute(text("SELECT 1 FROM capture.replies WHERE address IS NOT NULL"))
        assert kept.first() is None
    logged = "".join(capsys.readouterr()) + caplog.text
    assert "reply.not_sent" in logged
    assert TOKEN not in logged
    assert "سلام" not in logged
    chats.repliers.clear()
    chats.another()
    await chats.run(hours=49)
    assert await chats.states() == []
