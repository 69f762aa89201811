"""From what arrived to what it says, by every step in turn."""

from __future__ import annotations

from libs.common.events import LeadCaptured
from services.enrichment.draft import Draft
from services.enrichment.steps import STEPS


def normalise(captured: LeadCaptured, country: str) -> Draft:
    """Run the steps; `country` (ISO 3166, two letters) reads phones that name none themselves."""
    draft = Draft(captured=captured)
    for step in STEPS:
        draft = step(draft, country)
    return draft
