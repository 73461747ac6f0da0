"""The reference siren of a `siren.toml`: read, checked, and put together."""

from __future__ import annotations

import ssl
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from tocsin.announce.keys import ed25519_key_in, public_key_in
from tocsin.announce.mqtt_broker import Broker, secured, word
from tocsin.announce.siren.bell import Sound
from tocsin.announce.siren.client import Client, Home, Memory
from tocsin.announce.siren.sound import Player
from tocsin.announce.siren.wire import Keys, pinned
from tocsin.cap.texts import texts_in
from tocsin.journal.durable import durable_file
from tocsin.model.errors import BadSettings
from tocsin.model.value import UNREADABLE
from tocsin.service.secrets_kept import secret_at

_BATTERIES = Path("/sys/class/power_supply")
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class SirenFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a `siren.toml` says; paths are relative to it.

    siren, sector   names, as in the service's settings
    keys            public keys of live commands: two while one is changed for another
    drill_keys      the same of drills; none: drills are not sounded
    own_key_file    private key that signs this siren's reports
    memory          folder for what it must not forget
    player          command that plays the WAV file named after it; empty: nothing is played
    phrases         folder of recorded words; none: espeak-ng speaks, where it is
    battery         file that holds the battery's charge in per cent; none: the machine's own battery, if any
    """

    siren: Text
    sector: Text
    host: Text
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8_883
    tls: bool = True
    ca: str | None = None
    certificate: str | None = None
    tls_key_file: str | None = None
    user: Text | None = None
    password_file: str | None = None
    prefix: Text = "tocsin"
    drill_prefix: Text = "tocsin-drill"
    keys: Annotated[tuple[str, ...], Meta(min_length=1, max_length=2)]
    drill_keys: Annotated[tuple[str, ...], Meta(max_length=2)] = ()
    own_key_file: str
    memory: str = "siren-memory"
    player: tuple[str, ...] = ("aplay", "-q")
    phrases: str | None = None
    language: Text = "en"
    battery: str | None = None


def read_siren(path: Path) -> SirenFile:
    """The settings of a siren. Raises BadSettings naming the file and what is wrong."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), SirenFile)
    except OSError as error:
        raise BadSettings(f"{path} cannot be read ({error.strerror}); see docs/how-to/sirens.md") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadSettings(f"{path}: {error}; see docs/how-to/sirens.md") from error


def siren_of(said: SirenFile, folder: Path, *, silent: bool, shown: Callable[[dict[str, object]], None]) -> Client:
    """The siren that a file in that folder describes. Raises BadSettings.

    silent   nothing is played, and all else is as if it were
    shown    is told how it stands whenever that changes
    """
    memory = folder / said.memory
    try:
        memory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"memory {memory} cannot be made ({error.strerror})") from error
    kept = memory / "memory.json"

    def save(what: Memory) -> None:
        with durable_file(kept) as file:
            file.write(msgspec.json.encode(what))

    drill = _pinned(said.drill_keys, folder)
    live = _pinned(said.keys, folder)
    if live.keys() & drill.keys():
        raise BadSettings("a key stands in both `keys` and `drill_keys`; drills need a key of their own")
    home = Home(
        siren=said.siren,
        sector=said.sector,
        keys={"live": live, "drill": drill},
        own=ed25519_key_in(folder / said.own_key_file),
        roots=(f"{said.prefix}/{word(said.sector)}", f"{said.drill_prefix}/{word(said.sector)}"),
        battery=_battery(None if said.battery is None else folder / said.battery),
        save=save,
        shown=shown,
    )
    return Client(home, _broker(said, folder), _player(said, folder, memory, silent=silent), _remembered(kept))


def _pinned(paths: tuple[str, ...], folder: Path) -> Keys:
    keys = []
    for path in paths:
        key = public_key_in(folder / path)
        if not isinstance(key, Ed25519PublicKey):
            raise BadSettings(f"{path} holds no Ed25519 key; `tocsin keys make siren` makes one")
        keys.append(key)
    return pinned(*keys)


def _remembered(path: Path) -> Memory:
    """What was kept. Raises BadSettings where it cannot be read: to forget would be to believe what is old."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except FileNotFoundError:
        return Memory()
    except (OSError, *UNREADABLE) as error:
        raise BadSettings(
            f"{path} cannot be read ({error}); take it away only if this siren may believe any command of the last 90 s"
        ) from error


def _broker(said: SirenFile, folder: Path) -> Broker:
    password = None if said.password_file is None else secret_at(folder / said.password_file).text()
    context = None
    if said.tls:
        names = (said.ca, said.certificate, said.tls_key_file)
        try:
            context = secured(*(None if name is None else str(folder / name) for name in names))
        except (OSError, ssl.SSLError) as error:
            raise BadSettings(f"ca, certificate or tls_key_file cannot be used for TLS: {error}") from error
    return Broker(said.host, said.port, context, said.user, password)


def _player(said: SirenFile, folder: Path, memory: Path, *, silent: bool) -> Player:
    texts = texts_in(said.language)
    sounds = (Sound("take_cover", drill=drill) for drill in (False, True))
    ends = (Sound("all_clear", drill=drill) for drill in (False, True))
    return Player(
        memory,
        command=None if silent or not said.player else said.player,
        phrases=None if said.phrases is None else folder / said.phrases,
        words={sound: texts.headline(sound.pattern, sound.drill) for sound in (*sounds, *ends)},
        language=said.language,
    )


def _battery(path: Path | None) -> Callable[[], float | None]:
    """Reads a battery's charge, in per cent."""
    found = [path] if path is not None else sorted(_BATTERIES.glob("*/capacity"))

    def charge() -> float | None:
        for one in found:
            try:
                return min(100.0, max(0.0, float(one.read_text())))
            except (OSError, ValueError):
                continue
        return None

    return charge
