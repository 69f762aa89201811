"""Files of finished lists go with whom they name, whatever else is being put in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from libs.common.events import SubmissionEnriched
from services.desk.imports import working
from tests.integration.desk.importing import CHOICE, LIST, Imports, numbered
from tests.integration.desk.journey import Journey


async def test_the_file_of_a_finished_list_goes_with_whom_it_names(
    lists: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "PURGE_SECONDS", 0.0)
    done = [await lists.whole(LIST.encode())]
    done.append(await lists.whole(LIST.encode() + b"6,x,09121234599,,\r\n"))
    done.append(await lists.whole(numbered(2)))
    unfinished = await lists.bring(numbered(3))
    person = Journey()
    person.submission = lists.captured()[0].submission_id
    await lists.desk.feed(*person.whole()[1:])
    assert not await lists.working.turn()
    files = [lists.working.folder.path(one["id"]) for one in (*done, unfinished)]
    assert [file.exists() for file in files] == [True] * 4
    end = SubmissionEnriched(person.submission, "erased", person.touch, person_id=person.person)
    later = (datetime.now(UTC) - person.at).total_seconds() + 1
    await lists.desk.feed(person.event(end, later))
    await lists.working.tidy()
    assert [file.exists() for file in files] == [False, False, True, True]
    answer = await lists.desk.api.get(f"/api/imports/{done[0]['id']}/errors")
    assert answer.status_code == 409
    assert (await lists.look(done[0]["id"]))["state"] == "done"
    again = await lists.whole(LIST.encode())
    assert again["counts"]["earlier"] == 2


async def test_the_file_of_a_finished_list_goes_while_another_one_is_put_in(
    lists: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "PURGE_SECONDS", 0.0)
    monkeypatch.setattr(working, "IDLE_SECONDS", 0.02)
    done = await lists.whole(LIST.encode())
    person = Journey()
    person.submission = lists.captured()[0].submission_id
    long = await lists.bring(numbered(200))
    await lists.ask(long["id"], "check", **CHOICE)
    assert await lists.working.turn()
    await lists.ask(long["id"], "start")
    running = asyncio.create_task(lists.working.run())
    try:
        for _ in range(1000):  # nobody takes its rows on: it waits in its midst
            if (await lists.look(long["id"]))["position"] >= 25:
                break
            await asyncio.sleep(0.02)
        end = SubmissionEnriched(person.submission, "erased", person.touch)
        await lists.desk.feed(person.event(end, 60))
        for _ in range(1000):
            if not lists.working.folder.path(done["id"]).exists():
                break
            await asyncio.sleep(0.02)
        kept = [lists.working.folder.path(one["id"]).exists() for one in (done, long)]
        assert (kept, (await lists.look(long["id"]))["state"]) == ([False, True], "running")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
