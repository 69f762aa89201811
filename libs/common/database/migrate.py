"""Brings every schema to its newest revision; SQLAlchemy and alembic are loaded only for work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from libs.common.database.chain import APPLICATION, Chain
from libs.common.database.engine import Database, is_away
from libs.common.database.pool import DRIVER, Pool
from libs.common.database.statements import text
from libs.common.errors import Retry


async def migrate(
    database: Database,
    chains: Sequence[Chain],
    progress: Callable[[str], None] | None = None,
) -> None:
    """Apply what is missing, all of it in one transaction; what is there already is left alone.

    A schema that is newer than this program (a rolling restart) is left alone too.
    `progress` is told each revision's name. Raises Retry("postgres") while it is away.
    """
    looking = Pool(database.url, 1, APPLICATION)
    try:
        if await _is_newest(looking, chains):
            return
        from libs.common.database.upgrading import upgrade  # noqa: PLC0415 - they take 25 MiB

        await upgrade(database.url, chains, progress)
    except (OSError, TimeoutError) as error:
        raise Retry("postgres") from error
    except DRIVER as error:
        if is_away(error):
            raise Retry("postgres") from error
        raise
    finally:
        await looking.close()


async def _is_newest(looking: Pool, chains: Sequence[Chain]) -> bool:
    """Whether each schema is at the revision of its last file, whose name begins with it."""
    for schema, folder, version_table in chains:
        last = max((path.name.partition("_")[0] for path in folder.glob("[0-9]*.py")), default=None)
        if last is None:
            continue
        table = f'"{schema}"."{version_table}"'
        there = await looking.run(text("SELECT to_regclass(:table)"), {"table": table})
        if there.scalar_one() is None:
            return False
        rows = await looking.run(text(f"SELECT version_num FROM {table}"))  # noqa: S608 - names of ours
        if rows.scalars() != [last]:
            return False
    return True
