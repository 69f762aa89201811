"""What the tests of the scoring stage share."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.database import Database
from tests.integration.scoring.shell import Scoring

FILE = """
teams:
  - {key: sales, name: Sales, specialists: [{key: sara, name: Sara}]}
routing: {fallback: sales}
"""


@pytest.fixture
def scoring(database: Database, tmp_path: Path) -> Scoring:
    """The scoring stage on a database of this test's own."""
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    return Scoring(database, file)
