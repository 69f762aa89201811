"""What is said of a submission that came under an earlier one's id, and is told of there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from services.enrichment.draft import Draft

_MOST: Final = 40
"""Answers told; all of them are in its contact."""
_LONGEST: Final = 1000
"""Characters told of one."""


def told_anew(draft: Draft) -> Draft:
    """With its own words."""
    return _sent(draft) if draft.captured.again_after else _wrote(draft)


def _wrote(draft: Draft) -> Draft:
    return draft.noting(
        "wrote_anew",
        "در گفت‌وگویی که پیش‌تر آغاز شده بود پیام داد.",
        "Wrote in a conversation that had begun before.",
        arrived=_typed(draft),
    )


def _sent(draft: Draft) -> Draft:
    answers = dict(_answers(draft.captured.extra))
    return draft.noting(
        "sent_anew",
        f"از «{draft.captured.source}» دوباره رسید؛ پیش‌تر هم با همین محتوا فرستاده شده بود.",
        f"Came in from “{draft.captured.source}” once more, with the content of an earlier time.",
        arrived=_typed(draft) | answers,
    )


def _typed(draft: Draft) -> dict[str, str]:
    return {name: text for name, text in draft.captured.fields.items() if text.strip()}


def _answers(extra: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a form asked beyond our fields, as far as it is text or a list of texts."""
    shown = [(name, value) for name, value in extra.items() if not name.startswith("_")]
    for name, value in shown[:_MOST]:
        parts = value if isinstance(value, list) else [value]
        text = "، ".join(part for part in parts if isinstance(part, str) and part.strip())
        if text:
            yield name, text[:_LONGEST]
