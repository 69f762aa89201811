"""Leads that came with a list: their specialist is told of them together. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

from libs.common.events import Activity, Payload, SubmissionEnriched, as_id
from services.routing.case import Case, ListOf, Notice

LISTED: Final = "import"
"""The kind of a touch by which nobody did anything."""
IMPORTED: Final = "staff.imported"
"""A list has been worked through, as far as it is to be; `data`: `list`, its id."""
EVERY: Final = timedelta(minutes=15)
"""While a list runs, its specialists hear of it no more often."""


class Row(NamedTuple):
    """An assignment that its specialist is to be told of together with others."""

    assignment_id: str
    lead_id: str
    submission_id: str
    """Whose end hangs on the summary."""
    list_id: str
    list_name: str
    recipient: str
    team: str


def list_of(enriched: SubmissionEnriched) -> ListOf | None:
    """The list that a submission is a row of."""
    said = enriched.contact.extra.get("_import")
    if enriched.touch.kind != LISTED or not isinstance(said, dict):
        return None
    try:
        return ListOf(as_id(str(said["list"])), str(said["file"]))
    except (KeyError, ValueError):
        return None


def row_of(case: Case, notice: Notice, listed: ListOf) -> Row:
    """What is kept of a notice until the summary that covers it."""
    assignment = case.lead.assignment
    if assignment is None:
        raise ValueError("no assignment")
    return Row(
        assignment_id=assignment.id,
        lead_id=case.lead.id,
        submission_id=notice.submission_id or case.opening,
        list_id=listed.id,
        list_name=listed.name,
        recipient=notice.recipient,
        team=assignment.team,
    )


def worked_through(data: Payload) -> str | None:
    """The list that an activity of IMPORTED names."""
    if not isinstance(data, Activity) or data.type != IMPORTED:
        return None
    try:
        return as_id(str(data.data.get("list")))
    except ValueError:
        return None
