"""A source that has gone quiet is told once, and once more when it is heard again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from libs.common.database.statements import text
from libs.common.events import Activity, Event, decode
from libs.common.log import Partition
from libs.common.ours import is_forged, is_ours
from services.desk.store import silences
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.listening import FILE, HOUR, Listening

LANE = Partition("leads.captured.v1", 0)


@pytest.fixture
def listening(desk: Desk) -> Listening:
    return Listening(desk)


def measured(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"sarnakh_desk_source_{name}", {"source": "contact"})


async def test_a_silence_is_told_once_by_whoever_is_first_and_ended_once(
    listening: Listening,
) -> None:
    await listening.came([40 + n for n in range(12)])
    one, two = await listening.other(), await listening.other()
    await one.look()
    assert (listening.said(), measured("silent")) == ([], 0)
    await listening.pass_by(37)
    await asyncio.gather(one.look(), two.look())
    await (await listening.other()).look()
    ((name, data),) = listening.said()
    assert name == "source.silent"
    assert (data["source"], data["source_kind"]) == ("contact", "form")
    assert (data["usual_seconds"], data["at_most_seconds"]) == (3600, 3600)
    assert data["quiet_seconds"] >= 40 * 3600
    assert data["last_at"] == (listening.now - 40 * HOUR).isoformat()
    assert measured("silent") == 1
    quiet = measured("quiet_seconds")
    assert quiet is not None
    assert quiet >= 40 * 3600

    await listening.came([2, 1])
    await asyncio.gather(one.look(), two.look())
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent", "source.heard_again"]
    data = listening.said()[1][1]
    assert data["heard_at"] == (listening.now - 2 * HOUR).isoformat()
    assert data["quiet_seconds"] == 38 * 3600
    assert measured("silent") == 0
    await listening.pass_by(39)
    await one.look()
    assert [name for name, _data in listening.said()][2:] == ["source.silent"]
    ids = {decode(record).id for record in listening.desk.tape.records}
    assert len(ids) == 3


BUSY = text("""
    INSERT INTO desk.submissions (id, round, rank, state, state_at, source, kind, received_at)
    SELECT gen_random_uuid(), 0, 50, 'assigned', now(), 'contact', 'form',
        now() - interval '3 hours' - n * interval '10 minutes' FROM generate_series(0, 5000) AS n
""")
"""Every ten minutes for five weeks, day and night, until three hours ago."""


async def test_a_busy_source_is_told_of_within_hours_with_what_is_usual(
    listening: Listening,
) -> None:
    async with listening.desk.database.transaction() as tx:
        await tx.execute(BUSY)
    one = await listening.other()
    await one.look()
    assert listening.said() == []
    await listening.pass_by(0.9)
    await one.look()
    assert listening.said() == [], "an hour is nothing"
    await listening.pass_by(1.9)
    await one.look()
    ((name, data),) = listening.said()
    assert (name, data["usual_seconds"]) == ("source.silent", 600)
    assert 600 <= data["at_most_seconds"] <= 3600
    (way,) = (await listening.desk.get("/api/health"))["sources"]
    assert way["alarm"]["usually_at_most"] == pytest.approx(data["at_most_seconds"], abs=1)


async def test_one_long_outage_does_not_hide_the_next(listening: Listening) -> None:
    async with listening.desk.database.transaction() as tx:
        await tx.execute(BUSY)
        await tx.execute(
            text("""
                DELETE FROM desk.submissions WHERE received_at BETWEEN now() - interval '9 days'
                    AND now() - interval '5 days'
            """)
        )
    one = await listening.other()
    await one.look()
    await listening.pass_by(2.9)
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]


async def test_what_a_habit_is_read_from_is_found_by_an_index(listening: Listening) -> None:
    """However many came: of each quarter of an hour one is read, of four weeks."""
    async with listening.desk.database.transaction() as tx:
        await tx.execute(BUSY)
        await tx.execute(text("ANALYZE desk.submissions"))
        values = {"source": "contact", "newest": listening.now, **silences.Reach()._asdict()}
        rows = await tx.execute(text(f"EXPLAIN ANALYZE {silences.SPACED}"), values)
        plan = "\n".join(str(row[0]) for row in rows)
        found = await silences.spaced(tx, "contact", listening.now, silences.Reach())
    assert "Seq Scan on submissions" not in plan
    assert "submissions_source" in plan
    assert 1900 < len(found) <= 2690
    assert min(found) > listening.now - timedelta(weeks=4)


async def test_of_a_rare_source_a_habit_is_read_from_a_year(listening: Listening) -> None:
    await listening.came([24 * 20 * n for n in range(1, 30)])
    async with listening.desk.database.transaction() as tx:
        found = await silences.spaced(tx, "contact", listening.now, silences.Reach())
    assert len(found) == 1 + 365 // 20


async def test_time_in_which_nobody_listened_is_no_silence(listening: Listening) -> None:
    await listening.came([90 + n for n in range(12)])
    one = await listening.other()
    for _ in range(3):
        await one.look()
    async with listening.desk.database.transaction() as tx:
        await tx.execute(
            text("""
                UPDATE desk.silences SET seen_at = seen_at - interval '5 days',
                    listened = interval '35 hours 59 minutes'
            """)
        )
    await (await listening.other()).look()
    assert listening.said() == []
    async with listening.desk.database.transaction() as tx:
        await tx.execute(text("UPDATE desk.silences SET seen_at = seen_at - interval '2 minutes'"))
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]


async def test_nothing_is_told_while_arrivals_wait_to_be_read(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    lag, end = 7, 20

    async def spans(_topics: Sequence[str]) -> Mapping[Partition, range]:
        return {LANE: range(end)}

    async def lags(_group: str, _topics: Sequence[str]) -> Mapping[Partition, int]:
        return {LANE: lag}

    await listening.came([40 + n for n in range(12)])
    await (await listening.other()).look()
    await listening.pass_by(37)
    monkeypatch.setattr(listening.desk.tape, "spans", spans)
    monkeypatch.setattr(listening.desk.tape, "lags", lags)
    one = await listening.other()
    await one.look()
    end = 24
    await one.look()
    assert listening.said() == []
    end, lag = 30, 6  # behind by what came since the look before, as always where much comes
    await one.look()
    assert len(listening.said()) == 1


async def test_a_list_put_in_under_a_source_s_name_is_no_word_of_it(listening: Listening) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.came([1], kind="import")
    await listening.pass_by(37)
    await one.look()
    assert [name for name, _data in listening.said()] == ["source.silent"]


async def test_what_is_not_configured_any_more_is_neither_told_nor_measured(
    listening: Listening,
) -> None:
    await listening.came([40 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    configurations = listening.desk.runtime.configurations
    configurations.path.write_text(FILE.replace("contact", "price"), encoding="utf-8")
    configurations.__init__(configurations.path, listening.desk.database)  # type: ignore[misc]  # a restart
    await one.look()
    assert (listening.said(), measured("silent")) == ([], None)


async def test_the_word_of_it_is_the_system_s_own_and_on_no_lead_s_story(
    listening: Listening,
) -> None:
    for name in ("source.silent", "source.heard_again"):
        assert is_ours(name)
        assert is_forged(name, "visitor")
        at = listening.now
        said = Activity("6d9b1c1c-6f0c-4c2e-9d10-6b7f1f0e2a11", name, at, data={"source": "x"})
        await listening.desk.feed(Event(said.activity_id, "x", at, said))
    async with listening.desk.database.transaction() as tx:
        rows = await tx.execute(text("SELECT count(*) FROM desk.timeline"))
        assert rows.scalar() == 0


async def test_a_source_that_spoke_many_times_a_minute_says_so(listening: Listening) -> None:
    desk = listening.desk
    await listening.came([50 + n + more for n in range(12) for more in (0, 1 / 9_000_000)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    (silent,) = (data for _name, data in listening.said())
    assert (silent["usual_seconds"], silent["at_most_seconds"]) == (1, 3600)
    (way,) = (await desk.get("/api/health"))["sources"]
    assert way["usually_every"] == pytest.approx(0.0004)
    async with desk.client({"Accept": "text/html"}) as browser:
        await browser.post("/sign-in", data={"token": TOKEN})
        for path in ("/health", "/sources/contact"):
            assert "several times a minute" in (await browser.get(f"{path}?lang=en")).text
            assert "چند بار در دقیقه" in (await browser.get(f"{path}?lang=fa")).text


async def test_of_arrivals_of_one_moment_the_usual_pause_is_none_at_all(
    listening: Listening,
) -> None:
    await listening.came([50] * 12)
    (way,) = (await listening.desk.get("/api/health"))["sources"]
    assert way["usually_every"] == 0.0


async def test_a_silence_shows_with_its_length_until_it_is_over_in_both_languages(
    listening: Listening,
) -> None:
    desk = listening.desk
    await listening.came([50 + n for n in range(12)])
    one = await listening.other()
    await one.look()
    await listening.pass_by(37)
    await one.look()
    (way,) = (await desk.get("/api/health"))["sources"]
    assert way["silent"]
    assert datetime.fromisoformat(way["alarm"]["last_at"]) == listening.now - 50 * HOUR
    async with desk.client({"Accept": "text/html"}) as browser:
        await browser.post("/sign-in", data={"token": TOKEN})

        async def shown(path: str, tongue: str) -> str:
            return (await browser.get(f"{path}?lang={tongue}")).text

        for path in ("/health", "/sources/contact"):
            assert "۲ روز و ۲ ساعت" in await shown(path, "fa")
            assert "2 d 2 h" in await shown(path, "en")
        page = await shown("/sources/contact", "en")
        assert "nothing has come for 2 d 2 h. Usually something comes every 1 h." in page
        assert "At such hours it is usually quiet for at most 1 h." in page
        assert "سکوتش معمولاً از ۱ ساعت بیشتر نمی‌شود." in await shown("/sources/contact", "fa")
        assert "usually at most 1 h" in await shown("/health", "en")
        assert "معمولاً حداکثر ۱ ساعت" in await shown("/health", "fa")
        assert "معمولاً هر ۱ ساعت چیزی می‌رسد." in await shown("/sources/contact", "fa")
        await listening.came([1])
        assert 'id="quiet"' not in await shown("/sources/contact", "en")
        await one.look()
        assert (await desk.get("/api/health"))["sources"][0]["alarm"] is None
        assert "It was quiet for 2 d 1 h" in await shown("/sources/contact", "en")
        assert "۲ روز و ۱ ساعت ساکت بود و دوباره" in await shown("/sources/contact", "fa")
