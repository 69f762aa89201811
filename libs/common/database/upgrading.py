"""One schema brought to its newest revision: alembic, run as a library."""

from __future__ import annotations

from collections.abc import Callable

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from libs.common.database.migrate import Chain


def upgrade(connection: Connection, chain: Chain, progress: Callable[[str], None] | None) -> None:
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
