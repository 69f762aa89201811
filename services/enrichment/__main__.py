"""Builds the enrichment service and runs it until the process is asked to stop."""

from __future__ import annotations

from libs.common.runtime import Runtime
from libs.common.stage.loop import run_stage
from services.enrichment.stage import EnrichmentStage


async def run(runtime: Runtime) -> None:
    """Run the stage."""
    await run_stage(EnrichmentStage(runtime.configurations), runtime)
