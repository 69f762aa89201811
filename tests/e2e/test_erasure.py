"""Somebody asks to be forgotten: nothing of them is in any table, and no replay brings it back."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import ROOT, SERVICES, System, eventually
from tests.e2e.test_books import statement

NAME, WORDS = "بهارک کاناریان", "رازی که جز شما نمی‌داند"
TABLES = """
    SELECT schemaname || '.' || quote_ident(tablename) FROM pg_tables
    WHERE schemaname = ANY($1) AND tablename NOT LIKE 'journal%'
"""
"""The journals' answers are the log's own, and go with them after two days (operations.md)."""


@pytest.fixture(params=["embedded", "kafka"])
def system(
    request: pytest.FixtureRequest, receiver: Receiver, database_url: str
) -> Iterator[System]:
    """An installation on each log, on a database that the test can look into."""
    kafka = request.getfixturevalue("kafka_bootstrap") if request.param == "kafka" else ""
    made = System(f"http://127.0.0.1:{receiver.port}", kafka, database_url)
    made.up()
    yield made
    made.remove()


def left(url: str, *words: str) -> list[str]:
    """Rows of all services' tables in which one of the words is, as text or as bytes."""
    found = []
    for (table,) in statement(url, TABLES, [*SERVICES]):
        rows = statement(url, f"SELECT row_to_json(t)::text FROM {table} t")
        for word in words:
            spelt = (word, word.encode().hex())
            found += [f"{table}: {row[0]}" for row in rows if any(one in row[0] for one in spelt)]
    return found


def positions(url: str) -> dict[str, int]:
    """How far each service has read, all in all."""
    query = "SELECT coalesce(sum(next), 0) FROM {}.positions"
    return {name: int(statement(url, query.format(name))[0][0]) for name in SERVICES}


def begin_again(system: System, url: str) -> dict[str, int]:
    """Every service reads all its topics from offset 0, and remembers no answer.

    Gives how far they had come.
    """
    system.stop()
    reached = positions(url)
    for service in SERVICES:
        statement(url, f"TRUNCATE {service}.journal")
        statement(url, f"UPDATE {service}.positions SET next = 0")
    system.up()
    return reached


def has_read(url: str, reached: dict[str, int]) -> bool:
    return all(positions(url)[name] >= end for name, end in reached.items())


def balanced(system: System) -> dict[str, Any] | None:
    books = system.books()
    return books if books["balanced"] and not books["in_flight"] else None


def test_invariant_26_nothing_of_an_erased_person_is_left_and_no_replay_brings_it_back(
    system: System, receiver: Receiver, database_url: str
) -> None:
    digits = f"{uuid.uuid4().int % 10**7:07d}"
    told = {"phone": f"0912{digits}", "name": NAME, "message": WORDS}
    words = (digits, NAME, WORDS)
    first = system.post_lead(told).json()["submission_id"]
    before = system.submission(first, "notified")
    second = system.post_lead({**told, "message": f"{WORDS}؛ دوباره"}).json()["submission_id"]
    system.submission(second, "duplicate")
    other = system.post_lead({"phone": "09350000001", "name": "می‌ماند"}).json()["submission_id"]
    kept = system.submission(other, "notified")
    assert left(database_url, digits)
    path = f"/api/persons/{before['person_id']}/erase"
    answer = system.desk.post(path, json={"reason": "خودش خواست"})
    assert answer.status_code in {200, 202}
    for one in (first, second):
        assert not any(system.submission(one, "erased")["contact"].values())
    eventually(lambda: not left(database_url, *words), 120, "nothing is left")
    eventually(lambda: system.lead(before["lead_id"])["erased_at"], 120, "the lead says so")
    assert system.leads(q=digits) == system.leads(q="بهارک") == []
    books = eventually(lambda: balanced(system), 120, "balanced books")
    assert books["terminal"] == {"erased": 2, "notified": 1}
    messages = len(receiver.told)

    reached = begin_again(system, database_url)
    eventually(lambda: has_read(database_url, reached), 120, "all read again")
    again = eventually(lambda: balanced(system), 120, "balanced books")
    assert again["terminal"] == books["terminal"]
    assert left(database_url, *words) == []
    assert [lead["id"] for lead in system.leads()] == [kept["lead_id"]]
    assert len(receiver.told) == messages

    later = system.post_lead(told).json()["submission_id"]
    assert system.submission(later, "notified")["person_id"] != before["person_id"]

    words_said = ("erase", kept["person_id"], "--reason", "خواست", "--yes")
    ended = subprocess.run(
        [sys.executable, "-m", "services", *words_said],
        cwd=ROOT, env=system.environment, check=False, capture_output=True, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    eventually(lambda: system.lead(kept["lead_id"])["erased_at"], 120, "the lead says so")
