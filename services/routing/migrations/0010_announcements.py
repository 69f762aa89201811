"""Messages to those who answer for teams that are about a source, and about no lead."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE routing.announcements (
            id uuid PRIMARY KEY,
            source text NOT NULL,
            expires date NOT NULL,
            recipient text NOT NULL,
            team text NOT NULL,
            channel text NOT NULL,
            address text NOT NULL,
            planned_at timestamptz NOT NULL,
            state text NOT NULL DEFAULT 'planned'
                CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'unknown')),
            attempts integer NOT NULL DEFAULT 0,
            claim uuid,
            deadline timestamptz,
            begun boolean NOT NULL DEFAULT false,
            next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            error text
        )
    """)
    op.execute("""
        CREATE INDEX announcements_due ON routing.announcements (next_at)
        WHERE state IN ('planned', 'sending')
    """)
