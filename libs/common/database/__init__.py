"""Postgres: reached by URL or started from a wheel, with each service's schema and migrations."""

from libs.common.database.engine import Database
from libs.common.database.transaction import Transaction

__all__ = ["Database", "Transaction"]
