"""`kind = "sirens"`: sirens that obey signed commands, at an MQTT 5 broker."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.announce.channel import Pushed
from tocsin.announce.keys import ed25519_key_in, public_key_in
from tocsin.model.errors import BadSettings
from tocsin.service.names import Name
from tocsin.service.ways_out.made import zones_of
from tocsin.service.ways_out.mqtt import BrokerWay
from tocsin.service.ways_out.way import Ground


class SirenSettings(BaseModel):
    """One siren. Where it stands is not said here, nor anywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Name = Field(description="Its name, as in its own settings.")
    zones: tuple[Name, ...] = Field(
        min_length=1,
        max_length=50,
        description="Where it is heard: ids of zones, or what they are part of; 50 zones.",
    )
    key: Path = Field(description="Its public key (Ed25519, PEM), by which its reports are believed.")


class SirensWay(BrokerWay):
    """Sirens that obey signed commands, at an MQTT 5 broker."""

    kind: Literal["sirens"]
    key_file: Path = Field(description="Key (Ed25519, PEM) that signs live commands: `tocsin keys make siren`.")
    drill_key_file: Path | None = Field(None, description="Key that signs drills; none: drills are not sounded.")
    siren: tuple[SirenSettings, ...] = Field(
        min_length=1, max_length=5_000, description="The sirens; [[channel.siren]] tables."
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [one.id for one in self.siren]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sirens are called {name}")
        return self

    def below(self, folder: Path) -> Self:
        """The same, with every path that is relative taken from that folder."""
        placed = super().below(folder)
        sirens = tuple(one.model_copy(update={"key": folder / one.key}) for one in placed.siren)
        return placed.model_copy(update={"siren": sirens})

    def make(self, ground: Ground) -> Pushed:
        """The channel to those sirens."""
        from tocsin.announce.sirens import Sirens

        keys = {False: ed25519_key_in(self.key_file)}
        if self.drill_key_file is not None:
            keys[True] = ed25519_key_in(self.drill_key_file)
        keys = {
            drill: key for drill, key in keys.items() if self.worlds == "both" or drill == (self.worlds == "drills")
        }
        if not keys or (ground.drill and True not in keys):
            raise BadSettings("no siren would sound: drill_key_file is not given, or `worlds` leaves drills out")
        return Sirens(
            self.id,
            self.broker(),
            ground.board,
            sector=ground.sector,
            prefixes=(self.prefix, self.drill_prefix),
            now=ground.now,
            keys=keys,
            sirens={one.id: (self._zones(one, ground), _public(one.key)) for one in self.siren},
        )

    def _zones(self, siren: SirenSettings, ground: Ground) -> tuple[str, ...]:
        zones, strange = zones_of(siren.zones, ground.zones, ground.sites)
        if strange:
            raise BadSettings(f"siren {siren.id}: the zones file holds no {strange[0]!r}")
        assert zones is not None, "each siren names its zones"
        if len(zones) > 50:
            raise BadSettings(f"siren {siren.id} is heard in {len(zones)} zones; at most 50")
        return tuple(sorted(zones))


def _public(path: Path) -> Ed25519PublicKey:
    key = public_key_in(path)
    if not isinstance(key, Ed25519PublicKey):
        raise BadSettings(f"{path} holds no Ed25519 key; `tocsin keys make siren` makes one")
    return key
