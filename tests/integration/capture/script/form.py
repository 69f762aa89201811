"""A form as many pages have it, for the script to take."""

from __future__ import annotations

from playwright.async_api import Page

FORM = """<form data-sarnakh="contact"{more}><input name="نام"><input name="phone" type="tel">
<textarea name="پیام"></textarea><input type="password" name="secret" value="s3cret"
 autocomplete="current-password" hidden><button name="way" value="call">تماس</button></form>"""


async def fill(page: Page, phone: str) -> None:
    """Type the number and send."""
    await page.fill("[name=phone]", phone)
    await page.click("button")
