"""Laws of a siren: whoever writes to its broker, plays again, holds back or turns round, it believes none of that."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.announce.siren.guard import Guard, World
from tocsin.announce.siren.wire import Keys, Refused, pinned, seal
from tocsin.bench.announce_sirens import ATTACKS, CLOCKS_OFF_S, DRILL, KEYS, LIVE, START, Street, attacked


@pytest.mark.parametrize("off_s", CLOCKS_OFF_S)
def test_of_ten_thousand_forged_replayed_reordered_and_delayed_commands_none_is_believed(off_s: float) -> None:
    tried, believed, obeyed = attacked(Random(7), off_s, ATTACKS // len(CLOCKS_OFF_S) + 1)
    assert believed == 0
    assert tried > ATTACKS // 3
    assert obeyed > 100


def test_a_command_is_believed_once_and_the_one_after_it_too_over_a_change_of_keys() -> None:
    street = Street(Random(1))
    first = seal(street.command(), LIVE)
    assert street.believes(first) and not street.believes(first)
    street.at_s += 1
    new = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
    both: dict[World, Keys] = {"live": pinned(LIVE.public_key(), new.public_key()), "drill": KEYS["drill"]}
    street.begin(both)
    assert street.believes(seal(street.command(), new)) and not street.believes(first)
    assert street.believes(seal(street.command(drill=True), DRILL))


def test_a_siren_whose_clock_is_wrong_goes_by_challenges_and_says_so() -> None:
    street = Street(Random(2), off_s=-7_200.0)
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
    street = Street(Random(3))
    old = seal(street.command(), LIVE)
    street.at_s += 5
    assert street.believes(seal(street.command(), LIVE))
    street.begin()
    street.at_s += 1
    assert not street.believes(old)
    assert street.believes(seal(street.command(), LIVE))


@pytest.mark.parametrize("valid_s", [-1.0, 0.0, 91.0, 1e9])
def test_no_command_makes_a_siren_sound_for_longer_than_a_renewal_takes(valid_s: float) -> None:
    street = Street(Random(4))
    now = START + timedelta(seconds=street.at_s)
    assert not street.believes(seal(street.command(expires=now + timedelta(seconds=valid_s)), LIVE))


def test_the_key_of_drills_is_no_live_key() -> None:
    with pytest.raises(ValueError, match="drills"):
        Guard("a", "b", {"live": KEYS["drill"], "drill": KEYS["drill"]}, {}, wall=lambda: START, mono_s=float, made=str)
