"""What the `[[source]]` tables of the settings say of each source's authority, with small defaults for each way in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tocsin.model.access import Authority
from tocsin.model.errors import BadFile, BadRecord, BadSettings, BadValue
from tocsin.model.utf8 import as_utf8

# A receiver on a good site hears five hundred aircraft, and tells of each once a second. A flood of more would cost
# more than the whole of a tick without it.
TRANSPONDERS_PER_SECOND = 500.0
# A drone says its place once a second, and is heard a few kilometres far: more than a hundred are a show, or made up.
DRONES_PER_SECOND = 100.0
# Ways in, and what each may do unless its table says otherwise. A radar's feed speaks for the radars that the sensors
# file names; a receiver of transponders may, within bounds, speak for an aircraft that sensors see.
DEFAULTS: dict[str, dict[str, Any]] = {
    "http": {},
    "asterix": {
        "kinds": ("bearing", "plot", "position", "status"), "sensors": ("*",), "measures": ("position",),
        "relays": True, "per_second_max": 5_000.0,
    },
    "readsb": {"kinds": ("position",), "identifies": True, "per_second_max": TRANSPONDERS_PER_SECOND},
    "sbs": {"kinds": ("position",), "identifies": True, "per_second_max": TRANSPONDERS_PER_SECOND},
    "beast": {"kinds": ("position",), "identifies": True, "per_second_max": TRANSPONDERS_PER_SECOND},
    # Anybody can broadcast as a drone, with a part that costs less than a meal.
    "remote_id": {"kinds": ("position",), "per_second_max": DRONES_PER_SECOND},
    "cap": {"kinds": ("alert",), "alerts": "prepare"},
    "channel": {"kinds": ("report",)},
    "telegram": {"kinds": ("report",)},
    "mqtt": {},
}  # fmt: skip
# Keys of a table that say how a source is reached, not what it may say.
TRANSPORT = frozenset(
    {
        "kind", "token_sha256", "host", "port", "group", "url", "every_s", "peers", "hosts", "signatures", "trust",
        "profile", "channel", "topics", "tls", "ca", "certificate", "tls_key_file", "user", "password_file", "channels",
        "api_id", "api_hash_file", "session_file",
    }
)  # fmt: skip
# A person reports now and then; whoever speaks for sensors reports all the time.
SENSORS_PER_SECOND = 500.0
# A barrage warns zone by zone, hundreds within a second, and a feed's first look brings all that it lists.
ALERTS_PER_SECOND = 100.0
# A first look brings a channel's newest posts at once, and a raid hundreds of lines of a hundred channels.
LINES_PER_SECOND = 100.0


def authority_from_table(table: Mapping[str, Any]) -> Authority:
    """The authority that one `[[source]]` table gives. Raises BadSettings naming the source and the key."""
    name, kind = table.get("id", ""), table.get("kind", "http")
    if kind not in DEFAULTS:
        raise BadSettings(f"source {name!r}: there is no kind {kind!r}; there are {', '.join(DEFAULTS)}")
    given = {key: value for key, value in table.items() if key not in TRANSPORT}
    unknown = sorted(set(given) - set(Authority.__struct_fields__))
    if unknown:
        raise BadSettings(f"source {name!r}: {unknown[0]!r} is no key of a source; see docs/reference/sources.md")
    fields = DEFAULTS[kind] | given
    if fields.get("sensors") or fields.get("measures"):
        fields = {"per_second_max": SENSORS_PER_SECOND} | fields
    if "alert" in fields.get("kinds", ()):
        fields = {"per_second_max": ALERTS_PER_SECOND} | fields
    if "report" in fields.get("kinds", ()):
        fields = {"per_second_max": LINES_PER_SECOND} | fields
    try:
        return msgspec.convert(fields, Authority)
    except (msgspec.ValidationError, BadValue) as error:
        raise BadSettings(f"source {name!r}: {error}; see docs/reference/sources.md") from error


def read_authorities(path: Path) -> tuple[Authority, ...]:
    """The `[[source]]` tables of a TOML file; other tables in it are passed over. Raises BadFile and BadSettings."""
    return read_sources(path)[0]


def read_sources(path: Path) -> tuple[tuple[Authority, ...], dict[str, Path]]:
    """The same, and the channel's profile of each source that names one; paths are relative to the file's folder."""
    tables = _tables(path)
    named = {str(table.get("id", "")): table["profile"] for table in tables if "profile" in table}
    for name, profile in named.items():
        if not isinstance(profile, str):
            raise BadSettings(f"{path}: the profile of source {name} is no path; name a TOML file")
    found = tuple(authority_from_table(table) for table in tables)
    names = [one.id for one in found]
    for name in names:
        if names.count(name) > 1:
            raise BadSettings(f"{path}: two sources are called {name}; every [[source]] needs its own id")
    return found, {name: path.parent / profile for name, profile in named.items()}


def _tables(path: Path) -> list[dict[str, Any]]:
    try:
        tables = tomllib.loads(as_utf8(path.read_bytes()).decode()).get("source", [])
    except (OSError, UnicodeDecodeError, BadRecord, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"{path} cannot be read: {error}; give a TOML file with [[source]] tables") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadFile(f"{path}: `source` is no list of tables; write [[source]]")
    return tables
