"""A real Home Assistant finds the zones by itself and sees prepare, take cover, the all clear, and what is unknown.

Set TOCSIN_HOMEASSISTANT to a virtual environment of its own with `homeassistant` (2024.3.3 is for Python 3.11), which
was started once by hand with an MQTT entry, so that the parts of that are installed:

    python3.11 -m venv /opt/hass && /opt/hass/bin/pip install homeassistant==2024.3.3
    TOCSIN_HOMEASSISTANT=/opt/hass pytest tests/reference/test_home_assistant.py
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiomqtt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.broker import mosquitto
from tests.unit.announce.test_mqtt import ZONES, at_work, channel_to, clock, tell, warning
from tocsin.announce.board import Board
from tocsin.announce.bodies import public_warning
from tocsin.announce.home_assistant import HomeAssistant
from tocsin.announce.mqtt import Mqtt
from tocsin.announce.mqtt_signature import Signer
from tocsin.bench.broker import free_port
from tocsin.model.effect import Picture
from tocsin.model.warning import ZoneState

pytestmark = [pytest.mark.reference, pytest.mark.server]
# It starts in half a minute on an idle machine, and then takes its time to listen.
START_S = 240.0

CONFIGURATION = """
http:
  server_host: 127.0.0.1
  server_port: {port}
automation:
  - alias: tell what is seen
    mode: queued
    max: 500
    trigger:
      - platform: event
        event_type: state_changed
    condition:
      - "{{{{ trigger.event.data.entity_id.split('.')[0] in ('binary_sensor', 'sensor', 'event') }}}}"
    action:
      - service: mqtt.publish
        data:
          topic: "seen/{{{{ trigger.event.data.entity_id }}}}"
          payload: "{{{{ trigger.event.data.new_state.state if trigger.event.data.new_state else 'gone' }}}}"
"""


@contextmanager
def house(folder: Path, program: Path, broker: int) -> Iterator[None]:
    """Home Assistant with an entry for the broker, as its own dialogue would make it."""
    (folder / ".storage").mkdir()
    (folder / "configuration.yaml").write_text(CONFIGURATION.format(port=free_port()))
    entry = {
        "entry_id": "broker",
        "version": 1,
        "minor_version": 1,
        "domain": "mqtt",
        "title": "broker",
        "data": {"broker": "127.0.0.1", "port": broker, "protocol": "5", "discovery": True},
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "unique_id": None,
        "disabled_by": None,
    }
    store = {"version": 1, "minor_version": 1, "key": "core.config_entries", "data": {"entries": [entry]}}
    (folder / ".storage" / "core.config_entries").write_text(json.dumps(store))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-c", str(folder), "--skip-pip"], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
        process.wait()


class Seen:
    """What the house told of its entities, in order."""

    def __init__(self) -> None:
        self.states: dict[str, list[str]] = defaultdict(list)

    async def listen(self, port: int) -> None:
        async with aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe("seen/#", qos=1)
            async for message in client.messages:
                self.states[str(message.topic).removeprefix("seen/")].append(message.payload.decode())

    async def last(self, entity: str, state: str, within_s: float = 30.0) -> None:
        try:
            async with asyncio.timeout(within_s):
                while self.states[entity][-1:] != [state]:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"{entity} is not {state}; the house saw {dict(self.states)}")


def test_a_house_sees_prepare_cover_clear_and_unknown(tmp_path: Path) -> None:
    home = os.environ.get("TOCSIN_HOMEASSISTANT")
    if home is None:
        pytest.skip("TOCSIN_HOMEASSISTANT names no virtual environment with Home Assistant; see this file")
    program = Path(home) / "bin" / "hass"
    assert program.is_file(), f"{program} is not there"

    async def story(port: int) -> None:
        seen = Seen()
        listening = asyncio.create_task(seen.listen(port))
        names = {ZONES[0].id: "Home"}
        # Signed, as a service with keys does: a house reads the bodies as ever.
        signer = Signer({False: Ed25519PrivateKey.generate()})
        assistant = HomeAssistant("homeassistant", "north", names)
        board, channel = channel_to(port, "north", assistant=assistant, signer=signer)
        picturing = asyncio.create_task(pictures(board, channel))
        async with at_work(channel):
            await seen.last("sensor.home_level", "none", START_S)
            await seen.last("binary_sensor.home_take_cover", "off")
            for level in ("prepare", "take_cover", "all_clear"):
                said = warning("home", level)
                tell(board, channel, said)
                await channel.send("broker", [public_warning(said)])
                await seen.last("sensor.home_level", level)
                await seen.last(f"binary_sensor.home_{level}", "on")
            await seen.last("binary_sensor.home_take_cover", "off")
            assert len(seen.states["event.home_warning"]) >= 3
            blind = ZoneState(zone="home", degraded=True)
            tell(board, channel, Picture(time=clock(), zones=(blind,)))
            for entity in ("sensor.home_level", "binary_sensor.home_take_cover", "binary_sensor.home_all_clear"):
                await seen.last(entity, "unknown")
            await seen.last("binary_sensor.home_may_be_blind", "on")
        # We are gone.
        await seen.last("sensor.home_level", "unavailable")
        await seen.last("binary_sensor.home_take_cover", "unavailable")
        for task in (listening, picturing):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    broker, house_folder = tmp_path / "broker", tmp_path / "house"
    broker.mkdir()
    house_folder.mkdir()
    with mosquitto(broker, free_port()) as port, house(house_folder, program, port):
        asyncio.run(story(port))


async def pictures(board: Board, channel: Mqtt) -> None:
    """The engine lives: a picture every second, as in service."""
    while True:
        tell(board, channel)
        await asyncio.sleep(1)
