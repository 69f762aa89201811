"""Which team a lead belongs to: rules (the first that holds), then pages, then the fallback."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

from libs.common.configuration.schema import Rule
from libs.common.events import Lead, Text
from libs.common.normal.page import PagePatterns
from services.routing import words
from services.routing.plan import Plan


class Route(NamedTuple):
    """A team, or the owner that a rule keeps; and the clause that says why."""

    team: str
    rule: str
    why: Text
    keeps_owner: bool = False


def facts_of(lead: Lead) -> Mapping[str, Any]:
    """What routing rules can ask about: the names that `when` takes."""
    attribution = lead.last_touch.attribution
    return {
        "stage": lead.stage,
        "temperature": lead.temperature,
        "language": lead.contact.language,
        "source": lead.source,
        "kind": lead.last_touch.kind,
        "page": lead.page,
        "company": lead.contact.company,
        "qr": attribution.qr,
        **{f"utm.{name}": value for name, value in attribution.utm.items()},
    }


def route(facts: Mapping[str, Any], plan: Plan, *, has_owner: bool = False) -> Route:
    """The team of a lead with these facts; `has_owner`: somebody's who could keep it."""
    routing = plan.content.routing
    for number, rule in enumerate(routing.rules, 1):
        if not holds(rule, facts):
            continue
        why = _described(rule)
        if rule.owner == "keep" and has_owner:
            return Route(rule.team or routing.fallback, f"rule:{number}", why, keeps_owner=True)
        if rule.team:
            return Route(rule.team, f"rule:{number}", why)
    pattern = plan.patterns.match(facts.get("page"))
    if pattern is not None:
        team = plan.team_of_pattern[pattern]
        name = plan.teams[team].name
        return Route(team, f"page:{pattern}", words.came_from(Text(name.fa, name.en)))
    why = words.UNMAPPED_PAGE if facts.get("page") else words.NO_PAGE
    return Route(routing.fallback, "fallback", why)


def holds(rule: Rule, facts: Mapping[str, Any]) -> bool:
    """Whether all of a rule's conditions hold; a list in one means any of its values."""
    return all(_fits(field, wanted, facts.get(field)) for field, wanted in rule.when.items())


def _fits(field: str, wanted: Any, found: Any) -> bool:
    if found is None:
        return False
    several = wanted if isinstance(wanted, list | tuple) else (wanted,)
    if field == "page":
        return PagePatterns(str(one) for one in several).match(str(found)) is not None
    return str(found) in {str(one) for one in several}


def _described(rule: Rule) -> Text:
    clauses = [words.condition(field, value) for field, value in rule.when.items()]
    every = Text("قاعدهٔ «همه» برقرار است", "the rule for everybody applies")
    return reduce(words.both, clauses) if clauses else every
