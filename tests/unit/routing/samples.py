"""A plan and a lead to try rules on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from libs.common.configuration import Active
from libs.common.configuration.schema import Configuration
from libs.common.events import (
    Attribution,
    Contact,
    LeadScored,
    Score,
    SubmissionEnriched,
    Touch,
)
from services.routing.case import Case, Cause
from services.routing.choosing.roster import Roster
from services.routing.leads.join import Arrival, open_lead
from services.routing.plan import Plan, compile_plan

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LEAD_FILE: dict[str, Any] = {
    "teams": [
        {
            "key": "seo",
            "name": {"fa": "سئو", "en": "SEO"},
            "manager": "mina",
            "specialists": [{"key": "sara", "name": "Sara"}, {"key": "ali", "name": "Ali"}],
        },
        {
            "key": "international",
            "name": {"fa": "بین‌الملل", "en": "international"},
            "specialists": [{"key": "leila", "name": "Leila"}],
        },
        {
            "key": "reception",
            "name": {"fa": "پذیرش", "en": "reception"},
            "specialists": [{"key": "mina", "name": "Mina"}],
        },
    ],
    "routing": {
        "fallback": "reception",
        "rules": [
            {"when": {"stage": "customer"}, "owner": "keep"},
            {"when": {"language": "en", "temperature": ["warm", "hot"]}, "team": "international"},
        ],
        "pages": [
            {"pattern": "nil.example/services/*", "team": "reception"},
            {"pattern": "nil.example/services/seo/*", "team": "seo"},
            {"pattern": "nil.example/خدمات/سئو/*", "team": "seo"},
        ],
    },
}


def a_plan(**routing: Any) -> Plan:
    file = {**LEAD_FILE, "routing": {**LEAD_FILE["routing"], **routing}}
    return compile_plan(Active(7, Configuration.model_validate(file)))


def a_roster(plan: Plan | None = None) -> Roster:
    return Roster(plan or a_plan(), NOW)


def a_cause(event_id: str = "cause") -> Cause:
    return Cause(event_id, NOW, "sara")


def an_arrival(**more: Any) -> Arrival:
    touch = Touch(
        submission_id=more.pop("submission_id", "submission"),
        kind="form",
        source="contact",
        at=NOW,
        attribution=Attribution(page=more.pop("page", "nil.example/services/seo")),
    )
    enriched = SubmissionEnriched(
        submission_id=touch.submission_id,
        outcome="enriched",
        touch=touch,
        person_id="person",
        person=Contact(phone="+989121234567", language=more.pop("language", "fa")),
    )
    scored = LeadScored(
        person_id="person",
        version=1,
        score=Score(0, 0, 0, 1, ()),
        stage=more.pop("stage", "iql"),
        temperature=more.pop("temperature", "cold"),
        submission_id=touch.submission_id,
        enriched=enriched,
    )
    return Arrival(scored, enriched, "person", True, True, round=0)


def a_case(plan: Plan | None = None, **more: Any) -> Case:
    step, _roster = open_lead(an_arrival(**more), None, a_roster(plan), a_cause("opening"))
    return step.case
