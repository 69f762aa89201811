"""Builds the scoring service and runs it until the process is asked to stop."""

from __future__ import annotations

from libs.common.runtime import Runtime
from libs.common.stage.loop import run_stage
from services.scoring.stage import ScoringStage


async def run(runtime: Runtime) -> None:
    """Run the service."""
    await run_stage(ScoringStage(runtime.configurations), runtime)
