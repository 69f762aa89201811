"""What a slice does at once or not at all, and which failures are the database's own."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY

from libs.common import topics
from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.errors import Reject, Retry
from libs.common.stage.journal import Journal
from libs.common.stage.slice import Slices, read
from libs.common.stage.turns import in_groups, in_turns
from tests.integration.stage.conftest import SCHEMA, Running, Tally, an_event

ROOT = Path(__file__).parents[2]
NOT_NOW = {
    "40001": "serialisation failure",
    "40P01": "deadlock",
    "53000": "out of resources",
    "53100": "disk full",
    "53300": "too many connections",
    "57P01": "shutting down",
    "57P03": "cannot connect now",
    "55P03": "a lock was not to be had",
    "55006": "somebody else is at it",
    "57014": "it took too long",
    "25P03": "idle in a transaction for too long",
    "08006": "the connection failed",
}


@pytest.mark.parametrize("state", NOT_NOW)
async def test_rule_09_what_is_the_databases_own_state_is_a_retry(
    running: Running, state: str
) -> None:
    with pytest.raises(Retry, match="postgres"):
        async with running.database.transaction() as tx:
            await tx.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))


@pytest.mark.parametrize("state", ["23505", "22P05", "42P01", "P0001"])
async def test_rule_09_what_is_the_statements_own_fault_is_not(
    running: Running, state: str
) -> None:
    with pytest.raises(asyncpg.PostgresError):
        async with running.database.transaction() as tx:
            await tx.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))


STEPS = ("begin", "write")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_invariant_08_a_slice_cut_off_anywhere_leaves_all_or_nothing(
    running: Running, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    """The connection dies around each of its statements; the effect, the answers, the place."""
    await running.send(*(an_event("seen", f"p{n}") for n in range(20)))
    records = running.log.records(topics.ACTIVITY)
    work = await read(records)
    ends = {record.partition: record.offset + 1 for record in records}
    real: Callable[..., Awaitable[Any]] = getattr(Journal, step)

    async def cut(journal: Journal, tx: Transaction, *arguments: Any, **named: Any) -> Any:
        if when == "after":
            await real(journal, tx, *arguments, **named)
        await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return await real(journal, tx, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, step, cut)
        with pytest.raises(Retry):
            await Slices(Tally(), running.database).apply(work, ends)
    assert await counts(running) == (0, 0, 0)

    await Slices(Tally(), running.database).apply(work, ends)
    await Slices(Tally(), running.database).apply(work, ends)
    assert await counts(running) == (20, 20, 20)
    assert await running.twice() == 0


async def test_invariant_08_a_slice_cut_off_at_its_locks_leaves_nothing(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection dies in the message that begins the transaction."""
    await running.send(*(an_event("seen", f"p{n}") for n in range(20)))
    records = running.log.records(topics.ACTIVITY)
    ends = {record.partition: record.offset + 1 for record in records}
    with monkeypatch.context() as patch:
        patch.setattr(
            Journal, "locking", lambda *_: "SELECT pg_terminate_backend(pg_backend_pid())"
        )
        with pytest.raises(Retry):
            await Slices(Tally(), running.database).apply(await read(records), ends)
    assert await counts(running) == (0, 0, 0)
    await Slices(Tally(), running.database).apply(await read(records), ends)
    assert await counts(running) == (20, 20, 20)


async def test_invariant_08_a_commit_that_fails_leaves_nothing(running: Running) -> None:
    """All went well until the last word: whatever had been committed beside would be seen."""
    await running.send(*(an_event("seen", f"p{n}") for n in range(20)))
    records = running.log.records(topics.ACTIVITY)
    ends = {record.partition: record.offset + 1 for record in records}
    async with running.database.transaction() as tx:
        await tx.execute(
            text("""
                CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE SQLSTATE '40001'; END $$
            """)
        )
        await tx.execute(
            text("""
                CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON public.tally
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse()
            """)
        )
    with pytest.raises(Retry):
        await Slices(Tally(), running.database).apply(await read(records), ends)
    assert await counts(running) == (0, 0, 0)


async def counts(running: Running) -> Sequence[int]:
    """Effects, journal rows with their answers, and records passed by the stored positions."""
    return (
        await running.applied(),
        await running.scalar(f"SELECT count(*) FROM {SCHEMA}.journal WHERE answers IS NOT NULL"),
        await running.scalar(f"SELECT sum(next) FROM {SCHEMA}.positions"),
    )


async def test_rule_06_a_position_is_stored_by_the_transaction_that_applies(
    running: Running,
) -> None:
    """A database put back to any moment has read exactly as far as it has applied."""
    running.start(Tally())
    for number in range(12):
        await running.send(an_event("seen", f"p{number}"))
        await running.until(lambda sent=number + 1: len(running.answers()) == sent)  # type: ignore[misc]  # a default is bound now
        assert await counts(running) == (number + 1,) * 3


async def test_rule_06_a_restored_database_is_brought_up_though_nothing_new_comes(
    running: Running,
) -> None:
    """No record follows the restore, so nothing that is fetched says how far the log had come."""
    await running.send(*(an_event("seen", f"p{n}") for n in range(30)))
    running.start(Tally())
    await running.until(lambda: sum(running.log.committed.values()) == 30)
    await running.stop()
    async with running.database.transaction() as tx:  # the backup was made after some of each
        behind = await tx.execute(
            text(f"UPDATE {SCHEMA}.positions SET next = next / 2 RETURNING next")
        )
        kept = sum(behind.scalars())
        await tx.execute(text(f"DELETE FROM {SCHEMA}.journal"))
        await tx.execute(text("DELETE FROM public.tally"))
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 30 + 30 - kept)
    assert await running.applied() == 30 - kept
    assert await running.scalar(f"SELECT sum(next) FROM {SCHEMA}.positions") == 30


@pytest.mark.parametrize("together", [1, 2])
async def test_rule_30_long_work_lets_others_run_every_five_milliseconds(together: int) -> None:
    gaps: list[float] = []

    async def tick() -> None:
        while True:
            since = time.thread_time()
            await asyncio.sleep(0)
            gaps.append(time.thread_time() - since)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    done: list[int] = []
    items = in_turns([(n,) for n in range(400)]) if together == 1 else in_groups(range(400), 2)
    async for some in items:
        until = time.thread_time() + 0.0005 * len(some)
        while time.thread_time() < until:
            pass
        done += some
    ticking.cancel()
    assert done == list(range(400))
    assert sum(gaps) > 0.15, "the ticking was not seen"
    assert max(gaps) < 0.006


async def test_invariant_29_whatever_dies_is_counted_by_its_reason(running: Running) -> None:
    def counted(reason: str) -> float:
        labels = {"stage": SCHEMA, "reason": reason}
        return REGISTRY.get_sample_value("sarnakh_stage_dead_letters_total", labels) or 0

    before = {reason: counted(reason) for reason in ("no_good", "bug: ValueError")}
    stage = Tally(fails={"poison": Reject("no_good"), "bad": ValueError("of ours")})
    await running.send(*(an_event(kind, "p") for kind in ("seen", "poison", "bad", "poison")))
    running.start(stage)
    await running.until(lambda: sum(running.log.committed.values()) == 4)
    assert {reason: counted(reason) - was for reason, was in before.items()} == {
        "no_good": 2,
        "bug: ValueError": 1,
    }


def test_rule_24_no_row_of_log_or_journal_is_ever_deleted() -> None:
    """A day goes as a table; deleting would leave its bloat to the readers' index scans."""
    tables = r"(log\.records|\{\w+(\.\w+)*\}\.journal|\w+\.journal)\b"
    forbidden = re.compile(rf"DELETE\s+FROM\s+{tables}")
    for folder in ("libs", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not forbidden.search(path.read_text(encoding="utf-8")), path
