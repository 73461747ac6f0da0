"""Passkeys: who has the device, and unlocks it, is believed; nobody else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import given
from hypothesis import strategies as st

from tests.authenticator import FLAG, Device
from tocsin.service.people.keys import Passkey
from tocsin.service.people.passkeys import Ceremonies
from tocsin.service.people.tickets import LASTS_S, TICKET_BYTES, Tickets
from tocsin.service.people.way_in import NotProven, key_of, site_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORIGIN = "https://warn.example"


class World:
    """A service, its clock, and a device that officer-1 has made a key with."""

    def __init__(self) -> None:
        self.clock_s = 1_000.0
        site = site_of(f"{ORIGIN}/")
        assert site is not None
        self.ceremonies = Ceremonies(site, Tickets(lambda: self.clock_s))
        self.device = Device(ORIGIN)

    def made(self) -> Passkey:
        options = self.ceremonies.make("officer-1", "First", [])
        return self.ceremonies.made("officer-1", self.device.make(options), "desk", NOW)

    def used(self, key: Passkey, credential: dict[str, Any], asked: str | None = None) -> Passkey:
        return self.ceremonies.used(key, credential, NOW, asked=asked)


def test_a_key_that_was_made_here_signs_its_owner_in_with_and_without_his_name() -> None:
    world = World()
    key = world.made()
    assert (key.person, key.name, key.synced) == ("officer-1", "desk", False)
    first = world.used(key, world.device.use(world.ceremonies.use(None, [])))
    named = world.ceremonies.use("officer-1", [first])
    assert [one["id"] for one in named["allowCredentials"]] == [key.key]
    second = world.used(first, world.device.use(named), "officer-1")
    assert (first.signs, second.signs, second.used_at) == (1, 2, NOW)


def test_the_browser_is_told_to_verify_the_person_and_to_make_no_second_key_on_one_device() -> None:
    world = World()
    key = world.made()
    make = world.ceremonies.make("officer-1", "First", [key])
    assert make["rp"]["id"] == "warn.example"
    assert make["authenticatorSelection"]["userVerification"] == "required"
    assert make["attestation"] == "none"
    assert [one["id"] for one in make["excludeCredentials"]] == [key.key]
    assert world.ceremonies.use(None, [])["userVerification"] == "required"
    # What the device keeps of the person is no name.
    assert b"officer" not in websafe_decode(make["user"]["id"])


def lied(change: Callable[[Device], object]) -> None:
    """A device that lies when it makes a key, and when it uses one."""
    world = World()
    change(world.device)
    with pytest.raises(NotProven):
        world.made()
    world = World()
    key = world.made()
    change(world.device)
    with pytest.raises(NotProven):
        world.used(key, world.device.use(world.ceremonies.use(None, [])))


@pytest.mark.parametrize(
    "origin", ["https://warn.example.evil", "http://warn.example", "https://warn.example:8443", ""]
)
def test_a_page_at_another_address_gets_nobody_in(origin: str) -> None:
    lied(lambda device: setattr(device, "origin", origin))


def test_a_key_for_another_site_gets_nobody_in() -> None:
    lied(lambda device: setattr(device, "rp_id", "evil.example"))


@pytest.mark.parametrize("flags", [FLAG.UP, FLAG.UV, FLAG(0)])
def test_a_device_that_nobody_unlocked_gets_nobody_in(flags: Any) -> None:
    lied(lambda device: setattr(device, "flags", flags))


def test_an_answer_is_taken_once() -> None:
    world = World()
    key = world.made()
    answer = world.device.use(world.ceremonies.use(None, []))
    after = world.used(key, answer)
    for again in (key, after):
        with pytest.raises(NotProven, match="challenge"):
            world.used(again, answer)


def test_an_answer_that_comes_too_late_is_none() -> None:
    world = World()
    key = world.made()
    answer = world.device.use(world.ceremonies.use(None, []))
    world.clock_s += LASTS_S + 0.01
    with pytest.raises(NotProven, match="challenge"):
        world.used(key, answer)


def test_a_challenge_is_good_for_what_it_was_given_out_for_alone() -> None:
    world = World()
    key = world.made()
    make = world.ceremonies.make("officer-2", "", [])
    with pytest.raises(NotProven, match="challenge"):
        world.ceremonies.made("officer-1", world.device.make(make), "", NOW)
    with pytest.raises(NotProven, match="challenge"):
        world.used(key, world.device.use(world.ceremonies.make("officer-1", "", [])))
    with pytest.raises(NotProven, match="challenge"):
        world.used(key, world.device.use(world.ceremonies.use(None, [])), "officer-1")


def test_one_persons_key_is_no_answer_where_anothers_was_asked_for() -> None:
    world = World()
    key = world.made()
    with pytest.raises(NotProven, match="asked for"):
        world.used(key, world.device.use(world.ceremonies.use("officer-2", [])), "officer-2")


def test_another_start_of_the_service_gives_out_other_challenges() -> None:
    first, second = World(), World()
    key = first.made()
    with pytest.raises(NotProven, match="challenge"):
        second.used(key, first.device.use(first.ceremonies.use(None, [])))


def test_a_device_whose_count_stands_still_may_be_a_copy() -> None:
    world = World()
    key = world.made()
    key = world.used(key, world.device.use(world.ceremonies.use(None, [])))
    world.device.signs -= 1
    with pytest.raises(NotProven, match="sign count"):
        world.used(key, world.device.use(world.ceremonies.use(None, [])))


def test_a_key_of_one_person_is_not_anothers_because_the_device_says_so() -> None:
    world = World()
    key = world.made()
    world.device.handle = bytes(32)
    with pytest.raises(NotProven, match="somebody else"):
        world.used(key, world.device.use(world.ceremonies.use(None, [])))


def test_another_key_signs_in_vain() -> None:
    world = World()
    key = world.made()
    other = Device(ORIGIN)
    other.id, other.handle, other.rp_id = world.device.id, world.device.handle, world.device.rp_id
    with pytest.raises(NotProven):
        world.used(key, other.use(world.ceremonies.use(None, [])))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["id", "rawId", "type", "clientDataJSON", "authenticatorData", "signature", "userHandle"]), JSON)
def test_whatever_a_stranger_sends_it_is_refused_with_a_reason(part: str, junk: object) -> None:
    world = World()
    key = world.made()
    answer = world.device.use(world.ceremonies.use(None, []))
    place = answer if part in answer else answer["response"]
    whole, place[part] = place[part], junk
    # What a device need not say.
    if part == "userHandle" and not junk:
        place[part] = "x"
    assert junk != whole
    with pytest.raises(NotProven):
        world.used(key, answer)
    key_of(answer)


def test_one_bit_of_a_signature_changed_is_no_signature() -> None:
    world = World()
    key = world.made()
    answer = world.device.use(world.ceremonies.use(None, []))
    raw = bytearray(websafe_decode(answer["response"]["signature"]))
    raw[-1] ^= 1
    answer["response"]["signature"] = websafe_encode(bytes(raw))
    with pytest.raises(NotProven):
        world.used(key, answer)


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://warn.example", "https://warn.example"),
        ("https://warn.example:443/x", "https://warn.example"),
        ("https://warn.example:8443", "https://warn.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://warn.example", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::7]", None),
        ("ftp://warn.example", None),
        (None, None),
    ],
)
def test_passkeys_need_an_address_with_a_name_and_with_tls(base_url: str | None, origin: str | None) -> None:
    site = site_of(base_url)
    assert (site and site.origin) == origin


@given(st.binary(max_size=TICKET_BYTES + 2))
def test_nobody_makes_a_ticket_up(made_up: bytes) -> None:
    assert not Tickets().spend(made_up, "use")


@given(st.integers(0, TICKET_BYTES - 1), st.integers(1, 255))
def test_a_ticket_with_another_byte_is_none(at: int, flip: int) -> None:
    tickets = Tickets()
    ticket = bytearray(tickets.new("use"))
    ticket[at] ^= flip
    assert not tickets.holds(bytes(ticket), "use")


def test_a_ticket_is_spent_once_and_for_its_purpose_even_when_many_are() -> None:
    now_s = 0.0
    tickets = Tickets(lambda: now_s)
    ticket = tickets.new("use")
    assert not tickets.spend(ticket, "make")
    assert tickets.spend(ticket, "use")
    for _ in range(100):
        assert tickets.spend(tickets.new("use"), "use")
    assert not tickets.spend(ticket, "use")
    now_s = LASTS_S + 1
    assert tickets.spend(tickets.new("use"), "use")
    assert len(tickets._spent) == 1, "what was spent and would be over is forgotten"
