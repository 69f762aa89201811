"""The log: one port, two adapters (Apache Kafka, and tables in Postgres)."""

from libs.common.log.port import (
    PARTITION_KEY,
    Batch,
    Held,
    InDatabase,
    Log,
    LogUnavailable,
    Partition,
    Reader,
    Record,
    RecordTooLarge,
    Stored,
    WrongTopics,
    check_sizes,
    partition_of,
)

__all__ = [
    "PARTITION_KEY",
    "Batch",
    "Held",
    "InDatabase",
    "Log",
    "LogUnavailable",
    "Partition",
    "Reader",
    "Record",
    "RecordTooLarge",
    "Stored",
    "WrongTopics",
    "check_sizes",
    "partition_of",
]
