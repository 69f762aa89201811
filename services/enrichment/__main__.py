"""Builds the enrichment service and runs it until the process is asked to stop."""

from __future__ import annotations

import asyncio

from libs.common.forgetting import keep_forgetting
from libs.common.runtime import Runtime
from libs.common.stage.loop import run_stage
from services.enrichment.forget import KINDS
from services.enrichment.stage import EnrichmentStage


async def run(runtime: Runtime) -> None:
    """Run the stage, and the chore beside it."""
    forgetting = asyncio.create_task(keep_forgetting("enrichment", runtime, KINDS))
    try:
        await run_stage(EnrichmentStage(runtime.configurations), runtime)
    finally:
        forgetting.cancel()
        await asyncio.gather(forgetting, return_exceptions=True)
