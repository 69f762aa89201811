"""Schemas brought to their newest revisions under one lock: alembic, run as a library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import asyncpg
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, exc, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.common.database.chain import APPLICATION, Chain
from libs.common.database.pool import CONNECT_SECONDS

Progress = Callable[[str], None] | None
_LOCK: Final = 0x5A726E61
"""The advisory lock's number: one migration at a time in a database, the others wait."""


async def upgrade(url: str, chains: Sequence[Chain], progress: Progress) -> None:
    """Apply what is missing in one transaction. Raises what the driver raises."""

    async def connect() -> asyncpg.Connection[Any]:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=APPLICATION)

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, poolclass=NullPool, hide_parameters=True
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            for chain in chains:
                await connection.run_sync(_upgrade_one, chain, progress)
    except exc.DBAPIError as error:
        raise _of_the_driver(error) from error
    finally:
        await engine.dispose()


def _of_the_driver(error: exc.DBAPIError) -> BaseException:
    """What the driver had raised, below the names that SQLAlchemy gives."""
    found: BaseException = error
    while found.__cause__ is not None and not isinstance(found, asyncpg.PostgresError):
        found = found.__cause__
    return found


def _upgrade_one(connection: Connection, chain: Chain, progress: Progress) -> None:
    """Apply to one schema what is missing in it."""
    if not any(chain.folder.glob("[0-9]*.py")):
        return
    script = ScriptDirectory(str(chain.folder), version_locations=[str(chain.folder)])
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{chain.schema}"'))
    connection.execute(text(f'SET LOCAL search_path TO "{chain.schema}", public'))
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": chain.version_table,
            "version_table_schema": chain.schema,
            "fn": lambda revision, _context: script._upgrade_revs("head", revision),  # noqa: SLF001 - as alembic's own commands do
        },
    )
    known = {revision.revision for revision in script.walk_revisions()}
    if not set(context.get_current_heads()) <= known:
        return
    before = context.get_current_heads()
    with Operations.context(context):
        context.run_migrations()
    if progress and context.get_current_heads() != before:
        progress(f"{chain.schema}: {', '.join(context.get_current_heads())}")
