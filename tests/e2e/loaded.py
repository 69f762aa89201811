"""All services' code, loaded as their command line loads it: what `forking` forks."""

from __future__ import annotations

import gc
import importlib

from services.__main__ import load_logging
from services.migrations import SERVICES

load_logging()
importlib.import_module("services.commands.line")
for _service in SERVICES:
    importlib.import_module(f"services.{_service}.__main__")
gc.freeze()  # a collection would write to all of it, in each fork anew
