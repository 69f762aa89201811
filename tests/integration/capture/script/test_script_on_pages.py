"""The script in Chromium, on pages that leave sending to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.fixtures.capture.landing import Landing, a_number
from tests.fixtures.capture.waiting import until
from tests.integration.capture.script.form import FORM, fill

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = Path(__file__).parents[3] / "fixtures" / "axe" / "axe-4.14.1.min.js"


async def test_a_plain_form_in_persian(at: Landing) -> None:
    url = at.site.put("/خدمات/سئو", FORM.format(more="") + at.script())
    phone = a_number()
    async with at.visit(
        f"{url}?utm_source=نیل&utm_id=7", viewport={"width": 360, "height": 640}
    ) as page:
        await page.fill("[name='نام']", "شیدا کریمی‌نژاد")
        await page.fill("[name='پیام']", "قیمت؟\nممنون")
        await page.wait_for_timeout(900)  # nobody fills a form in less
        await fill(page, phone)
        status = page.locator("form + .sarnakh-status")
        await expect(status).to_contain_text("رسید")
        assert await status.get_attribute("role") == "status"
        assert await status.get_attribute("dir") == "rtl"
        assert await page.input_value("[name=phone]") == ""
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        trap = page.locator("[name=fax_2]")
        assert await trap.get_attribute("aria-hidden") == "true"
        assert await trap.get_attribute("tabindex") == "-1"
        assert await trap.get_attribute("autocomplete") == "off"
        assert not await trap.is_editable() or (await trap.bounding_box() or {"y": 0})["y"] < 0
        await page.evaluate(AXE.read_text("utf-8"))
        looked = "axe.run({include: [['.sarnakh-status'], ['[name=fax_2]']]})"
        assert (await page.evaluate(looked))["violations"] == []
        assert await page.evaluate("localStorage.length") == 0
    lead = await at.one(phone)
    assert lead.fields["name"] == "شیدا کریمی‌نژاد"
    assert lead.fields["message"].replace("\r", "") == "قیمت؟\nممنون"
    assert lead.extra["way"] == "call"
    assert not {"ms_open", "secret"} & lead.extra.keys()
    assert lead.signs == ()
    assert lead.key_owner == "ours"
    assert lead.attribution.utm == {"source": "نیل", "id": "7"}
    assert (lead.attribution.page_url or "").startswith(at.site.url + "/%D8%AE")
    assert lead.attribution.visitor_id is None


async def test_a_form_that_posts_to_us_is_thanked_where_the_configuration_says(at: Landing) -> None:
    action = f' action="{at.capture}/v1/forms/thanked" method="post"'
    form = FORM.format(more=action).replace(' data-sarnakh="contact"', "")
    at.site.put("/سپاس", "سپاس")
    phone = a_number()
    async with at.visit(at.site.put("/posts", form + at.script())) as page:
        await fill(page, phone)
        await page.wait_for_url("**/%D8%B3%D9%BE%D8%A7%D8%B3")
        assert await page.evaluate("localStorage.length") == 0
    lead = await at.one(phone)
    assert (lead.source, lead.content_type) == ("thanked", "application/json")


async def test_without_the_script_the_browser_sends_it(at: Landing) -> None:
    action = f' action="{at.capture}/v1/forms/thanked" method="post"'
    url = at.site.put("/native", FORM.format(more=action) + at.script())
    phone = a_number()
    async with at.context() as context:
        await context.route("**/s.js", lambda route: route.abort())
        page = await context.new_page()
        await page.goto(url)
        await fill(page, phone)
        await page.wait_for_url("**/%D8%B3%D9%BE%D8%A7%D8%B3")
    assert (await at.one(phone)).content_type == "application/x-www-form-urlencoded"


async def test_a_form_that_comes_late_and_a_second_one(at: Landing) -> None:
    later = """setTimeout(() => document.body.insertAdjacentHTML('beforeend', `
      <form id="b" data-sarnakh="thanked"><input name="phone"><button>b</button></form>`), 200)"""
    at.site.put("/late.js", later)
    body = FORM.format(more=' id="a"') + at.script() + '<script src="/late.js"></script>'
    first, second = a_number(), a_number()
    async with at.visit(at.site.put("/late", f"<body>{body}", lang="en")) as page:
        await page.wait_for_selector("#b [name=fax_2]", state="attached")
        await page.fill("#a [name=phone]", first)
        await page.click("#a button")
        await expect(page.locator("#a + p")).to_contain_text("Thank you")
        await page.evaluate(
            """document.addEventListener('sarnakh:sent', (event) => {
              event.preventDefault();
              window.heard = event.detail;
            })"""
        )
        await page.fill("#b [name=phone]", second)
        await page.click("#b button")
        await page.wait_for_function("window.heard && heard.status === 202")
        assert "/late" in page.url
        assert await page.locator("#b + p").count() == 0
    assert (await at.one(first)).source == "contact"
    lead = await at.one(second)
    assert (lead.source, lead.signs) == ("thanked", ("too_fast",) if lead.signs else ())


async def test_under_a_strict_policy_and_trusted_types(at: Landing) -> None:
    policy = (
        f"default-src 'none'; script-src 'self' {at.capture}; connect-src {at.capture}; "
        "style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    url = at.site.put(
        "/strict",
        FORM.format(more="") + at.script(consent="granted"),
        Content_Security_Policy=policy,
    )
    phone = a_number()
    async with at.context() as context:
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda one: complaints.append(f"{one.type}: {one.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        await fill(page, phone)
        await expect(page.locator(".sarnakh-status")).to_contain_text("رسید")
    ours = [one for one in complaints if not one.startswith("verbose") and "favicon" not in one]
    assert ours == []
    assert (await at.one(phone)).attribution.visitor_id


async def test_without_consent_the_way_here_is_known_and_nobody_is(at: Landing) -> None:
    at.site.put("/inner", FORM.format(more="") + at.script())
    url = at.site.put("/entrance", '<a href="/inner">in</a>' + at.script())
    phone = a_number()
    before = len(at.log.events)
    query = "utm_source=google&utm_campaign=c1&gclid=G1&_sn=token-of-a-scan"
    async with at.context() as context:
        page = await context.new_page()
        await page.goto(f"{url}?{query}", referer="https://search.example/")
        await page.click("a")
        await fill(page, phone)
        await expect(page.locator(".sarnakh-status")).to_contain_text("رسید")
        assert await page.evaluate("localStorage.length") == 0
        assert await context.cookies() == []
    lead = await at.one(phone)
    came = lead.attribution
    assert came.utm == {"source": "google", "campaign": "c1"}
    assert came.click_ids == {"gclid": "G1"}
    assert (came.scan, came.visitor_id) == ("token-of-a-scan", None)
    assert (came.page_url, came.referrer) == (at.site.url + "/inner", "https://search.example/")
    assert lead.extra["_landing_page"] == f"{url}?{query}"
    assert len(at.log.events) == before + 1


async def test_with_consent_visits_are_told_and_the_first_way_here_is_kept(at: Landing) -> None:
    url = at.site.put("/agreed", FORM.format(more="") + at.script())
    phone = a_number()
    async with at.context() as context:
        page = await context.new_page()
        await page.goto(f"{url}?utm_source=first&gclid=G1")
        await page.evaluate("sarnakh.consent(true)")
        await page.close()
        page = await context.new_page()  # another day: only what was kept for good is there
        await page.goto(f"{url}?utm_source=second")
        await fill(page, phone)
        lead = await at.one(phone)
        visitor = lead.attribution.visitor_id
        visits = [lead for lead in at.worker.leads if lead.kind == "activity"] if at.worker else []
        assert visitor
        assert [v.activity for v in visits if v.attribution.visitor_id == visitor] == [
            "page_view"
        ] * 2
        assert lead.attribution.utm == {"source": "second"}
        assert (lead.extra["_first_utm_source"], lead.extra["_first_gclid"]) == ("first", "G1")
        await page.evaluate("sarnakh.consent(false)")
        assert await page.evaluate("localStorage.length") == 0
        other = a_number()
        await fill(page, other)
        assert (await at.one(other)).attribution.visitor_id is None


async def test_a_bot_that_fills_what_nobody_sees_is_a_sign(at: Landing) -> None:
    phone = a_number()
    async with at.visit(at.site.put("/bot", FORM.format(more="") + at.script())) as page:
        await page.evaluate("document.querySelector('[name=fax_2]').value = 'spam'")
        await fill(page, phone)
        assert (await at.one(phone)).signs[0] == "honeypot"


async def test_what_is_refused_is_given_back(at: Landing) -> None:
    url = at.site.put("/lacking", FORM.format(more="") + at.script(), lang="en")
    async with at.visit(url) as page:
        await page.evaluate("addEventListener('sarnakh:refused', e => { window.heard = e.detail })")
        await page.fill("textarea", "nobody to call")
        await page.click("button")
        await expect(page.locator(".sarnakh-status")).to_contain_text("phone number")
        heard = await page.evaluate("heard")
        assert (heard["status"], heard["answer"]["fields"]) == (422, ["phone", "email"])
        assert heard["values"]["پیام"] == "nobody to call"
        assert await page.input_value("textarea") == "nobody to call"
        assert await page.evaluate("localStorage.length") == 0


async def test_forms_that_are_nobodys_business_are_left_alone(at: Landing) -> None:
    body = """<form role="search"><input name="q" value="09120000001"><button>s</button></form>
    <form method="post"><input name="phone" value="09120000001"><input type="password" name="p">
    <button>l</button></form><form data-sarnakh="off"><input type="tel" name="phone"
    value="09120000001"><button>o</button></form>"""
    before = len(at.log.events)
    async with at.visit(at.site.put("/others", body + at.script(form="contact"))) as page:
        for nth in range(3):
            async with page.expect_navigation():
                await page.locator("button").nth(nth).click()
    await until(lambda: True)
    assert len(at.log.events) == before


async def test_where_storage_is_refused_it_is_sent_all_the_same(at: Landing) -> None:
    refuse = """for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name,
        {get() { throw new DOMException('no', 'SecurityError') }})"""
    url = at.site.put("/private", FORM.format(more="") + at.script(consent="granted"))
    phone = a_number()
    async with at.context() as context:
        await context.add_init_script(refuse)
        page = await context.new_page()
        await page.goto(f"{url}?utm_source=private")
        await fill(page, phone)
        await expect(page.locator(".sarnakh-status")).to_contain_text("رسید")
    assert (await at.one(phone)).attribution.utm == {"source": "private"}


async def test_a_second_click_is_the_same_submission(at: Landing) -> None:
    phone = a_number()
    async with at.visit(at.site.put("/twice", FORM.format(more="") + at.script())) as page:
        await page.fill("[name=phone]", phone)
        await page.evaluate("for (let n = 0; n < 3; n++) document.querySelector('button').click()")
        await expect(page.locator(".sarnakh-status")).to_contain_text("رسید")
    await at.one(phone)
    assert len(at.sent(phone)) == 1
