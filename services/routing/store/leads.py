"""Leads, their assignments, and the submissions and actions that were applied to them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import Assignment
from libs.common.stage.turns import in_turns
from services.routing.case import Case

_DECODER: Final = msgspec.json.Decoder(Case)


class Submission(NamedTuple):
    """A submission that has arrived at routing, and how far it came."""

    id: str
    lead_id: str | None
    """None: it was erased before it came."""
    state: str
    round: int
    at: datetime


class Held(NamedTuple):
    """An assignment of a lead; `ended_at` where it is over."""

    lead_id: str
    assignment: Assignment
    ended_at: datetime | None


def json_text(value: object) -> str:
    """A value as JSON for a jsonb column."""
    return msgspec.json.encode(value).decode()


async def lock_cases(tx: Transaction, persons: Collection[str]) -> list[Case]:
    """All leads of these persons, locked."""
    rows = await tx.execute(
        text("""
            SELECT CAST(content AS text) FROM routing.leads
            WHERE person_id = ANY(CAST(:persons AS uuid[])) ORDER BY id FOR UPDATE
        """),
        {"persons": sorted(persons)},
    )
    return [_DECODER.decode(content) for content in rows.scalars()]


async def save_cases(tx: Transaction, cases: Collection[Case]) -> None:
    """Write leads. Those that close come first, so that a person never has two open ones."""
    ordered = sorted(cases, key=lambda c: (c.lead.state == "open", c.lead.id))
    contents = [json_text(case) async for case in in_turns(ordered)]
    await asyncio.sleep(0)  # the driver encodes them in one piece (rule 30)
    await tx.execute(
        text("""
            INSERT INTO routing.leads
                (id, person_id, version, state, specialist, merged_into, content)
            SELECT id, person_id, version, state, specialist, merged_into, CAST(content AS jsonb)
            FROM unnest(
                CAST(:ids AS uuid[]), CAST(:persons AS uuid[]), CAST(:versions AS int[]),
                CAST(:states AS text[]), CAST(:specialists AS text[]), CAST(:merged AS uuid[]),
                CAST(:contents AS text[])
            ) WITH ORDINALITY
                AS new (id, person_id, version, state, specialist, merged_into, content, place)
            ORDER BY place
            ON CONFLICT (id) DO UPDATE SET
                person_id = excluded.person_id, version = excluded.version,
                state = excluded.state, specialist = excluded.specialist,
                merged_into = excluded.merged_into, content = excluded.content
        """),
        {
            "ids": [case.lead.id for case in ordered],
            "persons": [case.lead.person_id for case in ordered],
            "versions": [case.lead.version for case in ordered],
            "states": [case.lead.state for case in ordered],
            "specialists": [case.owner for case in ordered],
            "merged": [case.lead.merged_into for case in ordered],
            "contents": contents,
        },
    )


async def save_assignments(tx: Transaction, held: Collection[Held]) -> None:
    """Write new assignments, and when old ones ended (or that they hold again)."""
    await tx.execute(
        text("""
            INSERT INTO routing.assignments (id, lead_id, specialist, team, rule, why, skipped,
                                             config_version, at, ended_at)
            SELECT id, lead_id, specialist, team, rule, CAST(why AS jsonb),
                   CAST(skipped AS jsonb), config_version, at, ended_at
            FROM unnest(
                CAST(:ids AS uuid[]), CAST(:leads AS uuid[]), CAST(:specialists AS text[]),
                CAST(:teams AS text[]), CAST(:rules AS text[]), CAST(:whys AS text[]),
                CAST(:skipped AS text[]), CAST(:configs AS int[]), CAST(:ats AS timestamptz[]),
                CAST(:ends AS timestamptz[])
            ) AS new (id, lead_id, specialist, team, rule, why, skipped,
                      config_version, at, ended_at)
            ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at
        """),
        {
            "ids": [h.assignment.id for h in held],
            "leads": [h.lead_id for h in held],
            "specialists": [h.assignment.specialist for h in held],
            "teams": [h.assignment.team for h in held],
            "rules": [h.assignment.rule for h in held],
            "whys": [json_text(h.assignment.why) for h in held],
            "skipped": [json_text(h.assignment.skipped) for h in held],
            "configs": [h.assignment.config_version for h in held],
            "ats": [h.assignment.at for h in held],
            "ends": [h.ended_at for h in held],
        },
    )


async def lock_submissions(tx: Transaction, ids: Collection[str]) -> dict[str, Submission]:
    """Those of the submissions that have been here, locked."""
    rows = await tx.execute(
        text("""
            SELECT CAST(submission_id AS text) AS id, CAST(lead_id AS text) AS lead_id, state,
                   round, at
            FROM routing.submissions WHERE submission_id = ANY(CAST(:ids AS uuid[]))
            ORDER BY submission_id FOR UPDATE
        """),
        {"ids": sorted(ids)},
    )
    return {row.id: Submission(*row) for row in rows}


async def save_submissions(tx: Transaction, submissions: Collection[Submission]) -> None:
    """Write the state of submissions."""
    ordered = sorted(submissions)
    await tx.execute(
        text("""
            INSERT INTO routing.submissions (submission_id, lead_id, state, round, at)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:leads AS uuid[]), CAST(:states AS text[]),
                CAST(:rounds AS int[]), CAST(:ats AS timestamptz[]))
            ON CONFLICT (submission_id) DO UPDATE SET
                lead_id = excluded.lead_id, state = excluded.state,
                round = excluded.round, at = excluded.at
        """),
        {
            "ids": [s.id for s in ordered],
            "leads": [s.lead_id for s in ordered],
            "states": [s.state for s in ordered],
            "rounds": [s.round for s in ordered],
            "ats": [s.at for s in ordered],
        },
    )


async def applied_actions(tx: Transaction, ids: Sequence[str]) -> dict[str, str | None]:
    """Which of these activities have been applied, each with its lead, if it had one."""
    rows = await tx.execute(
        text("""
            SELECT CAST(activity_id AS text) AS id, CAST(lead_id AS text) AS lead_id
            FROM routing.actions WHERE activity_id = ANY(CAST(:ids AS uuid[]))
        """),
        {"ids": list(ids)},
    )
    return {row.id: row.lead_id for row in rows}


async def save_actions(tx: Transaction, lead_by_action: Mapping[str, str | None]) -> None:
    """Remember activities as applied."""
    await tx.execute(
        text("""
            INSERT INTO routing.actions (activity_id, lead_id)
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:leads AS uuid[]))
        """),
        {"ids": list(lead_by_action), "leads": list(lead_by_action.values())},
    )
