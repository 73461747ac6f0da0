"""Settings: `tocsin.toml`, overridden by the environment (`TOCSIN_HTTP__PORT=8080`)."""

from __future__ import annotations

import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tocsin.announce.choice import Worlds
from tocsin.cap.trust import trust_in
from tocsin.ingest.authorities import authority_from_table
from tocsin.ingest.foreign.jobs import Pinned, Signatures
from tocsin.ingest.udp import LOOPBACK
from tocsin.model.access import AlertLevel, Authority, Kind
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.event import Action
from tocsin.model.threat import ThreatClass
from tocsin.model.utf8 import as_utf8
from tocsin.service.at_broker import AtBroker
from tocsin.service.cap_settings import Cap, Signing
from tocsin.service.names import Name, PublicText
from tocsin.service.openid_settings import OpenId
from tocsin.service.placed import placed
from tocsin.service.spotters.settings import SOURCE, Spotters
from tocsin.service.tokens import HOW_TO_MAKE, guessed
from tocsin.service.ways_out.kinds import Kind as WayOut

Port = Annotated[int, Field(ge=0, le=65_535)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Http(_Section):
    """Where the service listens."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every interface.")
    port: Port = Field(8080, description="Port to listen on; 0 takes a free one.")
    listeners_max: int = Field(19_000, ge=1, description="Live pages connected at once; more are answered 503.")
    listeners_per_address_max: int | None = Field(
        None, ge=1, description="Live pages connected from one address; more are answered 503."
    )
    connections_max: int = Field(
        20_000,
        ge=10,
        description="Connections at once, and no more than files may be open; beyond, those that ask for nothing give "
        "way, then those of the address that has most.",
    )
    connections_per_address_max: int = Field(
        5_000, ge=1, description="Connections from one address, or one IPv6 /64; a telephone network's thousands fit."
    )
    headers_s: float = Field(5.0, gt=0, le=60, description="Seconds until a request's headers must be there.")
    unread_bytes_max: int = Field(
        64_000_000, ge=100_000, description="Bytes that may wait for all who do not read; beyond, the slowest are cut."
    )
    requests_per_address_per_s: float = Field(
        200.0,
        ge=1,
        le=1_000_000,
        description="Requests a second from one address, ten seconds' worth at once; beyond, they wait, then get 429. "
        "Whoever sends a known token is not counted.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.0/8", "::1/128"),
        max_length=100,
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; they "
        "are not bounded as one address.",
    )
    base_url: str | None = Field(None, description="How the outside reaches us; used in CAP and Atom links.")

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            ip_network(one)
        return given


class Compat(_Section):
    """Seats for existing clients, under /compat/…: forms that they poll elsewhere."""

    seats: tuple[Literal["alerts_in_ua", "siren", "home_front"], ...] = Field(
        ("alerts_in_ua", "siren", "home_front"),
        description="Forms that are served: that of alerts.in.ua, that of siren.pp.ua, the Home Front Command's.",
    )
    drills: bool = Field(
        False, description="Serve a drill in the first two as well, where its only mark is a note that no client reads."
    )


class Officer(_Section):
    """What a duty officer may do, and where, by whichever way we know him."""

    id: Name = Field(description="Who acts; every act is journalled under it.")
    actions: tuple[Action, ...] = Field(
        get_args(Action), min_length=1, description="What he may do: raise, confirm, cancel, release, approve."
    )
    zones: tuple[Name, ...] = Field(
        (),
        max_length=20_000,
        description="Where he may act: ids of zones, or of what they are part of; none: everywhere.",
    )
    worlds: Worlds = Field(
        "both", description="When he may act: `drills`, `live`, or `both`; give one person a token for each."
    )


class Operator(Officer):
    """A duty officer with a token: what he may do, and where."""

    token_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bearer token, in hexadecimal.")


class Prepared(_Section):
    """A text for the public, written before it is needed."""

    id: Name = Field(description="What an officer calls it by.")
    text: PublicText = Field(min_length=1, max_length=300, description="What everybody is told, as it is written here.")


class Acts(_Section):
    """Which acts do nothing before a second duty officer has approved them."""

    second_person: tuple[Literal["raise", "cancel", "release", "wide", "drill"], ...] = Field(
        (),
        description="Actions that need one; `drill`: a start with another `drill` than before; `wide`: whatever "
        "raises, cancels or releases more than the following.",
    )
    wide_zones: int = Field(50, ge=1, le=20_000, description="Zones that one person may act on at once.")
    wide_people: float = Field(1_000_000.0, ge=1, le=1e10, description="People that one person may act on at once.")
    waits_s: float = Field(300.0, ge=1, le=86_400, description="Seconds after which an act that waits is let go.")


class Canary(_Section):
    """Sample listeners of the event stream and the feed: they hear as people do, and their silence is an alarm.

    Those of channels are asked for by `canary` in the `[[channel]]` table.
    """

    on: bool = Field(True, description="Whether `tocsin run` listens to its own event stream and feed.")
    address: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+$",
        description="Where from: best the address that people use, through every proxy; else the service's own.",
    )


class Watcher(_Section):
    """A monitoring system that may see how every sensor does, and may do nothing else."""

    id: Name = Field(description="Its name.")
    token_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of its bearer token, in hexadecimal.")


class People(_Section):
    """How people sign in."""

    path: Path | None = Field(None, description="The SQLite file of who there is; else `people.db` beside the journal.")
    idle_s: float = Field(
        3_600.0, ge=60, le=86_400, description="Seconds after which a session ends whose pages are all closed."
    )
    lifetime_s: float = Field(
        46_800.0, ge=60, le=604_800, description="Seconds after which any session ends: a shift and its hand-over."
    )
    invitation_s: float = Field(
        86_400.0, ge=60, le=604_800, description="Seconds in which an invitation must be taken up."
    )
    second_factor: Literal["required", "offered"] = Field(
        "required",
        description="Whether who acts, approves or administers needs more than a password; `offered` only in a drill, "
        "or where the service listens on this machine alone.",
    )


class Shelters(_Section):
    """Where people may go."""

    path: Path | None = Field(
        None, description="A GeoJSON file of points, each with a `name` and perhaps a `note`; everybody may see them."
    )


class Store(_Section):
    """Where the journal lives and how much of it stays at hand."""

    path: Path = Field(Path("tocsin-data/journal.db"), description="The journal's SQLite file.")
    snapshot_every_s: float = Field(10.0, gt=0, description="Seconds between snapshots of the engine.")
    queue_max: int = Field(20_000, ge=1, description="Events waiting for the disk; more are refused with 503.")


class _Speaker(_Section):
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


class _Signed(_Speaker):
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


class TokenSource(_Signed):
    """Someone who may POST observations."""

    kind: Literal["http"]
    profile: Path | None = Field(None, description=_PROFILE)
    token_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of its bearer token, in hexadecimal.")


class AsterixSource(_Speaker):
    """Radar or surveillance data as ASTERIX over UDP."""

    kind: Literal["asterix"]
    host: str = Field("127.0.0.1", description="Address to bind, or the interface for multicast.")
    port: Port = Field(description="UDP port.")
    group: str | None = Field(None, description="Multicast group to join.")
    peers: tuple[str, ...] = Field(
        LOOPBACK, min_length=1, description="Addresses or networks whose datagrams are read; others are counted."
    )


class ReadsbSource(_Speaker):
    """A readsb or dump1090 receiver's aircraft.json, polled."""

    kind: Literal["readsb"]
    url: str = Field(description="Where aircraft.json is.")
    every_s: float = Field(1.0, ge=0.2, description="Seconds between two looks.")


class SbsSource(_Speaker):
    """A BaseStation (SBS) feed over TCP."""

    kind: Literal["sbs"]
    host: str = Field("127.0.0.1", description="Where the feed is served.")
    port: Port = Field(30_003, description="TCP port of the feed.")


class BeastSource(_Speaker):
    """Raw messages of transponders, as Beast frames over TCP."""

    kind: Literal["beast"]
    host: str = Field("127.0.0.1", description="Where the feed is served.")
    port: Port = Field(30_005, description="TCP port of the feed.")


class RemoteIdSource(_Speaker):
    """What drones broadcast of themselves (Remote ID): raw messages in lines of JSON over TCP."""

    kind: Literal["remote_id"]
    host: str = Field("127.0.0.1", description="Where the receiver serves its lines.")
    port: Port = Field(description="TCP port of the lines.")


class CapSource(_Signed):
    """A neighbour's CAP messages, polled: Atom, RSS, EDXL-DE, a plain list of messages, or one message."""

    kind: Literal["cap"]
    url: str = Field(pattern="^https?://", description="Where the feed is.")
    hosts: tuple[str, ...] = Field(
        (), max_length=100, description="Other hosts (`host` or `host:port`) to which its entries may link."
    )
    every_s: float = Field(30.0, ge=2, le=45, description="Seconds between two looks, on average.")


class ChannelSource(_Speaker):
    """A monitoring channel's public mirror, polled: RSS or Atom."""

    kind: Literal["channel"]
    url: str = Field(pattern="^https?://", description="Where the feed is.")
    channel: str = Field("", max_length=200, description="The channel's name; without it, its id here.")
    profile: Path | None = Field(None, description=_PROFILE)
    every_s: float = Field(10.0, ge=2, le=45, description="Seconds between two looks, on average.")


class MqttSource(AtBroker, _Signed):
    """Observations and lines of channels as others publish them to an MQTT 5 broker."""

    kind: Literal["mqtt"]
    topics: tuple[Annotated[str, Field(min_length=1, max_length=1_000)], ...] = Field(
        min_length=1, max_length=100, description="Topics to listen to; `+` and `#` stand for levels, as always."
    )
    profile: Path | None = Field(None, description=_PROFILE)


class TelegramSource(_Speaker):
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


class Settings(BaseSettings):
    """Everything `tocsin run` can be told."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", env_nested_delimiter="__", extra="ignore", frozen=True)

    sector: str = Field("sector", pattern="^[A-Za-z0-9._-]{1,40}$", description="Short name; part of identifiers.")
    sender: str = Field("tocsin@localhost", description="The sender named in CAP messages.")
    sender_name: str = Field("", max_length=200, description="The sender's name as people know it.")
    web: str = Field("", max_length=500, description="Where to read on, named in CAP messages: a web address.")
    contact: str = Field("", max_length=500, description="How to reach the sender, named in CAP messages.")
    languages: tuple[str, ...] = Field(("en",), min_length=1, max_length=20, description="Languages of CAP messages.")
    zones: Path = Field(description="The zones file (GeoJSON).")
    sensors: Path | None = Field(None, description="The sensors file (JSON); without it only positions are tracked.")
    policy: str = Field("default", description="A shipped policy's name, or the path of a policy.toml.")
    track: dict[str, Any] = Field({}, description="What the tracker does otherwise; `[track]`.")
    forecast: dict[str, Any] = Field({}, description="What the forecast does otherwise; `[forecast]`.")
    drill: bool = Field(False, description="Everything is a drill, and says so everywhere.")
    public_degraded: bool = Field(True, description="Tell the public which zones may be blind.")
    tick_s: float = Field(1.0, gt=0, le=5, description="Longest time between two decisions.")
    tick_least_s: float = Field(0.1, gt=0, le=1, description="Shortest time between two decisions.")
    http: Http = Field(Http(), description="Where the service listens.")
    compat: Compat = Field(Compat(), description="Seats for existing clients.")
    shelters: Shelters = Field(Shelters(), description="Where people may go.")
    journal: Store = Field(Store(), description="Where the journal lives.")
    people: People = Field(People(), description="How people sign in; `[people]`.")
    operator: tuple[Operator, ...] = Field((), max_length=1_000, description="Duty officers; [[operator]] tables.")
    signing: Signing | None = Field(None, description="With which key CAP messages are signed; `[signing]`.")
    cap: Cap = Field(Cap(), description="What CAP messages claim.")
    prepared: tuple[Prepared, ...] = Field(
        (), max_length=100, description="Texts for the public that are ready for a retraction; [[prepared]] tables."
    )
    acts: Acts = Field(Acts(), description="Which acts need a second duty officer.")
    canary: Canary = Field(Canary(), description="Who hears our channels as people do.")
    sites: Path | None = Field(
        None, description="Hospitals, schools, airports: a TOML file of `[[site]]` tables; docs/how-to/sites.md."
    )
    watcher: tuple[Watcher, ...] = Field(
        (), max_length=100, description="Who may see how every sensor does at /metrics; [[watcher]] tables."
    )
    openid: tuple[OpenId, ...] = Field(
        (), max_length=10, description="Providers of sign-ins (OpenID Connect); [[openid]] tables."
    )
    spotters: Spotters | None = Field(
        None, description="People who report what they see with a telephone; `[spotters]`. Without it there are none."
    )
    source: tuple[Source, ...] = Field((), max_length=1_000, description="Who may tell us things; [[source]] tables.")
    channel: tuple[WayOut, ...] = Field(
        (), max_length=1_000, description="Whom we tell, beside the page, the feeds and CAP; [[channel]] tables."
    )

    @model_validator(mode="after")
    def _everybody_is_somebody(self) -> Settings:
        """Names are unique among their kind; a token is one holder's alone, and no word that everybody knows."""
        called = {
            "source": [one.id for one in self.source] + ([SOURCE] if self.spotters is not None else []),
            "operator": [one.id for one in self.operator],
            "watcher": [one.id for one in self.watcher],
            "channel": [one.id for one in self.channel],
            "prepared": [one.id for one in self.prepared],
            "openid": [one.id for one in self.openid],
        }
        for table, names in called.items():
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"two {table}s are called {name}; every [[{table}]] needs its own id")
        if self.openid and self.http.base_url is None:
            raise ValueError("[[openid]] needs http.base_url: it is where people are sent back to")
        held: dict[str, str] = {}
        tokens = [source for source in self.source if isinstance(source, TokenSource)]
        holders: tuple[TokenSource | Operator | Watcher, ...] = (*tokens, *self.operator, *self.watcher)
        for holder in holders:
            if holder.token_sha256 in held:
                raise ValueError(f"{holder.id} and {held[holder.token_sha256]} have the same token; give each its own")
            held[holder.token_sha256] = holder.id
        if self.people.second_factor == "offered" and not self.drill and not _is_loopback(self.http.host):
            raise ValueError("people.second_factor may be `offered` in a drill or on a loopback address only")
        weak = guessed(held, (self.sector, *(holder.id for holder in holders)))
        if weak is not None:
            raise ValueError(f"the token of {held[weak]} is empty or a word that everybody tries; {HOW_TO_MAKE}")
        return self

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """What each source may say, the spotters among them. Raises BadSettings."""
        spotters = () if self.spotters is None else (self.spotters.authority,)
        return (*(source.authority for source in self.source), *spotters)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment outranks the file."""
        return (env_settings, init_settings)


def load_settings(path: Path) -> Settings:
    """The settings of a tocsin.toml; relative paths in it are relative to its folder.

    Raises BadSettings naming the file, the key and what is wrong with it.
    """
    try:
        table = tomllib.loads(as_utf8(path.read_bytes()).decode())
    except FileNotFoundError as error:
        raise BadSettings(
            f"there is no settings file {path}; write one (docs/how-to/run-the-service.md) or try `tocsin demo`"
        ) from error
    except (OSError, UnicodeDecodeError, BadRecord, tomllib.TOMLDecodeError) as error:
        raise BadSettings(f"{path} cannot be read: {error}") from error
    unknown = set(table) - set(Settings.model_fields)
    if unknown:
        raise BadSettings(f"{path}: {sorted(unknown)[0]!r} is not a setting; see docs/reference/settings.md")
    settings = make_settings(**table)
    folder = path.resolve().parent
    paths: dict[str, Any] = {"zones": folder / settings.zones}
    for name in ("sensors", "sites"):
        if (named := getattr(settings, name)) is not None:
            paths[name] = folder / named
    paths["source"] = tuple(placed(one, folder) for one in settings.source)
    paths["channel"] = tuple(one.below(folder) for one in settings.channel)
    paths["openid"] = tuple(placed(one, folder) for one in settings.openid)
    if settings.signing is not None:
        paths["signing"] = settings.signing.below(folder)
    if settings.shelters.path is not None:
        paths["shelters"] = settings.shelters.model_copy(update={"path": folder / settings.shelters.path})
    paths["journal"] = settings.journal.model_copy(update={"path": folder / settings.journal.path})
    if settings.people.path is not None:
        paths["people"] = settings.people.model_copy(update={"path": folder / settings.people.path})
    return settings.model_copy(update=paths)


def make_settings(**table: Any) -> Settings:
    """Settings from a table. Raises BadSettings naming the key."""
    try:
        return Settings(**table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "settings"
        raise BadSettings(f"setting {key}: {first['msg']}; see docs/reference/settings.md") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def people_path(settings: Settings) -> Path:
    """Where the file of who there is lies."""
    return settings.people.path or settings.journal.path.with_name("people.db")


def pinned_by(settings: Settings) -> dict[str, Pinned]:
    """What is asked of the signatures of each source's alerts. Raises BadSettings and BadFile."""
    return {one.id: one.pinned for one in settings.source if isinstance(one, _Signed)}
