"""What `tocsin doctor` looks at of people: who can sign in, where shelters are, and which sites there are."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile
from tocsin.model.value import UNREADABLE
from tocsin.model.zone import Zone
from tocsin.service.people.person import Credentials, Person
from tocsin.service.people.roles import GUARDED
from tocsin.service.settings import Settings, people_path
from tocsin.service.shelters import read_shelters
from tocsin.service.sites.site import read_sites

NAMED_MAX = 5


class _Kept(NamedTuple):
    person: Person
    credentials: Credentials
    # Whether a passkey, or an organisation's word, is more than a password.
    more: bool


def sign_in(told: Settings) -> str:
    """Who can sign in.

    Raises BadFile where nobody administers, others can read the file, or somebody's roles do nothing.
    """
    path = people_path(told)
    if not path.exists():
        return f"nobody signs in here, and {len(told.operator)} tokens act; `tocsin people add ID --role admin` begins"
    private(path)
    there = [one for one in _kept(path) if one.person.gone_at is None]
    if not any("admin" in one.person.roles for one in there):
        raise BadFile(f"{path}: nobody is an administrator; `tocsin people add ID --role admin` makes one")
    weak = [
        one.person.id
        for one in there
        if one.credentials.password and not one.more and not one.credentials.totp and GUARDED & {*one.person.roles}
    ]
    if weak and told.people.second_factor == "required":
        raise BadFile(
            f"{_named(weak)}: with a password alone a role does nothing; add a telephone or a passkey on the page "
            "(/operator, under the name at its top)"
        )
    return f"{len(there)} people can sign in or are invited"


def _kept(path: Path) -> list[_Kept]:
    try:
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            more = {
                str(name).casefold()
                for table in ("passkey", "openid")
                if table in tables
                for (name,) in db.execute(f"SELECT person FROM {table}")  # noqa: S608 - of our own names
            }
            rows = list(db.execute("SELECT body, credentials FROM person"))
        finally:
            db.close()
        found = [
            (msgspec.json.decode(body, type=Person), msgspec.json.decode(kept, type=Credentials)) for body, kept in rows
        ]
    except (apsw.Error, *UNREADABLE) as error:
        raise BadFile(f"the file of people {path} cannot be read ({error}); restore it from a copy") from error
    return [_Kept(person, kept, person.id.casefold() in more) for person, kept in found]


def private(path: Path) -> None:
    """Raises BadFile where others can read or write a file."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise BadFile(f"{path} can be read or written by others (mode {mode:04o}); run `chmod 600 {path}`")


def shelters(told: Settings, zones: Sequence[Zone]) -> str:
    """Where shelters are. Raises BadFile where their file cannot be used, or most of them lie in none of the zones."""
    path = told.shelters.path
    if path is None:
        return "none are shown; docs/how-to/shelters.md says how to enter them"
    features = read_shelters(path).features
    lons, lats = ([one.geometry.coordinates[axis] for one in features] for axis in (0, 1))
    inside = set(ZoneIndex(zones).at(lats, lons)[0].tolist()) if features else set()
    outside = [one.properties.name for number, one in enumerate(features) if number not in inside]
    if len(outside) > len(features) / 2:
        raise BadFile(f"{path}: {_named(outside)} lie in none of the zones; GeoJSON writes lon before lat")
    return f"{len(features)} shelters, {len(outside)} of them outside the zones"


def sites(told: Settings, zones: Sequence[Zone]) -> str:
    """Which sites there are. Raises BadFile and BadSettings where their file, or what they said, cannot be used."""
    if told.sites is None:
        return "none are looked after; docs/how-to/sites.md says how"
    found = read_sites(told.sites, ZoneIndex(zones))
    said = told.journal.path.with_name("sites.db")
    if said.exists():
        private(said)
    silent = sum(site.token_sha256 is None for site in found.values())
    return f"{len(found)} sites; {silent} have no token, and officers say how they fare"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return f"{', '.join(names[:NAMED_MAX])}{more}"
