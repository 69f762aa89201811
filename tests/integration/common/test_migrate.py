"""The migration runner: every chain once, together, under one lock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from libs.common.database import Database
from libs.common.database.chain import Chain
from libs.common.database.migrate import migrate
from libs.common.database.statements import text
from libs.common.errors import Retry
from services.migrations import CHAINS

_REVISION = '''
from alembic import op
revision = "{0}"
down_revision = {1}
def upgrade():
    op.execute("""{2}""")
'''


def _chain(folder: Path, *statements: str) -> Chain:
    folder.mkdir(exist_ok=True)
    before = None
    for number, statement in enumerate(statements, start=1):
        name = f"{number:04}"
        source = _REVISION.format(name, repr(before), statement)
        (folder / f"{name}_step.py").write_text(source, encoding="utf-8")
        before = name
    return Chain("garden", folder)


async def _tables(database: Database) -> set[str]:
    async with database.transaction() as tx:
        found = await tx.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'garden'")
        )
        return set(found.scalars())


async def test_every_service_has_its_schema_and_a_second_run_changes_nothing(
    database: Database,
) -> None:
    said: list[str] = []
    await migrate(database, CHAINS, said.append)
    assert said == []
    async with database.transaction() as tx:
        found = await tx.execute(text("SELECT DISTINCT schemaname FROM pg_tables"))
        schemas = set(found.scalars())
    assert {"common", "enrichment", "scoring", "routing", "desk"} <= schemas


async def test_unqualified_names_go_to_the_chain_s_own_schema(
    database: Database, tmp_path: Path
) -> None:
    await migrate(database, [_chain(tmp_path, "CREATE TABLE tree (name text)")])
    assert await _tables(database) == {"tree", "schema_version"}


async def test_many_at_once_apply_each_revision_once(database: Database, tmp_path: Path) -> None:
    chain = _chain(tmp_path, "CREATE TABLE tree (name text)", "INSERT INTO tree VALUES ('cedar')")
    await asyncio.gather(*(migrate(database, [chain]) for _ in range(5)))
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM garden.tree"))).scalar_one() == 1


async def test_a_revision_that_fails_leaves_nothing(database: Database, tmp_path: Path) -> None:
    chain = _chain(tmp_path, "CREATE TABLE tree (name text)", "SELECT 1 FROM nowhere")
    with pytest.raises(asyncpg.SyntaxOrAccessError):
        await migrate(database, [chain])
    assert await _tables(database) == set()


async def test_invariant_28_tables_newer_than_the_program_are_left_alone(
    database: Database, tmp_path: Path
) -> None:
    chain = _chain(tmp_path, "CREATE TABLE tree (name text)", "CREATE TABLE bird (name text)")
    await migrate(database, [chain])
    (tmp_path / "0002_step.py").unlink()
    await migrate(database, [chain])
    assert await _tables(database) == {"tree", "bird", "schema_version"}


async def test_a_database_that_is_away_is_for_later() -> None:
    away = Database("postgresql://sarnakh:x@127.0.0.1:1/none")
    with pytest.raises(Retry, match="postgres"):
        await migrate(away, CHAINS)
