"""When sources' tokens end, by what their platforms said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.reading.rows import TokenRow
from services.desk.store.columns import plain


async def write(tx: Transaction, rows: Sequence[TokenRow]) -> None:
    """Keep the newest word on each."""
    await tx.execute(
        text("""
            INSERT INTO desk.token_ends AS t (source, source_kind, expires, at)
            SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:kinds AS text[]),
                                 CAST(:expires AS date[]), CAST(:ats AS timestamptz[]))
            ON CONFLICT (source) DO UPDATE SET
                source_kind = excluded.source_kind, expires = excluded.expires, at = excluded.at
            WHERE t.at <= excluded.at
        """),
        {
            "sources": [plain(row.source) for row in rows],
            "kinds": [plain(row.kind) for row in rows],
            "expires": [row.expires for row in rows],
            "ats": [row.at for row in rows],
        },
    )


async def known(tx: Transaction) -> dict[tuple[str, str], date]:
    """The last day of each source's token, by kind and key, where there is one."""
    rows = await tx.execute(
        text("SELECT source_kind, source, expires FROM desk.token_ends WHERE expires IS NOT NULL")
    )
    return {(row["source_kind"], row["source"]): row["expires"] for row in rows}
