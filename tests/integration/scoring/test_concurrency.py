"""Two scoring processes at the same persons at the same time."""

from __future__ import annotations

import asyncio
import itertools
import random
import uuid

from libs.common.database.statements import text
from services.scoring import store
from tests.integration.scoring.shell import Scoring


async def test_rule_11_versions_of_a_person_are_given_under_the_lock(scoring: Scoring) -> None:
    person = str(uuid.uuid4())
    kinds = ["download", "webinar", "wish_list", "email_open", "trial_start", "product_value"]
    slices = [scoring.scored(scoring.activity(person, kind)) for kind in kinds]
    answers = [answer for found in await asyncio.gather(*slices) for answer in found]
    versions = sorted(answer.version for answer in answers)
    assert versions == list(range(1, len(kinds) + 1))
    newest = max(answers, key=lambda answer: answer.version)
    assert newest.score.total == max(answer.score.total for answer in answers)


async def test_rule_12_unsorted_slices_of_the_same_persons_do_not_deadlock(
    scoring: Scoring,
) -> None:
    persons = [str(uuid.uuid4()) for _ in range(2_000)]

    async def hold(seed: int) -> None:
        mine = random.Random(seed).sample(persons, 1_900)  # noqa: S311 - only an order
        for _ in range(3):
            async with scoring.database.transaction() as tx:
                await store.lock(tx, set(mine), [])

    await asyncio.gather(*(hold(seed) for seed in range(6)))
    async with scoring.database.transaction() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM scoring.persons")) == len(persons)


async def test_joins_and_late_events_at_once_end_in_one_person(scoring: Scoring) -> None:
    chain = [str(uuid.uuid4()) for _ in range(6)]
    slices = [scoring.submission(person, "سلام") for person in chain]
    slices += [
        scoring.submission(older, "منم", joined=(younger,))
        for older, younger in itertools.pairwise(chain)
    ]
    slices += [scoring.activity(person, "download") for person in chain]
    random.Random(5).shuffle(slices)  # noqa: S311 - only an order
    await asyncio.gather(*(scoring.feed(event) for event in slices))
    async with scoring.database.transaction() as tx:
        owners = await tx.execute(text("SELECT DISTINCT person_id::text FROM scoring.facts"))
        assert [row[0] for row in owners] == [chain[0]]
        facts = await tx.scalar(text("SELECT count(*) FROM scoring.facts"))
    assert facts == len(slices)
