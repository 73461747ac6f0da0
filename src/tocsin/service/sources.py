"""The live sources of the settings, each supervised: one that fails is reported and tried again, never the others."""

from __future__ import annotations

import structlog

from tocsin.service.runtime import Runtime

log = structlog.get_logger(__name__)


async def run_sources(runtime: Runtime) -> None:
    """Run every live source of the settings until cancelled."""
