"""A call that is authentic but not as its platform describes it is held for a human, never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.capture.sources import KINDS
from services.capture.sources.arrival import UNEXPECTED
from tests.unit.capture.sources.recorded import recorded
from tests.unit.capture.sources.samples import arrivals_in, source

CHANGES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("telegram-text-with-phone.json", ("message", "chat", "type"), None),
    ("telegram-text-with-phone.json", ("message", "chat", "type"), 1),
    ("bale-text-with-phone.json", ("message", "chat", "type"), None),
    ("whatsapp-message-persian.json", ("entry", 0, "changes", 0, "value"), None),
    ("whatsapp-message-persian.json", ("entry", 0, "changes", 0, "value"), [1]),
    ("chatwoot-message-created.json", ("message_type",), None),
    ("crisp-message-text.json", ("data",), None),
    ("crisp-message-text.json", ("data",), [1]),
    ("crisp-message-text.json", ("data", "from"), None),
    ("intercom-conversation-created.json", ("data", "item"), None),
    ("intercom-conversation-created.json", ("data",), []),
    ("tawk-chat-start.json", ("message",), None),
    ("tawk-chat-start.json", ("message", "sender"), None),
    ("tawk-chat-start.json", ("message", "sender", "type"), 1),
    ("callrail-post-call-missed.json", ("answered",), "false"),
    ("callrail-post-call-missed.json", ("answered",), 0),
]


@pytest.mark.parametrize(("file", "path", "value"), CHANGES)
def test_invariant_20_what_is_odd_is_held_and_not_ignored(
    file: str, path: tuple[Any, ...], value: Any
) -> None:
    call = next(each for each in recorded() if each.delivery["file"] == file)
    whole: Any = json.loads(call.knock.body)
    place = whole
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    changed = call.knock._replace(body=json.dumps(whole).encode())
    found = arrivals_in(call.kind.parse(changed, call.configured()))
    assert [arrival.held for arrival in found] == [UNEXPECTED]


@pytest.mark.parametrize("sender", [None, ""])
def test_who_writes_to_a_bot_of_rubika_s_is_a_person_unless_it_says_otherwise(sender: Any) -> None:
    call = next(each for each in recorded() if each.delivery["file"] == "rubika-phone-typed.json")
    whole = json.loads(call.knock.body)
    whole["update"]["new_message"]["sender_type"] = sender
    changed = call.knock._replace(body=json.dumps(whole).encode())
    (found,) = arrivals_in(KINDS["rubika"].parse(changed, source("rubika")))
    assert found.held is None
