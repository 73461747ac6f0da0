"""From a decision to the people, on every channel: how long, whether anything is lost, and what a liar gets."""

from __future__ import annotations

import logging

from tocsin.bench.parts import chosen, measure
from tocsin.service.logs import set_up_logs


def run(*, json: bool = False, channel: str | None = None) -> None:
    """Measure and print; `channel`: these parts only, by their names with commas between."""
    wanted = chosen("announce_", channel)
    # That some channels are dead here is no news.
    set_up_logs(logging.CRITICAL)
    measure("announce_", wanted, json=json)
