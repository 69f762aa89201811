"""Forms as site builders post them: flat names with values, in any encoding of forms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.attribution import Origins, attributed
from services.capture.bodies import Filled, Unreadable, plain, reader_of
from services.capture.consent import consented
from services.capture.names import NONE, sort_out
from services.capture.sources.contract import DUPLICATES, UNEXPECTED, Arrival, Knock, odd
from services.capture.sources.values import canonical

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})


def read_form(knock: Knock) -> Filled | None:
    """Names with values, by the body's content type; None for what nobody can read so."""
    said = knock.headers.get(b"content-type", b"").decode("latin-1")
    json_like = knock.body.lstrip()[:1] == b"{"
    usual = "application/json" if json_like else "application/x-www-form-urlencoded"
    reader = reader_of(said) or reader_of(usual)
    if reader is None:
        return None
    read, parameter = reader
    try:
        return read(knock.body, parameter)
    except Unreadable:
        return None


def submission(
    form: Filled,
    source: Source,
    late: Mapping[str, str] = NONE,
    agreed: Mapping[str, Any] = _NOTHING,
) -> Arrival:
    """One submission of a flat form; one in which nobody's name is known waits for a human.

    `late`: ours to theirs, after the common names. `agreed`: boxes of consent by label.
    """
    values = {name: value for name, value in form.values.items() if value not in _EMPTY}
    content = canonical(values)
    attribution, rest = attributed(values, Origins(page=source.page))
    consent, rest = consented(rest)
    fields, extra, candidates = sort_out(rest, source.fields, late)
    if form.flags:
        extra["_repaired"] = sorted(form.flags)
    return Arrival(
        None if fields else odd(content).key,
        content,
        fields,
        plain(extra),
        attribution,
        {**_boxes(consent), **agreed} if agreed else consent,
        DUPLICATES if DUPLICATES in form.flags else None if fields else UNEXPECTED,
        candidates=candidates,
    )


def _boxes(consent: Any) -> Mapping[str, Any]:
    if consent is None or isinstance(consent, dict):
        return consent or {}
    return {"consent": consent}
