"""Messages with buttons through a bot, on Telegram and on whatever speaks its API (Bale).

What a visitor typed is escaped, and its dots and signs are kept from becoming links: bots'
messages are also searched for addresses that nobody marked.
"""

from __future__ import annotations

import html
import re
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog

from libs.common.configuration.schema import Channel as ChannelSettings
from services.routing.channels import keyboard
from services.routing.channels.bot_api import ANSWER_SECONDS, Answer, BotApi, Denied, Done
from services.routing.channels.contract import TOO_LATE, Begin, Refused, Result, Sent, Unknown
from services.routing.channels.wording import LABELS, facts
from services.routing.messages.message import Message

API: Final = {"telegram": "https://api.telegram.org", "bale": "https://tapi.bale.ai"}
_MARKED: Final = frozenset({"telegram"})
"""Which take HTML; Bale has marks of its own that cannot be escaped, so it gets plain text."""
_FOR_GOOD: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN})
"""A chat that is not there, or a reader who has blocked the bot."""
_MEANING: Final = re.compile(r"[.:/@#$*_~`\[\]()|]")
"""What makes an address, a name, a tag or a command of a word, or marks it up (Bale)."""
MOST_CALLS: Final = 3
"""For one message: as it is, to where the chat has moved, and without markup."""
MOVED_AT_MOST: Final = 1000
"""A provider that moves chats without end fills no memory."""
_APART: Final = "\u2060"
_ISOLATE, _FIRST_STRONG, _END = "\u2066", "\u2068", "\u2069"


class _Chat(msgspec.Struct):
    id: int | str


class _Posted(msgspec.Struct):
    message_id: int | str
    chat: _Chat


class Telegram:
    """Sends by sendMessage, and changes what it sent by editMessageText."""

    takes_id = False
    at_once = 8
    seconds = 12.0

    def __init__(self, name: str, api: BotApi, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.name = name
        self._api = api
        self._answer_seconds = answer_seconds
        self._log = structlog.get_logger("channels")
        self._moved: dict[str, str] = {}
        """Chats that have another id than the configuration says, and which."""

    async def send(
        self, message: Message, address: str, settings: ChannelSettings | None, begin: Begin
    ) -> Result:
        """Send it; the reference is `chat/message`."""
        if not await begin():
            return TOO_LATE
        answer = await self._call("sendMessage", {"chat_id": address}, message, settings)
        if answer is None:
            return Refused("not_configured")
        if not isinstance(answer, Done):
            return _result(answer)
        try:
            posted = msgspec.json.decode(answer.result, type=_Posted)
        except msgspec.DecodeError:
            return Sent()
        return Sent(f"{posted.chat.id}/{posted.message_id}")

    async def edit(
        self, message: Message, reference: str, settings: ChannelSettings | None
    ) -> Result:
        """Make it say how the lead stands now."""
        chat, _, number = reference.rpartition("/")
        place = {"chat_id": chat, "message_id": int(number) if number.isdigit() else number}
        answer = await self._call("editMessageText", place, message, settings)
        if answer is None:
            return Refused("not_configured")
        if isinstance(answer, Denied) and answer.unchanged:
            return Sent(reference)
        return Sent(reference) if isinstance(answer, Done) else _result(answer)

    async def _call(
        self,
        method: str,
        place: dict[str, Any],
        message: Message,
        settings: ChannelSettings | None,
    ) -> Answer | None:
        """Call it; once more where the chat has moved or the markup is not understood.

        Both were refused, so nothing is said twice.
        """
        if settings is None or not settings.token:
            return None
        base, token = settings.api_url or API[self.name], settings.token
        marked = self.name in _MARKED
        answer: Answer | None = None
        for _attempt in range(MOST_CALLS):
            chat = str(place["chat_id"])
            arguments = {
                **place,
                "chat_id": self._moved.get(chat, chat),
                "text": written(message, marked=marked),
                "link_preview_options": {"is_disabled": True},
                "reply_markup": keyboard.of_message(message),
                **({"parse_mode": "HTML"} if marked else {}),
            }
            answer = await self._api.call(base, token, method, arguments, self._answer_seconds)
            if not isinstance(answer, Denied):
                return answer
            if answer.moved_to and self._moved.get(chat) != answer.moved_to:
                self._follow(chat, answer.moved_to, message.specialist)
            elif answer.unread and marked:
                self._log.error("markup was refused", channel=self.name)
                marked = False
            else:
                break
        return answer

    def _follow(self, chat: str, moved_to: str, specialist: str) -> None:
        """Remember where a chat is now, and say that the configuration names where it was.

        Forgotten with the process: the provider says it again to whoever asks for the old id.
        """
        if len(self._moved) >= MOVED_AT_MOST:
            self._moved.clear()
        self._moved[chat] = moved_to
        self._log.warning(
            "a chat has another id now; change `to` in the configuration",
            channel=self.name,
            specialist=specialist,
            to=moved_to,
        )

    async def close(self) -> None:
        """Close the pool that its bots share."""
        await self._api.close()


def _result(answer: Answer) -> Result:
    if isinstance(answer, Denied):
        for_good = answer.code in _FOR_GOOD
        return Refused(answer.error, for_good=for_good, retry_after=answer.retry_after)
    return Unknown(answer.error) if not isinstance(answer, Done) else Sent()


def written(message: Message, *, marked: bool = True) -> str:
    """The message, in Telegram's HTML or plain; what `facts` has cut fits into 4,096 characters."""
    found, language = facts(message), message.language
    bold, quote = ("<b>{}</b>", "<blockquote>{}</blockquote>") if marked else ("{}", "{}")
    lines = [bold.format(f"{found.heading}: {typed(found.name, marked=marked)}")]
    if found.deadline:
        lines.append(f"⏱ {found.deadline}")
    if found.want:
        lines.append(quote.format(typed(found.want, marked=marked)))
    # inside <code> nothing is searched for links, so what is copied from there is exact
    email = (
        f"<code>{html.escape(found.email)}</code>" if marked else typed(found.email, marked=False)
    )
    said = {
        "phone": found.phone and f"{_ISOLATE}{html.escape(found.phone)}{_END}",
        "email": found.email and email,
        "company": typed(found.company, marked=marked),
        "page": typed(found.page, marked=marked),
        "readiness": found.readiness,
        "why": typed(found.why, marked=marked),
    }
    lines += [f"{LABELS[name].of(language)}: {value}" for name, value in said.items() if value]
    if found.status:
        lines += ["", bold.format(f"✔ {typed(found.status, marked=marked)}")]
    return "\n".join(lines)


def typed(text: str, *, marked: bool = True) -> str:
    """Text of a stranger: with a direction of its own, and neither markup nor a link."""
    if not text:
        return ""
    apart = _MEANING.sub(lambda found: f"{found[0]}{_APART}", text)
    shown = html.escape(apart) if marked else apart
    return "\n".join(f"{_FIRST_STRONG}{line}{_END}" for line in shown.split("\n"))
