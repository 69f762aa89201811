"""What aiogram makes of values of Telegram's Bot API: a question a line, an answer a line, in JSON.

Runs in an environment of its own (`make setup-dev`), because aiogram wants an older pydantic than
ours; so nothing of ours is imported here. https://docs.aiogram.dev
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from aiogram import methods, types
from aiogram.filters.command import Command, CommandException
from pydantic import BaseModel, ValidationError


def judged(name: str, value: Any) -> dict[str, Any]:
    """How the type or the method of this name reads the value; or which parts of it it refuses."""
    model = getattr(types, name, None) or getattr(methods, name)
    try:
        read = model.model_validate(value)
    except ValidationError as error:
        return {"refused": sorted({".".join(map(str, each["loc"])) for each in error.errors()})}
    found = {
        "read": read.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "strange": list(strange(read)),
    }
    if isinstance(read, types.Update) and (message := read.message or read.business_message):
        found |= {"content": message.content_type, "start": start(message)}
    return found


def strange(read: Any, path: str = "") -> Iterator[str]:
    """The fields that the Bot API does not know there: aiogram lets them pass."""
    if isinstance(read, list):
        for each in read:
            yield from strange(each, path)
    if isinstance(read, BaseModel):
        yield from (f"{path}{name}" for name in read.model_extra or ())
        for name in read.model_fields_set & set(type(read).model_fields):
            yield from strange(getattr(read, name), f"{path}{name}.")


def start(message: types.Message) -> str | None:
    """The parameter with which a deep link began the chat."""
    try:
        command = Command("start").extract_command(message.text or message.caption or "")
    except CommandException:
        return None
    return command.args if command.command == "start" else None


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(judged(*json.loads(line))) + "\n")
        sys.stdout.flush()
