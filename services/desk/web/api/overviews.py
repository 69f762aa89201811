"""The board, the map and the health as the pages show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import Field

from libs.common.configuration import Problem
from services.desk.overviews import board as board_now
from services.desk.overviews import map as map_now
from services.desk.overviews import sighting
from services.desk.overviews.mapping import destination
from services.desk.overviews.tally import Line, TeamBoard
from services.desk.overviews.verdict import Alarm, SourceSeen, verdict
from services.desk.reading.rows import ComparisonRow
from services.desk.shapes import identity, moment
from services.desk.values import Plain
from services.desk.web.api.asking import settings
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked
from services.desk.web.place import desk_of

router = APIRouter(tags=["overviews"])


@router.get("/board")
async def board(
    request: Request, _who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """Who has what, what is late, who is here."""
    async with desk_of(request).runtime.database.transaction() as tx:
        content, _tongue = await settings(request, tx)
        found = await board_now.look(tx, content, datetime.now(UTC))
    return {
        "at": moment(found.at),
        "week_from": moment(found.week),
        "totals": found.totals,
        "teams": [_team(team) for team in found.teams],
    }


def _team(team: TeamBoard) -> dict[str, Any]:
    return {
        "team": team.key,
        "waiting": team.waiting,
        "specialists": [_line(line) for line in team.lines],
        "gone": [{"specialist": owner, "open": n} for owner, n in team.gone],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "specialist": line.key,
        "name": line.name,
        **line.counts,
        "capacity": {
            "open": {"used": line.open.used, "most": line.open.most},
            "per_day": {"used": line.today.used, "most": line.today.most},
        },
        "presence": line.presence.state,
        "until": moment(line.presence.until),
        "share": {"given": line.share.given, "due": round(line.share.due, 1)},
        "weight": line.weight,
    }


class Pasted(Asked):
    """An address to ask about."""

    url: Annotated[Plain, Field(max_length=4096)] | None = None


@router.get("/map")
async def page_map(
    request: Request, _who: Program, asked: Annotated[Pasted, Query()]
) -> dict[str, Any]:
    """Which page goes to which team; with `url`, where that one would go and why."""
    async with desk_of(request).runtime.database.transaction() as tx:
        content, tongue = await settings(request, tx)
        found = await map_now.look(tx, content)
    goes = destination(content, asked.url) if asked.url else None
    return {
        "coverage": found.coverage,
        "no_page": found.no_page,
        "patterns": [
            {
                "pattern": flow.pattern,
                "team": flow.team,
                "leads": flow.leads,
                "pages": [{"page": page, "leads": leads} for page, leads in flow.pages],
            }
            for flow in found.flows
        ],
        "unmapped": [one._asdict() for one in found.unmapped],
        "goes": goes
        and {
            "page": goes.page,
            "team": goes.team,
            "pattern": goes.pattern,
            "why": goes.why.of(tongue),
            "unless": [one.of(tongue) for one in goes.unless],
        },
    }


@router.get("/health")
async def health(
    request: Request, _who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """Whether anything is lost, held or stuck, and what."""
    desk = desk_of(request)
    seen = await sighting.look(desk.runtime, desk.glances)
    found, books = seen.health, seen.books.books
    async with desk.runtime.database.transaction() as tx:
        _content, tongue = await settings(request, tx)
    configured = found.configured
    return {
        "at": moment(found.at),
        "verdict": verdict(seen.signs, balanced=found.balanced).of(tongue),
        "signs": [
            {"level": sign.level, "text": sign.text.of(tongue), "place": sign.place}
            for sign in seen.signs
        ],
        "books": books and {**msgspec.to_builtins(books), "at": moment(seen.books.at)},
        "stages": [
            {
                "stage": stage.name,
                "lag": stage.lag,
                "behind_for": stage.behind_for.total_seconds(),
                "trouble": stage.trouble,
            }
            for stage in found.stages
        ],
        "held": found.held,
        "dead_letters": found.dead,
        "undelivered": {
            "count": found.untold,
            "newest": [
                {
                    "submission_id": str(row["id"]),
                    "lead_id": identity(row["lead_id"]),
                    "at": moment(row["at"]),
                }
                for row in seen.untold
            ],
        },
        "sources": [_source(source, tongue) for source in found.sources],
        "misaddressed": [{**row, "at": moment(row["at"])} for row in seen.misaddressed],
        "configuration": {
            "version": configured.version,
            "file": str(configured.file),
            "since": moment(configured.since),
            "refused": [_problem(one, tongue) for one in configured.refused],
            "warnings": [_problem(one, tongue) for one in configured.warnings],
        },
    }


def _source(source: SourceSeen, tongue: str) -> dict[str, Any]:
    paused: Any = source.paused
    return {
        "source": source.key,
        "kind": source.kind,
        "last_seen": moment(source.last),
        "usually_every": None if source.usual is None else source.usual.total_seconds(),
        "today": source.today,
        "tests_today": source.tests,
        "hydrating": source.hydrating,
        "hydrating_since": moment(source.hydrating_since),
        "silent": source.is_silent,
        "alarm": source.alarm and _alarm(source.alarm),
        "unsigned": source.is_unsigned,
        "waits_until": moment(source.waits_until),
        "reconciled": source.comparison and _comparison(source.comparison),
        "token": source.token
        and {"expires": source.token.day.isoformat(), "days_left": source.token.left},
        "paused": paused and {"since": moment(paused["at"]), "why": paused[f"why_{tongue}"]},
    }


def _alarm(found: Alarm) -> dict[str, Any]:
    at_most = found.usual_at_most
    return {
        "last_at": moment(found.last_at),
        "told_at": moment(found.told_at),
        "usually_at_most": None if at_most is None else at_most.total_seconds(),
    }


def _comparison(found: ComparisonRow) -> dict[str, Any]:
    return {
        "at": moment(found.at),
        "compared": found.compared,
        "missing": found.missing,
        "late": found.late,
        "repeated": found.repeated,
        "days": found.days,
        "trouble": found.trouble,
    }


def _problem(problem: Problem, tongue: str) -> dict[str, Any]:
    return {"line": problem.line, "field": problem.field, "problem": problem.text.of(tongue)}
