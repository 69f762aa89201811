"""The leads that a summary covers: which of them it is still about, and when that is forgotten."""

from __future__ import annotations

from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text

IS_THEIRS: Final = """(
    c.merged_into IS NULL AND c.content -> 'lead' ->> 'erased_at' IS NULL
    AND c.content -> 'lead' -> 'assignment' ->> 'id' = CAST(l.assignment_id AS text))
"""
"""Of `routing.listed l` and its lead, `routing.leads c`: whether its reader still has it."""


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
