"""Raw bodies at the desk are kept until a person has decided, and as long as the file says."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.common import forgetting
from libs.common.configuration.schema import Retention
from libs.common.database import Database, Transaction
from libs.common.forgetting import forget_some, keep_forgetting
from libs.common.runtime import Runtime
from services.desk.forget import KINDS
from services.desk.reading.rows import HeldRow, LetterRow
from services.desk.store import held, letters
from tests.doubles.memory_log import MemoryLog
from tests.doubles.runtime import runtime_of
from tests.integration.enrichment.conftest import EXAMPLE

CAME = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BODY = b'{"phone": "09123456789"}'


def _held(at: datetime = CAME) -> HeldRow:
    one = str(uuid.uuid4())
    return HeldRow(one, one, 0, "held", "suspected_bot", "contact", at, None, len(BODY), BODY)


def _dead(at: datetime = CAME) -> LetterRow:
    one = str(uuid.uuid4())
    return LetterRow(one, 0, "scoring", "bug", "", "leads.enriched.v1", one, at, one, (), BODY)


def _runtime(database: Database, folder: Path) -> Runtime:
    (folder / "sarnakh.yaml").write_bytes(EXAMPLE.read_bytes())
    return runtime_of(database, folder / "sarnakh.yaml", MemoryLog())


async def test_what_was_decided_loses_its_raw_body_when_it_is_old(
    database: Database, tmp_path: Path
) -> None:
    old, new, waits = _held(), _held(CAME + timedelta(days=9)), _held()
    async with database.transaction() as tx:
        await held.write(tx, [old, new, waits])
        await held.settle(tx, old.id, "discarded")
        await held.settle(tx, new.id, "released")
    runtime = _runtime(database, tmp_path)
    assert not await forget_some(runtime, KINDS, CAME + timedelta(days=91))
    async with database.transaction() as tx:
        found = [await held.one(tx, each.id) for each in (old, new, waits)]
    assert [each and each["raw"] for each in found] == [None, BODY, BODY]
    assert found[0] is not None
    assert found[0]["raw_size"] == len(BODY), "how large it was is still said"


async def test_what_was_released_keeps_its_raw_body_until_its_answer_is_known(
    database: Database, tmp_path: Path
) -> None:
    row, runtime = _held(), _runtime(database, tmp_path)
    async with database.transaction() as tx:
        await held.write(tx, [row])
        await held.settle(tx, row.id, "released")
    assert not await forget_some(runtime, KINDS, CAME + timedelta(days=91))
    async with database.transaction() as tx:
        await held.write(tx, [row._replace(round=1, raw=None, reason="unreadable")])
        again = await held.one(tx, row.id)
        await held.write(tx, [row._replace(round=2, raw=None, state="ended", reason="")])
    assert again is not None
    assert (again["state"], again["raw"]) == ("held", BODY)
    assert not await forget_some(runtime, KINDS, CAME + timedelta(days=91))
    async with database.transaction() as tx:
        ended = await held.one(tx, row.id)
    assert ended is not None
    assert ended["raw"] is None


async def test_a_dead_letter_keeps_its_record_until_it_was_sent_again(
    database: Database, tmp_path: Path
) -> None:
    sent, waits = _dead(), _dead()
    async with database.transaction() as tx:
        await letters.write(tx, [sent, waits])
        await letters.replayed(tx, sent.id)
    runtime = _runtime(database, tmp_path)
    assert not await forget_some(runtime, KINDS, CAME + timedelta(days=4000))
    async with database.transaction() as tx:
        found = [await letters.one(tx, each.id) for each in (sent, waits)]
        assert [each and each["value"] for each in found] == [b"", BODY]
        # dies once more: what is needed to send it again is there again
        await letters.write(tx, [sent._replace(round=1)])
        again = await letters.one(tx, sent.id)
    assert again is not None
    assert (again["state"], again["value"]) == ("dead", BODY)


async def test_what_is_kept_for_ever_is_kept(database: Database) -> None:
    row = _held()
    async with database.transaction() as tx:
        await held.write(tx, [row])
        await held.settle(tx, row.id, "discarded")
        for forget in KINDS:
            assert await forget(tx, Retention(raw="9999y"), CAME + timedelta(days=4000), 9) == 0


async def test_a_kind_that_fails_ends_neither_the_chore_nor_its_service(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(forgetting, "EVERY_SECONDS", 0.01)
    runtime, tries = _runtime(database, tmp_path), 0

    async def fails(_tx: Transaction, _kept: Retention, _now: datetime, _most: int) -> int:
        nonlocal tries
        tries += 1
        if tries > 1:
            runtime.stop.set()
        raise OverflowError

    async with asyncio.timeout(30):
        await keep_forgetting("desk", runtime, [fails])
    assert tries == 2
    assert "old.not_forgotten" in "".join(capsys.readouterr())
