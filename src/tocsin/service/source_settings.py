"""What the settings say of who may tell us things: the `[[source]]` tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import Field, model_validator

from tocsin.cap.trust import trust_in
from tocsin.ingest.authorities import authority_from_table
from tocsin.ingest.foreign.jobs import Pinned, Signatures
from tocsin.ingest.udp import LOOPBACK
from tocsin.model.access import AlertLevel, Authority, Kind
from tocsin.model.threat import ThreatClass
from tocsin.service.at_broker import AtBroker
from tocsin.service.names import Name
from tocsin.service.section import Port, Section


class Speaker(Section):
    """What a source may say. What a table leaves out is what `ingest.authorities` gives to its kind."""

    id: Name = Field(description="Its name; its observations carry it as `source`.")
    kinds: tuple[Kind, ...] | None = Field(None, description="Kinds of observation it may send; others are refused.")
    sensors: tuple[str, ...] | None = Field(
        None, max_length=10_000, description="Sensors and declared posts it speaks for: ids, or patterns as `radar-*`."
    )
    area: tuple[dict[str, float], ...] = Field(
        (),
        max_length=1_000,
        description="Circles (`lat`, `lon`, `radius_m`) it may report from; none: anywhere.",
    )
    alerts: AlertLevel | None = Field(None, description="Highest level its CAP alerts may raise.")
    alert_zones: tuple[str, ...] = Field((), description="Zones (or their parents) its alerts may raise; none: all.")
    senders: tuple[str, ...] = Field(
        (), description="CAP senders, by name or pattern, whose alerts it may bring; none: anybody's."
    )
    alone: tuple[ThreatClass, ...] = Field(
        (), description="Classes of which its sightings raise cover without a second voice."
    )
    measures: tuple[Kind, ...] | None = Field(
        None, description="Of `position`, `launch`, `impact`: those that count as a sensor's."
    )
    identifies: bool | None = Field(
        None, description="Its transponder reports may, within bounds, speak for an aircraft that sensors see."
    )
    relays: bool | None = Field(None, description="It passes on what others say: `source` is kept as it says.")
    vouches: bool = Field(False, description="Those others are different people, each a voice of its own.")
    per_second_max: float | None = Field(
        None, gt=0, le=1_000_000, description="Observations per second; a burst of ten seconds' worth."
    )

    @property
    def authority(self) -> Authority:
        """What it may say. Raises BadSettings."""
        return authority_from_table(self.model_dump(exclude_none=True))


class Signed(Speaker):
    """Whose alerts may be signed."""

    signatures: Signatures = Field(
        "accepted",
        description="Of its CAP alerts: `required`; `accepted`: those that are there must hold; `ignored`.",
    )
    trust: Path | None = Field(
        None, description="Folder of the certificates that may sign them; without it no signature is looked at."
    )

    @model_validator(mode="after")
    def _requires_what_it_can_check(self) -> Self:
        if self.signatures == "required" and self.trust is None:
            raise ValueError(f"source {self.id} requires signatures; name a folder of certificates as `trust`")
        return self

    @property
    def pinned(self) -> Pinned:
        """The same, with the certificates. Raises BadSettings and BadFile."""
        found = trust_in(self.trust) if self.trust is not None else {}
        return Pinned(self.signatures, tuple(one.public_bytes(Encoding.DER) for one in found.values()))


_PROFILE = "What its channels cover and how they speak: a TOML file, see docs/how-to/read-channels.md."


class TokenSource(Signed):
    """Someone who may POST observations."""

    kind: Literal["http"]
    profile: Path | None = Field(None, description=_PROFILE)
    token_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of its bearer token, in hexadecimal.")


class AsterixSource(Speaker):
    """Radar or surveillance data as ASTERIX over UDP."""

    kind: Literal["asterix"]
    host: str = Field("127.0.0.1", description="Address to bind, or the interface for multicast.")
    port: Port = Field(description="UDP port.")
    group: str | None = Field(None, description="Multicast group to join.")
    peers: tuple[str, ...] = Field(
        LOOPBACK, min_length=1, description="Addresses or networks whose datagrams are read; others are counted."
    )


class ReadsbSource(Speaker):
    """A readsb or dump1090 receiver's aircraft.json, polled."""

    kind: Literal["readsb"]
    url: str = Field(description="Where aircraft.json is.")
    every_s: float = Field(1.0, ge=0.2, description="Seconds between two looks.")


class SbsSource(Speaker):
    """A BaseStation (SBS) feed over TCP."""

    kind: Literal["sbs"]
    host: str = Field("127.0.0.1", description="Where the feed is served.")
    port: Port = Field(30_003, description="TCP port of the feed.")


class BeastSource(Speaker):
    """Raw messages of transponders, as Beast frames over TCP."""

    kind: Literal["beast"]
    host: str = Field("127.0.0.1", description="Where the feed is served.")
    port: Port = Field(30_005, description="TCP port of the feed.")


class RemoteIdSource(Speaker):
    """What drones broadcast of themselves (Remote ID): raw messages in lines of JSON over TCP."""

    kind: Literal["remote_id"]
    host: str = Field("127.0.0.1", description="Where the receiver serves its lines.")
    port: Port = Field(description="TCP port of the lines.")


class CapSource(Signed):
    """A neighbour's CAP messages, polled: Atom, RSS, EDXL-DE, a plain list of messages, or one message."""

    kind: Literal["cap"]
    url: str = Field(pattern="^https?://", description="Where the feed is.")
    hosts: tuple[str, ...] = Field(
        (), max_length=100, description="Other hosts (`host` or `host:port`) to which its entries may link."
    )
    every_s: float = Field(30.0, ge=2, le=45, description="Seconds between two looks, on average.")


class ChannelSource(Speaker):
    """A monitoring channel's public mirror, polled: RSS or Atom."""

    kind: Literal["channel"]
    url: str = Field(pattern="^https?://", description="Where the feed is.")
    channel: str = Field("", max_length=200, description="The channel's name; without it, its id here.")
    profile: Path | None = Field(None, description=_PROFILE)
    every_s: float = Field(10.0, ge=2, le=45, description="Seconds between two looks, on average.")


class MqttSource(AtBroker, Signed):
    """Observations and lines of channels as others publish them to an MQTT 5 broker."""

    kind: Literal["mqtt"]
    topics: tuple[Annotated[str, Field(min_length=1, max_length=1_000)], ...] = Field(
        min_length=1, max_length=100, description="Topics to listen to; `+` and `#` stand for levels, as always."
    )
    profile: Path | None = Field(None, description=_PROFILE)


class TelegramSource(Speaker):
    """Telegram's channels, read live through an account of ours (the extra `telegram`)."""

    kind: Literal["telegram"]
    channels: tuple[Annotated[str, Field(pattern="^[A-Za-z0-9_]{4,32}$")], ...] = Field(
        min_length=1, max_length=100, description="Public names of the channels, without `@`."
    )
    api_id: int = Field(ge=1, description="Of the application, as Telegram gave it out.")
    api_hash_file: Path = Field(description="File of the application's hash, mode 0600; or `env:NAME`.")
    session_file: Path = Field(description="File of the account's session, mode 0600; `tocsin text sign-in` makes it.")
    profile: Path | None = Field(None, description=_PROFILE)


Source = Annotated[
    TokenSource
    | AsterixSource
    | ReadsbSource
    | SbsSource
    | BeastSource
    | RemoteIdSource
    | CapSource
    | ChannelSource
    | MqttSource
    | TelegramSource,
    Field(discriminator="kind"),
]
