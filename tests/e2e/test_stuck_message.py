"""The first message of a chat dies on its way: who writes again reaches somebody all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.capture.door.door import submission_id_of
from services.routing.leads.overdue import OVERDUE
from tests.e2e.looking import lead_that, leads_of, told_once
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.e2e.test_books import statement
from tests.e2e.test_conversation import accepted, say, with_a_bot, words
from tests.e2e.test_dead_letters import REFUSE, TRIGGER

CHAT = 5123456790
AGAIN = "هنوز منتظرم"
DUE = """
    UPDATE routing.timers SET due_at = now()
    WHERE position(convert_to($1::text, 'UTF8') in record) > 0 RETURNING id
"""


@pytest.fixture
def system(receiver: Receiver, database_url: str) -> Iterator[System]:
    made = System(f"http://127.0.0.1:{receiver.port}", database=database_url)
    with_a_bot(made)
    made.up()
    yield made
    made.remove()


def test_who_writes_again_after_a_message_that_died_is_one_lead_of_both(
    system: System, receiver: Receiver, database_url: str
) -> None:
    statement(database_url, REFUSE)
    statement(database_url, TRIGGER)
    assert say(system, 0, "poison", CHAT).status_code == 200
    whole = submission_id_of("telegram", "bot", f"conversation:{CHAT}:2026-11-21")
    system.submission(whole, "dead", seconds=120)
    assert say(system, 1, AGAIN, CHAT).status_code == 200
    eventually(lambda: statement(database_url, DUE, OVERDUE), 120, "the message waits")
    (found,) = leads_of(system, 1)
    lead = lead_that(system, found["id"], lambda one: one["assignment"])
    assert (lead["touch_count"], words(lead)) == (1, [AGAIN])
    told_once(receiver, lead["id"])
    assert system.submission(whole, "dead")

    statement(database_url, "DROP TRIGGER refuse ON scoring.facts")
    (letter,) = system.desk.get("/api/dead-letters").raise_for_status().json()["items"]
    system.desk.post(f"/api/dead-letters/{letter['id']}/replay").raise_for_status()
    system.submission(whole, "duplicate", seconds=120)
    both = lead_that(system, lead["id"], lambda one: one["touch_count"] == 2)
    assert set(words(both)) == {"poison", AGAIN}
    books = accepted(system, 2)
    assert books["balanced"], books["problems"]
    assert len(system.leads()) == 1
    told_once(receiver, lead["id"])
