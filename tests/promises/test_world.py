"""One installation, seen from outside: it stores what was sent, and a replay adds nothing."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import httpx
import pytest

from libs.common.books.balance import READS
from tests.e2e.looking import leads_of
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.e2e.test_books import statement
from tests.plugins.database import Databases

SCHEMAS = ("enrichment", "scoring", "routing", "desk")
FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


class World(NamedTuple):
    """The installation and its database."""

    system: System
    database: str


@pytest.fixture(scope="module")
def world(receiver: Receiver, databases: Databases) -> Iterator[World]:
    name = asyncio.run(databases.take())
    url = databases.named(name)
    system = System(f"http://127.0.0.1:{receiver.port}", database=url)
    system.up()
    yield World(system, url)
    system.remove()
    asyncio.run(databases.give_back(name))


def a_number() -> str:
    return f"0912{uuid.uuid4().int % 10**7:07d}"


def posted(world: World, body: bytes, **headers: str) -> str:
    answer = world.system.capture.post(
        "/v1/forms/plain", content=body, headers={**FORM, **headers}
    ).raise_for_status()
    return str(answer.json()["submission_id"])


def raw_of(world: World, submission_id: str) -> bytes:
    """The bytes of what is held for review, as staff can fetch them."""

    def look() -> bytes | None:
        items = world.system.desk.get("/api/quarantine").raise_for_status().json()["items"]
        held = [one["id"] for one in items if one["submission_id"] == submission_id]
        return world.system.desk.get(f"/api/quarantine/{held[0]}/raw").content if held else None

    return eventually(look, 120, "held with its bytes")


def test_invariant_04_what_is_stored_is_what_was_sent_and_nothing_else_is(world: World) -> None:
    system, before = world.system, world.system.books()["accepted"]
    number = a_number()
    persian = number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    said = {
        "name": "نگار «محمدی» 😀",
        "phone": persian,
        "email": "Negar.M+x@Shop.Example",
        "company": "a=b&c%d",
        "message": "سلام‌\n\tقیمت؟ <b>1</b>; 'x' -- \\ \" %s {0}",
        "shoe size": "۳۸½",
    }
    answer = system.capture.post("/v1/forms/plain", data=said, headers={"Accept": "*/*"})
    found = system.submission(answer.json()["submission_id"], "notified", seconds=120)
    contact = found["contact"]
    assert contact["phone"] == f"+98{number[1:]}"
    assert contact["phone_typed"] == persian
    assert contact["email"].endswith("@shop.example")
    assert contact["email_typed"] == said["email"]
    for name in ("name", "company", "message"):
        assert contact[name] == said[name], name
    assert said["shoe size"] in str(contact["extra"])

    unusable = b"phone=12&name=%D9%85&extra=%00%ff%fe&x=\xf0\x28\x8c&x=2"
    bot = f"phone={a_number()}&name=x&ms_open=1&cf-turnstile-response=".encode()
    for body in (unusable, bot):
        assert raw_of(world, posted(world, body)) == body
    books = system.settled_books()
    assert books["accepted"] == before + 3
    assert books["balanced"]
    assert leads_of(system, 1, q=number)


def a_little_of_everything(world: World) -> None:
    """Leads, touches of them, what is held, what is nobody's, somebody twice, a decision."""
    system = world.system
    numbers = [a_number() for _ in range(6)]
    ids = [posted(world, f"phone={number}&name=n".encode()) for number in numbers]
    for id_ in ids:
        system.submission(id_, "notified", seconds=120)
    ids += [posted(world, f"phone={number}&message=again".encode()) for number in numbers[:3]]
    ids += [posted(world, b"phone=12&name=x"), posted(world, b"phone=x&email=nobody")]
    key, body = uuid.uuid4().hex, {"phone": a_number()}
    repeats = {system.post_lead(body, key).json()["submission_id"] for _ in range(3)}
    assert len(repeats) == 1
    lead = system.submission(ids[0], "notified")["lead_id"]
    system.desk.post(f"/api/leads/{lead}/actions", json={"action": "won", "amount": 5})
    system.settled_books()


LEADS = "SELECT concat(id, state, body ->> 'touch_count') AS said FROM desk.leads ORDER BY id"
COUNTED = (
    "SELECT count(*) FROM routing.leads",
    "SELECT sum(version) FROM routing.leads",
    "SELECT sum(CAST(content -> 'lead' ->> 'touch_count' AS int)) FROM routing.leads",
    "SELECT count(*) FROM routing.assignments",
    "SELECT count(*) FROM routing.notifications",
    "SELECT sum(attempts) FROM routing.notifications",
    "SELECT count(*) FROM enrichment.persons",
    "SELECT count(*) FROM enrichment.touches",
    "SELECT count(*) FROM scoring.facts",
    "SELECT md5(string_agg(id::text || state, ',' ORDER BY id)) FROM desk.submissions",
    f"SELECT md5(string_agg(said, ',')) FROM ({LEADS}) AS leads",
    "SELECT count(*) FROM desk.timeline",
)


def seen(world: World, receiver: Receiver) -> dict[str, Any]:
    counts = {query: statement(world.database, query)[0][0] for query in COUNTED}
    told = Counter(each.webhook_id for each in receiver.told)
    return {**counts, "told": told, "states": world.system.books()["terminal"]}


def positions(world: World) -> dict[tuple[str, ...], int]:
    """How far each stage is in each partition."""
    parts = (f"SELECT '{s}' AS stage, topic, part, next FROM {s}.positions" for s in SCHEMAS)
    rows = statement(world.database, " UNION ALL ".join(parts))
    return {(row["stage"], row["topic"], str(row["part"])): row["next"] for row in rows}


def have_reached(world: World, ends: dict[tuple[str, ...], int]) -> bool:
    """Whether every stage is as far again in every partition."""
    now = positions(world)
    return all(now.get(place, 0) >= end for place, end in ends.items())


@pytest.mark.parametrize("journal", ["kept", "gone"])
def test_invariant_11_the_whole_log_read_from_its_first_record_adds_nothing(
    world: World, receiver: Receiver, journal: str
) -> None:
    """As after a backup was put back; and as after so long a time that the journal is dropped."""
    system = world.system
    a_little_of_everything(world)
    eventually(partial(is_still, world), 120, "nothing moves")
    before, ends = seen(world, receiver), positions(world)
    system.stop()
    for schema in SCHEMAS:
        statement(world.database, f"UPDATE {schema}.positions SET next = 0")
        if journal == "gone":
            statement(world.database, f"TRUNCATE {schema}.journal")
    assert set(positions(world).values()) == {0}
    system.up()
    eventually(partial(have_reached, world, ends), 120, "all of it read again")
    eventually(partial(is_still, world), 120, "nothing moves")
    assert system.settled_books()["balanced"]
    assert seen(world, receiver) == before


UNREAD = """
    SELECT count(*) FROM log.lanes l
    LEFT JOIN {0}.positions p ON p.topic = l.topic AND p.part = l.number
    WHERE l.topic = ANY ($1::text[]) AND l.next > coalesce(p.next, 0)
"""
UNTOLD = "SELECT count(*) FROM {0}.journal WHERE published_at IS NULL"


def is_still(world: World) -> bool:
    """Whether every stage has read all that there is, and published all that it made of it."""
    for schema in SCHEMAS:
        unread = statement(world.database, UNREAD.format(schema), list(READS[schema]))
        if unread[0][0] or statement(world.database, UNTOLD.format(schema))[0][0]:
            return False
    return bool(world.system.books()["in_flight"] == 0)


@pytest.mark.parametrize("stage", ["scoring", "desk"])
def test_rule_10_a_stage_that_fails_is_restarted_alone_and_the_door_stays_open(
    world: World, stage: str
) -> None:
    system, before = world.system, world.system.output().count("service failed")
    statement(world.database, f"ALTER TABLE {stage}.positions RENAME TO hidden")
    try:
        answers = [system.post_lead({"phone": a_number()}) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [202] * 5
        eventually(lambda: system.output().count("service failed") > before, 120, "its failure")
        assert system.post_lead({"phone": a_number()}).status_code == 202
        assert system.processes["up"].poll() is None
    finally:
        statement(world.database, f"ALTER TABLE {stage}.hidden RENAME TO positions")
    eventually(partial(answers_again, system), 120, "the desk answers")
    for answer in answers:
        assert system.submission(answer.json()["submission_id"], "notified", seconds=120)
    assert system.settled_books()["balanced"]


def answers_again(system: System) -> bool:
    try:
        return system.desk.get("/api/books").status_code == 200
    except httpx.TransportError:
        return False


def test_invariant_17_after_an_outage_a_fresh_lead_is_told_within_thirty_seconds(
    world: World, receiver: Receiver
) -> None:
    """All connections to the database refused for a while; nobody touches anything after it."""
    system, name = world.system, world.database.rpartition("/")[2]
    admin = world.database.replace(name, "postgres")
    statement(admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    statement(admin, cut, name)
    for _ in range(20):
        answer = system.capture.post("/v1/forms/plain", data={"phone": a_number()}, headers=ASKING)
        assert answer.status_code == 202
        time.sleep(0.25)
    statement(admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    over = time.monotonic()
    fresh = system.post_lead({"phone": a_number()}).json()["submission_id"]
    lead = system.submission(fresh, "notified", seconds=120)["lead_id"]
    assert time.monotonic() - over < 120
    assert len(receiver.of_lead(lead)) == 1
    assert system.settled_books()["balanced"]


ASKING = httpx.Headers({"Accept": "application/json"})


def test_invariant_29_whatever_is_held_or_dead_says_why_and_the_sum_is_the_whole(
    world: World,
) -> None:
    system = world.system
    held = [posted(world, b"phone=12&name=x"), posted(world, b"email=nobody&name=x")]
    for id_ in held:
        assert system.submission(id_, "quarantined", seconds=120)["reason"]
    items = system.desk.get("/api/quarantine").raise_for_status().json()["items"]
    assert all(item["reason"] for item in items)
    books = system.settled_books()
    assert books["accepted"] == sum(books["terminal"].values()) + books["in_flight"]
    health = system.desk.get("/api/health").raise_for_status().json()
    assert sum(health["held"].values()) >= len(held)
    assert all(health["held"])
