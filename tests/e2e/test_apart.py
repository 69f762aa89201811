"""Two processes of each service share the work and behave as one."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import System
from tests.plugins.installation import Install


@pytest.fixture(scope="module")
def pairs(install: Install) -> System:
    """Ten processes: each service twice."""
    system = install()
    system.up_apart(copies=2)
    return system


def test_fifty_posts_of_one_person_over_all_partitions_are_one_lead_told_once(
    pairs: System, receiver: Receiver
) -> None:
    number = f"{uuid.uuid4().int % 10**7:07d}"
    persian = f"0912{number}".translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    spellings = (
        f"0912{number}", f"912{number}", f"98912{number}", f"0098912{number}",
        f"+98 912 {number}", persian,
    )  # fmt: skip
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: pairs.post_lead({"phone": spellings[n % 6]}), range(50)))
    ids = {answer.json()["submission_id"] for answer in answers}
    found = [pairs.submission(id_, "notified", "duplicate") for id_ in ids]
    assert len({submission["person_id"] for submission in found}) == 1
    (lead_id,) = {submission["lead_id"] for submission in found}
    assert pairs.lead(lead_id)["touch_count"] == 50
    assert sorted(submission["state"] for submission in found).count("notified") == 1
    assert len(receiver.of_lead(lead_id)) == 1
    assert pairs.settled_books()["balanced"]


def test_weighted_shares_are_exact_over_two_routing_processes(pairs: System) -> None:
    page, domain = "https://nil.example/services/seo", f"{uuid.uuid4().hex}.example.com"
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(
                lambda n: pairs.post_lead({"email": f"p{n}@{domain}", "page_url": page}),
                range(60),
            )
        )
    owners = []
    for answer in answers:
        submission = pairs.submission(answer.json()["submission_id"], "notified")
        owners.append(pairs.lead(submission["lead_id"])["assignment"]["specialist"])
    assert abs(owners.count("sara") - 40) <= 1, owners.count("sara")
    assert owners.count("sara") + owners.count("reza") == 60


def test_all_of_them_end_with_status_zero(pairs: System) -> None:
    assert set(pairs.stop().values()) == {0}
