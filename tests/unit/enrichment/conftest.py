"""Drafts made by every step, as the stage makes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.events import Attribution, Client, LeadCaptured
from services.enrichment.draft import Draft
from services.enrichment.normalise import normalise

Normalised = Callable[..., Draft]


@pytest.fixture
def normalised() -> Normalised:
    """Normalises our fields; keywords are LeadCaptured's own, and four short ones.

    `country`, `language` (Accept-Language), `agent` and `page`.
    """

    def make(fields: dict[str, str], **given: Any) -> Draft:
        country = given.pop("country", "IR")
        client = Client(
            accept_language=given.pop("language", None), user_agent=given.pop("agent", None)
        )
        values: dict[str, Any] = {
            "submission_id": "0f0e0d0c-0000-4000-8000-000000000001",
            "kind": "form",
            "source": "contact",
            "source_kind": "form",
            "received_at": datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
            "digest": "d",
            "raw": b"",
            "client": client,
            "attribution": Attribution(page_url=given.pop("page", None)),
        }
        return normalise(LeadCaptured(fields=fields, **(values | given)), country)

    return make
