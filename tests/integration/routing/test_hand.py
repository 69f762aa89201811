"""E-mail and Telegram against providers that refuse, hang, cut and slow down; and buttons."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.events import Activity, Contact, Event
from tests.doubles.smtp import Mode as MailMode
from tests.doubles.telegram import Mode as BotMode
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.hand import CHAT, Hand

HANGS = 3.0
"""Seconds after which a provider is taken to hang: a busy machine's answers before that."""


@pytest.fixture
async def hand(routing: Routing, tmp_path: Path) -> AsyncIterator[Hand]:
    """Nothing is started yet but the providers."""
    found = Hand(routing, tmp_path)
    await found.bot.start()
    await found.smtp.start()
    yield found
    await found.stop()


def done(event: Event) -> Activity:
    assert isinstance(event.data, Activity)
    return event.data


async def test_a_lead_is_told_by_e_mail_in_the_specialists_language(hand: Hand) -> None:
    hand.reach("email")
    hand.begin()
    contact = Contact(name="Bad\r\nBcc: x@evil.example", phone="+989121234567", message="hi\n.\n.x")
    lead = await hand.tell(hand.routing.scored(new_id(), contact=contact))
    row = await hand.until("sent")
    [mail] = hand.smtp.mails
    assert mail["Message-ID"] == f"<{row.id}@nil.example>"
    assert mail["To"] == "sara@nil.example"
    assert mail["Bcc"] is None
    part = mail.get_body(("plain",))
    assert part is not None
    assert "hi\n.\n.x" in part.get_content().replace("\r\n", "\n")
    assert "New lead" in mail["Subject"]
    assert lead.id not in mail["Subject"]
    await hand.submission("notified")


@pytest.mark.parametrize(
    ("bad", "state", "error", "taken"),
    [
        ("greeting_cut", "planned", None, 0),
        ("rcpt_450", "planned", "smtp_450", 0),
        ("rcpt_550", "failed", "smtp_550", 0),
        ("data_451", "planned", "smtp_451", 0),
        ("data_554", "failed", "smtp_554", 0),
        ("hang_before", "planned", "TimeoutError", 0),
        ("cut_before", "planned", None, 0),
        ("end_452", "planned", "smtp_452", 0),
        ("end_554", "failed", "smtp_554", 0),
        ("hang_after", "unknown", None, 1),
        ("cut_after", "unknown", None, 1),
    ],
)
async def test_rule_20_mail_settles_by_what_is_known(
    hand: Hand, bad: MailMode, state: str, error: str | None, taken: int
) -> None:
    hand.smtp.modes = [bad]
    hand.reach("email")
    hand.begin(seconds=HANGS if bad.startswith("hang") else 30.0)
    await hand.tell(hand.routing.scored(new_id()))
    row = await hand.until(state, kind="assigned", attempts=1)
    assert error is None or row.error == error
    assert len(hand.smtp.accepted) == taken


async def test_invariant_12_mail_that_was_refused_arrives_once_with_the_same_id(hand: Hand) -> None:
    hand.smtp.modes = ["rcpt_450", "ok"]
    hand.reach("email")
    hand.begin()
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("sent")
    assert len(hand.smtp.accepted) == 1
    assert hand.smtp.connections == 2


@pytest.mark.parametrize(
    ("bad", "state", "error", "posted"),
    [
        ("400", "failed", "http_400", 0),
        ("403", "failed", "http_403", 0),
        ("401", "planned", "http_401", 0),
        ("429", "planned", "http_429", 0),
        ("500", "unknown", "http_500", 0),
        ("hang_after", "unknown", "timeout", 1),
        ("cut", "unknown", "cut", 1),
        ("reset", "unknown", "cut", 1),
    ],
)
async def test_rule_20_a_bots_message_settles_by_what_is_known(
    hand: Hand, bad: BotMode, state: str, error: str, posted: int
) -> None:
    hand.bot.modes = [bad]
    hand.reach("telegram")
    hand.begin(seconds=HANGS if bad.startswith("hang") else 30.0)
    await hand.tell(hand.routing.scored(new_id()))
    row = await hand.until(state, kind="assigned", attempts=1)
    assert row.error == error
    assert len(hand.bot.chats) == posted
    if bad == "429":
        [(wait,)] = await hand.routing.rows(
            "SELECT extract(epoch FROM next_at - clock_timestamp()) FROM routing.notifications"
        )
        assert 1.0 < wait <= 2.0


async def test_invariant_13_what_is_unknown_is_never_repeated_and_the_manager_hears_elsewhere(
    hand: Hand,
) -> None:
    hand.bot.modes = ["hang_after", "ok"]
    hand.reach("telegram", managers="manager: mina")
    hand.begin(seconds=HANGS)
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("unknown", kind="assigned")
    await hand.until("sent", kind="reminder")
    assert [mail["To"] for mail in hand.smtp.mails] == ["mina@nil.example"]
    assert len(hand.bot.chats) == 1
    await hand.submission("undelivered")


async def test_a_button_accepts_and_the_message_says_so(hand: Hand) -> None:
    hand.reach("telegram")
    hand.begin(editor=True, replies=True)
    lead = await hand.tell(hand.routing.scored(new_id()))
    row = await hand.until("sent")
    [posted] = hand.bot.chats
    assert list(posted.buttons) == ["Accept", "Contacted", "Decline"]
    hand.bot.press(posted.buttons["Accept"])
    [event] = await hand.see(hand.activities)
    said = done(event)
    assert (said.type, said.actor, said.lead_id) == ("staff.accepted", "sara", lead.id)
    assert event.key == lead.person_id
    assert said.data["assignment_id"] == str(row.assignment_id)
    after = await hand.routing.lead(event)
    assert after.accepted_at
    await hand.see(lambda: "Sara accepted · " in posted.text)
    assert list(posted.buttons) == ["Contacted", "Decline"]
    assert hand.bot.of("answerCallbackQuery")[0]["text"] == "Accepted"
    hand.bot.press(f"a:{row.id}")
    await hand.see(lambda: len(hand.bot.of("answerCallbackQuery")) == 2)
    assert hand.bot.of("answerCallbackQuery")[1]["show_alert"]
    assert len(hand.activities()) == 1


async def test_a_lead_that_moves_on_takes_its_buttons_with_it(hand: Hand) -> None:
    hand.reach("telegram")
    hand.begin(editor=True, replies=True)
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("sent")
    [posted] = hand.bot.chats
    accept = posted.buttons["Accept"]
    hand.bot.press(posted.buttons["Decline"])
    await hand.see(lambda: "Spam" in posted.buttons)
    hand.bot.press(posted.buttons["Back"])
    await hand.see(lambda: "Decline" in posted.buttons)
    hand.bot.press(posted.buttons["Decline"])
    await hand.see(lambda: "Spam" in posted.buttons)
    hand.bot.press(posted.buttons["Spam"])
    [event] = await hand.see(hand.activities)
    assert done(event).data["reason"] == "Spam"
    after = await hand.routing.lead(event)
    assert after.assignment
    assert after.assignment.specialist == "reza"
    await hand.see(lambda: "Moved on to Reza" in posted.text)
    assert not posted.buttons
    hand.bot.press(accept)
    await hand.see(lambda: hand.bot.of("answerCallbackQuery")[-1].get("show_alert"))
    assert "Reza" in hand.bot.of("answerCallbackQuery")[-1]["text"]
    assert len(hand.activities()) == 1


async def test_a_press_from_another_chat_does_nothing(hand: Hand) -> None:
    hand.reach("telegram")
    hand.begin(replies=True)
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("sent")
    hand.bot.press(hand.bot.chats[0].buttons["Accept"], chat="666")
    hand.bot.press("a:not-ours")
    hand.bot.updates.append({"update_id": 5000, "poll": {}})
    hand.bot.updates.append({"update_id": 5001, "callback_query": {"id": 7}})
    await hand.see(lambda: any(a.get("offset") == 5002 for a in hand.bot.of("getUpdates")))
    assert not hand.activities()


async def test_a_press_proves_that_an_uncertain_message_arrived(hand: Hand) -> None:
    hand.bot.modes = ["hang_after", "ok"]
    hand.reach("telegram")
    hand.begin(editor=True, replies=True, seconds=HANGS)
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("unknown", kind="assigned")
    await hand.submission("undelivered")
    [posted] = hand.bot.chats
    hand.bot.press(posted.buttons["Contacted"])
    await hand.until("sent", kind="assigned")
    await hand.submission("notified")
    [event] = await hand.see(hand.activities)
    await hand.routing.lead(event)
    await hand.see(lambda: "Sara made contact" in posted.text)


async def test_a_press_is_taken_once_however_often_it_is_told(hand: Hand) -> None:
    hand.reach("telegram")
    hand.begin(replies=True)
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("sent")
    hand.bot.press(hand.bot.chats[0].buttons["Accept"])
    told = list(hand.bot.updates)
    await hand.see(hand.activities)
    await hand.see(lambda: not hand.bot.updates)
    hand.bot.updates += [{**told[0], "update_id": told[0]["update_id"] + 1}]
    await hand.see(lambda: not hand.bot.updates)
    assert len({event.id for event in hand.activities()}) == 1


async def test_a_webhook_on_the_same_bot_is_said_once(hand: Hand) -> None:
    hand.bot.webhook_is_set = True
    hand.reach("telegram")
    hand.begin(replies=True)
    await hand.see(lambda: hand.said)
    assert len(hand.said) == 1
    assert "telegram" in hand.said[0]


async def test_an_edit_that_fails_is_made_up_for_and_counts_as_no_message(hand: Hand) -> None:
    hand.bot.edits = ["cut", "429", "ok"]
    hand.reach("telegram")
    hand.begin(editor=True)
    lead = await hand.tell(hand.routing.scored(new_id()))
    await hand.until("sent")
    await hand.routing.lead(hand.routing.act(lead, "staff.won"))
    await hand.see(lambda: "Won" in hand.bot.chats[0].text, 20)
    assert len(hand.bot.chats) == 1
    [(count,)] = await hand.routing.rows("SELECT count(*) FROM routing.notifications")
    assert count == 1


async def test_no_token_and_no_address_is_in_any_line(
    hand: Hand, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    hand.bot.modes = ["reset"]
    hand.reach("telegram")
    hand.begin(editor=True, replies=True)
    await hand.tell(hand.routing.scored(new_id()))
    row = await hand.until("unknown")
    await hand.bot.stop()
    lines = "".join(capfd.readouterr()) + caplog.text + str(row.error) + "".join(hand.said)
    assert not re.search(r"secret-part|/bot\d", lines)
    assert CHAT not in lines


async def test_invariant_13_without_a_manager_what_is_unknown_is_told_on_the_next_channel(
    hand: Hand,
) -> None:
    hand.bot.modes = ["cut"]
    hand.reach("telegram")
    hand.begin()
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("unknown", kind="assigned")
    await hand.submission("undelivered")
    [(channel, recipient)] = await hand.routing.rows(
        "SELECT channel, recipient FROM routing.notifications WHERE kind = 'reminder'"
    )
    assert (channel, recipient) == ("console", "sara")
    assert len(hand.bot.chats) == 1
