"""Forms as site builders post them: flat names with values, in any encoding of forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from libs.common.bodies import Filled, Unreadable, plain, reader_of
from libs.common.configuration.schema import Source
from services.capture.sources.arrival import DUPLICATES, UNEXPECTED, Arrival, Knock, odd
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import canonical

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


def read_form(knock: Knock) -> Filled | None:
    """Names with values, by the body's content type; None for what nobody can read so."""
    said = knock.headers.get(b"content-type", b"").decode("latin-1")
    looks = _JSON if knock.body.lstrip().startswith(b"{") else _FORM
    reader = reader_of(said) or reader_of(looks)
    if reader is None:
        return None
    read, parameter = reader
    try:
        return read(knock.body, parameter)
    except Unreadable:
        return None


def submission(
    form: Filled, source: Source, questions: Iterable[Question] | None = None
) -> Arrival:
    """One submission of a flat form; one in which no name is known waits for a human.

    `questions`: where more is known of the form than the names of its values.
    """
    if questions is None:
        questions = asked(form)
    arrival = answered(Arrival(None, canonical(form.values)), questions, source, whole=form.values)
    repaired = {"_repaired": sorted(form.flags)} if form.flags else {}
    unknown = not arrival.fields
    return arrival._replace(
        extra=plain({**arrival.extra, **repaired}),
        held=DUPLICATES if DUPLICATES in form.flags else UNEXPECTED if unknown else None,
    )


def unreadable(knock: Knock) -> Arrival:
    """What is no form, held: as little of an id as a form has, so that it may come again."""
    return odd(knock.body)._replace(key=None)


def asked(form: Filled) -> list[Question]:
    """Each name with its value, of which nothing else is known."""
    return [Question((name,), value) for name, value in form.values.items()]
