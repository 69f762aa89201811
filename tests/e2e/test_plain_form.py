"""A plain HTML form in a real browser without JavaScript: somebody on an old phone in Shiraz."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.e2e.looking import assigned, told_once
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually

pytestmark = pytest.mark.parametrize("install", ["embedded"], indirect=True, scope="module")

FORM = """<!doctype html><html lang="fa" dir="rtl"><meta charset="utf-8"><title>سئو</title>
<form action="%s/v1/forms/plain" method="post" accept-charset="utf-8">
<label>نام <input name="نام"></label>
<label>موبایل <input name="شماره تماس"></label>
<label>پیام <textarea name="پیام"></textarea></label>
<button>تماس بگیرید</button></form></html>"""


@pytest.fixture
def landing_page(system: System) -> Iterator[str]:
    """The address of a page on another origin that carries the form."""
    body = (FORM % str(system.capture.base_url).rstrip("/")).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/services/seo"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    """A phone's browser with scripts switched off, in Persian."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            java_script_enabled=False, locale="fa-IR", viewport={"width": 360, "height": 640}
        )
        yield context.new_page()
        browser.close()


def test_a_form_without_javascript_reaches_the_specialist(
    system: System, receiver: Receiver, landing_page: str, page: Page
) -> None:
    number = f"0912{uuid.uuid4().int % 10**7:07d}"
    page.goto(landing_page)
    page.get_by_label("نام").fill("شیدا کریمی‌نژاد")
    page.get_by_label("موبایل").fill(number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    page.get_by_label("پیام").fill("قیمت سئو چقدر است؟")
    page.get_by_role("button").click()
    page.wait_for_url("**/v1/forms/plain/thanks")
    assert page.locator("html").get_attribute("dir") == "rtl"

    leads = eventually(lambda: system.leads(q="+98" + number[1:]), 120, "the lead")
    lead = assigned(system, leads[0]["id"])
    assert lead["contact"]["name"] == "شیدا کریمی‌نژاد"
    assert lead["contact"]["message"] == "قیمت سئو چقدر است؟"
    assert lead["assignment"]["team"] == "seo"
    assert told_once(receiver, lead["id"])


def test_a_form_without_a_contact_says_so_and_keeps_what_was_typed(
    landing_page: str, page: Page
) -> None:
    page.goto(landing_page)
    page.get_by_label("پیام").fill('فقط یک پیام <b onclick="x">')
    with page.expect_navigation() as answer:
        page.get_by_role("button").click()
    assert answer.value is not None
    assert answer.value.status == 422
    assert page.locator("html").get_attribute("dir") == "rtl"
    kept = page.locator("[name='پیام']")
    assert kept.input_value() == 'فقط یک پیام <b onclick="x">'
