"""The few pages that a visitor may see of capture itself, in both languages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from markupsafe import Markup

from libs.common.events import Text
from services.capture.calls.call import Answer

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER: Final = Path(__file__).parent


class Field(NamedTuple):
    """An input of the page that asks again: the name it is sent under, and what was typed."""

    label: Text
    name: str
    value: str
    wanted: bool
    long: bool = False
    kind: str = "text"
    """As browsers call it: it says which keyboard a phone shows."""


class Pages:
    """The templates, read once they are wanted; what was typed by strangers is escaped by them."""

    def __init__(self) -> None:
        self._css = (_FOLDER / "page.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(self._css.encode()).digest()).decode()
        self._policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'"

    @cached_property
    def _templates(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader  # noqa: PLC0415 - few ever see a page

        return Environment(autoescape=True, loader=FileSystemLoader(_FOLDER))

    def thanks(self, organisation: str, hosts: Iterable[str]) -> Answer:
        """For a form without a page of its own."""
        return self._page(200, "thanks", {"organisation": organisation}, hosts)

    def problem(self, status: int, title: Text, detail: Text | None, language: str) -> Answer:
        """For a visitor, instead of a problem document."""
        return self._page(status, "problem", _both(language, title, detail), ())

    def docs(self, api: Mapping[str, Any], language: str) -> Answer:
        """The API, for people, without anything from another host."""
        return self._page(200, "docs", {"api": api, "language": language}, ())

    def again(
        self,
        words: tuple[Text, Text | None, str],
        action: str,
        inputs: tuple[list[Field], list[tuple[str, str]]],
        places: tuple[Iterable[str], str | None],
        status: int,
    ) -> Answer:
        """The form once more with what was typed, to be sent to `action`.

        `words` are title, detail (if any) and language; `inputs` those shown and those hidden;
        `places` the hosts that may frame the page, and the origin where thanks are said.
        """
        title, detail, language = words
        hosts, thanks = places
        shown = {"action": action, "fields": inputs[0], "hidden": inputs[1]}
        # Chromium holds the redirect after a form post to form-action as well.
        onward = f"form-action 'self' {thanks}" if thanks else "form-action 'self'"
        return self._page(status, "again", _both(language, title, detail) | shown, hosts, onward)

    def kiosk(self, words: Mapping[str, Any], thanks: str | None) -> Answer:
        """A form on a tablet; `thanks` is the origin of its thank-you page."""
        onward = f"form-action 'self' {thanks}" if thanks else "form-action 'self'"
        scripts = "script-src 'self'; connect-src 'self'"
        return self._page(200, "kiosk", dict(words), (), f"{onward}; {scripts}")

    def kiosk_script(self) -> bytes:
        """What empties that page between two people."""
        return (_FOLDER / "kiosk.js").read_bytes()

    def _page(
        self,
        status: int,
        name: str,
        values: dict[str, Any],
        hosts: Iterable[str],
        forms: str = "form-action 'none'",
    ) -> Answer:
        frames = " ".join(f"http://{host} https://{host}" for host in hosts) or "'none'"
        policy = f"{self._policy}; {forms}; frame-ancestors {frames}"
        body = self._templates.get_template(f"{name}.html").render(
            css=Markup(self._css),  # noqa: S704  # our own file
            **values,
        )
        headers = (
            (b"content-security-policy", policy.encode("ascii", "ignore")),
            (b"referrer-policy", b"no-referrer"),
        )
        return Answer(status, body.encode(), b"text/html; charset=utf-8", headers)


def _both(language: str, title: Text, detail: Text | None) -> dict[str, Any]:
    order = ("fa", "en") if language == "fa" else ("en", "fa")
    return {"language": language, "order": order, "title": title, "detail": detail}
