"""A lead's way through the other services, as the events that the desk sees of it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from libs.common.events import (
    Assignment,
    Attribution,
    Change,
    Client,
    Contact,
    DeadLetter,
    Event,
    Lead,
    LeadCaptured,
    LeadRouted,
    LeadScored,
    Note,
    NotificationSettled,
    Reason,
    Score,
    Skipped,
    SubmissionEnriched,
    Text,
    Touch,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MESSAGE = "برای سئوی فروشگاهم قیمت می‌خواهم؛ لطفاً فردا صبح تماس بگیرید."


def new() -> str:
    return str(uuid.uuid4())


class Journey:
    """One submission; each method gives the event of one step."""

    def __init__(self, at: datetime = NOW, **contact: Any) -> None:
        self.at = at
        self.submission, self.person, self.lead_id = new(), new(), new()
        self.contact = Contact(
            **{
                "name": "نگار محمدی",
                "phone": "+989121234567",
                "phone_typed": "۰۹۱۲ ۱۲۳ ۴۵۶۷",
                "phone_type": "mobile",
                "email": "negar@shop.example",
                "email_typed": "Negar@shop.example",
                "company": "فروشگاه نگار",
                "message": MESSAGE,
                "language": "fa",
                **contact,
            }
        )
        self.attribution = Attribution(
            page="nil.example/خدمات/سئو",
            page_url="https://www.nil.example/%D8%AE%D8%AF%D9%85%D8%A7%D8%AA/%D8%B3%D8%A6%D9%88/",
            utm={"source": "google", "campaign": "seo-autumn"},
        )
        self.touch = Touch(self.submission, "form", "contact", at, self.attribution, at)
        self.version = 0

    def event(self, data: Any, seconds: float = 0, **more: Any) -> Event:
        at = self.at + timedelta(seconds=seconds)
        return Event(**{"id": new(), "key": self.person, "time": at, "data": data, **more})

    def captured(self, **more: Any) -> Event:
        data = LeadCaptured(
            submission_id=self.submission,
            kind="form",
            source="contact",
            source_kind="form",
            received_at=self.at,
            digest="0" * 64,
            raw=b"name=x",
            content_type="application/x-www-form-urlencoded",
            fields={"name": "نگار محمدی", "phone": "۰۹۱۲ ۱۲۳ ۴۵۶۷", "message": MESSAGE},
            attribution=Attribution(page_url=self.attribution.page_url),
            client=Client(address="192.0.2.0"),
        )
        return self.event(data, key=self.submission, **more)

    def enriched(self, outcome: str = "enriched", *, turn: int = 0, **more: Any) -> Event:
        held = outcome == "quarantined"
        data = SubmissionEnriched(
            **{
                "submission_id": self.submission,
                "outcome": outcome,
                "touch": self.touch,
                "contact": self.contact,
                "person_id": None if held else self.person,
                "person": self.contact,
                "reason": "suspected_bot" if held else None,
                "raw": b"name=\x00\xff<script>" if held else None,
                "raw_size": 15 if held else 0,
                "new_person": True,
                "notes": (
                    Note(
                        "phone_read",
                        Text(
                            "شماره با رقم‌های فارسی بود؛ +989121234567 خوانده شد",
                            "The number had Persian digits; read as +989121234567",
                        ),
                    ),
                ),
                **more,
            }
        )
        return self.event(data, 0.1, round=turn)

    def score(self) -> Score:
        reasons = (
            Reason("asked_price", "engagement", 30, Text("قیمت خواست", "Asked for a price"), NOW),
            Reason(
                "service_page",
                "engagement",
                15,
                Text("از صفحهٔ خدمات آمد", "Came from a service page"),
                NOW,
            ),
            Reason(
                "mobile", "fit", 10, Text("شمارهٔ همراه درست داد", "Gave a valid mobile number"), NOW
            ),
            Reason("free_mail", "fit", -5, Text("ایمیل رایگان دارد", "Uses a free e-mail"), NOW),
        )
        return Score(total=50, fit=5, engagement=45, version=1, reasons=reasons)

    def scored(self, *, turn: int = 0) -> Event:
        data = LeadScored(
            person_id=self.person,
            version=1,
            score=self.score(),
            stage="sql",
            temperature="warm",
            stage_reason=Text("چون قیمت خواست", "because a price was asked for"),
            submission_id=self.submission,
        )
        return self.event(data, 0.2, round=turn)

    def assignment(self, specialist: str = "sara") -> Assignment:
        return Assignment(
            id=new(),
            team="seo",
            specialist=specialist,
            rule="page:nil.example/خدمات/سئو/*",
            why=Text(
                "چون از صفحهٔ سئو آمده و نوبت سارا بود",
                "Came from the SEO page, and it was Sara's turn",
            ),
            skipped=(Skipped("omid", Text("در مرخصی است", "is away")),),
            config_version=3,
            at=self.at,
        )

    def lead(self, **more: Any) -> Lead:
        self.version += 1
        known = Lead(
            id=self.lead_id,
            person_id=self.person,
            version=self.version,
            state="open",
            stage="sql",
            temperature="warm",
            contact=self.contact,
            score=self.score(),
            page=self.attribution.page,
            source="contact",
            first_touch=self.touch,
            last_touch=self.touch,
            touch_count=1,
            opened_at=self.at,
            changed_at=self.at,
            assignment=self.assignment(),
        )
        return msgspec.structs.replace(known, **more)

    def routed(self, outcome: str | None = "assigned", *changes: Change, **lead: Any) -> Event:
        told = changes or (
            Change("opened", Text("سرنخ تازه باز شد", "A new lead was opened"), self.at),
            Change(
                "assigned",
                Text(
                    "به سارا احمدی داده شد؛ چون از صفحهٔ سئو آمده و نوبت سارا بود",
                    "Given to Sara Ahmadi: came from the SEO page, and it was Sara's turn",
                ),
                self.at + timedelta(seconds=0.3),
            ),
        )
        data = LeadRouted(
            lead=self.lead(**lead),
            changes=told,
            submission_id=self.submission if outcome else None,
            outcome=outcome,  # type: ignore[arg-type]  # the test says one that exists
        )
        return self.event(data, 0.3)

    def settled(self, state: str = "sent", outcome: str | None = "notified", **more: Any) -> Event:
        data = NotificationSettled(
            **{
                "notification_id": f"n-{self.lead_id}",
                "lead_id": self.lead_id,
                "kind": "assigned",
                "channel": "webhook",
                "specialist": "sara",
                "state": state,
                "at": self.at + timedelta(seconds=0.6),
                "version": {"planned": 0, "sending": 1}.get(state, 2),
                "attempts": 1,
                "submission_id": self.submission,
                "outcome": outcome,
                **more,
            }
        )
        return self.event(data, 0.6)

    def whole(self) -> list[Event]:
        """All of it, in the order in which it happens."""
        return [
            self.captured(),
            self.enriched(),
            self.scored(),
            self.routed(),
            self.settled("planned", None),
            self.settled(),
        ]

    def died(
        self,
        stage: str = "scoring",
        topic: str = "leads.enriched.v1",
        turn: int = 0,
        value: bytes = b"\x00\xff original",
    ) -> Event:
        headers = [("ce_id", new()), ("ce_subject", self.submission), ("ce_type", "x")]
        if turn:
            headers.append(("ce_round", str(turn)))
        data = DeadLetter(
            letter_id=str(uuid.uuid5(uuid.UUID(self.submission), stage)),
            stage=stage,
            reason="bug",
            detail="ZeroDivisionError",
            topic=topic,
            key=self.person,
            at=self.at + timedelta(seconds=1),
            value=value,
            headers=tuple(headers),
            submission_id=self.submission,
        )
        return self.event(data, 1, round=turn)
