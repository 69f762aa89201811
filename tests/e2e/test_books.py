"""The books notice any row that is gone, in whichever store, and name it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import asyncpg
import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually

STORES = (
    ("enrichment.receipts", "submission_id = $1"),
    ("enrichment.submissions", "id = $1"),
    ("enrichment.touches", "submission_id = $1"),
    ("enrichment.persons", "id = (SELECT person_id FROM enrichment.submissions WHERE id = $1)"),
    ("scoring.submissions", "submission_id = $1"),
    ("scoring.facts", "fact_id = $1::uuid::text"),
    ("scoring.persons",
     "person_id = (SELECT person_id FROM scoring.submissions WHERE submission_id = $1)"),
    ("routing.submissions", "submission_id = $1"),
    ("routing.leads", "id = (SELECT lead_id FROM routing.submissions WHERE submission_id = $1)"),
    ("routing.assignments",
     "lead_id = (SELECT lead_id FROM routing.submissions WHERE submission_id = $1)"),
    ("routing.notifications", "submission_id = $1"),
    ("desk.submissions", "id = $1"),
    ("desk.leads", "id = (SELECT lead_id FROM desk.submissions WHERE id = $1)"),
    ("capture.spools", "true"),
)  # fmt: skip


@pytest.fixture
def apart(receiver: Receiver, database_url: str) -> Iterator[System]:
    """An installation on a database that the test can reach into."""
    system = System(f"http://127.0.0.1:{receiver.port}", database=database_url)
    system.up()
    yield system
    system.remove()


async def _statement(url: str, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")  # past foreign keys
        return await connection.fetch(query, *values)
    finally:
        await connection.close()


def statement(url: str, query: str, *values: object) -> list[asyncpg.Record]:
    return asyncio.run(_statement(url, query, *values))


def put_back(url: str, table: str, row: str) -> None:
    """Insert a row as it was; what the database generates it generates again."""
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass"
    found = statement(url, f"{columns} AND attnum > 0 AND attgenerated = ''", table)
    names = ", ".join(column[0] for column in found)
    given = f"SELECT {names} FROM json_populate_record(NULL::{table}, $1::json)"
    statement(url, f"INSERT INTO {table} ({names}) {given}", row)


def unbalanced(system: System) -> dict[str, Any] | None:
    books = system.books()
    return None if books["balanced"] else books


def names(books: dict[str, Any], wanted: str) -> bool:
    return any(wanted in problem["id"] for problem in books["problems"])


def test_rule_26_a_row_that_is_gone_from_any_store_unbalances_the_books(
    apart: System, database_url: str
) -> None:
    answers = [apart.post_lead({"phone": f"0912{uuid.uuid4().int % 10**7:07d}"}) for _ in range(5)]
    ids = [answer.json()["submission_id"] for answer in answers]
    for submission_id in ids:
        apart.submission(submission_id, "notified")
    assert apart.settled_books()["balanced"]
    marks = "SELECT 1 FROM capture.spools WHERE acked = 5"
    eventually(lambda: statement(database_url, marks), 120, "the spool's mark")
    victim = uuid.UUID(ids[2])
    for table, where in STORES:
        values = (victim,) if "$1" in where else ()
        name = str(victim) if values else ""
        row = table.partition(".")[2]
        delete = f"DELETE FROM {table} WHERE {where} RETURNING to_json({row}.*)::text"
        gone = statement(database_url, delete, *values)
        assert gone, table
        books = eventually(partial(unbalanced, apart), 120, f"{table} missed")
        if table == "enrichment.receipts":  # the record is named too, as spool:sequence
            eventually(lambda: names(apart.books(), ":"), 120, "the record")
        assert names(books, name), (table, books)
        for kept in gone:
            put_back(database_url, table, kept[0])
        eventually(lambda: apart.books()["balanced"], 120, f"{table} put back")
