"""Raw bodies are kept as long as the file says, and for as long as a person may still decide."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from libs.common import forgetting
from libs.common.database.statements import text
from libs.common.forgetting import forget_some
from libs.common.runtime import Runtime
from services.enrichment.forget import KINDS
from tests.doubles.memory_log import MemoryLog
from tests.doubles.runtime import runtime_of
from tests.integration.enrichment.conftest import EXAMPLE, START, Captured, Service, decided

PHONE = "09123456789"
DAY = 24 * 3600
RAW = "SELECT id FROM enrichment.submissions WHERE raw <> '' ORDER BY received_at, reason"


def runtime(service: Service, folder: Path, kept: str = "90d") -> Runtime:
    file = folder / "sarnakh.yaml"
    shipped = EXAMPLE.read_text(encoding="utf-8")
    file.write_text(f"{shipped}\nprivacy: {{retention: {{raw: {kept}}}}}\n", encoding="utf-8")
    return runtime_of(service.database, file, MemoryLog())


async def kept(service: Service) -> list[str]:
    return [str(row.id) for row in await service.rows(RAW)]


async def test_raw_bodies_are_dropped_when_they_are_as_old_as_the_file_says(
    service: Service, captured: Captured, tmp_path: Path
) -> None:
    hook = {"kind": "webhook", "source": "hub", "source_kind": "standard", "key_owner": "platform"}
    old = captured({"phone": PHONE, "message": "سلام"}, **hook)
    again = captured({"phone": PHONE}, submission_id=old.key, after=9, **hook)
    new = captured({"phone": PHONE}, after=10 * DAY)
    await service.take(old, new)
    await service.take(again)
    now = START + timedelta(days=90, minutes=1)
    assert not await forget_some(runtime(service, tmp_path, "100d"), KINDS, now)
    assert await kept(service) == [old.key, new.key]
    assert not await forget_some(runtime(service, tmp_path), KINDS, now)
    assert await kept(service) == [new.key]
    assert await service.rows("SELECT FROM enrichment.resends WHERE raw <> ''") == []
    (row,) = await service.rows(
        "SELECT captured, digest FROM enrichment.submissions WHERE raw = ''"
    )
    assert "سلام" in str(row.captured), "what was read in it stays with the lead"
    assert row.digest
    assert await service.take(old) is not None
    assert await service.count("submissions") == 2


async def test_what_is_held_keeps_its_raw_body_until_a_person_has_decided(
    service: Service, captured: Captured, tmp_path: Path
) -> None:
    held = captured({"phone": PHONE}, signs=("honeypot",))
    other = captured({"phone": "0912"})
    await service.take(held, other)
    now = START + timedelta(days=4000)
    await forget_some(runtime(service, tmp_path), KINDS, now)
    assert sorted(await kept(service)) == sorted([held.key, other.key])
    (found,) = await service.enriched(decided("released", held.key, 1))
    assert found.outcome == "enriched"
    await service.take(decided("discarded", other.key, 1))
    await forget_some(runtime(service, tmp_path), KINDS, now)
    assert await kept(service) == []


async def test_many_are_dropped_some_at_a_time_and_nobody_is_waited_for(
    service: Service, captured: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    several = [captured({"phone": f"0912345678{n}"}, after=n) for n in range(4)]
    await service.take(*several)
    made, now = runtime(service, tmp_path), START + timedelta(days=91)
    lock = "SELECT FROM enrichment.submissions WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with service.database.transaction() as at_it:
        await at_it.execute(text(lock), {"id": several[0].key})
        async with asyncio.timeout(30):
            assert await forget_some(made, KINDS, now), "there may be more"
            assert await kept(service) == [several[0].key, several[3].key]
            assert not await forget_some(made, KINDS, now)
    assert not await forget_some(made, KINDS, now)
    assert await kept(service) == []


async def test_old_bodies_are_found_by_an_index(service: Service) -> None:
    """However many submissions there are, only those that still have one are looked at."""
    many = """
        INSERT INTO enrichment.submissions (id, round, revision, event_id, digest, outcome, source,
            kind, received_at, changed_at, captured, contact, verified, notes, raw, content_type,
            config_version)
        SELECT gen_random_uuid(), 0, 1, gen_random_uuid(), '', 'enriched', 's', 'form',
            CAST(:at AS timestamptz) + n * interval '1 minute', now(), '{}', '{}', '{}', '[]',
            CASE WHEN n > 4990 THEN CAST('x' AS bytea) ELSE '' END, '', 0
        FROM generate_series(1, 5000) AS n
    """
    plan = """
        EXPLAIN SELECT id FROM enrichment.submissions
        WHERE raw <> '' AND outcome NOT IN ('quarantined', 'hydrating') AND received_at < :before
        ORDER BY received_at, id LIMIT 500
    """
    await service.rows(f"WITH made AS ({many} RETURNING id) SELECT count(*) FROM made", at=START)
    async with service.database.transaction() as tx:
        await tx.execute(text("ANALYZE enrichment.submissions"))
    rows = await service.rows(plan, before=START + timedelta(days=90))
    assert "submissions_raw" in "\n".join(row[0] for row in rows)
