"""What the desk says: every name that others give has words in both languages."""

from __future__ import annotations

import pytest

from libs.common.held import CONTENTLESS
from services.capture.publishing.fitting import TOO_LARGE
from services.capture.sources.arrival import DUPLICATES, OTHER_FORM, UNEXPECTED
from services.capture.sources.google_ads import UNKNOWN_KEY
from services.desk.words import HOLDS
from services.enrichment.verdict import SUSPECTED_BOT, TOO_MANY_POSTS, UNUSABLE_CONTACT

BY_CAPTURE = {TOO_LARGE, DUPLICATES, OTHER_FORM, UNEXPECTED, UNKNOWN_KEY, *CONTENTLESS}
BY_ENRICHMENT = {SUSPECTED_BOT, TOO_MANY_POSTS, UNUSABLE_CONTACT, "key_conflict"}


@pytest.mark.parametrize("reason", sorted(BY_CAPTURE | BY_ENRICHMENT))
def test_why_something_is_held_is_said_in_both_languages(reason: str) -> None:
    words = HOLDS[reason]
    assert len(words.fa) > len(reason) / 2
    assert reason not in (words.fa, words.en)
