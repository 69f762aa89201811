"""Telegram's Bot API as aiogram's models have it: what we read of it, and what we call.

Bale speaks the same API. Where its own documentation is narrower, `_NARROWER` says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from libs.common.configuration.schema import Channel as ChannelSettings
from libs.common.database import Database
from services.capture.replies import REPLIES
from services.capture.sources import KINDS, Arrival
from services.capture.sources.telegram import parse_update
from services.routing.buttons import pressing
from services.routing.channels.bot_api import BotApi
from services.routing.channels.contract import Sent
from services.routing.channels.telegram import Telegram
from services.routing.messages.message import Message
from services.routing.messages.standing import Standing
from tests.contract.bot_api import CONTENTS, Aiogram, in_web_app, pressing_says, shown
from tests.doubles.telegram import TOKEN, BotServer, Call
from tests.integration.routing.conftest import FILE, Routing, new_id
from tests.integration.routing.hand import CHAT, Hand
from tests.unit.capture.sources.samples import FOLDER, knock, source
from tests.unit.routing.messages.samples import HOSTILE, a_message, hostile

pytestmark = pytest.mark.timeout(
    300
)  # aiogram's models take seconds to load, many on a busy machine

DOCS: Final = Path(__file__).parents[2] / "docs" / "sources"
SAMPLES: Final = [
    pytest.param(path, id=path.stem)
    for kind in ("telegram", "bale")
    for path in sorted((FOLDER / kind).glob(f"{kind}-*.json"))
]
WORDS: Final = frozenset({"text", "contact", "web_app_data"})
"""Contents that are no attachment."""
_NARROWER: Final = {"bale-callback": ["callback_query.chat_instance"]}
"""Fields that Telegram always sends and Bale does not have."""
PERSON: Final = {"id": 5123456789, "is_bot": False, "first_name": "ن"}
BEGUN: Final = {
    "message_id": 7,
    "date": 1795255200,
    "from": PERSON,
    "chat": {"id": 5123456789, "type": "private", "first_name": "ن"},
}
PRESS: Final = {"id": "9", "from": PERSON, "chat_instance": "1", "data": "a:x"}
PLACE: Final = {
    "message_id": 7, "date": 1795255200, "text": "x",
    "chat": {"id": -1005123456789, "type": "supergroup", "title": "T", "username": "nil_sales"},
}  # fmt: skip


@pytest.fixture(scope="module")
def aiogram() -> Iterator[Aiogram]:
    """One process for all of this."""
    made = Aiogram()
    yield made
    made.end()


@pytest.fixture
async def hand(database: Database, tmp_path: Path) -> AsyncIterator[Hand]:
    """Sara's bot, its buttons, and who presses them."""
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    found = Hand(Routing(database, file), tmp_path)
    await found.bot.start()
    await found.smtp.start()
    yield found
    await found.stop()


def people_say(judged: dict[str, Any]) -> list[dict[str, Any]]:
    """What an arrival has to say of an update, by what aiogram has read; nothing if none is due."""
    update = judged["read"]
    if pressed := update.get("callback_query"):
        return pressing_says(update["update_id"], pressed)
    said = update.get("message") or update.get("business_message")
    if not said or said["chat"]["type"] != "private" or said["chat"]["id"] != said["from"]["id"]:
        return []
    filled = said.get("web_app_data")
    words, is_named = in_web_app(filled["data"]) if filled else (said.get("text"), False)
    contact = said.get("contact", {})
    is_own = contact.get("user_id") == said["from"]["id"]
    return [{
        "key": str(update["update_id"]),
        "person": str(said["from"]["id"]),
        "first_name": None if is_named else said["from"]["first_name"],
        "at": datetime.fromtimestamp(said["date"], UTC),
        "message": words if judged["start"] is None else None,
        "start": judged["start"],
        "attachment": judged["content"] if judged["content"] not in WORDS else None,
        "proven": contact.get("phone_number") if is_own else None,
        "shared": contact.get("phone_number") if contact and not is_own else None,
        "chat": None if "business_connection_id" in said else str(said["chat"]["id"]),
    }]  # fmt: skip


def we_say(arrivals: Sequence[Arrival]) -> list[dict[str, Any]]:
    """The same of our own arrivals."""
    return [
        {
            "key": one.key,
            "person": one.fields["handle"].partition(":")[2],
            "first_name": one.fields.get("first_name"),
            "at": one.occurred_at,
            "message": one.fields.get("message"),
            "start": one.start,
            "attachment": one.extra.get("attachment"),
            "proven": one.fields["phone"] if "phone" in one.proven else None,
            "shared": one.extra.get("shared_contact", {}).get("phone_number"),
            "chat": one.reply["chat"] if one.reply else None,
        }
        for one in arrivals
    ]


@pytest.mark.parametrize("path", SAMPLES)
def test_each_sample_is_one_that_a_bot_could_get_and_is_read_alike(
    aiogram: Aiogram, path: Path
) -> None:
    raw = path.read_bytes()
    judged = aiogram.judge("Update", json.loads(raw))
    kind = path.parent.name
    ours = KINDS[kind].parse(knock(raw), source(kind))
    if path.stem in _NARROWER:
        assert (judged["refused"], len(ours)) == (_NARROWER[path.stem], 1)
        return
    assert (judged["read"], judged["strange"]) == (json.loads(raw), [])
    assert we_say([one for one in ours if isinstance(one, Arrival)]) == people_say(judged)


@pytest.mark.parametrize("content", CONTENTS)
def test_whatever_a_person_sends_is_a_lead_and_named_as_it_is(
    aiogram: Aiogram, content: str
) -> None:
    update = {"update_id": 1, "message": {**BEGUN, **CONTENTS[content]}}
    judged = aiogram.judge("Update", update)
    assert (judged["read"], judged["strange"], judged["content"]) == (update, [], content)
    ours = parse_update(knock(json.dumps(update).encode()), source("telegram"))
    assert we_say(ours) == people_say(judged)


@pytest.mark.parametrize(
    "place",
    [PLACE, {"message_id": 7, "date": 0, "chat": PLACE["chat"]}, None],
    ids=["message", "too old to be read", "inline"],
)
def test_a_press_is_read_alike(aiogram: Aiogram, place: dict[str, Any] | None) -> None:
    update = {"update_id": 3, "callback_query": {**PRESS, **({"message": place} if place else {})}}
    judged = aiogram.judge("Update", update)
    assert (judged["read"], judged["strange"]) == (update, [])
    ours = msgspec.json.decode(json.dumps(update).encode(), type=pressing.Update)
    read, pressed = judged["read"]["callback_query"], ours.callback_query
    assert pressed
    assert (ours.update_id, pressed.id, pressed.data) == (3, read["id"], read["data"])
    there, seen = pressed.message, read.get("message")
    assert (there and (there.chat.id, there.chat.username, there.message_id)) == (
        seen and (seen["chat"]["id"], seen["chat"]["username"], seen["message_id"])
    )


async def begun() -> bool:
    return True


async def told(kind: str, messages: Sequence[Message]) -> list[Call]:
    """The calls by which the channel tells of these, and by which it says later how they stand."""
    bot = BotServer()
    await bot.start()
    channel = Telegram(kind, BotApi())
    settings = ChannelSettings(token=TOKEN, api_url=bot.url)
    try:
        for message in messages:
            sent = await channel.send(message, CHAT, settings, begun)
            assert isinstance(sent, Sent)
            assert sent.reference
            closed = Standing("closed", None, ())
            after = msgspec.structs.replace(message, standing=closed)
            assert await channel.edit(after, sent.reference, settings) == sent
    finally:
        await channel.close()
        await bot.stop()
    return bot.calls


def fits(arguments: dict[str, Any], kind: str) -> None:
    """Whether the call keeps the limits that the Bot API only tells of in words."""
    assert arguments.get("parse_mode") == ("HTML" if kind == "telegram" else None)
    text = shown(arguments["text"]) if kind == "telegram" else arguments["text"]
    assert 1 <= len(text.encode("utf-16-le")) // 2 <= 4096
    for button in (one for row in arguments["reply_markup"]["inline_keyboard"] for one in row):
        assert len(button.keys() & {"callback_data", "url"}) == 1
        assert 1 <= len(button.get("callback_data", "x").encode()) <= 64


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("kind", ["telegram", "bale"])
async def test_every_message_is_one_that_a_bot_may_send(
    aiogram: Aiogram, kind: str, language: str
) -> None:
    whole = [a_message(), *(hostile(text) for text in HOSTILE)]
    calls = await told(kind, [msgspec.structs.replace(one, language=language) for one in whole])
    assert [call.method for call in calls] == ["sendMessage", "editMessageText"] * len(whole)
    for call in calls:
        aiogram.takes(call.method, call.arguments)
        fits(call.arguments, kind)


async def test_every_call_around_a_press_is_one_that_a_bot_may_make(
    aiogram: Aiogram, hand: Hand
) -> None:
    hand.reach("telegram")
    hand.begin(editor=True, replies=True, seconds=10.0)
    await hand.tell(hand.routing.scored(new_id()))
    await hand.until("sent")
    [posted] = hand.bot.chats
    presses = []
    for button, then in (("Decline", "Back"), ("Back", "Decline"), ("Accept", "")):
        hand.bot.press(posted.buttons[button])
        presses.append(hand.bot.updates[-1])
        await hand.see(lambda then=then: then in posted.buttons or hand.activities())
    [event] = await hand.see(hand.activities)
    await hand.routing.lead(event)
    await hand.see(lambda: hand.bot.of("editMessageText"))
    methods = {call.method for call in hand.bot.calls}
    assert methods == {
        "sendMessage", "getUpdates", "answerCallbackQuery", "editMessageReplyMarkup",
        "editMessageText",
    }  # fmt: skip
    for update in presses:
        judged = aiogram.judge("Update", update)
        assert (judged.get("read"), judged.get("strange")) == (update, []), judged
    for call in hand.bot.calls:
        aiogram.takes(call.method, call.arguments)
    for answered in hand.bot.of("answerCallbackQuery"):
        assert len(answered["text"]) <= 200


@pytest.mark.parametrize("kind", ["telegram", "bale"])
def test_an_answer_by_itself_is_a_message_that_a_bot_may_send(aiogram: Aiogram, kind: str) -> None:
    asked = REPLIES[kind].post({"chat": "5"}, HOSTILE[0], source(kind, access_token=TOKEN))
    method = asked.url.rpartition("/")[2]
    assert method == "sendMessage"
    aiogram.takes(method, json.loads(asked.body))


@pytest.mark.parametrize("kind", ["telegram", "bale"])
def test_the_command_that_connects_a_bot_is_one_that_it_takes(aiogram: Aiogram, kind: str) -> None:
    page = (DOCS / f"{kind}.md").read_text("utf-8").replace("""'"'"'""", "’")
    found = re.search(r"""/(setWebhook)" .*? -d '(\{.*?\})'""", page, re.DOTALL)
    assert found
    arguments = json.loads(found[2])
    aiogram.takes(found[1], arguments)
    for name in arguments.get("allowed_updates", ()):
        is_press = name == "callback_query"
        update = {"update_id": 1, name: PRESS if is_press else BEGUN | {"text": "x"}}
        known = {"read": 0, "strange": []}
        told = known if is_press else known | {"content": "text", "start": None}
        assert aiogram.judge("Update", update) | {"read": 0} == told
