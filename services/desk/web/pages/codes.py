"""QR codes: what each brought, its picture for paper, and the line for a new one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field, ValidationError

from libs.common.configuration.codes import is_openable, written
from libs.common.configuration.parts import Key
from libs.common.configuration.schema import Qr
from libs.common.drawing import SHAPES, code_url, draw
from libs.common.settings import Settings
from services.desk.store import codes
from services.desk.values import Plain
from services.desk.web.door.access import Person
from services.desk.web.door.paging import Asked
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)

OVER: Final = timedelta(days=30)
_Short = Annotated[Plain, Field(max_length=200)]


class Composed(Asked):
    """A code that somebody thinks of making."""

    code: _Short | None = None
    target: Annotated[Plain, Field(max_length=2048)] | None = None
    label: _Short | None = None
    campaign: _Short | None = None
    booth: _Short | None = None

    def given(self) -> dict[str, str]:
        """What is filled."""
        told = {
            name: (value or "").strip() for name, value in self.model_dump(exclude={"lang"}).items()
        }
        return {name: value for name, value in told.items() if value}


@router.get("/codes")
async def page(request: Request, who: Person, asked: Annotated[Composed, Query()]) -> Response:
    """All codes with what they brought, and the line of a new one."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        known = [code.code for code in content.qr]
        counted = await codes.counts(tx, known, datetime.now(UTC) - OVER)
    given = asked.given()
    new, wrong = _new(given, known)
    return desk.drawing.page(
        request,
        "codes.html",
        content,
        who=who,
        place="codes",
        rows=[(code, counted.get(code.code, codes.NONE)) for code in content.qr],
        typed=given,
        wrong=wrong,
        line=written(new) if new else None,
        new=new,
        drawn=f"/codes/{new.code}.svg?{_title(new)}" if new else None,
        printed=f"/codes/{new.code}.png?{_title(new)}" if new else None,
        door=door_of(desk.runtime.settings),
        is_public=bool(desk.runtime.settings.public_url),
    )


class Titled(Asked):
    """What the picture is called, for who cannot see it."""

    title: _Short | None = None


@router.get("/codes/{code}.{shape}")
async def picture(
    request: Request,
    code: Key,
    shape: Literal["svg", "png"],
    _who: Person,
    asked: Annotated[Titled, Query()],
) -> Response:
    """A code's picture, also of one that is not in the file yet."""
    url = code_url(door_of(desk_of(request).runtime.settings), code)
    return Response(
        draw(url, asked.title or code, shape),
        HTTPStatus.OK,
        {"Content-Disposition": f'inline; filename="{code}.{shape}"'},
        SHAPES[shape].decode(),
    )


def door_of(settings: Settings) -> str:
    """Where scanners find capture; without a public address only this machine does."""
    return settings.public_url or f"http://{settings.capture_host}:{settings.capture_port}"


def _new(given: dict[str, Any], known: list[str]) -> tuple[Qr | None, str | None]:
    """The code that was composed, or which sentence says what is wrong with it."""
    if not given:
        return None, None
    try:
        code = Qr.model_validate(given)
    except ValidationError as error:
        names = {each["loc"][0] for each in error.errors()}
        return None, "codes_odd_code" if "code" in names else "codes_odd_target"
    if code.code in known:
        return None, "codes_taken"
    return (code, None) if is_openable(code.target) else (None, "codes_odd_target")


def _title(code: Qr) -> str:
    return urlencode({"title": code.label or code.code})
