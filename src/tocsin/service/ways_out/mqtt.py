"""`kind = "mqtt"`: an MQTT 5 broker that keeps how every zone stands; and how any channel is led to a broker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from tocsin.announce.channel import Pushed
from tocsin.announce.sample import Sample
from tocsin.model.errors import BadSettings
from tocsin.service.at_broker import AtBroker
from tocsin.service.names import Name
from tocsin.service.ways_out.made import zones_of
from tocsin.service.ways_out.way import Ground, Way

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from tocsin.announce.home_assistant import HomeAssistant

Prefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", max_length=100)]


class BrokerWay(AtBroker, Way):
    """What leads to a broker."""

    prefix: Prefix = Field("tocsin", description="Where the topics begin.")
    drill_prefix: Prefix = Field("tocsin-drill", description="Where those of drills begin; never below the other.")

    @model_validator(mode="after")
    def _drills_apart(self) -> Self:
        live, drill = f"{self.prefix}/", f"{self.drill_prefix}/"
        if live.startswith(drill) or drill.startswith(live):
            raise ValueError("drill_prefix and prefix lie within each other; whoever reads one would read the other")
        return self


class MqttWay(BrokerWay):
    """An MQTT 5 broker that keeps how every zone stands, and introduces zones to Home Assistant."""

    kind: Literal["mqtt"]
    key_file: Path | None = Field(
        None, description="Key (Ed25519, PEM) that signs live messages: `tocsin keys make siren`; none: unsigned."
    )
    drill_key_file: Path | None = Field(None, description="Key that signs those of drills; none: they are unsigned.")
    home_assistant: tuple[Name, ...] = Field(
        (),
        max_length=200,
        description="Zones that Home Assistant is told of, by id or what they are part of; 200 in all.",
    )
    home_assistant_prefix: Prefix = Field("homeassistant", description="Where Home Assistant looks for entities.")

    def check(self) -> None:
        """Whether its secrets are there, and every key is one. Raises BadSettings."""
        super().check()
        self._keys()

    def make(self, ground: Ground) -> Pushed:
        """The channel to that broker."""
        from tocsin.announce.mqtt import Mqtt
        from tocsin.announce.mqtt_signature import Signer

        zones, _ = zones_of(self.zones, ground.zones, ground.sites)
        return Mqtt(
            self.id,
            self.broker(),
            ground.board,
            sector=ground.sector,
            prefixes=(self.prefix, self.drill_prefix),
            now=ground.now,
            zones=zones,
            worlds=self.worlds,
            assistant=self._assistant(ground) if self.home_assistant else None,
            signer=Signer(self._keys()),
        )

    def _keys(self) -> dict[bool, Ed25519PrivateKey]:
        from tocsin.announce.keys import ed25519_key_in

        files = {False: self.key_file, True: self.drill_key_file}
        return {drill: ed25519_key_in(file) for drill, file in files.items() if file is not None}

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """A reader of the same broker."""
        from tocsin.announce.mqtt_broker import word
        from tocsin.announce.siren.wire import pinned
        from tocsin.service.canary.mqtt_listener import MqttListener

        prefixes = {False: self.prefix, True: self.drill_prefix}
        roots = {drill: f"{prefix}/{word(ground.sector)}" for drill, prefix in prefixes.items()}
        keys = {drill: pinned(key.public_key()) for drill, key in self._keys().items()}
        return Sample(MqttListener(self.id, self.broker(), {root: keys.get(drill) for drill, root in roots.items()}))

    def _assistant(self, ground: Ground) -> HomeAssistant:
        from tocsin.announce.home_assistant import ZONES_MAX, HomeAssistant

        chosen, strange = zones_of(self.home_assistant, ground.zones, ground.sites)
        if strange:
            raise BadSettings(f"the zones file holds no {strange[0]!r}, which `home_assistant` names")
        language = ground.issuer.languages[0]
        names = {zone.id: zone.name_in(language) for zone in ground.zones if chosen is None or zone.id in chosen}
        if len(names) > ZONES_MAX:
            raise BadSettings(f"`home_assistant` names {len(names)} zones; more than {ZONES_MAX} would drown a house")
        return HomeAssistant(self.home_assistant_prefix, ground.sector, names)
