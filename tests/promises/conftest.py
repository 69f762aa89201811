"""The fixtures of other folders that these tests share."""

from __future__ import annotations

from tests.integration.desk.conftest import desk
from tests.integration.routing.conftest import routing
from tests.integration.stage.conftest import running

__all__ = ["desk", "routing", "running"]
