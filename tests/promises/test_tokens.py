"""Who may write what: by a claim's token, and by the newest version of the configuration."""

from __future__ import annotations

from pathlib import Path

from libs.common.configuration import Configurations
from libs.common.database import Database
from services.routing.messages.settlement import Settlement
from services.routing.store import settled
from services.routing.store.settled import Claim
from tests.integration.routing.conftest import Routing, new_id

ROUTED = """
teams:
  - key: desk
    name: Desk
    specialists: [{key: sara, name: Sara, notify: [{channel: console}]}]
routing: {fallback: desk}
"""


async def test_rule_20_only_who_holds_the_claim_settles_and_a_late_sent_still_counts(
    routing: Routing,
) -> None:
    routing.configure(ROUTED)
    await routing.feed(routing.scored(new_id()))
    old, new = new_id(), new_id()
    [(message,)] = await routing.rows(
        "UPDATE routing.notifications SET state = 'sending', claim = CAST(:new AS uuid)"
        " RETURNING CAST(id AS text)",
        new=new,
    )

    async def settle(token: str, state: str) -> bool:
        claim = Claim(message, token)
        async with routing.database.transaction() as tx:
            return claim in await settled.write(tx, [(claim, Settlement(state))])  # type: ignore[arg-type]  # one of its states

    async def state() -> str:
        return str((await routing.rows("SELECT state FROM routing.notifications"))[0][0])

    for outcome in ("sent", "failed", "planned", "unknown"):
        assert not await settle(old, outcome), "somebody else has it by now"
        assert await state() == "sending"
    assert await settle(new, "unknown")
    assert not await settle(old, "sent")
    assert not await settle(new, "failed"), "it was settled already"
    assert await settle(new, "sent"), "it was only thought unknown"
    assert await state() == "sent"
    assert not await settle(new, "unknown")
    assert await state() == "sent"


async def test_rule_27_the_next_slice_goes_by_the_next_version(
    tmp_path: Path, database: Database
) -> None:
    """Also in a process that has not seen the file: its own says what it said."""
    file, other = tmp_path / "one.yaml", tmp_path / "two.yaml"
    for number, path in enumerate((file, other), start=1):
        path.write_text(f"organisation: {{name: Name {number}}}\n{ROUTED}", encoding="utf-8")
    behind = Configurations(file, database, {})
    await behind.keep()
    seen = []
    for _ in range(2):
        async with database.transaction() as tx:
            active = await behind.in_force(tx)
            seen.append((active.version, active.content.organisation.name))
        await Configurations(other, database, {}).keep()
    assert seen == [(1, "Name 1"), (2, "Name 2")]
