"""The log kept in Postgres tables: what runs where there is no Kafka, by the same promises.

docs/decisions/0004-a-log-kept-in-postgres.md says why and what it costs.
"""

from libs.common.log.postgres.log import PostgresLog, unread_records
from libs.common.log.postgres.reader import Lease

__all__ = ["Lease", "PostgresLog", "unread_records"]
