"""A held delivery read again: what its source's mapping finds takes the place of what there was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured
from services.enrichment.reread import reread


@pytest.mark.parametrize(
    ("fields", "proven"),
    [({"phone": "data.mine"}, ()), ({"name": "data.who"}, ("phone",))],
)
def test_a_phone_that_a_mapping_has_found_is_vouched_for_by_nobody(
    fields: dict[str, str], proven: tuple[str, ...]
) -> None:
    body: dict[str, Any] = {"data": {"mine": "09350000001", "who": "نیلوفر"}}
    held = LeadCaptured(
        submission_id="00000000-0000-0000-0000-000000000001",
        kind="webhook",
        source="bot",
        source_kind="telegram",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        digest="d",
        raw=b"",
        content_type="application/json",
        fields={"phone": "+989121234567"},
        proven=("phone",),
    )
    source = Source.model_validate({"key": "bot", "kind": "telegram", "fields": fields})
    found = reread(held, json.dumps(body).encode(), source)
    assert found.fields != held.fields
    assert found.proven == proven
