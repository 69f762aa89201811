"""`sarnakh books` and `sarnakh dead-letters`: they ask the desk, as any other program would."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

import httpx
from rich.console import Console
from rich.table import Table

from libs.common.events.values import Text
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from libs.common.terminal import spoken
from libs.common.token import api_token
from services.commands.printing import say

_SAID: Final = frozenset({409, 413, 422})
"""Statuses with which the desk says what is wrong with what was sent."""


def books(settings: Settings, *, as_json: bool) -> bool:
    """Print the balance; gives whether the books balance. Raises Refusal."""
    found = ask(settings, "GET", "/api/books")
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return bool(found["balanced"])
    table = Table("", "", show_header=False, box=None)
    table.add_row("accepted", str(found["accepted"]))
    for state, count in found["terminal"].items():
        table.add_row(f"  {state}", str(count))
    table.add_row("in flight", str(found["in_flight"]))
    table.add_row("balanced", "yes" if found["balanced"] else "NO")
    for problem in found.get("problems", ()):
        table.add_row("  problem", json.dumps(problem, ensure_ascii=False))
    Console().print(table)
    return bool(found["balanced"])


def dead_letters(settings: Settings, *, as_json: bool) -> None:
    """Print the dead letters, newest first. Raises Refusal."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = ask(
            settings,
            "GET",
            "/api/dead-letters",
            params={"limit": 200} | ({"cursor": cursor} if cursor else {}),
        )
        items += page["items"]
        cursor = page["next"]
        if not cursor:
            break
    if as_json:
        say(json.dumps(items, ensure_ascii=False))
        return
    names = ("id", "stage", "reason", "submission_id", "at")
    table = Table(*names, box=None)
    for item in items:
        table.add_row(*(str(item.get(name) or "") for name in names))
    Console().print(table)


def dead_letter(settings: Settings, letter: str) -> None:
    """Print one dead letter, whole. Raises Refusal."""
    found = ask(settings, "GET", f"/api/dead-letters/{letter}")
    say(json.dumps(found, ensure_ascii=False, indent=2))


def replay(settings: Settings, letter: str) -> None:
    """Send one dead letter on again. Raises Refusal."""
    ask(settings, "POST", f"/api/dead-letters/{letter}/replay")
    say(letter)


def erase(settings: Settings, person: str, reason: str) -> None:
    """Erase a person, and say whether it is done. Raises Refusal."""
    found = ask(
        settings, "POST", f"/api/persons/{quote(person, safe='')}/erase", json={"reason": reason}
    )
    done = Text("پاک شد.", "Erased.")
    under_way = Text("پذیرفته شد و در راه است.", "Taken, and on its way.")
    say(spoken(done if found.get("state") == "erased" else under_way))


def ask(
    settings: Settings, method: str, path: str, params: dict[str, Any] | None = None, **sent: Any
) -> dict[str, Any]:
    """What the desk says; `sent` is what httpx takes (json, content). Raises Refusal."""
    answer = call(settings, method, path, params, **sent)
    return dict(answer.json()) if answer.content else {}


def call(
    settings: Settings, method: str, path: str, params: dict[str, Any] | None = None, **sent: Any
) -> httpx.Response:
    """The desk's answer as it is. Raises Refusal where it refuses or is not there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.desk_host, settings.desk_host)  # noqa: S104 - where the desk listens, not we
    base = f"http://{f'[{host}]' if ':' in host else host}:{settings.desk_port}"
    try:
        answer = httpx.request(
            method,
            f"{base}{path}",
            params=params,
            headers={"Authorization": f"Bearer {api_token(settings)}"},
            timeout=60,
            **sent,
        )
    except (httpx.HTTPError, FileNotFoundError) as error:
        raise Refusal(
            f"میز کار در {base} پاسخ نمی‌دهد؛ «sarnakh up» در کار است؟",
            f"The desk does not answer at {base}; is `sarnakh up` running?",
        ) from error
    if answer.is_success:
        return answer
    raise _refused(answer)


def _refused(answer: httpx.Response) -> Refusal:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return Refusal(
            "میز کار این رمز را نپذیرفت؛ SARNAKH_API_TOKEN یا SARNAKH_DATA_DIR را مثل آن بگذارید.",
            "The desk refused the token; set SARNAKH_API_TOKEN or SARNAKH_DATA_DIR as it has them.",
        )
    if answer.status_code == httpx.codes.NOT_FOUND:
        return Refusal("چنین چیزی نیست.", "There is no such thing.")
    if answer.status_code in _SAID and (why := answer.json().get("detail")):
        return Refusal(f"میز کار نپذیرفت: {why}", f"The desk refused: {why}")
    return Refusal(
        f"میز کار با خطای {answer.status_code} پاسخ داد.",
        f"The desk answered with {answer.status_code}.",
    )
