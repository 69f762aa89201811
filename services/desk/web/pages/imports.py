"""Lists: brought, looked at, checked, put in with a bar, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from libs.common.serving.patience import take_time
from services.desk.imports.check import sentence
from services.desk.imports.choice import BASES, SOURCE, Choice
from services.desk.imports.columns import MEANINGS
from services.desk.imports.folder import MOST_BYTES, TooLarge
from services.desk.imports.importing import OPEN, Row, assigned
from services.desk.imports.problems import FILES, ROWS, Unreadable
from services.desk.store import imports
from services.desk.web.api.asking import Id
from services.desk.web.api.imports import as_file
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields
from services.desk.web.door.paging import Listed, page
from services.desk.web.door.uploading import Upload
from services.desk.web.language import of_person
from services.desk.web.pages.add import subjects
from services.desk.web.place import desk_of
from services.desk.web.who import Staff

router = APIRouter(prefix="/imports", include_in_schema=False)

WORKING: Final = frozenset({"checking", "running"})
_COLUMN: Final = "column-"
_SAID: Final = ("basis", "temperature", "source", "page_url", "note")


@router.get("")
async def listed(request: Request, who: Person, asked: Annotated[Listed, Query()]) -> HTMLResponse:
    """Lists that were brought, newest first, and the way to bring one."""
    return await _list(request, who, asked, None)


@router.post("")
async def bring(request: Request, who: Person) -> Response:
    """Take a file as it comes, and on to its page."""
    take_time(request.scope)
    upload = Upload(request)
    await upload.begin()
    prove(who, upload.fields.get("csrf", ""))
    try:
        row = await desk_of(request).importing.receive(upload.name or "", upload.file(), who.actor)
    except TooLarge:
        return await _list(request, who, Listed(), "too_large")
    except Unreadable as error:
        return await _list(request, who, Listed(), error.code)
    return RedirectResponse(f"/imports/{row['id']}", HTTPStatus.SEE_OTHER)


@router.get("/{item}")
async def one(request: Request, item: Id, who: Person) -> HTMLResponse:
    """One list, or only its part where htmx asks for it again."""
    return await _one(request, who, await desk_of(request).importing.find(item))


@router.get("/{item}/errors")
async def errors(request: Request, item: Id, _who: Person) -> Response:
    """The rows that are left out, with why, as CSV."""
    desk = desk_of(request)
    languages = desk.runtime.configurations.from_file().content.organisation.languages
    row = await desk.importing.find(item)
    return as_file(await desk.importing.errors(row, of_person(request, languages)), item)


@router.post("/{item}")
async def decide(request: Request, item: Id, who: Person) -> Response:
    """Check it under what is said of it, start, stop or forget it."""
    form = await fields(request)
    prove(who, form.pop("csrf", ""))
    importing, what = desk_of(request).importing, form.pop("do", "")
    if what == "check":
        row = await importing.find(item)
        try:
            choice = _choice(form, row)
        except ValidationError as error:
            return await _one(request, who, row, typed=form, wrong=_wrong(error))
        await importing.check(item, choice, who.actor)
    elif what == "start":
        await importing.start(item, who.actor)
    elif what == "stop":
        await importing.stop(item, who.actor)
    elif what == "forget":
        await importing.forget(item, who.actor)
        return RedirectResponse("/imports", HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"/imports/{item}", HTTPStatus.SEE_OTHER)


def _choice(form: Mapping[str, str], row: Row) -> Choice:
    """What the form says. Raises ValidationError."""
    names = list(assigned(row))
    columns = {name: form.get(f"{_COLUMN}{place}", "") for place, name in enumerate(names)}
    said = {name: form[name] for name in ("temperature", "page_url", "note") if form.get(name)}
    source = form.get("source", "").strip() or SOURCE
    return Choice.model_validate(
        {**said, "basis": form.get("basis", ""), "source": source, "columns": columns}
    )


def _wrong(error: ValidationError) -> str:
    """Which of the page's sentences says what is wrong."""
    first = error.errors(include_url=False)[0]
    if not first["loc"]:
        return "import_bought" if "bought" in first["msg"] else "import_twice"
    return {"basis": "import_no_basis", "source": "import_odd_source"}.get(
        str(first["loc"][0]), "odd_entry"
    )


async def _list(request: Request, who: Staff, asked: Listed, problem: str | None) -> HTMLResponse:
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        rows = await imports.newest(tx, asked.after, asked.limit + 1)
    language = of_person(request, content.organisation.languages)
    found = page(rows, asked.limit, "created_at", dict)
    return desk.drawing.page(
        request,
        "imports.html",
        content,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        who=who,
        items=found["items"],
        older=found["next"] and f"/imports?cursor={found['next']}",
        is_first=asked.cursor is None,
        problem=problem and FILES[problem].of(language),
        most=MOST_BYTES // (1024 * 1024),
    )


async def _one(
    request: Request,
    who: Staff,
    row: Row,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: str | None = None,
) -> HTMLResponse:
    desk = desk_of(request)
    content = desk.runtime.configurations.from_file().content
    language = of_person(request, content.organisation.languages)
    is_open = row["state"] in OPEN
    part = request.headers.get("hx-request") == "true"
    columns = [] if row["state"] in WORKING else await _columns(request, row, typed)
    return desk.drawing.page(
        request,
        "import_part.html" if part else "import.html",
        content,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        who=who,
        row=row,
        wrong=wrong,
        is_open=is_open,
        is_working=row["state"] in WORKING,
        typed=_typed(row) if typed is None else dict.fromkeys(_SAID, "") | dict(typed),
        columns=columns,
        preview=await desk.importing.preview(row) if is_open else [],
        counts=row["checked"] if is_open else row["counts"],
        examples=[(one["line"], sentence(one, language)) for one in row["examples"]],
        problem=row["problem"] and FILES[row["problem"]].of(language),
        reasons={code: text.of(language) for code, text in ROWS.items()},
        bases={name: text.of(language) for name, text in BASES.items()},
        meanings={name: text.of(language) for name, text in MEANINGS.items()},
        subjects=subjects(content),
    )


async def _columns(
    request: Request, row: Row, typed: Mapping[str, str] | None
) -> list[tuple[str, str, list[str]]]:
    """Of each column: its name, what it holds, and what stands in its first rows."""
    first = await desk_of(request).importing.samples(row)
    found = []
    for place, (name, ours) in enumerate(assigned(row).items()):
        texts = [cells[place] for cells in first if place < len(cells) and cells[place].strip()]
        held = typed.get(f"{_COLUMN}{place}", "") if typed is not None else ours
        found.append((name, held, texts))
    return found


def _typed(row: Row) -> dict[str, Any]:
    """The form as it was filled before."""
    said: dict[str, Any] = row["choice"] or {}
    return {name: said.get(name) or "" for name in _SAID}
