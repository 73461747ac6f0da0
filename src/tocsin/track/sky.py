"""All that the kernels work on: the tracks, the sensors, what is learned of them, and room to work in."""

from __future__ import annotations

from typing import NamedTuple

from tocsin.track.arc.room import Flight, flight
from tocsin.track.bank import Bank
from tocsin.track.sensors.learned import Pad, Sensed, pad_for
from tocsin.track.sensors.sites import Sites
from tocsin.track.settings import KernelSettings


class Sky(NamedTuple):
    """What is tracked and learned, and how; nothing in `room` and `pad` outlasts the work on one track."""

    bank: Bank
    sites: Sites
    sensed: Sensed
    settings: KernelSettings
    room: Flight
    pad: Pad


def sky_of(bank: Bank, sites: Sites, sensed: Sensed, settings: KernelSettings) -> Sky:
    """With room to work in; `bank` and `sensed` are worked on."""
    return Sky(bank, sites, sensed, settings, flight(), pad_for(sensed))
