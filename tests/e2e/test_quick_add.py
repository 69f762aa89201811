"""A call that staff write down goes the whole way, is somebody's lead, and is in the books."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.e2e.system import TOKEN, System, eventually

pytestmark = pytest.mark.parametrize("install", ["embedded"], indirect=True, scope="module")


def test_a_call_and_a_nameless_number_and_a_name_alone_are_leads_in_the_books(
    system: System,
) -> None:
    before = system.desk.get("/api/books").json()["accepted"]
    page = "https://nil.example/services/seo"
    called = system.desk.post(
        "/api/submissions",
        json={"name": "Negar", "phone": "۰۹۳۵ ۰۰۰ ۴۴۱۱", "page_url": page, "message": "price?"},
        headers={"Idempotency-Key": "call-1"},
    )
    assert called.status_code in {201, 202}, called.text
    walked = system.desk.post("/api/submissions", json={"name": "آقای کریمی", "kind": "walk_in"})
    again = system.desk.post("/api/submissions", json={"phone": "09350004411"})

    def state(answer: httpx.Response) -> dict[str, str] | None:
        found = system.desk.get(f"/api/submissions/{answer.json()['submission_id']}")
        body = found.json() if found.status_code == 200 else {}
        return body if body.get("state") in {"notified", "duplicate"} else None

    first = eventually(lambda: state(called), what="the call is told")
    alone = eventually(lambda: state(walked), what="a name alone is a lead")
    joined = eventually(lambda: state(again), what="the same number joins")
    assert joined["lead_id"] == first["lead_id"] != alone["lead_id"]
    lead = system.desk.get(f"/api/leads/{first['lead_id']}", params={"lang": "en"}).json()
    assert lead["assignment"]["team"] == "seo"
    assert "A program put in this call" in [
        line["text"].partition(",")[0] for line in lead["timeline"]
    ]

    def balanced() -> dict[str, int] | None:
        books = system.desk.get("/api/books").json()
        return books if books["balanced"] and not books["in_flight"] else None

    assert eventually(balanced, what="the books balance")["accepted"] == before + 3


def test_a_slip_on_the_page_is_undone_and_what_is_not_is_done(system: System) -> None:
    added = system.desk.post("/api/submissions", json={"name": "Omid", "phone": "09350004412"})
    submission = added.json()["submission_id"]
    path = f"/api/submissions/{submission}"
    lead = eventually(lambda: system.desk.get(path).json().get("lead_id"), what="its lead")
    with httpx.Client(base_url=str(system.desk.base_url), headers={"Accept": "text/html"}) as staff:
        staff.post("/sign-in", data={"token": TOKEN})

        def press(**form: str) -> str:
            page = staff.get(f"/leads/{lead}").text
            fields = {"csrf": _hidden(page, "csrf"), "key": _hidden(page, "key"), **form}
            staff.post(f"/leads/{lead}/actions", data=fields)
            return staff.get(f"/leads/{lead}").text

        page = press(action="lost", reason="mistake")
        names = ("csrf", "activity", "lead")
        staff.post("/undo", data={name: _hidden(page, name) for name in names})
        press(action="lost", reason="too dear")

    def closed() -> dict[str, str] | None:
        body: dict[str, str] = system.desk.get(f"/api/leads/{lead}").json()
        return body if body["state"] == "lost" else None

    assert eventually(closed, 120, "the lead is lost")["lost_reason"] == "too dear"


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, name
    return found[1]
