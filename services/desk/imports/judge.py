"""A row of a list as the submission that it would be, or why it cannot be one. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.normal.names import CONTACTS, candidates_of, folded
from services.desk.imports.columns import COUNTERS, PAGE, UTM
from services.desk.imports.contacts import canonical, cell_text, reachable, whole_number

LONGEST_CELL: Final = 10_000
LONGEST_ROW: Final = 48_000
"""Characters; with more, a row is no row but a file that was cut wrongly."""


class Reading(NamedTuple):
    """How rows are read."""

    names: tuple[str, ...]
    holds: Mapping[str, str]
    """Column to ours; "" or absent: kept under its own name."""
    source: str
    region: str
    salt: bytes
    """Of this installation, so that no id of a row tells a phone to whoever guesses numbers."""


class Refused(NamedTuple):
    """A row that is left out: why, in which column, and which line it repeats."""

    code: str
    column: str = ""
    of: int = 0


class Taken(NamedTuple):
    """A row as a submission's content."""

    fields: dict[str, str]
    extra: dict[str, Any]
    candidates: dict[str, dict[str, str]]
    page_url: str | None
    utm: dict[str, str]
    mark: bytes
    """The same for the same person and content, in whichever file, format or order."""


def judge(cells: Sequence[str], how: Reading) -> Taken | Refused:
    """Read one row."""
    over = [cell for cell in cells[len(how.names) :] if cell.strip()]
    if over:
        return Refused("too_many_cells")
    texts = {name: cell_text(cell) for name, cell in zip(how.names, cells, strict=False)}
    texts = {name: text for name, text in texts.items() if text}
    if sum(map(len, texts.values())) > LONGEST_ROW or any(
        len(text) > LONGEST_CELL for text in texts.values()
    ):
        return Refused("too_long")
    for name in [name for name in texts if how.holds.get(name) == "phone"]:
        number = whole_number(texts[name])
        if number is None:
            return Refused("digits_lost", name)
        texts[name] = number
    filled = [(how.holds[name], name, text) for name, text in texts.items() if how.holds.get(name)]
    wrong = _unreachable(filled, how.region)
    return wrong or _taken(texts, filled, how)


def _unreachable(filled: Sequence[tuple[str, str, str]], region: str) -> Refused | None:
    contacts = [one for one in filled if one[0] in CONTACTS]
    if not contacts:
        return Refused("without_contact")
    if any(ours == "handle" or reachable(ours, text, region) for ours, _name, text in contacts):
        return None
    ours, name, _text = contacts[0]
    return Refused(f"unusable_{ours}", name)


def _taken(texts: Mapping[str, str], filled: Sequence[tuple[str, str, str]], how: Reading) -> Taken:
    ours: dict[str, str] = {}
    for name, _column, text in filled:
        ours.setdefault(name, text)
    page = ours.pop(PAGE, None)
    utm = {name.removeprefix("utm_"): ours.pop(name) for name in UTM if name in ours}
    if "last_name" in ours and "name" in ours and "first_name" not in ours:
        ours["first_name"] = ours.pop("name")
    used = {column for _name, column, _text in filled}
    extra = {name: text for name, text in texts.items() if name not in used}
    return Taken(ours, extra, candidates_of(filled), page, utm, _mark(texts, how))


def contacts_of(taken: Taken, region: str) -> frozenset[int]:
    """By what the row's person is known, in one form, as numbers of this process alone.

    Of several phones or e-mails that is the first that can be one, as enrichment chooses.
    """
    found = set()
    for ours in CONTACTS:
        given = (taken.fields.get(ours), *taken.candidates.get(ours, {}).values())
        read = (reachable(ours, text, region) for text in given if text)
        if first := next(filter(None, read), None):
            found.add(hash((ours, first)))
    return frozenset(found)


def _mark(texts: Mapping[str, str], how: Reading) -> bytes:
    said = []
    for name, text in texts.items():
        ours = how.holds.get(name) or None
        if ours is None and folded(name) in COUNTERS:
            continue
        said.append((ours or f"- {folded(name)}", canonical(ours, text, how.region)))
    content = msgspec.json.encode([how.source, sorted(said)])
    return hmac.digest(how.salt, content, hashlib.sha256)
