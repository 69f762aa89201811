"""Every case of the catalogue against the whole system, each service a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
import yaml

from tests.doubles.graph import Graph
from tests.e2e.system import TOKEN, System
from tests.edge.catalogue import Case, catalogue
from tests.edge.doors import configuration, request
from tests.edge.sending import Answers, exchange
from tests.plugins.database import Databases

SLOWEST = 1.0
"""Seconds for an answer."""
AGAIN = 20
"""How often what was late is sent once more, alone: other tests share the machine."""
AT_ONCE = 4
MEMORY = 300 * 1024
"""KiB that capture may ever have held."""
TRACEBACK = re.compile(rb'Traceback|File "')
LEAD = {"notified", "undelivered", "duplicate"}
_IDS = re.compile(rb'"submission_ids?":(\[[^\]]*\]|"[^"]*")')


@dataclass
class Run:
    """The catalogue as it went."""

    cases: Sequence[Case]
    system: System
    answers: dict[str, Answers] = field(default_factory=dict)
    became: dict[str, set[str]] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    """After which case a process was gone."""

    def send(self, case: Case) -> None:
        """Send it, and see that nothing has ended of it."""
        port = self.system.desk_port if case.door == "desk" else self.system.capture_port
        before, now = self.answers.get(case.id), _sent(port, case)
        self.answers[case.id] = min(filter(None, (before, now)), key=lambda each: each.seconds)
        if any(process.poll() is not None for process in self.system.processes.values()):
            self.dead.append(case.id)

    def late(self) -> list[Case]:
        """Those that had no answer in time."""
        return [
            case
            for case in self.cases
            if self.answers[case.id].seconds > SLOWEST + case.said.get("waits", 0)
        ]

    async def look(self, database_url: str) -> None:
        """What the desk says became of each case."""
        connection = await asyncpg.connect(database_url)
        rows = await connection.fetch("SELECT id, source, state, reason FROM desk.submissions")
        await connection.close()
        owners = {id_: case for case, found in self.answers.items() for id_ in _ids(found.raw)}
        became = defaultdict(set)
        for row in rows:
            state = "lead" if row["state"] in LEAD else row["state"]
            name = f"{state}:{row['reason']}" if state == "quarantined" else state
            became[owners.get(str(row["id"]), row["source"])].add(name)
        self.became = dict(became)


def _sent(port: int, case: Case) -> Answers:
    is_head = case.said.get("method") == "HEAD"
    wanted, cut = case.said.get("answers", 1), case.said.get("cut", False)
    return exchange(port, request(case, TOKEN), cut=cut, wanted=wanted, is_head=is_head)


def _ids(raw: bytes) -> list[str]:
    found = [json.loads(each) for each in _IDS.findall(raw)]
    return [id_ for each in found for id_ in (each if isinstance(each, list) else [each])]


class Apart(System):
    """All processes are forked but capture's: its memory is that of a process of its own."""

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        self.forks = "capture" not in arguments
        super().start(name, *arguments, **environment)


@pytest.fixture(scope="module")
def run(databases: Databases) -> Iterator[Run]:
    graph, cases = Graph(), catalogue()
    name = asyncio.run(databases.take())
    system = Apart("http://127.0.0.1:9", database=databases.named(name))
    content = configuration(cases, graph.url)
    system.config.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    running = Run(cases, system)
    try:
        system.up_apart()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(running.send, cases))
        for _ in range(AGAIN):
            for case in running.late():
                running.send(case)
        system.settled_books()
        asyncio.run(running.look(databases.named(name)))
        yield running
    finally:
        system.remove()
        graph.close()
        asyncio.run(databases.give_back(name))


def test_the_catalogue_has_every_door_and_enough_cases(run: Run) -> None:
    assert len({case.id for case in run.cases}) == len(run.cases) >= 150
    doors = {"form", "lead", "activity", "code", "desk", "socket", "standard", "meta"}
    assert {case.door for case in run.cases} >= doors | {"google-ads", "telegram", "json"}


def test_invariant_19_no_bad_input_gives_a_5xx_a_hang_or_a_traceback(run: Run) -> None:
    assert {
        id_ for id_, each in run.answers.items() if max(each.statuses, default=0) >= 500
    } == set()
    assert [(case.id, run.answers[case.id].seconds) for case in run.late()] == []
    assert {id_ for id_, each in run.answers.items() if TRACEBACK.search(each.raw)} == set()
    assert run.dead == []


def test_each_case_is_answered_as_its_class_says(run: Run) -> None:
    wrong = {}
    for case in run.cases:
        answers = run.answers[case.id]
        got: set[int | str] = {*answers.statuses} or {"closed"}
        says, lacks = case.said.get("says", ""), case.said.get("lacks")
        fits = got <= case.statuses and says.encode() in answers.raw
        enough = len(answers.statuses) >= case.said.get("answers", 0)
        if not (fits and enough) or (lacks and lacks.encode() in answers.raw):
            wrong[case.id] = answers.statuses, answers.raw[:200]
    assert wrong == {}


def test_each_case_becomes_what_its_class_says(run: Run) -> None:
    wrong = {}
    for case in run.cases:
        became = run.became.get(case.id, {"nothing"})
        if not became <= case.classes:
            wrong[case.id] = became, case.classes
    assert wrong == {}


def test_capture_s_memory_stays_bounded(run: Run) -> None:
    status = Path(f"/proc/{run.system.processes['capture-0'].pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak
    assert int(peak[1]) < MEMORY


def test_the_books_balance_at_the_end(run: Run) -> None:
    books = run.system.books()
    assert books["balanced"]
    assert books["in_flight"] == 0
    output = run.system.output()
    assert "Traceback" not in output
    assert not re.findall(r".*(?:door\.bug|webhook\.bug|request_failed).*", output)
