"""A country on paper: what each layer carries and how many cores that takes, from what was measured on one machine."""

from __future__ import annotations

import json as jsonlib
from dataclasses import asdict, dataclass

import typer

# Measured on loopback, two busy cores (`tocsin bench announce --channel nchan,push`): the worst of the runs.
NCHAN_US, NCHAN_KB = 16.2, 14.3
PUSH_CPU_S, PUSH_BYTES, PUSH_MEMORY_BYTES = 720e-6, 1_900, 600
# One core follows 800 drones over 16,236 microphones and 1,101 zones at 4.8 times real time.
ENGINE_SENSORS, ENGINE_TIMES = 16_236, 4.8
# Of the board of a country's 1,449 zones: `state` and `pulse`, as they are written.
STATE_BYTES, PULSE_BYTES = 265_000, 110
# Assumed, not measured: how full a core may be, and what a core and a gigabyte sent cost.
FULL, CORE_MONTH, GIGABYTE = 0.6, 20.0, 0.01


@dataclass(frozen=True)
class Country:
    """What is assumed of it: listeners are phones and pages; `open_share` of them look at a page in a raid.

    push_s      within how long everybody who is pushed to shall be told
    changes_s   events a second beside the pulse, and `change_bytes` of each
    """

    listeners: float = 100e6
    sensors: float = 20_000
    open_share: float = 0.05
    push_s: float = 120.0
    changes_s: float = 1.0
    change_bytes: float = 1_000


@dataclass(frozen=True)
class Needs:
    """Cores of each layer, gigabytes of memory, gigabits a second, and money a month (assumed prices)."""

    engine_cores: float
    stream_cores: float
    stream_memory_gb: float
    stream_gbit_s: float
    join_gb: float
    push_cores: float
    push_memory_gb: float
    push_sent_gb: float
    money_month: float
    money_raid_hour: float


def needs(country: Country) -> Needs:
    """What such a country takes. Two twins decide; every core is filled to FULL."""
    pages = country.listeners * country.open_share
    engine = 2 * country.sensors / ENGINE_SENSORS / ENGINE_TIMES / FULL
    stream = pages * (1 + country.changes_s) * NCHAN_US * 1e-6 / FULL
    bytes_s = pages * (PULSE_BYTES + country.changes_s * country.change_bytes)
    push = country.listeners * PUSH_CPU_S / country.push_s / FULL
    sent_gb = country.listeners * PUSH_BYTES / 1e9
    join_gb = pages * STATE_BYTES / 1e9
    hour_gb = bytes_s * 3_600 / 1e9 + sent_gb + join_gb
    return Needs(
        engine_cores=engine,
        stream_cores=stream,
        stream_memory_gb=pages * NCHAN_KB / 1e6,
        stream_gbit_s=bytes_s * 8 / 1e9,
        join_gb=join_gb,
        push_cores=push,
        push_memory_gb=country.listeners * PUSH_MEMORY_BYTES / 1e9,
        push_sent_gb=sent_gb,
        money_month=(engine + stream + push) * CORE_MONTH,
        money_raid_hour=hour_gb * GIGABYTE,
    )


def run(*, json: bool = False) -> None:
    """Print what the country of docs/why/scale.md takes."""
    found = asdict(needs(Country()))
    if json:
        typer.echo(jsonlib.dumps(found))
        return
    for name, value in found.items():
        typer.echo(f"{name:20} {value:14,.1f}")
