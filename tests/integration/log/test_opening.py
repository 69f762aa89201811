"""Which log is opened, and that none is left behind unread (rule 25)."""

from __future__ import annotations

import pytest

from libs.common.database import Database
from libs.common.log import Record
from libs.common.log.kafka import KafkaLog
from libs.common.log.opening import Undrained, drain_check, open_log
from libs.common.log.postgres import PostgresLog
from libs.common.settings import Settings

EMBEDDED = Settings()
KAFKA = Settings(kafka_bootstrap_servers="127.0.0.1:1")


async def test_the_settings_choose_the_log(database: Database) -> None:
    assert isinstance(open_log(KAFKA, database), KafkaLog)
    embedded = open_log(EMBEDDED, database)
    assert isinstance(embedded, PostgresLog)
    await embedded.close()


async def test_rule_25_unread_records_are_not_left_behind(database: Database) -> None:
    log = open_log(EMBEDDED, database)
    await log.create_topics(["first"])
    await drain_check(KAFKA, database)
    await log.append([Record("first", "k", b"1"), Record("first", "k", b"2")], 30)
    await drain_check(EMBEDDED, database)
    with pytest.raises(Undrained, match="2 unread records: run `sarnakh up` without") as refused:
        await drain_check(KAFKA, database)
    assert "رکورد" in refused.value.text.fa

    reader = await log.reader("one", ["first"])
    slow = await log.reader("slow", ["first"])
    [batch] = await reader.fetch(10, 5)
    await reader.commit(batch.held, 2)
    with pytest.raises(Undrained):
        await drain_check(KAFKA, database)
    [batch] = await slow.fetch(10, 5)
    await slow.commit(batch.held, 2)
    await drain_check(KAFKA, database)
    for each in (reader, slow):
        await each.close()
    await log.close()


async def test_rule_25_other_prefixes_are_other_installations(database: Database) -> None:
    log = PostgresLog(database, "mine.")
    await log.create_topics(["first"])
    await log.append([Record("first", "k", b"1")], 30)
    other = Settings(kafka_bootstrap_servers="127.0.0.1:1", topic_prefix="theirs.")
    await drain_check(other, database)
    await log.close()


async def test_a_database_that_is_away_refuses_nothing() -> None:
    await drain_check(KAFKA, Database("postgresql://nobody@127.0.0.1:1/none"))
