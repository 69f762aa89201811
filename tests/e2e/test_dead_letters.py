"""A dead letter, sent again by staff after its cause is mended, goes on as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest

from tests.e2e.looking import lead_that, leads_of
from tests.e2e.receiver import Receiver
from tests.e2e.system import ROOT, System, eventually
from tests.e2e.test_books import statement

REFUSE = """
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
"""
TRIGGER = """
    CREATE TRIGGER refuse BEFORE INSERT ON scoring.facts FOR EACH ROW
    WHEN (NEW.fields::text LIKE '%poison%') EXECUTE FUNCTION public.refuse()
"""


@pytest.fixture
def apart(receiver: Receiver, database_url: str) -> Iterator[System]:
    """An installation on a database that the test can reach into."""
    system = System(f"http://127.0.0.1:{receiver.port}", database=database_url)
    system.up()
    yield system
    system.remove()


def command(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`sarnakh dead-letters …` as an operator of this installation runs it."""
    return subprocess.run(
        [sys.executable, "-m", "services", "dead-letters", *arguments],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize("way", ["api", "command"])
def test_invariant_11_a_dead_letter_that_is_replayed_three_times_is_one_lead(
    apart: System, receiver: Receiver, database_url: str, way: str
) -> None:
    statement(database_url, REFUSE)
    statement(database_url, TRIGGER)
    body = {"phone": f"0912{uuid.uuid4().int % 10**7:07d}", "message": "poison"}
    submission_id = apart.post_lead(body).json()["submission_id"]
    apart.submission(submission_id, "dead", seconds=120)
    letters = apart.desk.get("/api/dead-letters").raise_for_status().json()["items"]
    (letter,) = [one for one in letters if one["submission_id"] == submission_id]
    assert letter["stage"] == "scoring"
    statement(database_url, "DROP TRIGGER refuse ON scoring.facts")
    path = f"/api/dead-letters/{letter['id']}/replay"
    if way == "api":
        assert [apart.desk.post(path).status_code for _ in range(3)] == [202, 409, 409]
    else:
        assert letter["id"] in command(apart, "show", letter["id"]).stdout
        done = [command(apart, "replay", letter["id"]) for _ in range(3)]
        assert [one.returncode == 0 for one in done] == [True, False, False], done
    found = apart.submission(submission_id, "notified", seconds=120)
    eventually(lambda: apart.settled_books()["balanced"], 120, "balanced books")
    assert len(receiver.of_lead(found["lead_id"])) == 1
    assert leads_of(apart, 1)
    assert lead_that(apart, found["lead_id"], lambda lead: len(lead["notifications"]) == 1)
