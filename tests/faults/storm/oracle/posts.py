"""What is posted: by persons who write once or twice, by bots, by programs, by platforms."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from standardwebhooks import Webhook

from demo.people import Person, invent, spellings
from tests.e2e.system import API_KEY, WEBHOOK_SECRET

Expected = str
"""`lead`: it opens one, or joins the one that its person has; `held`: a bot's."""
KINDS: Final = ("api", "form", "webhook", "bot", "again", "repeat")
WEIGHTS: Final = (30, 30, 22, 4, 8, 6)
PAGES: Final = (
    "https://nil.example/services/seo",
    "https://www.nil.example/services/seo/local?utm_source=google",
    "https://nil.example/about",
    "https://nil.example/chat",
)
PAGE_WEIGHTS: Final = (40, 30, 27, 3)
"""Few are told by a bot: its API takes about one message a second and chat."""


@dataclass
class Post:
    """One post, that may take several tries; `submission` is what it was accepted as."""

    number: int
    kind: str
    person: Person
    key: str
    fields: dict[str, Any]
    expect: Expected = "lead"
    submission: str | None = None

    @property
    def phone(self) -> str:
        """The person's, in E.164."""
        return "+98" + self.person.phone[1:]

    def request(self, door: str, secret: str) -> dict[str, Any]:
        """What the client is to send, freshly signed where it is."""
        if self.kind in {"form", "bot"}:
            url, headers = f"{door}/v1/forms/contact", {"accept": "application/json"}
            return {"url": url, "data": self.fields, "headers": headers}
        if self.kind == "webhook":
            raw = json.dumps({"type": "lead.created", "data": self.fields}, ensure_ascii=False)
            url = f"{door}/v1/webhooks/standard/partner"
            return {"url": url, "data": raw.encode(), "headers": signed(self.key, raw, secret)}
        headers = {"authorization": f"Bearer {API_KEY}", "idempotency-key": self.key}
        return {"url": f"{door}/v1/leads", "json": self.fields, "headers": headers}


def signed(identity: str, raw: str, secret: str) -> dict[str, str]:
    """Headers by the official library of Standard Webhooks."""
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(identity, now, raw),
    }


@dataclass
class Posts:
    """Draws posts; the same seed, the same posts."""

    draw: Random
    secret: str = WEBHOOK_SECRET
    """With what webhooks are signed."""
    count: int = 0
    known: list[Post] = field(default_factory=list)
    """Posts of persons that were accepted: these may come again."""

    def next(self, kind: str | None = None) -> Post:
        """The next post."""
        kind = kind or self.draw.choices(KINDS, WEIGHTS)[0]
        if kind in {"again", "repeat"} and not self.known:
            kind = "api"
        self.count += 1
        if kind == "repeat":
            return self._repeat()
        if kind == "again":
            return self._made("again", self.draw.choice(self.known).person)
        return self._made(kind, self._person())

    def accepted(self, post: Post) -> None:
        """It was; keeps the last few hundred."""
        if post.expect == "lead":
            self.known.append(post)
            del self.known[:-500]

    def _person(self) -> Person:
        """A new one, whose number is nobody else's."""
        prefix = ("0912", "0935", "0901", "0919", "0921", "0936")[self.count // 10**6 % 6]
        return invent(self.draw)._replace(phone=f"{prefix}{2_000_000 + self.count:07d}")

    def _repeat(self) -> Post:
        """The same key and the same body once more: a repeat of what was accepted."""
        programs = [post for post in self.known if post.kind in {"api", "again", "webhook"}]
        if not programs:
            return self._made("api", self._person())
        return self.draw.choice(programs)

    def _made(self, kind: str, person: Person) -> Post:
        typed = self.draw.choice(spellings(person.phone))
        fields = {
            "name": person.name,
            "phone": typed,
            "message": person.message,
            "page_url": self.draw.choices(PAGES, PAGE_WEIGHTS)[0],
        }
        if kind == "form":
            fields["ms_open"] = str(self.draw.randrange(4_000, 90_000))
        if kind == "bot":
            fields["fax_2"] = "http://spam.example"
        key = str(uuid.UUID(int=self.draw.getrandbits(128)))
        expect = "held" if kind == "bot" else "lead"
        return Post(self.count, kind, person, key, fields, expect)
