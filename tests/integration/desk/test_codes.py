"""The page of QR codes: what each brought, its picture, and the line for a new one."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import yaml

from libs.common.configuration.schema import Qr
from libs.common.database import Database
from services.desk.store import codes
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import Journey

FILE = """organisation: {name: Nil}
teams: [{key: seo, name: {fa: سئو, en: SEO}, specialists: [{key: sara, name: Sara}]}]
routing: {fallback: seo}
qr:
  - {code: expo26, target: "https://nil.example/expo", label: Hall 6}
  - {code: unused, target: "https://nil.example/other"}
"""
HTML = {"Accept": "text/html"}


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    made = Desk(database, file)
    await made.api.post("/sign-in", data={"token": TOKEN})
    return made


def by_code(code: str, kind: str) -> Journey:
    """Somebody who scanned a code, or came by one."""
    made = Journey(datetime.now(UTC))
    attribution = msgspec.structs.replace(made.touch.attribution, qr=code)
    source = code if kind == "qr" else "contact"
    made.touch = msgspec.structs.replace(
        made.touch, kind=kind, source=source, attribution=attribution
    )
    return made


async def test_scans_and_who_came_by_a_code_are_counted(desk: Desk, database: Database) -> None:
    now = datetime.now(UTC)
    for _ in range(3):
        await desk.feed(by_code("expo26", "qr").enriched("activity"))
    came = by_code("expo26", "form")
    await desk.feed(came.enriched(), came.scored(), came.routed())
    async with database.transaction() as tx:
        found = await codes.counts(tx, ["expo26", "unused"], now - timedelta(days=1))
    assert (found["expo26"].scans, found["expo26"].leads) == (3, 1)
    assert found["unused"] == codes.NONE


async def test_a_tablet_of_a_code_brings_leads_without_a_scan(
    desk: Desk, database: Database
) -> None:
    scanned = by_code("expo26", "form")
    for came in (by_code("expo26", "form"), by_code("expo26", "form"), scanned):
        if came is not scanned:
            at_tablet = msgspec.structs.replace(came.touch.attribution, utm={"medium": "kiosk"})
            came.touch = msgspec.structs.replace(came.touch, attribution=at_tablet)
        await desk.feed(came.enriched(), came.scored(), came.routed())
    async with database.transaction() as tx:
        found = await codes.counts(tx, ["expo26"], datetime.now(UTC) - timedelta(days=1))
    assert found["expo26"] == codes.Counted(0, 3, 2, None)
    page = await desk.api.get("/codes", params={"lang": "en"}, headers=HTML)
    brought = re.sub(r"<[^>]+>", " ", page.text).split()
    assert " ".join(brought).count("3 leads 2 of them at a tablet") == 1


async def test_a_new_code_is_a_line_that_the_file_takes(desk: Desk) -> None:
    asked = {"code": "booth-2", "target": "https://nil.example/b", "booth": '"12": {a}'}
    page = await desk.api.get("/codes", params=asked, headers=HTML)
    assert page.status_code == 200
    found = re.search(r'id="line">(.*?)</code>', page.text)
    assert found
    (read,) = yaml.safe_load(html.unescape(found[1]))
    assert Qr.model_validate(read) == Qr(**asked)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"code": "expo26", "target": "https://nil.example/"}, "This code exists"),
        ({"code": "کد", "target": "https://nil.example/"}, "A code is made of"),
        ({"code": "a", "target": "javascript:alert(1)"}, "The target must be"),
        ({"code": "a"}, "The target must be"),
    ],
)
async def test_what_cannot_be_a_code_is_told(desk: Desk, asked: dict[str, str], told: str) -> None:
    page = await desk.api.get("/codes", params=asked | {"lang": "en"}, headers=HTML)
    assert told in page.text
    assert 'id="line"' not in page.text


async def test_pictures_are_for_staff_and_for_codes_only(desk: Desk) -> None:
    svg = await desk.api.get("/codes/expo26.svg", params={"title": "<b>سالن</b>"})
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert "&lt;b&gt;سالن" in svg.text
    png = await desk.api.get("/codes/expo26.png")
    assert png.content.startswith(b"\x89PNG")
    assert (await desk.api.get("/codes/a%20b.png")).status_code == 422
    desk.api.cookies.clear()
    bare = await desk.api.get("/codes/expo26.png", headers={"Authorization": "x"})
    assert bare.status_code in {303, 401}
