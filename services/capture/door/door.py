"""What all routes share: who calls, under which configuration, and how an event is made."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, get_args

from libs.common.bodies.texts import header_text
from libs.common.configuration import Configurations
from libs.common.configuration.schema import ApiKey, Limits
from libs.common.events import Client, Event, LeadCaptured, derived_id
from libs.common.settings import Settings
from services.capture.calls.call import Answer, Call, Headers
from services.capture.calls.languages import Language, reader_language
from services.capture.calls.problems import Problem, retry_after
from services.capture.door.directory import Directories, Directory
from services.capture.door.keys import Keys
from services.capture.door.limits import Limit
from services.capture.door.misaddressed import Misaddressings
from services.capture.door.network import address_of, network_of, networks, truncated
from services.capture.publishing.intake import Intake
from services.capture.publishing.publisher import Durability
from services.capture.reconciling.coming import by_call
from services.capture.replies.spoken import Spoken, conversation_of
from services.capture.spool import SpoolBroken, SpoolFull

_TRACEPARENT: Final = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Standing(NamedTuple):
    """How a sender stands with the limits."""

    held: bool
    """Above the first: what is sent is held for review."""
    wait: int
    """Seconds until more is taken, above the second; 0 where it is taken now."""


class Door:
    """Built once; the routes are functions over it."""

    def __init__(
        self,
        settings: Settings,
        configurations: Configurations,
        intake: Intake,
        keys: Keys,
        misaddressings: Misaddressings,
    ) -> None:
        self.settings = settings
        self.intake = intake
        self.keys = keys
        self.misaddressings = misaddressings
        self.spoken = Spoken()
        self.now: Callable[[], float] = time.time
        self._configurations = configurations
        self._directories = Directories()
        self._trusted = networks(settings.trusted_proxies)
        self._limited: tuple[Limits | None, tuple[Limit, ...]] | None = None

    def directory(self) -> Directory:
        """The configuration now in force."""
        return self._directories.of(self._configurations.from_file())

    def language(self, call: Call) -> Language:
        """In which language to answer."""
        languages = self.directory().content.organisation.languages
        return reader_language(call.header(b"accept-language"), languages[0] if languages else "fa")

    def address(self, call: Call) -> str:
        """Where the call came from."""
        return address_of(call.peer, call.headers.get(b"x-forwarded-for"), self._trusted)

    def client(self, call: Call) -> Client:
        """What is kept of the connection."""
        address = self.address(call)
        if self.directory().content.privacy.truncate_ip:
            address = truncated(address)
        return Client(
            address=address or None,
            user_agent=header_text(call.headers.get(b"user-agent")),
            accept_language=header_text(call.headers.get(b"accept-language"), 128),
            origin=header_text(call.headers.get(b"origin"), 256),
        )

    def holder(self, call: Call) -> ApiKey | None:
        """Whose API key the call carries (RFC 6750, section 2.1)."""
        scheme, _, token = call.headers.get(b"authorization", b"").partition(b" ")
        return self.directory().holder(token.strip()) if scheme.lower() == b"bearer" else None

    def form_limits(self, call: Call, form: str) -> Standing:
        """Count a post to this form by the sender's network."""
        hold, refuse, *_ = self._limits()
        return self._standing(hold, refuse, f"{form} {self._network(call)}")

    def visit_limits(self, call: Call, count: int = 1) -> Standing:
        """Count visits apart from forms: who looks at many pages is no bot at a form."""
        *_, hold, refuse = self._limits()
        return self._standing(hold, refuse, self._network(call), count)

    def _standing(self, hold: Limit, refuse: Limit, sender: str, count: int = 1) -> Standing:
        now = self.now()
        wait = refuse.wait(sender, now, count)
        return Standing(not wait and hold.exceeded(sender, now, count), wait)

    def _network(self, call: Call) -> str:
        return network_of(self.address(call))

    def unproven(self, call: Call) -> Problem:
        """Count a wrong proof, and what to answer: 401, or 429 for who keeps guessing."""
        wrong = self._limits()[2]
        if wrong.exceeded(self._network(call), self.now()):
            return Problem(429, headers=retry_after(60))
        return Problem(401, headers=((b"www-authenticate", b"Bearer"),))

    def event(self, call: Call, captured: LeadCaptured) -> Event:
        """The event of a submission; the same submission and content, the same id."""
        trace = call.headers.get(b"traceparent", b"")
        return Event(
            id=derived_id("captured", captured.submission_id, captured.digest),
            key=captured.submission_id,
            time=captured.received_at,
            data=captured,
            source=by_call(captured),
            traceparent=trace.decode() if _TRACEPARENT.fullmatch(trace) else None,
            extensions=in_order(captured),
        )

    async def accept(self, event: Event) -> Durability:
        """Store it. Raises Problem(503) when that cannot be done."""
        try:
            return await self.intake.accept(event)
        except SpoolFull as error:
            raise Problem(503, headers=retry_after(30)) from error
        except SpoolBroken as error:
            raise Problem(503, headers=retry_after(5)) from error

    def _limits(self) -> tuple[Limit, ...]:
        limits = self.directory().content.limits
        if self._limited is None or self._limited[0] is not limits:
            made = (
                Limit(limits.form_per_network),
                Limit(limits.form_refuse_above),
                Limit(limits.wrong_proofs_per_network),
                Limit(limits.form_per_network),
                Limit(limits.form_refuse_above),
            )
            self._limited = (limits, made)
        return self._limited[1]


def in_order(captured: LeadCaptured) -> tuple[tuple[str, str], ...]:
    """What keeps a conversation in order: nothing that one says may overtake what one said."""
    handle = captured.fields.get("handle")
    if captured.kind != "chat" or not handle:
        return ()
    return (("partitionkey", conversation_of(captured.source, handle)),)


def submission_id_of(kind: str, source: str, key: str) -> str:
    """The id of what came under a key: a repeat has the same."""
    return derived_id("submission", kind, source, key)


def received(submission_id: str, durability: Durability, status: int = 202) -> Answer:
    """The answer to a program."""
    body = b'{"submission_id":"%b","status":"received"}' % submission_id.encode()
    return Answer(status, body, headers=durable(durability))


_DURABLE: Final[dict[Durability, Headers]] = {
    said: ((b"x-durability", said.encode()),) for said in get_args(Durability)
}


def durable(durability: Durability) -> Headers:
    """The header that says how safe it is."""
    return _DURABLE[durability]


def arrived_at(now: float) -> datetime:
    """The time of arrival, in UTC."""
    return datetime.fromtimestamp(now, UTC)
