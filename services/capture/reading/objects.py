"""A JSON object read field by field: each of the type that it is said to have, or refused."""

from __future__ import annotations

from typing import Any

import msgspec

from libs.common.events import Attribution
from services.capture.calls.problems import wrong_type
from services.capture.reading.attribution import FLAT, Origins, attributed


def text_in(body: dict[str, Any], name: str) -> str:
    """A text, empty when absent. Raises Problem(422) for anything else."""
    value = body.get(name)
    if value is None:
        return ""
    if type(value) is not str:
        raise wrong_type(name)
    return value


def texts_in(body: dict[str, Any], name: str) -> dict[str, str]:
    """Texts by name, without the empty ones. Raises Problem(422) for anything else."""
    value = body.get(name)
    if value is None:
        return {}
    if type(value) is not dict:
        raise wrong_type(name)
    for key, text in value.items():
        if text is not None and type(text) is not str:
            raise wrong_type(f"{name}.{key[:64]}")
    return {key: text for key, text in value.items() if text}


def attribution_in(body: dict[str, Any], origins: Origins) -> tuple[Attribution, dict[str, Any]]:
    """The same flat names that forms use, beside `utm` and `click_ids` as mappings.

    And a page that is none, as it was sent. Raises Problem(422).
    """
    utm, clicks = texts_in(body, "utm"), texts_in(body, "click_ids")
    flat = {
        name: value if type(value) is str else text_in(body, name)
        for name, value in body.items()
        if name in FLAT
    }
    flat |= clicks
    flat |= {f"utm_{name.removeprefix('utm_')}": text for name, text in utm.items()}
    found, rest = attributed(flat, origins)
    others = {name: text for name, text in clicks.items() if name not in found.click_ids}
    if others:
        found = msgspec.structs.replace(found, click_ids=found.click_ids | others)
    return found, {"page_url": rest["page_url"]} if "page_url" in rest else {}
