"""Forged, replayed, reordered and delayed commands: how many does a siren believe?"""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.announce.siren.guard import CLOCKS_APART_S, Guard, World
from tocsin.announce.siren.post import VALID_S
from tocsin.announce.siren.wire import Command, Keys, Refused, pinned, seal

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LIVE, DRILL, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([one]) * 32) for one in (1, 2, 3))
KEYS: dict[World, Keys] = {"live": pinned(LIVE.public_key()), "drill": pinned(DRILL.public_key())}
ATTACKS = 10_000
# A siren's clock: right, an hour ahead, a year behind.
CLOCKS_OFF_S = (0.0, 3_600.0, -86_400.0 * 365)
HELD_MAX, HEARD_MAX = 8, 200
REACH = {"siren_attacks_believed": 0}


def figures() -> dict[str, Any]:
    """Of ATTACKS in all, over sirens with right and wrong clocks, those believed; and what honest commands became."""
    begun_s = time.perf_counter()
    nights = [attacked(Random(7), off_s, ATTACKS // len(CLOCKS_OFF_S) + 1) for off_s in CLOCKS_OFF_S]  # noqa: S311
    tried, believed, obeyed = map(sum, zip(*nights, strict=True))
    each_ms = 1e3 * (time.perf_counter() - begun_s) / (tried + obeyed)
    return {
        "siren_attacks": tried,
        "siren_attacks_believed": believed,
        "siren_commands_obeyed": obeyed,
        "siren_ms_each": round(each_ms, 2),
    }


class Street:
    """A siren, a service that writes to it, and time; `off_s`: how wrong the siren's clock is."""

    def __init__(self, chance: Random, off_s: float = 0.0) -> None:
        self.at_s = 0.0
        self.chance = chance
        self.off_s = off_s
        self.last: dict[World, datetime] = {}
        self.echo: str | None = None
        self.begin()

    def begin(self, keys: dict[World, Keys] | None = None) -> None:
        """Start the siren, or start it again with what it kept."""
        self.guard = Guard(
            "school",
            "north",
            keys or KEYS,
            self.last,
            wall=lambda: START + timedelta(seconds=self.at_s + self.off_s),
            mono_s=lambda: self.at_s,
            made=lambda: f"{self.chance.getrandbits(64):016x}",
        )

    def command(self, **more: Any) -> Command:
        """What the service writes now."""
        now = START + timedelta(seconds=self.at_s)
        given: dict[str, Any] = {
            "siren": "school",
            "sector": "north",
            "zones": ("home",),
            "pattern": self.chance.choice(("none", "take_cover", "all_clear")),
            "nonce": f"{self.chance.getrandbits(64):016x}",
            "issued": now,
            "expires": now + timedelta(seconds=VALID_S),
            "echo": self.echo,
            "drill": False,
        }
        return Command(**given | more)

    def believes(self, data: bytes) -> bool:
        """Whether the siren would obey this now."""
        try:
            self.guard.weigh(self.guard.authentic(data))
        except Refused:
            return False
        self.last = dict(self.guard.last)
        return True


def attacked(chance: Random, off_s: float, attacks: int) -> tuple[int, int, int]:
    """Attacks tried, attacks believed, and commands of the service obeyed."""
    street = Street(chance, off_s)
    heard: list[bytes] = []
    held: list[tuple[float, bytes]] = []
    tried = believed = obeyed = 0
    while tried < attacks:
        street.at_s += chance.uniform(0.1, 20) if chance.random() < 0.9 else 70
        late = [data for written_s, data in held if street.at_s - written_s > VALID_S + CLOCKS_APART_S]
        if chance.random() < 0.5:
            street.echo = street.guard.challenge()
        if chance.random() < 0.02:
            street.begin()
            street.echo = street.guard.challenge()
        # A service that began anew knows no challenge.
        more = {"echo": None} if chance.random() < 0.1 else {}
        genuine = seal(street.command(**more), LIVE)
        tries = [*late, forged(street, genuine), *chance.sample(heard, min(3, len(heard)))]
        believed += sum(street.believes(attack) for attack in tries)
        tried += len(tries)
        if chance.random() < 0.3:
            # The wire holds this one back: it comes when it has expired, or after one that is newer.
            held.append((street.at_s, genuine))
        elif street.believes(genuine):
            obeyed += 1
            heard.append(genuine)
            overtaken = [genuine, *(data for _, data in held)]
            believed += sum(street.believes(attack) for attack in overtaken)
            tried += len(overtaken)
        held, heard = held[-HELD_MAX:], heard[-HEARD_MAX:]
    return tried, believed, obeyed


def forged(street: Street, genuine: bytes) -> bytes:
    """A command that no service wrote: of another key, of the wrong world, for another siren, altered, or damaged."""
    kind = street.chance.randrange(6)
    if kind == 0:
        return seal(street.command(), STRANGER)
    if kind == 1:
        return seal(street.command(), DRILL)
    if kind == 2:
        return seal(street.command(drill=True), LIVE)
    if kind == 3:
        return seal(street.command(siren="church"), LIVE)
    if kind == 4:
        sealed = msgspec.json.decode(genuine)
        body = base64.b64decode(sealed["signed"]).replace(b'"zones":["home"]', b'"zones":["away"]')
        sealed["signed"] = base64.b64encode(body).decode()
        return msgspec.json.encode(sealed)
    cut = bytearray(genuine)
    cut[street.chance.randrange(len(cut))] ^= 1 << street.chance.randrange(7)
    return bytes(cut)
