"""Zones as Home Assistant finds them by itself (MQTT discovery): one device for each, with an entity for each question.

Where we may be blind, or are gone, nothing is `off`: it is `unknown`, or unavailable. No `siren` entity is offered: one
would let whoever commands Home Assistant ring a siren, and ours obey signed commands only. A siren of Home Assistant's
own is rung by an automation on these entities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

import tocsin
from tocsin.announce.bodies import PublicWarning

# Each has six entities, and Home Assistant keeps the history of each.
ZONES_MAX = 200
# Without a word for this long (three times what a zone waits for its turn) an entity is unavailable.
SILENT_S = 180

_LEVEL = "value_json.level"
# What is so, what is not, and what cannot be known where we may be blind: `None` tells a binary sensor so, and what a
# sensor of levels must be told is the state itself.
_ANSWERS = {
    "take_cover": ("Take cover", f"'ON' if {_LEVEL} == 'take_cover' else 'None' if value_json.degraded else 'OFF'"),
    "prepare": (
        "Prepare",
        f"'ON' if {_LEVEL} == 'prepare' else 'OFF' if {_LEVEL} == 'take_cover' or not value_json.degraded else 'None'",
    ),
    "all_clear": (
        "All clear",
        f"'OFF' if {_LEVEL} in ('prepare', 'take_cover') else 'None' if value_json.degraded "
        f"else 'ON' if {_LEVEL} == 'all_clear' else 'OFF'",
    ),
}


class HomeAssistant:
    """What Home Assistant is told of.

    prefix   under which it looks for entities
    sector   short name of this service
    zones    id -> name in the language of the house
    """

    def __init__(self, prefix: str, sector: str, zones: Mapping[str, str]) -> None:
        assert len(zones) <= ZONES_MAX
        self.zones = dict(zones)
        self.birth = f"{prefix}/status"
        self._prefix = prefix
        # Home Assistant takes these characters only.
        self._node = "tocsin_" + "".join(one if one.isascii() and one.isalnum() else "_" for one in sector)
        self.listens = (self.birth, f"{prefix}/+/{self._node}/+/config")

    def ours(self, topic: str) -> bool:
        """Whether a topic is where this service introduces an entity."""
        levels = topic.split("/")
        return topic.startswith(f"{self._prefix}/") and levels[-3:-2] == [self._node] and levels[-1] == "config"

    def entities(self, topic: Callable[..., str], *, drill: bool) -> dict[str, bytes]:
        """Topic -> message that introduces an entity; `topic` gives the service's own topics."""
        made: dict[str, bytes] = {}
        for zone, name in self.zones.items():
            key = f"{self._node}_{hashlib.sha256(zone.encode()).hexdigest()[:16]}{'_drill' if drill else ''}"
            shared = {
                "availability_topic": topic("status"),
                "payload_available": "online",
                "payload_not_available": "unknown",
                "device": {
                    "identifiers": [key],
                    "name": f"DRILL {name}" if drill else name,
                    "manufacturer": "Tocsin",
                    "model": "Zone (drill)" if drill else "Zone",
                    "sw_version": tocsin.__version__,
                },
                "origin": {"name": "Tocsin", "sw_version": tocsin.__version__},
            }
            for what, (component, own) in _entities(topic("zones", zone), topic("events", zone)).items():
                config: dict[str, Any] = {"unique_id": f"{key}_{what}"} | own | shared
                path = f"{self._prefix}/{component}/{self._node}/{key}_{what}/config"
                made[path] = json.dumps(config, ensure_ascii=False).encode()
        return made

    def event(self, warning: PublicWarning) -> bytes:
        """A warning as the message of an `event` entity."""
        return msgspec.json.encode({"event_type": warning.level} | msgspec.to_builtins(warning))


def _entities(state: str, events: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """What -> (component, config) of one zone, whose state and warnings come under these topics."""

    def of_state(component: str, name: str, kind: str, answer: str, **more: Any) -> tuple[str, dict[str, Any]]:
        shared = {"state_topic": state, "expire_after": SILENT_S, "value_template": f"{{{{ {answer} }}}}"}
        return component, {"name": name, "device_class": kind} | shared | more

    made = {what: of_state("binary_sensor", name, "safety", answer) for what, (name, answer) in _ANSWERS.items()}
    made["blind"] = of_state("binary_sensor", "May be blind", "problem", "'ON' if value_json.degraded else 'OFF'")
    unsure = f"'unknown' if value_json.degraded and {_LEVEL} in ('none', 'all_clear') else {_LEVEL}"
    levels = ["none", "prepare", "take_cover", "all_clear", "unknown"]
    made["level"] = of_state("sensor", "Level", "enum", unsure, options=levels)
    kinds = ["prepare", "take_cover", "all_clear"]
    made["warning"] = ("event", {"name": "Warning", "event_types": kinds, "state_topic": events})
    return made
