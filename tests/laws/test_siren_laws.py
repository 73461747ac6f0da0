"""Laws of a siren: whoever writes to its broker, plays again, holds back or turns round, it believes none of that."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.announce.siren.guard import CLOCKS_APART_S, Guard, World
from tocsin.announce.siren.wire import Command, Keys, Refused, pinned, seal

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LIVE, DRILL, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([one]) * 32) for one in (1, 2, 3))
KEYS: dict[World, Keys] = {"live": pinned(LIVE.public_key()), "drill": pinned(DRILL.public_key())}


class Street:
    """A siren, a service that writes to it, and time. `off_s`: how wrong the siren's clock is."""

    def __init__(self, seed: int, off_s: float = 0.0) -> None:
        self.at_s = 0.0
        self.chance = random.Random(seed)
        self.off_s = off_s
        self.last: dict[World, datetime] = {}
        self.echo: str | None = None
        self.begin()

    def begin(self) -> None:
        """Start the siren, or start it again with what it kept."""
        self.guard = Guard(
            "school",
            "north",
            KEYS,
            self.last,
            wall=lambda: START + timedelta(seconds=self.at_s + self.off_s),
            mono_s=lambda: self.at_s,
            made=lambda: f"{self.chance.getrandbits(64):016x}",
        )

    def command(self, **more: Any) -> Command:
        now = START + timedelta(seconds=self.at_s)
        given: dict[str, Any] = {
            "siren": "school",
            "sector": "north",
            "zones": ("home",),
            "pattern": self.chance.choice(("none", "take_cover", "all_clear")),
            "nonce": f"{self.chance.getrandbits(64):016x}",
            "issued": now,
            "expires": now + timedelta(seconds=60),
            "echo": self.echo,
            "drill": False,
        }
        return Command(**given | more)

    def believes(self, data: bytes) -> bool:
        try:
            self.guard.weigh(self.guard.authentic(data))
        except Refused:
            return False
        self.last = dict(self.guard.last)
        return True


def forged(street: Street, genuine: bytes) -> bytes:
    """A command that no service wrote."""
    kind = street.chance.randrange(6)
    if kind == 0:
        return seal(street.command(), STRANGER)
    if kind == 1:
        return seal(street.command(), DRILL)
    if kind == 2:
        return seal(street.command(drill=True), LIVE)
    if kind == 3:
        return seal(street.command(siren="church"), LIVE)
    sealed = msgspec.json.decode(genuine)
    if kind == 4:
        body = base64.b64decode(sealed["signed"]).replace(b"none", b"take_cover").replace(b"all_clear", b"take_cover")
        sealed["signed"] = base64.b64encode(body.replace(b'"pattern":"take_cover"', b'"pattern":"prepare"')).decode()
        return bytes(msgspec.json.encode(sealed))
    cut = bytearray(genuine)
    cut[street.chance.randrange(len(cut))] ^= 1 << street.chance.randrange(7)
    return bytes(cut)


@pytest.mark.parametrize("off_s", [0.0, 3_600.0, -86_400.0 * 365])
def test_of_ten_thousand_forged_replayed_reordered_and_delayed_commands_none_is_believed(off_s: float) -> None:
    street = Street(7, off_s)
    heard: list[bytes] = []
    held: list[tuple[float, bytes]] = []
    tried = believed = obeyed = 0
    while tried < 3_400:
        street.at_s += street.chance.uniform(0.1, 20) if street.chance.random() < 0.9 else 70
        late = [data for written_s, data in held if street.at_s - written_s > 60 + CLOCKS_APART_S]
        if street.chance.random() < 0.5:
            street.echo = street.guard.challenge()
        if street.chance.random() < 0.02:
            street.begin()
            street.echo = street.guard.challenge()
        # A service that began anew knows no challenge.
        more = {"echo": None} if street.chance.random() < 0.1 else {}
        genuine = seal(street.command(**more), LIVE)
        attacks = [*late, forged(street, genuine), *street.chance.sample(heard, min(3, len(heard)))]
        believed += sum(street.believes(attack) for attack in attacks)
        if street.chance.random() < 0.3:
            # The wire holds this one back: it comes when it has expired, or after one that is newer.
            held.append((street.at_s, genuine))
        elif street.believes(genuine):
            obeyed += 1
            heard.append(genuine)
            overtaken = [genuine, *(data for _, data in held)]
            believed += sum(street.believes(attack) for attack in overtaken)
            attacks += overtaken
        tried += len(attacks)
        held, heard = held[-8:], heard[-200:]
    assert believed == 0
    assert obeyed > 100


def test_a_command_is_believed_once_and_the_one_after_it_too_over_a_change_of_keys() -> None:
    street = Street(1)
    first, second = seal(street.command(), LIVE), None
    assert street.believes(first) and not street.believes(first)
    street.at_s += 1
    new = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
    both: dict[World, Keys] = {"live": pinned(LIVE.public_key(), new.public_key()), "drill": KEYS["drill"]}
    street.guard = Guard(
        "school",
        "north",
        both,
        street.last,
        wall=lambda: START,
        mono_s=lambda: street.at_s,
        made=lambda: "x" * 16,
    )
    second = seal(street.command(), new)
    assert street.believes(second) and not street.believes(first)
    assert street.believes(seal(street.command(drill=True), DRILL))


def test_a_siren_whose_clock_is_wrong_goes_by_challenges_and_says_so() -> None:
    street = Street(2, off_s=-7_200.0)
    with pytest.raises(Refused, match="from the future"):
        street.guard.weigh(street.command())
    street.echo = street.guard.challenge()
    street.at_s += 10
    believed = street.guard.weigh(street.command())
    # It may have been written as early as the challenge: what is left is counted from there.
    assert (believed.by, believed.ends_s) == ("challenge", 60.0)
    assert street.guard.clock_off_s == pytest.approx(-7_200)
    street.at_s, street.echo = 20.0, None
    with pytest.raises(Refused, match="clock is -7200 s off"):
        street.guard.weigh(street.command())


def test_a_siren_that_was_off_believes_nothing_older_than_what_it_obeyed() -> None:
    street = Street(3)
    old = seal(street.command(), LIVE)
    street.at_s += 5
    assert street.believes(seal(street.command(), LIVE))
    street.begin()
    street.at_s += 1
    assert not street.believes(old)
    assert street.believes(seal(street.command(), LIVE))


@pytest.mark.parametrize("valid_s", [-1.0, 0.0, 91.0, 1e9])
def test_no_command_makes_a_siren_sound_for_longer_than_a_renewal_takes(valid_s: float) -> None:
    street = Street(4)
    now = START + timedelta(seconds=street.at_s)
    assert not street.believes(seal(street.command(expires=now + timedelta(seconds=valid_s)), LIVE))


def test_the_key_of_drills_is_no_live_key() -> None:
    with pytest.raises(ValueError, match="drills"):
        Guard("a", "b", {"live": KEYS["drill"], "drill": KEYS["drill"]}, {}, wall=lambda: START, mono_s=float, made=str)
