"""The notifier against a receiver that refuses, hangs, cuts and vanishes."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from libs.common.events import Contact
from services.routing.sending import notify
from tests.integration.routing.conftest import Routing, Sending, new_id
from tests.integration.routing.receiver import Mode, Receiver


async def test_a_lead_is_told_by_a_signed_post(sending: Sending) -> None:
    sending.start()
    contact = Contact(name="نیلوفر", phone="+989121234567", email="n@nil.example")
    lead = await sending.tell(sending.routing.scored(new_id(), contact=contact))
    row = await sending.until("sent")
    [request] = sending.receiver.requests
    found = request.verified()
    assert request.id == str(row.id)
    assert "نیلوفر".encode() in request.body
    assert found["type"] == "lead.assigned"
    data = json.loads(request.body)["data"]
    assert data == {
        "notification_id": str(row.id),
        "kind": "assigned",
        "lead_id": lead.id,
        "submission_id": lead.first_touch.submission_id,
        "contact": {"name": "نیلوفر", "phone": "+989121234567", "email": "n@nil.example"},
        "team": "seo",
        "specialist": "sara",
        "page": "nil.example/services/seo",
        "score": 10,
        "stage": "iql",
        "temperature": "cold",
        "why": "چون از صفحهٔ SEO آمده و نوبت Sara بود",
        "url": f"http://127.0.0.1:8080/leads/{lead.id}",
    }
    await sending.submission("notified")


@pytest.mark.parametrize("bad", ["500", "429", "reset", "cut"])
async def test_rule_20_a_failed_post_is_repeated_under_the_same_id(
    sending: Sending, bad: Mode
) -> None:
    sending.receiver.modes = [bad, "ok"]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("sent")
    assert [request.id for request in sending.receiver.requests] == [str(row.id)] * 2
    assert all(request.verified() for request in sending.receiver.requests)
    await sending.submission("notified")
    states = [data.state for data in sending.published()]
    assert [state for state in states if state != "sending"] == ["planned", "sent"]
    assert sending.published()[-1].outcome == "notified"


async def test_retry_after_is_obeyed(sending: Sending) -> None:
    sending.receiver.modes = ["429"]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("planned", attempts=1)
    [(wait,)] = await sending.routing.rows(
        "SELECT extract(epoch FROM next_at - clock_timestamp()) FROM routing.notifications"
    )
    assert 1.0 < wait <= 2.0
    assert row.error == "http_429"


async def test_a_route_that_asks_for_a_long_wait_is_out_of_reach_until_it_is_over(
    sending: Sending,
) -> None:
    sending.receiver.modes = ["later", "ok"]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    told = await sending.until("sent", kind="reminder")
    assert told.recipient == "mina"
    await sending.submission("undelivered")
    row = await sending.until("planned", kind="assigned")
    assert (row.attempts, row.error) == (1, "http_429")
    await sending.routing.rows(
        "UPDATE routing.notifications SET next_at = clock_timestamp() "
        "WHERE state = 'planned' RETURNING id"
    )
    sending.planned.set()
    await sending.submission("notified")


async def test_a_route_that_asks_for_a_long_wait_is_no_matter_where_another_is_open(
    sending: Sending,
) -> None:
    sending.receiver.modes = ["later"]
    sending.configure(", {channel: console}")
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    await sending.submission("notified")
    rows = await sending.routing.rows("SELECT 1 FROM routing.notifications WHERE kind='reminder'")
    assert rows == []


@pytest.mark.parametrize(("bad", "error"), [("404", "http_404"), ("301", "http_301")])
async def test_what_can_never_work_fails_for_good(sending: Sending, bad: Mode, error: str) -> None:
    sending.receiver.modes = [bad]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("failed")
    assert (row.error, row.attempts) == (error, 1)
    await sending.submission("undelivered")


async def test_410_stops_the_route_until_the_configuration_changes(sending: Sending) -> None:
    sending.receiver.modes = ["410"]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    first = await sending.until("failed")
    assert (first.error, first.attempts) == ("gone", 1)
    second = await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("failed", lead_id=second.id, kind="assigned")
    assert (row.error, row.attempts) == ("stopped", 0)
    assert len(sending.receiver.requests) == 1


async def test_a_refused_connection_is_tried_again(sending: Sending) -> None:
    port = sending.receiver.port
    await sending.receiver.stop()
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    await sending.until("planned", attempts=1)
    sending.receiver.port = port
    await sending.receiver.start()
    await sending.until("sent")
    assert sending.receiver.accepted.total() == 1


@pytest.mark.parametrize("mode", ["hang_before", "hang_after"])
async def test_rule_20_a_hanging_receiver_is_asked_again_with_the_same_id(
    sending: Sending, mode: Mode
) -> None:
    sending.receiver.modes = [mode, "ok"]
    sending.start(answer_seconds=3.0)
    await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("sent")
    assert row.attempts == 2
    assert set(sending.receiver.accepted) == {str(row.id)}


async def test_invariant_15_a_hanging_receiver_delays_nobody_else(sending: Sending) -> None:
    sending.receiver.modes = ["hang_before"]
    sending.start()
    for _ in range(10):
        await sending.tell(sending.routing.scored(new_id()))
    await asyncio.sleep(0)
    sending.configure(", {channel: console}")
    await sending.tell(sending.routing.scored(new_id(), page="nil.example/other"))
    await sending.until("sent", seconds=15, channel="console")
    assert len(sending.said) == 1


async def test_invariant_15_a_hanging_receiver_leaves_room_for_others_on_its_channel(
    sending: Sending,
) -> None:
    sending.receiver.modes = ["hang_before"]
    sending.start(answer_seconds=300.0)
    await sending.routing.feed(*(sending.routing.scored(new_id()) for _ in range(40)))
    sending.planned.set()
    other = Receiver()
    await other.start()
    sending.receiver, hanging = other, sending.receiver
    sending.configure()
    lead = await sending.tell(sending.routing.scored(new_id()))
    await sending.until("sent", seconds=60, lead_id=lead.id)
    assert other.accepted.total() == 1
    await hanging.stop()


async def test_the_console_says_no_contact_data(sending: Sending) -> None:
    sending.configure(", {channel: console}")
    sending.start()
    lead = await sending.tell(sending.routing.scored(new_id()))
    await sending.until("sent")
    [line] = sending.said
    assert lead.id in line
    assert "sara" in line
    assert "989121234567" not in line
    assert "نیلوفر" not in line


async def test_a_channel_that_does_not_exist_fails_and_the_other_ends_it(
    sending: Sending,
) -> None:
    sending.configure(", {channel: sms, to: '1'}")
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    failed = await sending.until("failed", channel="sms")
    assert failed.error == "no_such_channel"
    await sending.until("sent", channel="webhook")
    await sending.submission("notified")


@pytest.mark.parametrize(("after", "is_told"), [(60.0, False), (0.05, True)])
async def test_only_what_takes_a_while_is_told_of_as_being_sent(
    sending: Sending, monkeypatch: pytest.MonkeyPatch, after: float, *, is_told: bool
) -> None:
    monkeypatch.setattr(notify, "ANNOUNCED_AFTER", after)
    sending.receiver.modes = ["hang_after", "ok"]
    sending.start(answer_seconds=3.0)
    await sending.tell(sending.routing.scored(new_id()))
    await sending.until("sent")
    await sending.submission("notified")
    states = [data.state for data in sending.published()]
    assert ("sending" in states) == is_told
    assert [state for state in states if state != "sending"] == ["planned", "sent"]


async def test_rule_20_a_claim_that_is_lost_is_sent_again_where_repeats_are_seen(
    sending: Sending,
) -> None:
    sending.receiver.modes = ["hang_after", "ok"]
    first = sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    await sending.until("sending")
    sending.kill(first)
    await sending.routing.rows(
        "UPDATE routing.notifications SET deadline = clock_timestamp() RETURNING id"
    )
    sending.start()
    row = await sending.until("sent")
    assert row.attempts == 2
    assert set(sending.receiver.accepted) == {str(row.id)}


async def test_rule_20_a_lost_claim_is_unknown_where_nobody_sees_a_repeat(
    sending: Sending,
) -> None:
    await sending.tell(sending.routing.scored(new_id(), page="nil.example/other"))
    await sending.routing.rows("""
        UPDATE routing.notifications SET state = 'sending', claim = gen_random_uuid(),
            attempts = 1, deadline = clock_timestamp() - interval '1 second' RETURNING id
    """)
    sending.start()
    row = await sending.until("unknown")
    assert (row.error, row.attempts) == ("lost", 1)
    assert sending.said == []
    await sending.submission("undelivered")


async def test_rule_20_two_notifiers_send_each_message_once(sending: Sending) -> None:
    sending.start()
    sending.start()
    await asyncio.gather(
        *(sending.tell(sending.routing.scored(new_id())) for _ in range(20)),
    )
    await sending.until("sent")
    assert len(sending.receiver.requests) == 20
    assert set(sending.receiver.accepted.values()) == {1}


async def test_an_undelivered_lead_is_told_to_the_manager(sending: Sending) -> None:
    sending.receiver.modes = ["404"]
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    row = await sending.until("sent", kind="reminder")
    assert (row.recipient, row.channel) == ("mina", "console")
    assert re.fullmatch(
        r"چون Sara از .*ساعت [۰-۹]{2}:[۰-۹]{2} این سرنخ را دارد و معلوم نیست خبرش رسیده باشد",
        row.why["fa"],
    )
    assert row.submission_id is not None
    [said] = sending.said
    assert said.startswith("خبر سرنخ شاید نرسیده → mina")
    await sending.submission("undelivered")


async def test_the_log_being_away_holds_up_no_message(sending: Sending) -> None:
    sending.log.away = True
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    await sending.until("sent", seconds=3)
    await sending.submission("notified")


async def test_a_message_says_nothing_in_its_row(routing: Routing) -> None:
    await routing.feed(routing.scored(new_id()))
    [(row,)] = await routing.rows("SELECT to_json(n)::text FROM routing.notifications n")
    assert "989121234567" not in row
    assert "نیلوفر" not in row
