"""What platforms add: a number that they vouch for, and the time by their own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.events import LeadCaptured
from services.enrichment.normalise import normalise
from services.enrichment.stored import moment_of

ARRIVED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def captured(**more: object) -> LeadCaptured:
    return LeadCaptured(
        submission_id="s", kind="chat", source="bot", source_kind="telegram",
        received_at=ARRIVED, digest="d", raw=b"", **more,  # type: ignore[arg-type]  # by name
    )  # fmt: skip


def test_a_proven_phone_is_noted_and_a_typed_one_is_not() -> None:
    shared = normalise(captured(fields={"phone": "989127776655"}, proven=("phone",)), "IR")
    assert shared.contact.phone == "+989127776655"
    assert shared.verified["phone_verified"] is True
    assert "phone_verified" in [note.code for note in shared.notes]
    typed = normalise(captured(fields={"phone": "989127776655"}), "IR")
    assert "phone_verified" not in typed.verified
    nobody = normalise(captured(fields={"phone": "12"}, proven=("phone",)), "IR")
    assert "phone_verified" not in nobody.verified


@pytest.mark.parametrize(
    ("happened", "at"),
    [
        (None, ARRIVED),
        (ARRIVED - timedelta(hours=9), ARRIVED - timedelta(hours=9)),
        (ARRIVED + timedelta(seconds=1), ARRIVED),
    ],
)
def test_the_sender_s_clock_counts_unless_it_is_ahead(
    happened: datetime | None, at: datetime
) -> None:
    assert moment_of(captured(occurred_at=happened)) == at
