"""A mail server and a bot API outside the system, each in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.doubles.telegram import TOKEN, BotServer
from tests.e2e.system import System, eventually
from tests.ports import free_port

SARA = "777"


class Mailbox:
    """A real SMTP server that keeps what it accepts."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep it."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 kept"

    def close(self) -> None:
        self._controller.stop()


class Providers:
    """Where Sara is told: Telegram and e-mail."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.bot = BotServer()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.bot.start(), self._loop).result(10)

    def serve(self, system: System) -> None:
        """Let the installation reach Sara by both, and give her all leads of her team."""
        lines = system.config.read_text(encoding="utf-8").splitlines(keepends=True)
        sara = (
            "      - {key: sara, name: سارا, languages: [fa], notify: ["
            f"{{channel: telegram, to: '{SARA}'}}, {{channel: email, to: sara@nil.example}}]}}\n"
        )
        kept = ["" if "key: reza" in line else line for line in lines]
        text = "".join(sara if "key: sara" in line else line for line in kept)
        channels = (
            "channels:\n"
            f'  telegram: {{token: "{TOKEN}", api_url: "{self.bot.url}"}}\n'
            f'  email: {{url: "{self.mailbox.url}", from: "Sarnakh <leads@nil.example>"}}\n'
        )
        system.config.write_text(text.replace("channels:\n", channels), encoding="utf-8")

    def link(self, lead_name: str) -> str:
        """The path of the page behind the mail that tells of this lead."""
        mail = eventually(
            lambda: next((m for m in self.mailbox.mails if lead_name in m["Subject"]), None),
            120,
            "the mail",
        )
        body = mail.get_body(("plain",))
        assert body is not None
        [url] = [word for word in body.get_content().split() if "/a/" in word]
        return "/a/" + str(url).partition("/a/")[2]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.bot.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self.mailbox.close()
