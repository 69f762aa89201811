"""Chooses the log by the settings, and refuses to leave unread records behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from libs.common import topics
from libs.common.database import Database
from libs.common.log.port import Log, LogUnavailable
from libs.common.log.postgres import PostgresLog, unread_records
from libs.common.refusal import Refusal
from libs.common.settings import Settings

if TYPE_CHECKING:  # aiokafka is loaded only where there is a Kafka
    from libs.common.log.kafka import KafkaLog
    from libs.common.log.kafka.looking import Cluster


class Undrained(Refusal):
    """Kafka is configured while the embedded log holds records that were not read."""

    def __init__(self, records: int) -> None:
        super().__init__(
            fa=(
                f"{records} رکورد در لاگ داخلی هنوز خوانده نشده است؛ اول `sarnakh up` را بدون "
                "SARNAKH_KAFKA_BOOTSTRAP_SERVERS اجرا کنید تا `sarnakh books` «در راه» را ۰ "
                "نشان دهد."
            ),
            en=(
                f"The embedded log holds {records} unread records: run `sarnakh up` without "
                "SARNAKH_KAFKA_BOOTSTRAP_SERVERS until `sarnakh books` says in flight 0."
            ),
        )


def open_log(settings: Settings, database: Database) -> Log:
    """The log that the settings name. Connects when first used, so nothing has to be up."""
    if settings.kafka_bootstrap_servers:
        return _kafka(settings)
    return PostgresLog(database, settings.topic_prefix)


def _kafka(settings: Settings) -> KafkaLog:
    from libs.common.log.kafka import KafkaLog  # noqa: PLC0415 - 4 MiB

    return KafkaLog(settings.kafka_bootstrap_servers, settings.topic_prefix)


async def look_at_kafka(settings: Settings) -> Cluster:
    """The cluster that the settings name, and what it has of our topics; creates nothing.

    Raises LogUnavailable within seconds.
    """
    log = _kafka(settings)
    try:
        return await log.look(topics.ALL)
    finally:
        await log.close()


async def drain_check(settings: Settings, database: Database) -> None:
    """Raise Undrained when the settings would leave unread records behind (delivery rule 25).

    A database that is away is no reason to refuse: capture accepts without it.
    """
    if not settings.kafka_bootstrap_servers:
        return
    try:
        records = await unread_records(database, settings.topic_prefix)
    except LogUnavailable:
        return
    if records:
        raise Undrained(records)
