"""What somebody filled in inside a Web App, which a button of the bot's keyboard opened.

https://core.telegram.org/bots/api#webappdata: whoever changes the app sends whatever they like.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from services.capture.reading.said import NAMES
from services.capture.sources.arrival import DUPLICATES, Arrival
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import texts

WEB_APP: Final = "web_app_data"
"""In a message, and the name of what is kept of it as it came."""
_HANDLE: Final = "handle"
_PROFILE: Final = "profile_name"
"""Of the name that the messenger tells, beside a typed one; an answer may be called so too."""


class _Data(NamedTuple):
    """What a Web App sends, which is one text."""

    answers: dict[str, Any]
    """A form's: the values of an object by their names."""
    words: str = ""
    kept: Any = None
    """What is neither."""


def with_answers(arrival: Arrival, data: dict[str, Any], source: Source) -> Arrival:
    """The arrival with what was filled in; nothing of that is proven.

    What was typed there goes before the profile, whose name stays beside a typed one
    (`profile_name`). Whose chat it is Telegram says alone: another handle is kept beside.
    """
    said = texts(data, "data", "button_text")
    found = _read(said.get("data", ""))
    asked = [Question((name,), value) for name, value in found.answers.items()]
    form = answered(Arrival(None, b""), asked, source, whole=found.answers)
    own, extra = dict(arrival.fields), {**form.extra, **arrival.extra}
    extra[f"{WEB_APP}.{_PROFILE}"] = extra.pop(_PROFILE, None)
    if NAMES & form.fields.keys():
        extra[_PROFILE] = " ".join(own.pop(name) for name in NAMES if own.get(name))
    extra[f"{WEB_APP}.{_HANDLE}"] = form.fields.get(_HANDLE)
    extra |= {"button": said.get("button_text"), WEB_APP: found.kept}
    words = {"message": found.words} if found.words else {}
    return arrival._replace(
        fields={**own, **words, **form.fields, _HANDLE: own[_HANDLE]},
        extra=extra,
        attribution=form.attribution,
        consent=form.consent,
        candidates=form.candidates,
    )


def _read(data: str) -> _Data:
    """An object as answers; a text, which JSON may write in quotes, as words. Never fails."""
    try:
        value, flags = parse(data.encode("utf-8", "surrogatepass"))
    except Unreadable:
        return _Data({}, data)
    if DUPLICATES in flags:
        return _Data({}, kept=data)
    if isinstance(value, dict):
        return _Data(value)
    if isinstance(value, list):
        return _Data({}, kept=value)
    return _Data({}, value if isinstance(value, str) else data)
