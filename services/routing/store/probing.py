"""Messages that were refused and wait: one of each route is tried early, all once it does well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text

PROBE_SECONDS: Final = 40.0
"""Between two tries of a route on which messages wait, whatever their own waits are."""
MOST: Final = 500
MOST_TRIES: Final = 30
"""What was refused so often while others were taken is at fault itself, and is tried no sooner
for their sake."""

_HASTEN: Final = text(f"""
    WITH refused AS (
        SELECT n.id, well.at > n.refused_at AND n.attempts < {MOST_TRIES} AS is_well,
            max(n.refused_at) OVER (PARTITION BY n.channel, n.address) AS latest,
            row_number() OVER (PARTITION BY n.channel, n.address, n.state
                               ORDER BY n.next_at, n.id) AS place
        FROM routing.notifications n
        LEFT JOIN unnest(CAST(:channels AS text[]), CAST(:addresses AS text[]),
                         CAST(:ats AS timestamptz[])) AS well (channel, address, at)
          ON well.channel = n.channel AND well.address = n.address
        WHERE n.refused_at IS NOT NULL AND n.state IN ('planned', 'sending')
    ), chosen AS (
        SELECT n.id FROM routing.notifications n JOIN refused r ON r.id = n.id
        WHERE n.state = 'planned' AND n.next_at > clock_timestamp() AND (r.is_well OR (
            r.place = 1 AND r.latest < clock_timestamp() - make_interval(secs => :every)))
        ORDER BY n.id LIMIT {MOST} FOR UPDATE OF n SKIP LOCKED
    )
    UPDATE routing.notifications n SET next_at = clock_timestamp(), refused_at = clock_timestamp()
    FROM chosen c WHERE n.id = c.id
""")  # noqa: S608 - constants


async def hasten(tx: Transaction, well: Mapping[tuple[str, str], datetime]) -> None:
    """Make due what waits on routes that do well, and one message of each other route.

    `well`: routes (channel, address) that have taken a message, and when that was claimed.
    """
    routes = sorted(well)
    await tx.execute(
        _HASTEN,
        {
            "channels": [channel for channel, _address in routes],
            "addresses": [address for _channel, address in routes],
            "ats": [well[route] for route in routes],
            "every": PROBE_SECONDS,
        },
    )
