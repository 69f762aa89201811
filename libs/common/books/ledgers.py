"""The stores' ledgers side by side, id by id, each read once: what is counted, what is missing.

Asked one by one, the comparisons read every ledger again and again, which took five times as
long: of 130,000 submissions too long for whoever asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text

MOST_NAMED: Final = 50
"""Problems named at a time; there are more when there are as many."""
_MEMORY: Final = "64MB"
"""Of Postgres, while the ledgers are compared; what does not fit goes to its disk."""


_SECONDS: Final = 50
"""A million submissions take 14 seconds of a processor; whoever asks waits for a minute."""


class Problem(NamedTuple):
    """One thing that does not add up: which check found it, and the record or submission."""

    check: str
    id: str


class Compared(NamedTuple):
    """What all stores say together at one moment."""

    accepted: int
    """Submissions with a receipt."""
    ahead: int
    """The desk has read them and enrichment has not."""
    unseen: int
    """Those with a receipt that the desk has not read."""
    states: Mapping[str, int]
    """At the desk."""
    problems: list[Problem]


_PAST_SCORING: Final = "('scored', 'assigned', 'waiting', 'notified', 'undelivered', 'duplicate')"
_PAST_ROUTING: Final = "('assigned', 'waiting', 'notified', 'undelivered', 'duplicate')"
_NOT_DEAD: Final = "desk NOT IN ('dead', 'received')"

SURE: Final = {
    "desk knows it, no receipt": "desk <> 'received' AND NOT received",
    "desk knows it, enrichment does not": f"{_NOT_DEAD} AND enriched IS NULL",
    "desk knows it, scoring does not": f"desk IN {_PAST_SCORING} AND NOT scored",
    "desk knows it, routing does not": f"desk IN {_PAST_ROUTING} AND NOT routed",
    "enrichment has it, no receipt": "enriched IS NOT NULL AND NOT received",
}
"""True at every moment: whoever is downstream cannot know more than who is upstream."""

_NOT_A_LETTER: Final = "desk IS DISTINCT FROM 'dead'"

ONCE_QUIET: Final = {
    "receipt without a submission": f"received AND enriched IS NULL AND {_NOT_A_LETTER}",
    "enrichment has it, desk does not": "enriched IS NOT NULL AND desk IS NULL",
    "hydrating, and nobody fetches it": "enriched = 'hydrating' AND NOT fetched",
    "enriched, scoring does not have it": (
        f"enriched = 'enriched' AND NOT scored AND {_NOT_A_LETTER}"
    ),
    "scored, routing does not have it": (
        f"scored AND NOT routed AND enriched IS DISTINCT FROM 'erased' AND {_NOT_A_LETTER}"
    ),
    "desk is behind its stores": "desk IN ('received', 'enriched', 'scored')",
}
"""True only when nothing is on its way: otherwise these are submissions in flight."""

_SIDE_BY_SIDE: Final = """
    WITH receipts AS MATERIALIZED (
        SELECT submission_id FROM enrichment.receipts WHERE submission_id IS NOT NULL
        UNION SELECT submission_id FROM enrichment.apart
    ), fetching AS MATERIALIZED (SELECT submission_id FROM capture.ledger),
    enriching AS MATERIALIZED (SELECT submission_id, state FROM enrichment.ledger),
    scoring AS MATERIALIZED (SELECT submission_id FROM scoring.ledger),
    routing AS MATERIALIZED (SELECT submission_id FROM routing.ledger),
    showing AS MATERIALIZED (SELECT submission_id, state FROM desk.ledger),
    side_by_side AS MATERIALIZED (
        SELECT submission_id, receipts.submission_id IS NOT NULL AS received,
            fetching.submission_id IS NOT NULL AS fetched, enriching.state AS enriched,
            scoring.submission_id IS NOT NULL AS scored,
            routing.submission_id IS NOT NULL AS routed, showing.state AS desk
        FROM receipts
            FULL JOIN enriching USING (submission_id)
            FULL JOIN showing USING (submission_id)
            FULL JOIN scoring USING (submission_id)
            FULL JOIN routing USING (submission_id)
            FULL JOIN fetching USING (submission_id)
    )
"""
_COUNTED: Final = """
    SELECT 'accepted' AS what, NULL AS name, count(*) AS n FROM side_by_side WHERE received
    UNION ALL
    SELECT 'ahead', NULL, count(*) FROM side_by_side WHERE desk = 'received' AND NOT received
    UNION ALL SELECT 'unseen', NULL, count(*) FROM side_by_side WHERE received AND desk IS NULL
    UNION ALL
    SELECT 'state', desk, count(*) FROM side_by_side WHERE desk IS NOT NULL GROUP BY desk
"""


async def compared(tx: Transaction, checks: Collection[str]) -> Compared:
    """All ledgers as this snapshot has them, by those of the checks that are asked for."""
    await tx.execute(text(f"SET LOCAL work_mem = '{_MEMORY}'"))
    await tx.execute(text(f"SET LOCAL statement_timeout = '{_SECONDS}s'"))
    asked = text(f"{_SIDE_BY_SIDE} {_COUNTED} {_checked(checks)}")
    rows = await tx.execute(asked, seconds=_SECONDS + 1)
    counted: dict[str, int] = {}
    states: dict[str, int] = {}
    problems = []
    for what, name, n in rows:
        if what == "state":
            states[name] = n
        elif what in _ALL:
            problems.append(Problem(what, name))
        else:
            counted[what] = n
    return Compared(counted["accepted"], counted["ahead"], counted["unseen"], states, problems)


_ALL: Final = {**SURE, **ONCE_QUIET}


def _checked(checks: Collection[str]) -> str:
    """Whoever meets a check's condition, by the check's name."""
    return "".join(
        f"""
        UNION ALL (SELECT '{check}', submission_id::text, 1
                   FROM side_by_side WHERE {_ALL[check]} LIMIT {MOST_NAMED})"""  # noqa: S608 - constants
        for check in checks
    )
