"""What somebody filled in inside WhatsApp: the answers of a Flow, read as a form's.

https://developers.facebook.com/documentation/business-messaging/whatsapp/flows/guides/receiveflowresponse
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.normal.names import at_path, ours_of, sort_out, text_of
from services.capture.reading.consent import consented
from services.capture.sources.values import object_in

_BUILT: Final = re.compile(r"screen_\d+_(.+?)_\d+")
"""How Meta's Flow Builder names what stands on its screens: `screen_0_Full_name_1`."""
_NAMES: Final = frozenset({"name", "first_name", "last_name"})


class Answers(NamedTuple):
    """What a Flow was answered with."""

    fields: dict[str, str]
    extra: dict[str, Any]
    consent: Any = None
    candidates: Mapping[str, dict[str, str]] = MappingProxyType({})
    firm: frozenset[str] = frozenset()
    """Fields that count more than what WhatsApp knows: the mapped ones, and a name, which is
    typed for us while a profile's is a nickname."""


def read_answers(response: str, source: Source) -> Answers:
    """The answers in `response_json`; what cannot be read stays beside as it came. Never fails."""
    answers, wrong = object_in(response.encode("utf-8", "surrogatepass"))
    if not answers or wrong:
        return Answers({}, {"response_json": response})
    consent, answers = consented(answers)
    late: dict[str, list[str]] = {}
    for name in answers:
        built = _BUILT.fullmatch(name)
        if built and (ours := ours_of(built[1])):
            late.setdefault(ours, []).append(name)
    fields, rest, candidates = sort_out(answers, source.fields, late)
    mapped = {ours for ours, path in source.fields.items() if text_of(at_path(answers, path))}
    return Answers(fields, rest, consent, candidates, frozenset(mapped | (_NAMES & fields.keys())))
