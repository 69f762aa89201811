"""The script in Chromium, on pages that send their forms themselves, as site builders make them."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.fixtures.capture.landing import Landing, a_number
from tests.fixtures.capture.waiting import until
from tests.integration.capture.script.form import FORM, fill

pytestmark = pytest.mark.asyncio(loop_scope="module")


ELEMENTOR = """<form class="elementor-form" method="post" name="New Form">
<input type="hidden" name="post_id" value="12"><input type="hidden" name="action" value="send">
<input name="form_fields[name]"><input type="tel" name="form_fields[phone]" id="tel">
<button type="submit">ارسال</button></form><div id="own"></div>"""
ELEMENTOR_JS = """document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await fetch('/wp-admin/admin-ajax.php',
    {method: 'POST', body: new URLSearchParams(new FormData(form))});
  document.querySelector('#own').textContent = answer.ok ? 'فرم ارسال شد' : 'خطا';
  form.reset();
});"""


async def test_a_page_as_elementor_makes_it_keeps_its_own_way(at: Landing) -> None:
    at.site.put("/elementor.js", ELEMENTOR_JS)
    body = ELEMENTOR + '<script src="/elementor.js"></script>' + at.script(form="contact")
    phone = a_number()
    async with at.visit(at.site.put("/elementor", body)) as page:
        await page.fill("#tel", phone)
        await page.click("button")
        await expect(page.locator("#own")).to_have_text("فرم ارسال شد")
        lead = await at.one(phone)
        assert await page.locator(".sarnakh-status").count() == 0
        assert page.url.endswith("/elementor")
    (theirs,) = [raw for path, raw in at.site.posted if "admin-ajax" in path and phone in raw]
    assert not {"page_url", "fax_2", "idempotency_key"} & {
        p.partition("=")[0] for p in theirs.split("&")
    }
    assert lead.extra["post_id"] == "12"
    assert lead.extra["action"] == "send"
    assert (lead.attribution.page_url or "").endswith("/elementor")


async def test_a_page_that_sends_to_us_by_itself_is_not_counted_twice(at: Landing) -> None:
    action = f' action="{at.capture}/v1/forms/contact"'
    own = """document.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      fetch(event.target.getAttribute('action'), {method: 'POST', body: new FormData(event.target)})
        .then(() => { document.title = 'own' });
    });"""
    at.site.put("/by-itself.js", own)
    body = FORM.format(more=action).replace(' name="way"', "") + at.script()
    phone = a_number()
    url = at.site.put("/by-itself", body + '<script src="/by-itself.js"></script>')
    async with at.visit(f"{url}?utm_source=x") as page:
        await page.wait_for_timeout(100)
        await page.evaluate("document.querySelector('[name=secret]').remove()")
        await fill(page, phone)
        await expect(page).to_have_title("own")
        await until(lambda: len(at.sent(phone)) == 2)
        await at.one(phone)


WEBFLOW = """<div class="w-form"><form id="email-form" data-name="Email Form" method="get"
 data-sarnakh="contact"><input name="Name" data-name="Name"><input name="Phone" type="tel">
<input type="submit" value="Send"></form><div class="w-form-done" hidden>Thank you!</div></div>"""
WEBFLOW_JS = """const form = document.querySelector('form');
form.addEventListener('submit', (event) => {          // as jQuery does on `return false`
  event.preventDefault(); event.stopPropagation();
  form.hidden = true; form.reset();
  document.querySelector('.w-form-done').hidden = false;
});"""


async def test_a_page_as_webflow_makes_it_that_stops_the_event_and_empties_the_form(
    at: Landing,
) -> None:
    at.site.put("/webflow.js", WEBFLOW_JS)
    body = WEBFLOW + '<script src="/webflow.js"></script>' + at.script()
    phone = a_number()
    async with at.visit(at.site.put("/webflow", body, lang="en")) as page:
        await page.fill("[name=Name]", "Sara")
        await page.fill("[name=Phone]", phone)
        await page.click("[type=submit]")
        await expect(page.locator(".w-form-done")).to_be_visible()
        lead = await at.one(phone)
        assert await page.locator(".sarnakh-status").count() == 0
    assert lead.fields["name"] == "Sara"
