"""Settings: `tocsin.toml`, overridden by the environment (`TOCSIN_HTTP__PORT=8080`)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tocsin.ingest.foreign.jobs import Pinned
from tocsin.model.access import Authority
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.utf8 import as_utf8
from tocsin.service.cap_settings import Cap, Signing
from tocsin.service.cluster_settings import Cluster
from tocsin.service.http_settings import Canary, Compat, Http
from tocsin.service.ledger_settings import Ledger
from tocsin.service.minutes.settings import MinutesKept
from tocsin.service.names import Name, PublicText
from tocsin.service.openid_settings import OpenId
from tocsin.service.people_settings import Operator, People, Watcher
from tocsin.service.placed import placed
from tocsin.service.proof_settings import Proof
from tocsin.service.section import Section
from tocsin.service.source_settings import Signed, Source, TokenSource
from tocsin.service.spotters.settings import SOURCE, Spotters
from tocsin.service.strike_history import StrikeHistory
from tocsin.service.tokens import HOW_TO_MAKE, guessed
from tocsin.service.views_settings import Views
from tocsin.service.ways_out.kinds import Kind as WayOut


class Prepared(Section):
    """A text for the public, written before it is needed."""

    id: Name = Field(description="What an officer calls it by.")
    text: PublicText = Field(min_length=1, max_length=300, description="What everybody is told, as it is written here.")


class Acts(Section):
    """Which acts do nothing before a second duty officer has approved them."""

    second_person: tuple[Literal["raise", "cancel", "release", "wide", "drill"], ...] = Field(
        (),
        description="Actions that need one; `drill`: a start with another `drill` than before; `wide`: whatever "
        "raises, cancels or releases more than the following.",
    )
    wide_zones: int = Field(50, ge=1, le=20_000, description="Zones that one person may act on at once.")
    wide_people: float = Field(1_000_000.0, ge=1, le=1e10, description="People that one person may act on at once.")
    waits_s: float = Field(300.0, ge=1, le=86_400, description="Seconds after which an act that waits is let go.")


class Shelters(Section):
    """Where people may go."""

    path: Path | None = Field(
        None, description="A GeoJSON file of points, each with a `name` and perhaps a `note`; everybody may see them."
    )


class Store(Section):
    """Where the journal lives and how much of it stays at hand."""

    path: Path = Field(Path("tocsin-data/journal.db"), description="The journal's SQLite file.")
    snapshot_every_s: float = Field(10.0, gt=0, description="Seconds between snapshots of the engine.")
    queue_max: int = Field(20_000, ge=1, description="Events waiting for the disk; more are refused with 503.")


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
    strike_history: StrikeHistory = Field(
        StrikeHistory(), description="Whether past strikes shift the forecast; `[strike_history]`."
    )
    drill: bool = Field(False, description="Everything is a drill, and says so everywhere.")
    public_degraded: bool = Field(True, description="Tell the public which zones may be blind.")
    tick_s: float = Field(1.0, gt=0, le=5, description="Longest time between two decisions.")
    tick_least_s: float = Field(0.1, gt=0, le=1, description="Shortest time between two decisions.")
    http: Http = Field(Http(), description="Where the service listens.")
    compat: Compat = Field(Compat(), description="Seats for existing clients.")
    shelters: Shelters = Field(Shelters(), description="Where people may go.")
    journal: Store = Field(Store(), description="Where the journal lives.")
    ledger: Ledger | None = Field(
        None, description="A ledger in which impacts become incidents, and that officers read; `[ledger]`."
    )
    cluster: Cluster | None = Field(
        None, description="More than one machine; `[cluster]`. Without it this one decides alone, from its own record."
    )
    views: Views | None = Field(
        None, description="A database of what the public may know, for front ends and history; `[views]`."
    )
    people: People = Field(People(), description="How people sign in; `[people]`.")
    operator: tuple[Operator, ...] = Field((), max_length=1_000, description="Duty officers; [[operator]] tables.")
    proof: Proof | None = Field(None, description="The public log of what was said, and its key; `[proof]`.")
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
    land: Path | None = Field(
        None,
        description="A folder of elevation: radars watch what they see over it; docs/how-to/the-lie-of-the-land.md.",
    )
    minutes: MinutesKept | None = Field(
        None, description="The minutes of warning that people have, kept as sensors fail; `[minutes]`. Off without it."
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

    @property
    def plans(self) -> bool:
        """Whether the service looks over land or works minutes out: what the planner does."""
        return self.land is not None or self.minutes is not None

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
    for name in ("sensors", "sites", "land"):
        if (named := getattr(settings, name)) is not None:
            paths[name] = folder / named
    paths["source"] = tuple(placed(one, folder) for one in settings.source)
    paths["channel"] = tuple(one.below(folder) for one in settings.channel)
    paths["openid"] = tuple(placed(one, folder) for one in settings.openid)
    if settings.proof is not None:
        paths["proof"] = settings.proof.below(folder)
    if settings.minutes is not None:
        paths["minutes"] = settings.minutes.below(folder)
    if settings.signing is not None:
        paths["signing"] = settings.signing.below(folder)
    if settings.shelters.path is not None:
        paths["shelters"] = settings.shelters.model_copy(update={"path": folder / settings.shelters.path})
    paths["journal"] = settings.journal.model_copy(update={"path": folder / settings.journal.path})
    if settings.ledger is not None:
        paths["ledger"] = placed(settings.ledger, folder)
    if settings.cluster is not None:
        paths["cluster"] = placed(settings.cluster, folder)
    if settings.views is not None:
        paths["views"] = placed(settings.views, folder)
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


def ledger_place(settings: Settings) -> Callable[[], str] | None:
    """Says where the ledger is that is shown: that of `[ledger]`, else the one that the public log takes records from.

    None: there is none. Raises BadFile as `Ledger.place` does.
    """
    if settings.ledger is not None:
        return settings.ledger.place
    path = None if settings.proof is None else settings.proof.ledger
    return None if path is None else partial(str, path)


def pinned_by(settings: Settings) -> dict[str, Pinned]:
    """What is asked of the signatures of each source's alerts. Raises BadSettings and BadFile."""
    return {one.id: one.pinned for one in settings.source if isinstance(one, Signed)}
