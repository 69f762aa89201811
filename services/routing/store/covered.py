"""The leads that a summary covers: which of them it is still about, and when that is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text

IS_THEIRS: Final = """(
    c.merged_into IS NULL AND c.content -> 'lead' ->> 'erased_at' IS NULL
    AND c.content -> 'lead' -> 'assignment' ->> 'id' = CAST(l.assignment_id AS text))
"""
"""Of `routing.listed l` and its lead, `routing.leads c`: whether its reader still has it."""


async def count(tx: Transaction, summaries: Collection[str]) -> dict[str, int]:
    """How many leads each of these summaries is about by now; one about none is left out."""
    rows = await tx.execute(
        text(f"""
            SELECT CAST(l.summary_id AS text) AS id, count(*) AS leads
            FROM routing.listed l JOIN routing.leads c ON c.id = l.lead_id
            WHERE l.summary_id = ANY (CAST(:summaries AS uuid[])) AND {IS_THEIRS}
            GROUP BY l.summary_id
        """),  # noqa: S608 - IS_THEIRS is a constant
        {"summaries": sorted(summaries)},
    )
    return {row.id: row.leads for row in rows}


async def supersede(tx: Transaction, messages: Collection[str]) -> None:
    """Drop claimed messages that are about nothing any more."""
    await tx.execute(
        text("""
            UPDATE routing.summary_messages
            SET state = 'failed', error = 'superseded', deadline = NULL, told = false
            WHERE id = ANY (CAST(:ids AS uuid[]))
        """),
        {"ids": sorted(messages)},
    )


async def forget(tx: Transaction, late: float) -> None:
    """Drop what is kept of summaries that are noted with their leads and not sent any more.

    `late`: seconds for which a sender may still say that one of unknown outcome was heard.
    """
    await tx.execute(
        text("""
            DELETE FROM routing.listed WHERE assignment_id = ANY (ARRAY(
                SELECT l.assignment_id FROM routing.listed l
                WHERE l.summary_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM routing.summary_messages m
                    WHERE m.summary_id = l.summary_id AND (
                        (m.kind = 'assigned' AND NOT m.told) OR m.state IN ('planned', 'sending')
                        OR (m.state = 'unknown' AND m.next_at  -- when that was found
                            > clock_timestamp() - make_interval(secs => :late))))
                FOR UPDATE OF l SKIP LOCKED))
        """),
        {"late": late},
    )
