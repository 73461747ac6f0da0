"""Logs: one JSON object per line on stderr, or lines for people where that is a terminal."""

from __future__ import annotations

import logging
import sys

import structlog

from tocsin.model.effect import Degraded
from tocsin.model.warning import Warning
from tocsin.service.worker import Decided

log = structlog.get_logger(__name__)


def set_up_logs(level: int = logging.INFO) -> None:
    """Send our own logs, and the libraries' warnings, to stderr in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    people = sys.stderr.isatty()
    ending: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if people
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=ending[-1]))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def log_decided(decided: Decided) -> None:
    """A line for every warning and every change of what we may be blind for.

    Without the reason: it names operators and observations, and these their spotters. The journal keeps it.
    """
    for effect in decided.effects:
        if isinstance(effect, Warning):
            log.info("warning", zone=effect.zone, level=effect.level, id=effect.id, threat=effect.threat)
        elif isinstance(effect, Degraded):
            log.warning("degraded", reason=effect.reason)
