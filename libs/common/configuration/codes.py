"""QR codes: where each leads, checked before anybody prints it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Configuration, Qr
from libs.common.normal.page import normal_page

Found = Iterator[tuple[Path, str, str]]

MESSENGERS: Final = {
    "t.me": "start",
    "telegram.me": "start",
    "ble.ir": "start",
    "rubika.ir": "start",
    "ig.me": "ref",
    "m.me": "ref",
    "wa.me": "text",
    "api.whatsapp.com": "text",
}
"""Hosts whose links open a chat, and the parameter that takes the scan's token: a bot's start word,
Instagram's and Messenger's `ref`, or for WhatsApp the text that the person is about to send."""

KIOSK: Final = "kiosk"
"""The `utm_medium` of whoever came by a code without a scan: at the tablet beside it."""


def errors(configuration: Configuration) -> Found:
    """A target that no phone can open."""
    for i, code in enumerate(configuration.qr):
        if not is_openable(code.target):
            yield (
                ("qr", i, "target"),
                "باید نشانی کامل وب باشد (https://…)",
                "must be a whole web address (https://…)",
            )


def warnings(configuration: Configuration) -> Found:
    """A page whose forms nobody here knows: what is filled in there joins no scan by itself."""
    ours = {host for site in configuration.sites for name in site.hosts if (host := host_of(name))}
    for i, code in enumerate(configuration.qr):
        host = host_of(code.target)
        if ours and host and host not in ours | MESSENGERS.keys():
            yield (
                ("qr", i, "target"),
                "روی هیچ‌یک از سایت‌های این فایل نیست؛ فرم آنجا به این اسکن وصل نمی‌شود",
                "is on none of the sites of this file: a form there joins no scan",
            )


def is_openable(target: str) -> bool:
    """Whether a phone can open it."""
    is_web = target.lower().startswith(("https://", "http://"))
    return is_web and host_of(target) is not None


def written(code: Qr) -> str:
    """The code as it stands below `qr:` in the file; JSON's strings are YAML's too."""
    parts = code.model_dump(exclude_none=True)
    told = (f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in parts.items())
    return "  - {" + ", ".join(told) + "}"


def host_of(url: str) -> str | None:
    """The host of a page, as pages of origin are compared; None for what is no page."""
    page = normal_page(url)
    return page.partition("/")[0] if page else None
