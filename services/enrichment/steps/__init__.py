"""The steps of normalising and verifying, in the order in which they run.

A step is a function of the draft and the organisation's country, and returns the draft with
what it found. To add one: a file here, a line in STEPS, a test (docs/how-to/add-a-step.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from services.enrichment.draft import Draft
from services.enrichment.steps.bot import look_for_bots
from services.enrichment.steps.candidates import choose_usable
from services.enrichment.steps.email import read_email
from services.enrichment.steps.handle import read_handle
from services.enrichment.steps.language import find_language
from services.enrichment.steps.misplaced import put_into_place
from services.enrichment.steps.name import read_name
from services.enrichment.steps.page import find_page
from services.enrichment.steps.phone import read_phone
from services.enrichment.steps.proven import note_proof
from services.enrichment.steps.text import repair_text

Step = Callable[[Draft, str], Draft]

STEPS: Final[tuple[Step, ...]] = (
    repair_text,
    put_into_place,
    choose_usable,
    read_name,
    read_phone,
    note_proof,
    read_email,
    read_handle,
    find_page,
    find_language,
    look_for_bots,
)
