"""Brings every schema to its newest revision: alembic, run as a library, under one lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, exc, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.common.database.engine import Database, is_away
from libs.common.errors import Retry

_LOCK: Final = 0x5A726E61
"""The advisory lock's number: one migration at a time in a database, the others wait."""


class Chain(NamedTuple):
    """A folder of revisions and the schema they build; its version is kept in that schema."""

    schema: str
    folder: Path
    version_table: str = "schema_version"


async def migrate(
    database: Database,
    chains: Sequence[Chain],
    progress: Callable[[str], None] | None = None,
) -> None:
    """Apply what is missing, all of it in one transaction; what is there already is left alone.

    A schema that is newer than this program (a rolling restart) is left alone too.
    `progress` is told each revision's name. Raises Retry("postgres") while it is away.
    """
    engine = create_async_engine(
        database.url,
        poolclass=NullPool,  # its own connection: no time limits, a long revision may take long
        connect_args={"timeout": 5, "server_settings": {"application_name": "sarnakh migrate"}},
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            for chain in chains:
                await connection.run_sync(_upgrade, chain, progress)
    except (OSError, TimeoutError) as error:
        raise Retry("postgres") from error
    except exc.DBAPIError as error:
        if is_away(error):
            raise Retry("postgres") from error
        raise
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, chain: Chain, progress: Callable[[str], None] | None) -> None:
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
