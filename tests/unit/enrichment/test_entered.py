"""Whom staff put in by name alone is a lead; whoever only types a name in a form is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from libs.common.events import Contact, LeadCaptured
from services.enrichment.draft import Draft
from services.enrichment.verdict import judge


@pytest.mark.parametrize(
    ("by", "name", "unusable", "outcome"),
    [
        ("sara", "کریمی", (), "enriched"),
        ("sara", "کریمی", ("phone",), "enriched"),
        ("sara", None, ("phone",), "quarantined"),
        (None, "کریمی", (), "activity"),
        (None, "کریمی", ("phone",), "quarantined"),
    ],
)
def test_who_is_known_by_name_alone(
    by: str | None, name: str | None, unusable: tuple[str, ...], outcome: str
) -> None:
    captured = LeadCaptured(
        submission_id="x",
        kind="walk_in",
        source="desk",
        source_kind="desk",
        received_at=datetime.now(UTC),
        digest="",
        raw=b"",
        entered_by=by,
    )
    draft = Draft(captured, contact=Contact(name=name), unusable=unusable)
    assert judge(draft, released=False).outcome == outcome
