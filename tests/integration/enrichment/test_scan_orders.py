"""A scan, the visits it led to and what made their person known, in every order and slicing."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations, count, pairwise, permutations
from random import Random

import pytest

from libs.common.database import Database
from libs.common.events import Activity, Event
from services.enrichment.store.forgetting import forget
from tests.integration.enrichment.conftest import START, Captured, Service
from tests.integration.enrichment.test_erasing import asked
from tests.integration.enrichment.test_identity import waits_for_a_lock
from tests.integration.enrichment.test_visits import form, scanned, seen, told

_STALE = """
    SELECT 'key', k.value FROM enrichment.visit_keys k
    JOIN enrichment.visits v ON v.submission_id = k.submission_id WHERE v.person_id IS NOT NULL
    UNION ALL
    SELECT 'token', c.token FROM enrichment.carried c
    WHERE EXISTS (SELECT FROM enrichment.scans s WHERE s.token = c.token)
"""
_PEOPLE = count(1_000_000)
DEEDS = "SVWUFTKEZM"


class Story:
    """What one human does, each deed by a letter, with keys that no other story has.

    S: scans a code. V, W: two visits that the scan led to. U: a visit without it. F: a form on
    that browser. T: a form or chat that names the scan. K: a form that names neither. E: a form
    on another browser, by e-mail alone. Z: a visit of that browser to the same address. M: a
    form that says that both contacts are one person's.
    """

    def __init__(self, captured: Captured) -> None:
        self.number = next(_PEOPLE)
        self.browser, self.other, self.token = (str(uuid.uuid4()) for _ in range(3))
        phone, email = {"phone": f"0912{self.number}"}, {"email": f"e{self.number}@mail.example"}
        led = {"scan": self.token}
        self.deeds = {
            "S": scanned(captured, self.token),
            "V": seen(captured, self.browser, after=1, **led),
            "W": seen(captured, self.browser, after=2, **led),
            "U": seen(captured, self.browser, after=3),
            "F": form(captured, self.browser, fields=phone),
            "T": form(captured, fields=phone, after=11, **led),
            "K": form(captured, fields=phone, after=12),
            "E": form(captured, self.other, fields=email, after=13),
            "Z": seen(captured, self.other, after=4, **led),
            "M": form(captured, fields=phone | email, after=14),
        }

    def slices(self, order: str) -> list[list[Event]]:
        """The deeds of `SV|F`, by slice."""
        return [[self.deeds[letter] for letter in part] for part in order.split("|") if part]

    def expected(self, order: str) -> Counter[str | None]:
        """The submissions to be told of: each once, whatever the order was."""
        browsers = {"V": "F", "W": "F", "U": "F", "Z": "E"}
        letters = [v for v, known_by in browsers.items() if v in order and known_by in order]
        if "S" in order and ("T" in order or set(letters) & set("VWZ")):
            letters.append("S")
        return Counter(self.deeds[letter].key for letter in letters)


def sliced(letters: str) -> Iterator[str]:
    """Every order of the letters, cut into slices in every way."""
    gaps = range(1, len(letters))
    for order in map("".join, permutations(letters)):
        for cuts in (c for n in range(len(letters)) for c in combinations(gaps, n)):
            edges = (0, *cuts, len(letters))
            yield "|".join(order[a:b] for a, b in pairwise(edges))


def ids(found: list[Activity]) -> Counter[str | None]:
    return Counter(activity.submission_id for activity in found)


async def left_over(service: Service) -> list[int]:
    """What still waits, under keys or by its token."""
    return [await service.count(table) for table in ("visit_keys", "carried")]


async def wrong(service: Service, captured: Captured, orders: Iterator[str]) -> list[str]:
    """The orders in which something else was told than should be."""
    found = []
    for order in orders:
        story = Story(captured)
        heard = [one for part in story.slices(order) for one in await told(service, *part)]
        people = set() if set(order) & set("EZ") else {one.person_id for one in heard}
        if ids(heard) != story.expected(order) or len(people) > 1:
            found.append(f"{order}: {[one.type for one in heard]}")
    return found


async def test_rule_14_a_scan_is_told_whatever_slice_it_and_its_visit_are_read_in(
    service: Service, captured: Captured
) -> None:
    assert await wrong(service, captured, sliced("SVF")) == []
    assert await left_over(service) == [0, 0]


async def test_rule_14_a_scan_that_a_form_names_is_told_in_every_order(
    service: Service, captured: Captured
) -> None:
    assert await wrong(service, captured, sliced("ST")) == []
    assert await wrong(service, captured, iter(["V|T|F|S", "V|F|T|S", "T|V|S|F", "VT|S|F"])) == []
    assert await left_over(service) == [0, 0]


def at_random(seed: int, orders: int) -> Iterator[str]:
    """Some of the deeds, in any order and any slices."""
    chance = Random(seed)  # noqa: S311 - a seed that finds an order again is no secret
    for _ in range(orders):
        letters = chance.sample(DEEDS, chance.randint(4, len(DEEDS)))
        yield "".join(f"{one}|" if chance.random() < 0.6 else one for one in letters).strip("|")


async def test_rule_14_no_order_and_no_slicing_changes_what_is_told(
    service: Service, captured: Captured
) -> None:
    assert await wrong(service, captured, at_random(seed=20261122, orders=60)) == []


async def test_rule_14_a_scan_and_what_it_led_to_in_several_processes_at_once(
    database: Database, captured: Captured
) -> None:
    services = [Service(database) for _ in range(3)]
    for order in at_random(seed=1122, orders=60):
        story = Story(captured)
        parts = story.slices(order)
        found = await asyncio.gather(*(told(services[n % 3], *p) for n, p in enumerate(parts)))
        heard = sum(map(ids, found), Counter[str | None]())
        assert heard == story.expected(order), order
    assert await services[0].rows(_STALE) == []


@pytest.mark.parametrize(("first", "second"), ["FZ", "ZF"])
async def test_rule_14_a_scan_is_not_led_to_a_key_while_it_becomes_somebodys(
    database: Database, captured: Captured, first: str, second: str
) -> None:
    one, other, story = Service(database), Service(database), Story(captured)
    for part in story.slices("S|V"):
        await one.take(*part)
    async with database.transaction() as tx:
        await one.stage.handle(tx, [story.deeds[first]])
        task = asyncio.create_task(told(other, story.deeds[second]))
        await waits_for_a_lock(other, task)
    await task
    assert await one.rows(_STALE) == []


async def test_rule_29_a_scan_that_comes_after_its_person_was_erased_is_nobodys(
    service: Service, captured: Captured
) -> None:
    story = Story(captured)
    visit, post, scan = (story.deeds[letter] for letter in "VFS")
    await service.take(visit)
    (known,) = await service.enriched(post)
    assert known.person_id
    await service.take(asked(known.person_id))
    assert await left_over(service) == [0, 0]
    assert await told(service, scan) == []
    again = form(captured, story.browser, fields={"email": "again@mail.example"}, after=90)
    assert await told(service, again) == []
    (found,) = await told(service, form(captured, scan=story.token, after=91))
    assert found.submission_id == scan.key


async def test_a_scan_goes_to_whoever_its_visit_went_to_and_not_to_whom_it_was_passed_on(
    service: Service, captured: Captured
) -> None:
    story = Story(captured)
    visit, post, scan = (story.deeds[letter] for letter in "VFS")
    await service.take(visit)
    (known,) = await service.enriched(post)
    passed_on = form(captured, scan=story.token, fields={"email": "p@mail.example"}, after=20)
    (other,) = await service.enriched(passed_on)
    (found,) = await told(service, scan)
    assert (found.person_id, found.type) == (known.person_id, "qr_scan")
    assert other.person_id != known.person_id
    assert await left_over(service) == [0, 0]


async def test_a_crowd_that_posts_one_token_is_not_kept_for_its_scan(
    service: Service, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.enrichment.store.carried.MOST", 3)
    for n in range(6):
        await service.take(seen(captured, str(uuid.uuid4()), scan="tok", after=n))
    assert await service.count("carried") == 3
    async with service.database.transaction() as tx:
        await forget(tx, START + timedelta(seconds=50), 100)
    assert await service.count("carried") == 0


async def test_rule_29_what_somebody_did_before_they_were_known_is_erased_with_them(
    service: Service, captured: Captured
) -> None:
    visitor = str(uuid.uuid4())
    before, scan = seen(captured, visitor, extra={"data": {"q": "کاناری"}}), scanned(captured, "t")
    await service.take(before, scan)
    (known,) = await service.enriched(form(captured, visitor, scan="t"))
    after = seen(captured, visitor, after=30)
    await service.take(after)
    ended = await service.enriched(asked(known.person_id or ""))
    assert {before.key, scan.key} <= {one.submission_id for one in ended}
    left = await service.rows("SELECT outcome, captured ? 'extra' FROM enrichment.submissions")
    assert {tuple(row) for row in left} == {("erased", False)}
    assert [await service.count(t) for t in ("visits", "scans", "identifiers")] == [0, 0, 0]
