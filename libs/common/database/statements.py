"""SQL as SQLAlchemy takes it, read once: reading it anew costs half as much as running it."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy
from sqlalchemy import TextClause


@lru_cache(maxsize=1024)
def text(written: str) -> TextClause:
    """The statement, one object for the same text, so that what is compiled of it is found."""
    return sqlalchemy.text(written)
