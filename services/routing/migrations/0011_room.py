"""Room for rows that are written twice, and for a lead's content beside its row."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FREE: dict[str, int] = {"persons": 50, "submissions": 60}
"""How full a page is made, in per cent: the second writing of a row finds room beside the first,
and its indexes stay as they are."""
LARGEST_INLINE = 3000
"""Bytes of a lead's row beyond which its content goes to a table of its own; usually 2,000."""


def upgrade() -> None:
    """Holds for what is written from now on; nobody who reads or writes waits for it."""
    for table, filled in FREE.items():
        op.execute(f"ALTER TABLE routing.{table} SET (fillfactor = {filled})")
    op.execute(f"ALTER TABLE routing.leads SET (toast_tuple_target = {LARGEST_INLINE})")
