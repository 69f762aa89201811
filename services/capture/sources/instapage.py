"""Instapage's webhook: the form's labels with what was typed, the page's own beside them.

From memory: the shape is published nowhere. No id and no moment is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.contract import Kind
from services.capture.sources.posted import read_form, submission, unreadable
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.repeats import WINDOW, by_content


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission, as a form or as JSON."""
    form = read_form(knock)
    return [unreadable(knock) if form is None else submission(form, source)]


INSTAPAGE: Final = Kind(
    "instapage", by_shared_secret, parse_form, repeats=by_content, again_after=WINDOW
)
