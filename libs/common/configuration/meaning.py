"""What the file says and nothing would follow from: names and values that nobody understands."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

import phonenumbers

from libs.common.configuration import known
from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Configuration, Form, Source
from libs.common.configuration.scoring import Condition
from libs.common.events.payloads import SUBMISSION_KINDS
from libs.common.normal.page import normal_page
from libs.common.normal.text import digits

Found = Iterator[tuple[Path, str, str]]

_ALLOWED: Final = {
    "stage": known.STAGES,
    "temperature": known.TEMPERATURES,
    "kind": SUBMISSION_KINDS,
}


def errors(configuration: Configuration) -> Found:
    """What never works as it is written."""
    for path, place in _places(configuration):
        if place.region is not None and place.region not in phonenumbers.SUPPORTED_REGIONS:
            yield (
                (*path, "region"),
                "کد کشور نیست",
                "is not a country's code (as in IR, DE, GB)",
            )
        if isinstance(place, Form):
            yield from _never_filled(place, path)
        elif place.kind in known.STANDARD:
            yield from _secrets(place, path)
    for i, rule in enumerate(configuration.routing.rules):
        yield from _when(rule.when, ("routing", "rules", i, "when"))
    for i, page in enumerate(configuration.routing.pages):
        yield from _pattern(page.pattern, ("routing", "pages", i, "pattern"))
    for path, condition in _conditions(configuration):
        if not _fits(condition):
            yield (
                (*path, "value"),
                f"مقداری نیست که {condition.op} با آن کار کند",
                f"is no value that {condition.op} can use ({_WANTED[condition.op]})",
            )


def warnings(configuration: Configuration) -> Found:
    """What works, but perhaps not as meant."""
    for path, place in _places(configuration):
        for ours in place.fields:
            if ours not in known.FIELDS:
                yield (
                    (*path, "fields", ours),
                    "از فیلدهای ما نیست؛ با همین نام در میان فیلدهای دیگر می‌ماند",
                    "is none of our fields; it is kept among the others under this name",
                )
        if isinstance(place, Form) and isinstance(place.required, tuple):
            for i, name in enumerate(place.required):
                if name not in {*known.FIELDS, *place.fields, *place.fields.values()}:
                    yield (
                        (*path, "required", i),
                        "نه از فیلدهای ماست نه نگاشت دارد؛ فرم باید فیلدی به همین نام داشته باشد",
                        "is neither ours nor mapped; the form must have a field of just this name",
                    )
    for path, condition in _conditions(configuration):
        if not _is_known(condition.field):
            yield (
                (*path, "field"),
                "فیلدی با این نام نمی‌شناسیم؛ این شرط شاید هرگز برقرار نشود",
                "is no field that we know; the condition may never hold",
            )


def _places(configuration: Configuration) -> Iterator[tuple[Path, Form | Source]]:
    """Where leads come in."""
    for i, site in enumerate(configuration.sites):
        for j, form in enumerate(site.forms):
            yield ("sites", i, "forms", j), form
    for i, source in enumerate(configuration.sources):
        yield ("sources", i), source


def _never_filled(form: Form, path: Path) -> Found:
    """A mapped field is known by our name from then on: to ask for theirs refuses everybody."""
    ours = {theirs: name for name, theirs in form.fields.items()}
    for i, name in enumerate(form.required if isinstance(form.required, tuple) else ()):
        if name in ours and name not in {*known.FIELDS, *form.fields}:
            yield (
                (*path, "required", i),
                f"این فیلد به {ours[name]} نگاشته شده؛ همان را بنویسید",
                f"is mapped to {ours[name]}; write that name here",
            )


def _secrets(source: Source, path: Path) -> Found:
    for secret in source.secret or ():
        if not secret.startswith("${") and not _is_base64(secret.removeprefix("whsec_")):
            yield (
                (*path, "secret"),
                "باید whsec_ و سپس base64 باشد",
                "must be base64, usually after whsec_",
            )


def _is_base64(text: str) -> bool:
    bare = text.rstrip("=").encode()
    try:
        return bool(base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True))
    except binascii.Error:
        return False


def _when(when: dict[str, Any], path: Path) -> Found:
    if not when:
        yield (
            path,
            "خالی است و برای همه برقرار می‌شود؛ برای بقیه fallback هست",
            "is empty and would hold for everybody; that is what fallback is for",
        )
    for name, value in when.items():
        if name not in known.CONDITIONS and not (name.startswith(known.UTM) and name != known.UTM):
            names = ", ".join(sorted(known.CONDITIONS))
            yield (
                (*path, name),
                f"شرط ناشناخته است ({names}، utm.…)",
                f"is no known condition ({names}, utm.…)",
            )
            continue
        several = value if isinstance(value, list | tuple) else [value]
        if not several or not all(_is_text(one) for one in several):
            yield (*path, name), "متن یا فهرستی از متن می‌گیرد", "takes text or a list of texts"
            continue
        for one in several:
            yield from _named(name, str(one), (*path, name))


def _named(name: str, value: str, path: Path) -> Found:
    if name == "page":
        yield from _pattern(value, path)
    elif name in _ALLOWED and value not in _ALLOWED[name]:
        allowed = ", ".join(_ALLOWED[name])
        yield path, f"باید یکی از این‌ها باشد: {allowed}", f"must be one of {allowed}"


def _pattern(pattern: str, path: Path) -> Found:
    if normal_page(pattern.strip().rstrip("*").removesuffix("/")) is None:
        yield (
            path,
            "باید با نام سایت آغاز شود، مثل nil.example/services/*",
            "must begin with a host, as in nil.example/services/*",
        )


def _conditions(configuration: Configuration) -> Iterator[tuple[Path, Condition]]:
    for i, rule in enumerate(configuration.scoring.rules):
        path: Path = ("scoring", "rules", i, "when")
        if isinstance(rule.when, Condition):
            yield path, rule.when
        else:
            for j, condition in enumerate(rule.when):
                yield (*path, j), condition


_WANTED: Final = {
    "is": "a text, a number, true or false",
    "is_not": "a text, a number, true or false",
    "in": "a list of texts or numbers",
    "contains": "a text or a list of texts",
    "matches": "a text or a list of texts",
    "at_least": "a number",
    "at_most": "a number",
    "exists": "true or false",
}


def _fits(condition: Condition) -> bool:
    op, value = condition.op, condition.value
    if op == "exists":
        return value is None or isinstance(value, bool)
    if op in ("is", "is_not"):
        return isinstance(value, bool) or _is_text(value)
    if op == "in":
        return isinstance(value, list | tuple) and bool(value) and all(map(_is_plain, value))
    if op in ("contains", "matches"):
        several = value if isinstance(value, list | tuple) else [value]
        return bool(several) and all(isinstance(one, str) and one for one in several)
    return _is_number(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool) or _is_text(value)


def _is_text(value: Any) -> bool:
    """Text, or a number, which stands for its text."""
    return not isinstance(value, bool) and isinstance(value, str | int | float) and value != ""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        float(digits(value) if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _is_known(field: str) -> bool:
    if f"{field}.".startswith(known.OPEN):
        return True
    root, _, name = field.partition(".")
    return name in known.SCORED.get(root, frozenset())
