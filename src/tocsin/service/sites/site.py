"""The sites file: places that are warned as a whole, each with whom to call and how long people need to shelter."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile, BadRecord, BadSettings
from tocsin.model.utf8 import as_utf8
from tocsin.service.names import Name, PublicText
from tocsin.service.section import Section
from tocsin.service.tokens import HOW_TO_MAKE, guessed

SITES_MAX = 20_000
FILE_BYTES_MAX = 20_000_000
SiteKind = Literal["hospital", "school", "airport", "station", "works", "other"]
# Travellers must know of these.
TOLD_TO_EVERYBODY = ("airport", "station")


class Site(Section):
    """One site."""

    id: Name = Field(description="Its name in addresses and in `zones` of a channel, as `site:ID`.")
    kind: SiteKind = Field(description=f"What it is: {', '.join(get_args(SiteKind))}.")
    name: Annotated[PublicText, Field(min_length=1, max_length=100)] = Field(description="What people call it.")
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, description="Latitude, degrees.")
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, description="Longitude, degrees.")
    seconds_to_shelter: int = Field(
        ge=0, le=7_200, description="Seconds from the word until the last of its people is inside a shelter."
    )
    contact: str = Field("", max_length=300, description="Whom an officer calls there; shown to nobody else.")
    public: bool | None = Field(
        None, description="Whether everybody sees it and how it fares; without a word: airports and stations."
    )
    token_sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="SHA-256 of the token by which it says itself how it fares."
    )

    @property
    def is_public(self) -> bool:
        """Whether everybody may know of it."""
        return self.kind in TOLD_TO_EVERYBODY if self.public is None else self.public


class _File(Section):
    site: tuple[Site, ...] = Field((), max_length=SITES_MAX)


def read_sites(path: Path, index: ZoneIndex, held: Collection[str] = ()) -> dict[str, Site]:
    """The sites of a TOML file of `[[site]]` tables, by their ids.

    held   digests of tokens that others have

    Raises BadFile and BadSettings naming the site: one outside every zone would be warned of nothing.
    """
    try:
        data = path.read_bytes()
        if len(data) > FILE_BYTES_MAX:
            raise BadFile(f"{path} is larger than {FILE_BYTES_MAX} bytes; {SITES_MAX} sites need less")
        table = tomllib.loads(as_utf8(data).decode())
    except (OSError, UnicodeDecodeError, BadRecord, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"{path} cannot be read: {error}") from error
    try:
        sites = TypeAdapter(_File).validate_python(table).site
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadSettings(f"{path}: {key}: {first['msg']}; see docs/how-to/sites.md") from error
    found: dict[str, Site] = {}
    tokens: dict[str, str] = {}
    for site in sites:
        if site.id in found:
            raise BadSettings(f"{path}: two sites are called {site.id}; every [[site]] needs its own id")
        if not zones_at(site, index):
            raise BadSettings(f"{path}: site {site.id} at {site.lat}, {site.lon} lies in none of the zones")
        if site.token_sha256 is not None:
            if site.token_sha256 in tokens or site.token_sha256 in held:
                raise BadSettings(f"{path}: site {site.id} has another's token; give each its own")
            tokens[site.token_sha256] = site.id
        found[site.id] = site
    weak = guessed(tokens, found)
    if weak is not None:
        raise BadSettings(f"{path}: the token of site {tokens[weak]} is a word that everybody tries; {HOW_TO_MAKE}")
    return found


def zones_at(site: Site, index: ZoneIndex) -> tuple[str, ...]:
    """The zones that hold or touch the site."""
    _, numbers = index.at(site.lat, site.lon)
    return tuple(dict.fromkeys(index.zones[number].id for number in numbers))
