"""What is said of a submission that was taken back, by itself or with its platform's record. Pure.

docs/decisions/0021-forms-of-a-contact.md
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from libs.common.events import LeadCaptured, digest


class Part(NamedTuple):
    """A submission, which may be of a record with others."""

    submission_id: str
    kind: str
    source: str
    taken_back_at: datetime | None = None
    """By the platform's clock, where it says so: what was brought back may be taken back again."""


def withdrawal(part: Part, submits: str, at: datetime, version: int = 0) -> LeadCaptured:
    """What is said of a submission that its sender took back; a repeat of it is the same."""
    moment = part.taken_back_at
    return LeadCaptured(
        submission_id=part.submission_id,
        kind=submits,
        source=part.source,
        source_kind=part.kind,
        received_at=at,
        digest=digest(f"withdrawn {moment.isoformat()}".encode() if moment else b"withdrawn"),
        raw=b"",
        key_owner="platform",
        withdrawn=True,
        occurred_at=moment,
        config_version=version,
    )
