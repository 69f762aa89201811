"""What a form asked and what was answered: ours by the mapping, by its name, then by its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.normal.names import NONE, at_path, ours_of, sort_out, text_of
from services.capture.reading.attribution import FLAT, Origins, attributed
from services.capture.reading.consent import consented, is_consent
from services.capture.sources.arrival import Arrival

CONSENT: Final = "consent"
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})


class Question(NamedTuple):
    """A question with its answer."""

    names: tuple[str, ...]
    """What it may be called, the name that people read first."""
    answer: Any
    means: str | None = None
    """Which of ours it is by its type, or consent; None where the type says nothing."""


def answered(
    arrival: Arrival,
    questions: Iterable[Question],
    source: Source,
    page: str | None = None,
    *,
    whole: Mapping[str, Any] = NONE,
) -> Arrival:
    """The arrival with all that was answered; what is in its extra already is kept beside.

    `whole` is the body, in which the configuration may name a value by its path.
    """
    questions = list(questions)
    asked = {name for question in questions for name in question.names}
    questions += _at_paths(set(source.fields.values()) - asked, whole)
    values: dict[str, Any] = {"page_url": page} if page else {}
    known_as: dict[str, str] = {}
    late: dict[str, list[str]] = {}
    agreed: dict[str, Any] = {}
    for question in questions:
        if question.answer in _EMPTY:
            continue
        name = _name_of(question, values)
        for each in question.names:
            known_as.setdefault(each, name)
        if question.means == CONSENT:
            agreed[name] = question.answer
            continue
        values[name] = question.answer
        if question.means:
            late.setdefault(question.means, []).append(name)
    attribution, rest = attributed(values, Origins(page=source.page, origin=source.page))
    consent, rest = consented(rest)
    mapped = {ours: known_as.get(theirs, theirs) for ours, theirs in source.fields.items()}
    fields, rest, candidates = sort_out(rest, mapped, late)
    return arrival._replace(
        fields=fields,
        extra={**arrival.extra, **rest},
        attribution=attribution,
        consent={**_boxes(consent), **agreed} if agreed else consent,
        candidates=candidates,
    )


def _at_paths(paths: Iterable[str], whole: Mapping[str, Any]) -> Iterable[Question]:
    """What the configuration names by a dotted path, beside the questions."""
    for path in sorted(paths):
        if "." in path and (text := text_of(at_path(whole, path))):
            yield Question((path,), text)


def _name_of(question: Question, taken: Mapping[str, Any]) -> str:
    """The first of its names that says something to us, else the first; each only once."""
    free = [name for name in question.names if name not in taken]
    telling = (name for name in free if _is_telling(name))
    return next(telling, free[0] if free else f"{question.names[0]} {len(taken) + 1}")


def _is_telling(name: str) -> bool:
    return name in FLAT or is_consent(name) or ours_of(name) is not None


def _boxes(consent: Any) -> Mapping[str, Any]:
    if consent is None or isinstance(consent, dict):
        return consent or {}
    return {CONSENT: consent}
