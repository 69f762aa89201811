"""Elementor Pro's form action "Webhook", with Advanced Data and without.

From its source (`modules/forms/actions/webhook.php`): anything but exactly 200 is shown to the
visitor as an error, nothing is sent again, and no id is given, so that each call is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from services.capture.names import sort_out, text_of
from services.capture.sources.contract import Arrival, Kind, Knock, odd
from services.capture.sources.posted import read_form, submission
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.values import id_text, mapping

_PLACE: Final = re.compile(r"\[([^\[\]]*)\]")
_MOST_PARTS: Final = 4
_UNNAMED: Final = re.compile(r"(?:No Label|بدون برچسب) (?=\S)")
_PAGE: Final = re.compile(
    r"page\s*url|(?:آدرس|نشانی|پیوند|لینک|url)\s*(?:صفحه|برگه)", re.IGNORECASE
)
_BOX: Final = "acceptance"
_TYPES: Final = {"tel": "phone", "email": "email", "textarea": "message"}


class Asked(NamedTuple):
    """One field of a form: what it is called, what kind it is, and what was given."""

    id: str
    type: str
    title: str
    value: Any


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission, by the fields' ids, types and labels, or by the labels alone."""
    form = read_form(knock)
    if form is None:
        return [odd(knock.body)]
    whole = nested(form.values)
    asked = list(_asked(mapping(whole.get("fields"))))
    if not asked:
        values = {_label(name): value for name, value in form.values.items()}
        arrival = submission(form._replace(values=values), source)
        return [arrival._replace(form=id_text(values.get("form_id")))]
    named = _named(asked)
    boxes = {name: each.value for name, each in named.items() if each.type == _BOX}
    about = {f"form_{name}": value for name, value in mapping(whole.get("form")).items()}
    values = {
        **{name: each.value for name, each in named.items() if name not in boxes},
        **_meta(mapping(whole.get("meta"))),
        **about,
    }
    names = {each.id: name for name, each in named.items()}
    ours = {field: names.get(theirs, theirs) for field, theirs in source.fields.items()}
    mapped = source.model_copy(update={"fields": ours})
    agreed = {label: value for label, value in boxes.items() if value}
    arrival = submission(form._replace(values=values), mapped, _late(named), agreed)
    return [arrival._replace(form=id_text(about.get("form_id")))]


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


def _asked(fields: dict[str, Any]) -> Iterator[Asked]:
    for name, each in fields.items():
        field = mapping(each)
        several = field.get("raw_value")
        if isinstance(several, dict):
            several = list(several.values())
        value = several if isinstance(several, list) and several[1:] else field.get("value")
        yield Asked(name, text_of(field.get("type")), text_of(field.get("title")), value)


def _named(asked: Sequence[Asked]) -> dict[str, Asked]:
    """Each by its label, as a reader knows it; by its id where it has none of its own."""
    titles = [each.title for each in asked]
    return {
        each.title if titles.count(each.title) == 1 and each.title else each.id: each
        for each in asked
    }


def _late(named: Mapping[str, Asked]) -> dict[str, str]:
    """Ours to theirs where the label says nothing: by the field's id, then by its type."""
    late: dict[str, str] = {}
    for name, each in named.items():
        for ours in sort_out({each.id: "x"}, {}).fields:
            late.setdefault(ours, name)
    for name, each in named.items():
        if each.type in _TYPES:
            late.setdefault(_TYPES[each.type], name)
    return late


def _meta(meta: dict[str, Any]) -> dict[str, str]:
    """What the form's owner has chosen of page, time and browser, each with its title."""
    return {_label(name): text_of(mapping(each).get("value")) for name, each in meta.items()}


def _label(name: str) -> str:
    """`No Label field_a1` as the id that it is, and the page's own label as the page."""
    if name == "page_url" or _PAGE.fullmatch(name.strip()):
        return "page_url"
    return _UNNAMED.sub("", name, count=1)


ELEMENTOR: Final = Kind("elementor", by_shared_secret, parse_form, has_forms=True)
