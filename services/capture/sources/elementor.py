"""Elementor Pro's form action "Webhook", with Advanced Data and without.

From its source (`modules/forms/actions/webhook.php`): anything but exactly 200 is shown to the
visitor as an error, who then may press again, and no id is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from libs.common.normal.names import text_of
from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.contract import Kind
from services.capture.sources.posted import read_form, submission, unreadable
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.questions import CONSENT, Question
from services.capture.sources.repeats import WINDOW, by_content
from services.capture.sources.values import canonical, id_text, mapping

_PLACE: Final = re.compile(r"\[([^\[\]]*)\]")
_MOST_PARTS: Final = 4
_UNNAMED: Final = re.compile(r"(?:No Label|بدون برچسب) (?=\S)")
_PAGE: Final = re.compile(
    r"page\s*url|(?:آدرس|نشانی|پیوند|لینک|url)\s*(?:صفحه|برگه)", re.IGNORECASE
)
_CLOCK: Final = ("date", "time")
"""Advanced Data's own names of the moment, by which two presses of a button would differ."""
_TYPES: Final = {"tel": "phone", "email": "email", "textarea": "message", "acceptance": CONSENT}


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission, by the fields' ids, types and labels, or by the labels alone."""
    form = read_form(knock)
    if form is None:
        return [unreadable(knock)]
    whole = nested(form.values)
    questions = [_question(name, mapping(each)) for name, each in _inner(whole, "fields")]
    about = {f"form_{name}": value for name, value in _inner(whole, "form")}
    if not questions:
        questions = [Question((_label(n),), value) for n, value in form.values.items()]
        about = {"form_id": form.values.get("form_id")}
    else:
        questions += [Question((name,), value) for name, value in about.items()]
        questions += [
            Question((_label(name),), mapping(each).get("value"))
            for name, each in _inner(whole, "meta")
        ]
    arrival = submission(form, source, questions)
    said = canonical(_timeless(form.values))
    return [arrival._replace(content=said, form=id_text(about.get("form_id")))]


def _timeless(values: Mapping[str, Any]) -> dict[str, Any]:
    """All names as they came, but those of Advanced Data's moment.

    Labels may have brackets too, by which `nested` puts one value in another's place.
    """
    moment = tuple(f"meta[{name}]" for name in _CLOCK)
    said = {name: each for name, each in values.items() if not name.startswith(moment)}
    if isinstance(meta := said.get("meta"), dict):
        said["meta"] = {name: each for name, each in meta.items() if name not in _CLOCK}
    return said


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """PHP's `a[b][c]` as objects in objects; a name that is none stays as it is."""
    whole: dict[str, Any] = {}
    for name, value in values.items():
        *parts, last = [name.partition("[")[0], *_PLACE.findall(name)[:_MOST_PARTS]]
        place = whole
        for part in parts:
            inner = place.get(part)
            place[part] = inner if isinstance(inner, dict) else {}
            place = place[part]
        place[last] = value
    return whole


def _inner(whole: dict[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    return mapping(whole.get(name)).items()


def _question(id_: str, field: dict[str, Any]) -> Question:
    """One field: its label, its id, and what was given, all of it where it is several."""
    several = field.get("raw_value")
    if isinstance(several, dict):
        several = list(several.values())
    value = several if isinstance(several, list) and several[1:] else field.get("value")
    names = tuple(filter(None, (text_of(field.get("title")), id_)))
    return Question(names or ("",), value, _TYPES.get(text_of(field.get("type"))))


def _label(name: str) -> str:
    """`No Label field_a1` as the id that it is, and the page's own label as the page."""
    if name == "page_url" or _PAGE.fullmatch(name.strip()):
        return "page_url"
    return _UNNAMED.sub("", name, count=1)


ELEMENTOR: Final = Kind(
    "elementor",
    by_shared_secret,
    parse_form,
    has_forms=True,
    repeats=by_content,
    again_after=WINDOW,
)
