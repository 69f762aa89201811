"""Brings every schema to its newest revision under one lock; alembic is loaded only for work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
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
        async with engine.connect() as connection:
            if await _is_newest(connection, chains):
                return
        from libs.common.database.upgrading import upgrade  # noqa: PLC0415 - alembic takes 8 MiB

        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            for chain in chains:
                await connection.run_sync(upgrade, chain, progress)
    except (OSError, TimeoutError) as error:
        raise Retry("postgres") from error
    except exc.DBAPIError as error:
        if is_away(error):
            raise Retry("postgres") from error
        raise
    finally:
        await engine.dispose()


async def _is_newest(connection: AsyncConnection, chains: Sequence[Chain]) -> bool:
    """Whether each schema is at the revision of its last file, whose name begins with it."""
    for schema, folder, version_table in chains:
        last = max((path.name.partition("_")[0] for path in folder.glob("[0-9]*.py")), default=None)
        if last is None:
            continue
        table = f'"{schema}"."{version_table}"'
        there = await connection.execute(text("SELECT to_regclass(:table)"), {"table": table})
        if there.scalar_one() is None:
            return False
        rows = await connection.execute(text(f"SELECT version_num FROM {table}"))  # noqa: S608 - names of ours
        if rows.scalars().all() != [last]:
            return False
    return True
