"""What an answer promises: stored before it is given, replicated nearly always, never refused."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.looking import lead_that
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install
from tests.ports import free_port


def a_lead() -> dict[str, str]:
    return {"phone": f"0912{uuid.uuid4().int % 10**7:07d}", "name": "مینا"}


@pytest.mark.alone
def test_with_a_healthy_log_nearly_every_answer_says_replicated(system: System) -> None:
    eventually(lambda: _is_at_home(system), 120, "a log that has its connections")
    said: Counter[str] = Counter()
    with ThreadPoolExecutor(8) as pool:
        posts, due = [], time.monotonic()
        for _ in range(500):  # ten seconds at fifty a second
            posts.append(pool.submit(system.post_lead, a_lead()))
            due += 0.02
            time.sleep(max(0.0, due - time.monotonic()))
        for post in posts:
            assert post.result().status_code == 202
            said[post.result().headers["X-Durability"]] += 1
    assert said["replicated"] >= 495, said


def test_invariant_05_capture_starts_and_accepts_with_kafka_and_postgres_both_away(
    receiver: Receiver,
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    system = System(
        f"http://127.0.0.1:{receiver.port}",
        kafka=nowhere,
        database=f"postgresql://nobody@{nowhere}/nothing",
    )
    try:
        system.start("capture", "serve", "capture")
        eventually(lambda: _accepts(system), 120, "an accepted lead")
        answer = system.capture.post(
            "/v1/forms/contact", data={"phone": "09121234567"}, headers={"Accept": "text/html"}
        )
        assert answer.status_code == 303
        took = time.monotonic()
        lead = system.post_lead(a_lead(), key="a-key")
        assert lead.status_code == 202
        assert lead.headers["X-Durability"] == "spooled"
        assert time.monotonic() - took < 1
        assert set(system.stop().values()) == {0}
    finally:
        system.remove()


def _is_at_home(system: System) -> bool:
    """A broker that has just begun is slow for a second or two: that is no healthy log yet."""
    posts = (system.post_lead(a_lead()) for _ in range(100))
    return all(post.headers["X-Durability"] == "replicated" for post in posts)


def _accepts(system: System) -> bool:
    try:
        return system.post_lead(a_lead()).status_code == 202
    except httpx.TransportError:
        return False


def test_invariant_17_what_was_accepted_while_postgres_was_killed_arrives(
    own_install: Install,
) -> None:
    system = own_install()
    system.up()
    system.kill_postgres()
    answers = [system.post_lead(a_lead()) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [202] * 20
    for answer in answers:
        assert system.submission(answer.json()["submission_id"], "notified", seconds=120)
    assert system.settled_books()["balanced"]


def test_a_stop_by_ctrl_c_is_quick_and_keeps_everything(own_install: Install) -> None:
    system = own_install()
    system.up()
    submission_id = system.post_lead(a_lead()).json()["submission_id"]
    lead_id = system.submission(submission_id, "notified")["lead_id"]
    began = time.monotonic()
    assert set(system.stop().values()) == {0}
    assert time.monotonic() - began < 15
    system.up()
    assert lead_that(system, lead_id, lambda lead: lead["contact"]["name"] == "مینا")
    assert system.settled_books()["balanced"]
