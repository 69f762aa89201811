"""A source that is listened to: what it sent lately, and which of its fields are which of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from libs.common.configuration import Configuration, mapped
from libs.common.normal.names import COMMON
from services.desk import words
from services.desk.imports.columns import MEANINGS
from services.desk.overviews import hush
from services.desk.sources import listening
from services.desk.sources.listening import Leaf, Reading, Taken
from services.desk.sources.trying import WayIn, tried
from services.desk.store import deliveries, staff
from services.desk.store.deliveries import Raw
from services.desk.web.api.asking import absent, identity
from services.desk.web.door.access import Person
from services.desk.web.door.paging import Asked
from services.desk.web.drawing.readable import Readable, readable
from services.desk.web.drawing.spans import rhythm, span
from services.desk.web.language import of_person
from services.desk.web.pages.codes import door_of
from services.desk.web.place import desk_of

router = APIRouter(prefix="/sources", include_in_schema=False)

MOST: Final = 20
"""Deliveries that are shown."""
_Ours = Literal[
    "",
    "name",
    "first_name",
    "last_name",
    "phone",
    "email",
    "handle",
    "company",
    "message",
    "language",
]


class Picking(Asked):
    """Which delivery is looked at, and what each of its leaves was said to be, in their order."""

    delivery: Annotated[str, Field(max_length=36)] | None = None
    pick: list[_Ours] = Field(default_factory=list, max_length=listening.MOST_LEAVES)


class Opened(NamedTuple):
    """The delivery whose fields are picked; of one that is too large there is only its size."""

    id: str
    size: int
    taken: Taken | None = None
    text: Readable | None = None
    """Where it is nothing that has fields."""


class Made(NamedTuple):
    """What came of the picks."""

    wrong: str | None = None
    line: str | None = None
    readings: tuple[tuple[str, Reading | None], ...] = ()
    """By delivery; None for what cannot be read."""


@router.get("/{key}")
async def page(
    request: Request, key: str, who: Person, asked: Annotated[Picking, Query()]
) -> HTMLResponse:
    """The page, or only its list where htmx asks for it again."""
    desk, part = desk_of(request), request.headers.get("hx-request") == "true"
    wanted = identity(asked.delivery) if asked.delivery else None
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        way = _way_in(content, key)
        if way is None:
            raise absent()
        rows = await deliveries.newest(tx, key, MOST)
        quiet = await hush.look(tx, key)
        held = [str(row["id"]) for row in rows if row["has_raw"]]
        chosen = wanted or next(iter(held), None)
        ids = [*held, chosen] if asked.pick and chosen else [chosen] if chosen else []
        found = {} if part else await deliveries.raws(tx, key, ids, listening.MOST_BYTES)
        raws = {each: found[each] for each in ids if each in found}
        for each in raws:
            await staff.note(tx, staff.Deed(who.actor, "read raw", f"quarantine:{each}"))
    if wanted and not part and wanted not in raws:
        raise absent()
    opened, made = await asyncio.to_thread(_worked_out, way, chosen, raws, asked.pick)
    language = of_person(request, content.organisation.languages)
    return desk.drawing.page(
        request,
        "source_part.html" if part else "source.html",
        content,
        who=who,
        place="health",
        way=way,
        rows=rows,
        hush=quiet,
        rhythm=rhythm,
        span=span,
        chosen=chosen,
        opened=opened,
        made=made,
        typed=_typed(opened, asked.pick),
        is_mapped=way.kind in listening.PICKED,
        tried=tried(way, door_of(desk.runtime.settings)),
        address=f"{door_of(desk.runtime.settings)}{way.path}",
        at={str(row["id"]): row["received_at"].isoformat() for row in rows},
        ours={name: MEANINGS[name].of(language) for name in COMMON},
        holds={name: text.of(language) for name, text in words.HOLDS.items()},
        submission_states={n: text.of(language) for n, text in words.SUBMISSION_STATES.items()},
    )


def _way_in(content: Configuration, key: str) -> WayIn | None:
    for source in content.sources:
        if source.key == key:
            path = f"/v1/webhooks/{source.kind}/{key}"
            return WayIn(key, source.kind, path, bool(source.secret), dict(source.fields))
    for site in content.sites:
        for form in site.forms:
            if form.key == key:
                return WayIn(key, "form", f"/v1/forms/{key}", False, dict(form.fields))
    known = any(each.key == key for each in content.api_keys)
    return WayIn(key, "api", "/v1/leads", True, {}) if known else None


def _worked_out(
    way: WayIn, chosen: str | None, raws: Mapping[str, Raw], picks: Sequence[str]
) -> tuple[Opened | None, Made]:
    """In a thread: bodies of strangers take their time."""
    raw = raws.get(chosen or "")
    if raw is None or chosen is None:
        return None, Made()
    if raw.content is None:
        return Opened(chosen, raw.size), Made()
    value = _value(way, raw)
    if value is None:
        return Opened(chosen, raw.size, text=readable(raw.content, raw.content_type)), Made()
    opened = Opened(chosen, raw.size, listening.take_apart(way.kind, value[0], way.fields))
    if not picks or opened.taken is None or way.kind not in listening.PICKED:
        return opened, Made()
    return opened, _made(way, opened.taken.leaves, raws, picks)


def _made(
    way: WayIn, leaves: Sequence[Leaf], raws: Mapping[str, Raw], picks: Sequence[str]
) -> Made:
    fields = listening.picked(leaves, picks)
    if not fields:
        return Made("listen_twice" if fields is None else "listen_nothing")
    line = mapped.written(fields)
    if line is None:
        return Made("listen_odd_path")
    values = {each: _value(way, raw) for each, raw in raws.items()}
    return Made(
        line=line,
        readings=tuple(
            (each, value and listening.reading(way.kind, *value, fields))
            for each, value in values.items()
        ),
    )


def _value(way: WayIn, raw: Raw) -> tuple[Any, frozenset[str]] | None:
    return (
        None if raw.content is None else listening.opened(way.kind, raw.content, raw.content_type)
    )


def _typed(opened: Opened | None, picks: Sequence[str]) -> dict[str, str]:
    """What each path is shown as: as picked, else as the door takes it."""
    leaves = listening.pickable(opened.taken.leaves) if opened and opened.taken else []
    chosen = picks or [leaf.guess or "" for leaf in leaves]
    return {leaf.path or "": ours for leaf, ours in zip(leaves, chosen, strict=False)}
