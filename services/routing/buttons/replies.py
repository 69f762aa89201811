"""Fetches what staff press under a bot's messages, and makes activities of it.

One process an installation and bot, by a lease. Each press is journalled with the number after
which the next are fetched, so none is lost and none counts twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog

from libs.common.configuration import Active
from libs.common.configuration.schema import Channel as ChannelSettings
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event, Text, derived_id
from libs.common.failpoints import fail_point
from libs.common.links import desk_address
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from libs.common.waiting import unless
from services.routing.buttons import pressing
from services.routing.buttons.pressing import Callback, Presser, Update
from services.routing.channels import keyboard
from services.routing.channels.bot_api import ANSWER_SECONDS, Answer, BotApi, Denied, Done
from services.routing.channels.telegram import API
from services.routing.messages.message import Surroundings, compose, stands
from services.routing.sending.settling import Settling
from services.routing.store import bots, postings

POLL_SECONDS: Final = 8
"""How long the provider holds a request that has nothing to tell."""
LEASE_SECONDS: Final = 20.0
"""So long nobody fetches after a process has died."""
IDLE_SECONDS: Final = 2.0
CONFLICT_SECONDS: Final = 30.0
LONGEST_BACK_OFF: Final = 60.0
LONGEST_WAIT: Final = 300.0
"""Seconds; a provider that asks for more is asked again: somebody waits for their press."""
BUG_SECONDS: Final = 5.0
_UPDATES: Final = msgspec.json.Decoder(list[msgspec.Raw])
_UPDATE: Final = msgspec.json.Decoder(Update)
_CONFLICT: Final = Text(
    "پاسخ دکمه‌های {} نمی‌رسد: برای همین ربات وب‌هوک گذاشته‌اند یا برنامهٔ دیگری پاسخ‌ها را می‌گیرد",
    "replies of {} do not arrive: the bot has a webhook, or another program fetches them",
)


class Replies:
    """The replies of one bot channel."""

    def __init__(
        self, runtime: Runtime, name: str, settling: Settling, now: Callable[[], datetime]
    ) -> None:
        self._runtime = runtime
        self._name = name
        self._settling = settling
        self._now = now
        self._inputs = Inputs("routing", runtime)
        self._api = BotApi(4)
        self._owner = str(uuid.uuid4())
        self._failures = 0
        self._conflict = False
        self._log = structlog.get_logger("replies").bind(channel=name)

    async def run(self) -> None:
        """Fetch until the process is to stop."""
        try:
            while not self._runtime.stop.is_set():
                try:
                    wait = await self._round()
                except Retry as away:
                    self._log.warning("replies wait", dependency=away.dependency)
                    wait = IDLE_SECONDS
                except Exception:  # a bug here must not end what sends
                    self._log.exception("replies failed")
                    wait = BUG_SECONDS
                if wait:
                    await unless(self._runtime.stop, asyncio.sleep(wait))
        finally:
            with contextlib.suppress(Retry):
                async with self._runtime.database.transaction() as tx:
                    await bots.release(tx, self._owner)
            await self._api.close()

    async def _round(self) -> float:
        """Fetch once and take what came; seconds to wait before the next time."""
        async with self._runtime.database.transaction() as tx:
            active = await self._runtime.configurations.in_force(tx)
            settings = active.content.channels.get(self._name)
            if settings is None or not settings.token:
                return IDLE_SECONDS
            bot = bot_of(self._name, settings.token)
            if not await bots.lease(tx, bot, self._owner, LEASE_SECONDS):
                return IDLE_SECONDS
            following = await bots.next_update(tx, bot)
        wanted = {"timeout": POLL_SECONDS, "allowed_updates": ["callback_query"]}
        if following is not None:
            wanted["offset"] = following
        call = self._call(settings, "getUpdates", wanted, POLL_SECONDS + ANSWER_SECONDS)
        answer = await unless(self._runtime.stop, call)
        if answer is None:
            return 0.0
        updates = _updates(answer)
        if updates is None:
            return self._back_off(answer, active)
        self._failures, self._conflict = 0, False
        for update in updates:
            await self._take(update, bot, active, settings)
        return 0.0

    def _back_off(self, answer: Answer, active: Active) -> float:
        if isinstance(answer, Denied) and answer.code == HTTPStatus.CONFLICT:
            if not self._conflict:
                self._log.warning("replies are fetched by others, or a webhook is set")
                language = active.content.organisation.languages[0]
                self._runtime.say(_CONFLICT.of(language).format(self._name))
            self._conflict = True
            return CONFLICT_SECONDS
        self._failures += 1
        if self._failures in (1, 10, 100):
            error = "unreadable" if isinstance(answer, Done) else answer.error
            self._log.warning("replies not fetched", error=error, tries=self._failures)
        named = answer.retry_after if isinstance(answer, Denied) else None
        return back_off(self._failures, named)

    async def _take(
        self, update: Update, bot: str, active: Active, settings: ChannelSettings
    ) -> None:
        around = Surroundings(
            desk_address(self._runtime.settings), self._runtime.token, active.content
        )
        answers: list[tuple[str, dict[str, Any]]] = []

        async def work(tx: Transaction) -> Sequence[Event]:
            await bots.taken(tx, bot, update.update_id)
            if update.callback_query is None:
                return []
            return await self._judge(tx, update.callback_query, around, answers)

        cause = derived_id("update", bot, str(update.update_id))
        try:
            await self._inputs.take(cause, work)
        except Retry:
            raise
        except Exception:  # a press that we cannot handle must not hold up those behind it
            self._log.exception("a press failed")
            async with self._runtime.database.transaction() as tx:
                await bots.taken(tx, bot, update.update_id)
            return
        fail_point("routing.reply.taken")
        for method, arguments in answers:
            await self._call(settings, method, arguments, ANSWER_SECONDS)

    async def _judge(
        self,
        tx: Transaction,
        callback: Callback,
        around: Surroundings,
        answers: list[tuple[str, dict[str, Any]]],
    ) -> list[Event]:
        """The events of a press; what to call afterwards is put into `answers`."""
        press = keyboard.read(callback.data)
        found = await postings.addressed(tx, press.notification_id) if press else None
        if press is None or found is None:
            answers.append(("answerCallbackQuery", {"callback_query_id": callback.id}))
            return []
        told, reference, lead = found
        is_theirs = told.channel == self._name and pressing.is_theirs(
            told, reference, callback.message, around
        )
        verdict = pressing.judge(press, stands(told, lead, around), is_theirs=is_theirs)
        language = around.language_of(told.recipient)
        said = {"callback_query_id": callback.id, "text": verdict.said.of(language)}
        answers.append(("answerCallbackQuery", {**said, "show_alert": verdict.is_alert}))
        if not is_theirs or callback.message is None:
            return []
        place = {"chat_id": callback.message.chat.id, "message_id": callback.message.message_id}
        if press.action == "back" or (press.action == "decline" and not verdict.is_alert):
            message = compose(told, lead, around, self._now())
            shown = (
                keyboard.of_message(message)
                if press.action == "back"
                else keyboard.of_reasons(told.id, language)
            )
            answers.append(("editMessageReplyMarkup", {**place, "reply_markup": shown}))
        events = []
        if reference is None:
            events += await self._settling.arrived(
                tx, told, f"{place['chat_id']}/{place['message_id']}"
            )
        if verdict.activity:
            by = Presser(language, self._now())
            events.append(pressing.activity(press, verdict.activity, told, lead, by))
        return events

    async def _call(
        self, settings: ChannelSettings, method: str, arguments: dict[str, Any], seconds: float
    ) -> Answer:
        base = settings.api_url or API[self._name]
        return await self._api.call(base, settings.token or "", method, arguments, seconds)


def back_off(failures: int, named: float | None) -> float:
    """Seconds until the next fetch after so many failures, and what the provider asks for."""
    return max(min(named or 0.0, LONGEST_WAIT), min(LONGEST_BACK_OFF, 2.0 ** min(failures, 8)))


def _updates(answer: Answer) -> list[Update] | None:
    """What an answer tells; None where it tells nothing readable."""
    if not isinstance(answer, Done):
        return None
    try:
        found = [_read(raw) for raw in _UPDATES.decode(answer.result)]
    except msgspec.DecodeError:
        return None
    return [update for update in found if update]


def _read(raw: msgspec.Raw) -> Update | None:
    """The update; of one that we do not understand only its number, None without any."""
    try:
        return _UPDATE.decode(raw)
    except msgspec.ValidationError:
        found = msgspec.json.decode(raw)
        number = found.get("update_id") if isinstance(found, dict) else None
        return Update(number) if isinstance(number, int) else None


def bot_of(channel: str, token: str) -> str:
    """The bot's own number, which is no secret; of an odd token a digest."""
    number, _, rest = token.partition(":")
    known = number if rest and number.isdigit() else hashlib.sha256(token.encode()).hexdigest()[:16]
    return f"{channel}:{known}"
