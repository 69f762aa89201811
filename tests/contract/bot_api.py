"""aiogram's models of Telegram's Bot API as a peer, and messages as real bots get them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

PYTHON: Final = Path(sys.prefix) / "peers" / "bin" / "python"
_PROGRAM: Final = Path(__file__).with_name("aiogram_models.py")
_PICTURE: Final = {"width": 4, "height": 3}
_PLACE: Final = {"latitude": 35.7, "longitude": 51.4}
_TAG: Final = re.compile(r"<(/?)(b|blockquote|code)>")
_UNESCAPED: Final = re.compile(r"[<>]|&(?!(?:lt|gt|amp|quot|#x27);)")


class Aiogram:
    """The process in which aiogram is; it ends with its input."""

    def __init__(self) -> None:
        if not PYTHON.exists():
            said = f"no {PYTHON}: make setup-dev"
            pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
        self._process = subprocess.Popen(
            [PYTHON, "-I", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def judge(self, name: str, value: Any) -> dict[str, Any]:
        """What it makes of the value, read as the type or called as the method of this name."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([name, value]), file=self._process.stdin, flush=True)
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def takes(self, method: str, arguments: dict[str, Any]) -> None:
        """That the method has all of these arguments and understands each as it is written."""
        found = self.judge(method[0].upper() + method[1:], arguments)
        assert found == {"read": arguments, "strange": []}

    def end(self) -> None:
        """Let it go."""
        self._process.communicate(timeout=30)


def _file(**more: Any) -> dict[str, Any]:
    return {"file_id": "A", "file_unique_id": "B", **more}


CONTENTS: Final[dict[str, dict[str, Any]]] = {
    "photo": {"photo": [_file(**_PICTURE)]},
    "live_photo": {"live_photo": _file(**_PICTURE, duration=1), "photo": [_file(**_PICTURE)]},
    "video": {"video": _file(**_PICTURE, duration=1)},
    "video_note": {"video_note": _file(length=9, duration=1)},
    "voice": {"voice": _file(duration=1)},
    "audio": {"audio": _file(duration=1)},
    "document": {"document": _file()},
    "animation": {"animation": _file(**_PICTURE, duration=1), "document": _file()},
    "sticker": {
        "sticker": _file(**_PICTURE, type="regular", is_animated=False, is_video=False)
    },
    "location": {"location": _PLACE},
    "venue": {"venue": {"location": _PLACE, "title": "t", "address": "a"}, "location": _PLACE},
    "story": {"story": {"chat": {"id": 5, "type": "private"}, "id": 1}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "game": {"game": {"title": "t", "description": "d", "photo": [_file(**_PICTURE)]}},
    "checklist": {"checklist": {"title": "t", "tasks": [{"id": 1, "text": "x"}]}},
    "paid_media": {
        "paid_media": {"star_count": 1, "paid_media": [{"type": "preview", "duration": 1}]}
    },
    "poll": {
        "poll": {
            "id": "1", "question": "q", "options": [], "total_voter_count": 0, "is_closed": False,
            "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
            "allows_revoting": True, "members_only": False,
        }
    },
    "rich_message": {"rich_message": {"blocks": [{"type": "paragraph", "text": "سلام"}]}},
}  # fmt: skip
"""What a person can send that is not text: each with what comes with it for older readers."""


def in_web_app(data: str) -> tuple[str | None, bool]:
    """The words that a Web App sent, and whether somebody filled in a name."""
    try:
        filled = json.loads(data)
    except ValueError:
        return data, False
    if not isinstance(filled, dict):
        return None, False
    return filled.get("message"), bool(filled.keys() & {"name", "full_name"})


def pressing_says(update_id: int, pressed: dict[str, Any]) -> list[dict[str, Any]]:
    """What an arrival has to say of a press: what stands on the button, at no moment of its own."""
    message = pressed.get("message") or {}
    if "data" not in pressed or message.get("chat", {}).get("type") != "private":
        return []
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    said = [one["text"] for row in rows for one in row if one["callback_data"] == pressed["data"]]
    return [{
        "key": str(update_id),
        "person": str(pressed["from"]["id"]),
        "first_name": pressed["from"]["first_name"],
        "at": None,
        "message": said[0] if said else None,
        "start": None,
        "attachment": None,
        "proven": None,
        "shared": None,
        "chat": str(message["chat"]["id"]),
    }]  # fmt: skip


def shown(html: str) -> str:
    """What a message in Telegram's HTML shows; each tag is closed, each sign escaped.

    https://core.telegram.org/bots/api#html-style
    """
    within, text = [""], ""
    for part in re.split("(<[^>]*>)", html):
        if tag := _TAG.fullmatch(part):
            assert within[-1] == tag[2] if tag[1] else "code" not in within, html
            within = within[:-1] if tag[1] else [*within, tag[2]]
        else:
            assert not _UNESCAPED.search(part), part
            text += unescape(part)
    assert within == [""], html
    return text
