"""`kind = "sirens"`: sirens that obey signed commands, at an MQTT 5 broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.announce.channel import Pushed
from tocsin.announce.keys import ed25519_key_in, public_key_in
from tocsin.announce.sample import Sample
from tocsin.model.errors import BadSettings
from tocsin.service.names import Name
from tocsin.service.ways_out.made import zones_of
from tocsin.service.ways_out.mqtt import BrokerWay
from tocsin.service.ways_out.way import Ground

if TYPE_CHECKING:
    from tocsin.announce.sirens import Sirens


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

    def check(self) -> None:
        """Whether its secrets are there, and every key is one. Raises BadSettings."""
        super().check()
        for private in (self.key_file, self.drill_key_file):
            if private is not None:
                ed25519_key_in(private)
        for one in self.siren:
            _public(one.key)

    def make(self, ground: Ground) -> Pushed:
        """The channel to those sirens."""
        return self._to(self.id, ground, {one.id: (self._zones(one, ground), _public(one.key)) for one in self.siren})

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """A siren without a sound, at the same broker, heard in the first zone of the first siren."""
        from tocsin.announce.mqtt_broker import word
        from tocsin.announce.siren.client import Client, Home, Memory
        from tocsin.announce.siren.guard import World
        from tocsin.announce.siren.sound import Player
        from tocsin.announce.siren.wire import Keys, pinned
        from tocsin.service.canary.siren_listener import SirenListener

        name, own = f"{self.id}.canary", Ed25519PrivateKey.generate()
        zone = self._zones(self.siren[0], ground)[0]
        signing = self._keys(ground)
        keys: dict[World, Keys] = {
            "live": pinned(*(key.public_key() for drill, key in signing.items() if not drill)),
            "drill": pinned(*(key.public_key() for drill, key in signing.items() if drill)),
        }

        def made(shown: Callable[[dict[str, object]], None]) -> Client:
            home = Home(
                siren=name,
                sector=ground.sector,
                keys=keys,
                own=own,
                roots=(f"{self.prefix}/{word(ground.sector)}", f"{self.drill_prefix}/{word(ground.sector)}"),
                battery=lambda: None,
                save=lambda memory: None,
                shown=shown,
            )
            return Client(home, self.broker(), Player(ground.folder, command=None), Memory())

        recipient = self._to(name, ground, {name: ((zone,), own.public_key())})
        return Sample(
            SirenListener(name, made, lambda: recipient.obeyed(name), lambda: recipient.trouble is None),
            recipient,
            frozenset({zone}),
        )

    def _to(self, name: str, ground: Ground, sirens: Mapping[str, tuple[tuple[str, ...], Ed25519PublicKey]]) -> Sirens:
        from tocsin.announce.sirens import Sirens

        return Sirens(
            name,
            self.broker(),
            ground.board,
            sector=ground.sector,
            prefixes=(self.prefix, self.drill_prefix),
            now=ground.now,
            keys=self._keys(ground),
            sirens=sirens,
        )

    def _keys(self, ground: Ground) -> dict[bool, Ed25519PrivateKey]:
        keys = {False: ed25519_key_in(self.key_file)}
        if self.drill_key_file is not None:
            keys[True] = ed25519_key_in(self.drill_key_file)
        keys = {
            drill: key for drill, key in keys.items() if self.worlds == "both" or drill == (self.worlds == "drills")
        }
        if not keys or (ground.drill and True not in keys):
            raise BadSettings("no siren would sound: drill_key_file is not given, or `worlds` leaves drills out")
        return keys

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
