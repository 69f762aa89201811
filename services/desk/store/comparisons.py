"""What comparing each source with its platform's list has found."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.desk.reading.rows import ComparisonRow
from services.desk.store.columns import plain


async def write(tx: Transaction, rows: Sequence[ComparisonRow]) -> None:
    """Keep the newest word on each."""
    await tx.execute(
        text("""
            INSERT INTO desk.comparisons AS c
                (source, at, compared, missing, late, repeated, days, trouble)
            SELECT * FROM unnest(
                CAST(:sources AS text[]), CAST(:ats AS timestamptz[]), CAST(:compared AS bigint[]),
                CAST(:missing AS bigint[]), CAST(:late AS bigint[]), CAST(:repeated AS bigint[]),
                CAST(:days AS int[]), CAST(:troubles AS text[]))
            ON CONFLICT (source) DO UPDATE SET
                at = excluded.at, compared = excluded.compared, missing = excluded.missing,
                late = excluded.late, repeated = excluded.repeated, days = excluded.days,
                trouble = excluded.trouble
            WHERE c.at <= excluded.at
        """),
        {
            "sources": [plain(row.source) for row in rows],
            "ats": [row.at for row in rows],
            "compared": [row.compared for row in rows],
            "missing": [row.missing for row in rows],
            "late": [row.late for row in rows],
            "repeated": [row.repeated for row in rows],
            "days": [row.days for row in rows],
            "troubles": [plain(row.trouble) for row in rows],
        },
    )


async def newest(tx: Transaction) -> dict[str, ComparisonRow]:
    """The newest word on each source that was ever compared."""
    rows = await tx.execute(
        text("""
            SELECT source, at, compared, missing, late, repeated, days, trouble
            FROM desk.comparisons
        """)
    )
    return {row["source"]: ComparisonRow(*row) for row in rows}
