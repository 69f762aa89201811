"""The page of one source: its last deliveries, their fields, and the line that maps them."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import structs

from libs.common.configuration.schema import Source
from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.events import Contact
from services.desk.sources import listening
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import Journey

FILE = """organisation: {name: Nil}
sites: [{key: main, hosts: [nil.example], forms: [{key: contact}]}]
sources:
  - {key: partner, kind: json, secret: "kept-to-ourselves"}
  - {key: open, kind: json, fields: {phone: data.reach}}
  - {key: signed, kind: standard, secret: whsec_a2VwdC10by1vdXJzZWx2ZXM=}
  - {key: typeform, kind: typeform, secret: kept-to-ourselves}
api_keys: [{key: zapier, token: kept-to-ourselves}]
teams: [{key: seo, name: {fa: سئو, en: SEO}, specialists: [{key: sara, name: Sara}]}]
routing: {fallback: seo}
"""
HTML = {"Accept": "text/html"}
BODY = {"data": {"contact": {"reach": "0912 123", "who": "نگار"}, "tel": "021"}, "ids": [7, None]}


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    made = Desk(database, file)
    await made.api.post("/sign-in", data={"token": TOKEN})
    return made


async def deliver(
    desk: Desk, body: Any, ago: int = 0, source: str = "partner", kind: str = "application/json"
) -> str:
    """One that was held; its id."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    way = Journey(datetime.now(UTC) - timedelta(minutes=ago))
    way.contact = Contact()
    way.touch = structs.replace(way.touch, kind="webhook", source=source)
    captured = way.captured()
    data = structs.replace(
        captured.data, source=source, source_kind="json", kind="webhook", fields={}, raw=raw
    )
    data = structs.replace(data, content_type=kind)
    held = way.enriched("quarantined", reason="unexpected_shape", raw=raw, raw_size=len(raw))
    await desk.feed(structs.replace(captured, data=data), held)
    return way.submission


async def shown(desk: Desk, path: str = "/sources/partner", **asked: Any) -> str:
    answer = await desk.api.get(path, params={"lang": "en", **asked}, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def leaves(page: str) -> dict[str, str]:
    """Of each path that can be picked, what it is shown as."""
    found = {}
    for leaf in re.findall(r'<label class="leaf">(.*?)</label>', page, re.DOTALL):
        path = html.unescape(re.sub(r"<[^>]+>", "", re.findall(r"<code>(.*?)</code>", leaf)[0]))
        chosen = re.findall(r'value="(\w*)" selected', leaf)
        found[path] = chosen[0] if chosen else ""
    return found


def line(page: str) -> dict[str, str]:
    """The mapping that the page gives to copy, as the file would read it."""
    (written,) = re.findall(r'id="yaml">(.*?)</code>', page)
    read = yaml.safe_load(html.unescape(written))
    return dict(Source.model_validate({"key": "s", "kind": "json", **read}).fields)


def picks(page: str, **chosen: str) -> Sequence[str]:
    """As a form sends it: each choice in its order, with `chosen` (ours: path) changed."""
    known = leaves(page)
    by_path = {path: ours for ours, path in chosen.items()}
    return [by_path.get(path, "" if ours in chosen else ours) for path, ours in known.items()]


async def test_the_last_deliveries_are_listed_newest_first_and_at_most_twenty(desk: Desk) -> None:
    ids = [await deliver(desk, BODY, ago) for ago in range(23)]
    await deliver(desk, BODY, source="open")
    came = Journey(datetime.now(UTC))
    came.touch = structs.replace(came.touch, kind="webhook", source="partner")
    await desk.feed(came.enriched(), came.scored(), came.routed(), came.settled())
    page = await shown(desk)
    assert re.findall(r'<li id="d-([^"]+)"', page) == [came.submission, *ids[:19]]
    assert f'href="/leads/{came.lead_id}"' in page
    assert "Notified" in page
    assert page.count("its data has an unfamiliar shape") == 19
    part = await desk.api.get(
        "/sources/partner", params={"lang": "en"}, headers={**HTML, "HX-Request": "true"}
    )
    assert part.text.count("<li ") == 20
    assert "<h1" not in part.text
    assert 'name="pick"' not in part.text


async def test_what_the_door_takes_a_field_for_is_chosen_already(desk: Desk) -> None:
    await deliver(desk, BODY)
    assert leaves(await shown(desk)) == {
        "data.contact.reach": "",
        "data.contact.who": "",
        "data.tel": "phone",
        "ids.0": "",
        "ids.1": "",
    }
    await deliver(desk, {"data": {"reach": "1", "tel": "2"}}, source="open")
    assert leaves(await shown(desk, "/sources/open")) == {"data.reach": "phone", "data.tel": ""}


async def test_the_line_is_one_that_the_file_takes_and_says_how_each_would_be_read(
    desk: Desk,
) -> None:
    await deliver(desk, {"data": {"contact": {"reach": "0935", "who": "سام"}}}, 2)
    await deliver(desk, {"data": {"other": 1}}, 1)
    await deliver(desk, BODY)
    picked = picks(await shown(desk), phone="data.contact.reach", name="data.contact.who")
    page = await shown(desk, pick=picked)
    assert line(page) == {"phone": "data.contact.reach", "name": "data.contact.who"}
    readings = re.findall(r'<li class="card">(.*?)</li>', page, re.DOTALL)
    assert [("0912 123" in one, "نگار" in one, "has a contact" in one) for one in readings] == [
        (True, True, True), (False, False, False), (False, False, True),
    ]  # fmt: skip
    assert "0935" in readings[2]
    assert "still held for review" in readings[1]
    assert "reads its raw bytes again" in html.unescape(page)
    assert leaves(page)["data.tel"] == ""


MULTIPART = b"".join(
    b'--e\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
    for pair in ((b"your.reach", b"0912"), (b"who", b"x"))
)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"your.reach=0912&who=x", "application/x-www-form-urlencoded"),
        (MULTIPART + b"--e--\r\n", "multipart/form-data; boundary=e"),
    ],
)
async def test_forms_have_fields_too(desk: Desk, raw: bytes, kind: str) -> None:
    await deliver(desk, raw, kind=kind)
    page = await shown(desk)
    assert leaves(page) == {"your.reach": "", "who": ""}
    made = await shown(desk, pick=picks(page, phone="your.reach"))
    assert line(made) == {"phone": "your.reach"}
    assert "has a contact" in made


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ([], None),
        ([""] * 5, "No field is chosen yet"),
        (["phone", "phone"], "One of our fields is chosen twice"),
    ],
)
async def test_what_cannot_be_a_line_is_told(
    desk: Desk, chosen: Sequence[str], told: str | None
) -> None:
    await deliver(desk, BODY)
    page = await shown(desk, pick=chosen)
    assert 'id="yaml"' not in page
    assert ('role="alert"' in page) == (told is not None)
    assert (told or "") in page


async def test_hostile_bodies_are_text_and_bounded(desk: Desk) -> None:
    evil = '<img src=x onerror="alert(1)">'
    wide = {
        evil: evil,
        "\u202eturned": "\u202e",
        "long" * 99: "x" * 9000,
        **{f"n{i}": i for i in range(1000)},
    }
    await deliver(desk, wide)
    page = await shown(desk)
    assert evil not in page
    assert evil in html.unescape(page)
    assert "\u202e" not in page
    assert len(leaves(page)) == listening.MOST_LEAVES
    assert "Only the first 200 fields" in page
    assert "x" * 201 not in page
    assert line(await shown(desk, pick=["phone"])) == {"phone": evil}
    deep: Any = "bottom"
    for _ in range(40):
        deep = {"a": deep}
    page = await shown(desk, delivery=await deliver(desk, deep))
    assert "bottom" not in page
    assert leaves(page) == {}
    unreadable = await shown(desk, delivery=await deliver(desk, b"\x00\xff<script>x</script>"))
    assert "<script>x" not in unreadable
    assert "Neither readable JSON nor a form" in unreadable
    huge = await deliver(desk, b'{"a": "' + b"x" * listening.MOST_BYTES + b'"}')
    page = await shown(desk, delivery=huge)
    assert "Too large to show" in page
    assert len(page) < 60_000


@pytest.mark.parametrize("name", ["${HOME}", "a\u0085b"])
async def test_a_path_that_the_file_would_read_otherwise_is_no_line(desk: Desk, name: str) -> None:
    await deliver(desk, {name: "0912"})
    page = await shown(desk, pick=["phone"])
    assert 'id="yaml"' not in page
    assert "characters that the configuration cannot hold" in page


async def test_a_name_with_a_dot_is_named_only_where_the_door_finds_it(desk: Desk) -> None:
    await deliver(desk, {"a.b": "1", "a": {"b": "2", "c.d": "3"}, "": "4", "yes: {": "5"})
    page = await shown(desk)
    assert set(leaves(page)) == {"a.b", "yes: {"}
    assert page.count("no path can name it") == 3
    assert line(await shown(desk, pick=["", "phone"])) == {"phone": "yes: {"}


@pytest.mark.parametrize(
    ("path", "told", "never"),
    [
        ("/sources/partner", 'X-Lead-Token: $SECRET" -H', "typeform.md"),
        ("/sources/open", "/v1/webhooks/json/open", "X-Lead-Token"),
        ("/sources/signed", "webhook-signature: v1,$sign", "a2VwdC10"),
        ("/sources/typeform", "docs/sources/typeform.md", "curl"),
        ("/sources/contact", "/v1/forms/contact", "SECRET"),
        ("/sources/zapier", "Authorization: Bearer $SECRET", "kept-to-ourselves"),
    ],
)
async def test_a_source_that_was_never_heard_says_how_to_try_it(
    desk: Desk, path: str, told: str, never: str
) -> None:
    page = html.unescape(await shown(desk, path))
    assert "never heard" in page
    assert told in page
    assert never not in page
    assert "kept-to-ourselves" not in page


async def test_what_is_unknown_or_another_s_is_not_found(desk: Desk) -> None:
    other = await deliver(desk, BODY, source="open")
    for path in (
        "/sources/nobody",
        f"/sources/partner?delivery={other}",
        "/sources/partner?delivery=x",
    ):
        assert (await desk.api.get(path, headers=HTML)).status_code == 404, path
    assert (await desk.api.get("/sources/open?pick=owner", headers=HTML)).status_code == 422
    desk.api.cookies.clear()
    bare = await desk.api.get("/sources/open", headers={"Authorization": "x"})
    assert bare.status_code in {303, 401}


async def test_who_looked_at_what_came_is_noted_but_not_that_the_page_looked_again(
    desk: Desk, database: Database
) -> None:
    held = await deliver(desk, BODY)
    await desk.api.get("/sources/partner", headers={**HTML, "HX-Request": "true"})
    await shown(desk)
    async with database.transaction() as tx:
        rows = await tx.execute(
            text("SELECT action FROM desk.audit WHERE subject = :subject"),
            {"subject": f"quarantine:{held}"},
        )
        assert rows.scalars() == ["read raw"]


async def test_what_was_erased_shows_nothing_that_came(desk: Desk) -> None:
    way = await deliver(desk, BODY)
    async with desk.database.transaction() as tx:
        await tx.execute(
            text("UPDATE desk.submissions SET state = 'erased' WHERE id = CAST(:id AS uuid)"),
            {"id": way},
        )
    page = await shown(desk)
    assert "0912 123" not in page
    assert (await desk.api.get(f"/sources/partner?delivery={uuid.UUID(way)}")).status_code == 404
