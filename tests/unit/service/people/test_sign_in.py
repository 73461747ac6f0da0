"""Signing in: who is let in, and who is refused and learns nothing by it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from tests.signed_in import CHEAP, PASSWORD
from tests.some import some
from tests.unit.service.people.conftest import Room
from tocsin.service.people.door import From, Refused
from tocsin.service.people.passwords import CHARACTERS_MAX, CHARACTERS_MIN, Passwords, plain, why_refused
from tocsin.service.people.person import Person
from tocsin.service.people.second_factor import new_recovery, new_secret, step_of


def test_from_an_invitation_to_a_session_that_may_act(room: Room) -> None:
    code = room.invite("officer-1", "operator", "approver", zones=("valley",))
    browser = room.browser()
    told = browser.ask("POST", "/v1/session/invitation", {"name": "officer-1", "code": code, "password": PASSWORD})
    assert told.status == 200 and told.json["may"] == [] and told.json["needs"] == "second_factor"
    telephone = room.telephone(browser)
    now = browser.ask("GET", "/v1/session").json
    assert now["may"] == ["act", "approve", "ledger", "note", "picture", "spotters", "watch"] and now["needs"] is None
    assert now["zones"] == ["valley"] and now["recovery_left"] == 10 and now["recovery"] == []
    room.later(30)
    other = room.browser()
    assert other.sign_in("Officer-1", code=telephone.at(room.at)).status == 200
    assert [one["this"] for one in other.ask("GET", "/v1/sessions").json["sessions"]] == [False, True]
    assert other.ask("DELETE", "/v1/session").status == 204
    assert other.ask("GET", "/v1/session").status == 401 and browser.ask("GET", "/v1/session").status == 200


def test_whoever_is_refused_learns_nothing_but_that(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    room.invite("officer-2", "operator")
    wrong: list[dict[str, str]] = [
        {"name": "nobody"},
        {"name": "officer-2"},
        {"name": "officer-1", "password": "seven grey herons fly"},
        {"name": "officer-1", "code": ""},
        {"name": "officer-1", "code": "000000"},
        {"name": "desk"},
    ]
    said = set()
    for place, tried in enumerate(wrong):
        told = room.browser(f"198.51.100.{place}").sign_in(**tried, scheme="https")
        assert "set-cookie" not in told.headers
        said.add((told.status, told.text))
    assert len(said) == 1 and next(iter(said))[0] == 401
    assert room.browser().sign_in("officer-1", code=telephone.at(room.at)).status == 200


def test_a_code_is_taken_once_and_not_a_minute_late(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    code = telephone.at(room.at)
    assert room.browser().sign_in("officer-1", code=code).status == 200
    assert room.browser().sign_in("officer-1", code=code).status == 401, "whoever looked over a shoulder"
    before = telephone.at(room.at.timestamp() - 30)
    assert room.browser().sign_in("officer-1", code=before).status == 401, "older than one that was taken"
    room.later(90)
    assert room.browser().sign_in("officer-1", code=telephone.at(room.at.timestamp() - 60)).status == 401
    assert room.browser().sign_in("officer-1", code=telephone.at(room.at.timestamp() - 30)).status == 200


@given(st.integers(0, 10**7), st.integers(-5, 5), st.integers(0, 3))
def test_of_every_code_it_is_known_of_which_step_it_is(at_step: int, off: int, after: int) -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at((at_step + 10 + off) * 30)
    found = step_of(secret, code, (at_step + 10) * 30 + 7, [at_step + 10 - after])
    # Two steps may have the same code, one time in a million.
    assert found in {at_step + 10 + off if abs(off) <= 1 and off > -after else None, at_step + 9, at_step + 11, None}
    if abs(off) <= 1 and off > -after:
        assert found is not None


def test_a_clock_that_ran_ahead_keeps_nobody_out_once_it_is_right_and_makes_no_code_good_twice(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    room.later(86_400)
    ahead = telephone.at(room.at)
    assert room.browser().sign_in("officer-1", code=ahead).status == 200
    room.later(-86_400 + 60)
    now = telephone.at(room.at)
    assert room.browser().sign_in("officer-1", code=now).status == 200, "not a day later"
    assert room.browser().sign_in("officer-1", code=now).status == 401
    # When it is that late, whoever has seen the code of then still cannot use it.
    room.later(86_400 - 60)
    assert room.browser().sign_in("officer-1", code=ahead).status == 401
    room.later(30)
    assert room.browser().sign_in("officer-1", code=telephone.at(room.at)).status == 200


def test_a_recovery_code_lets_in_once_however_it_is_typed(room: Room) -> None:
    browser = room.browser()
    code = room.invite("officer-1", "operator")
    browser.ask("POST", "/v1/session/invitation", {"name": "officer-1", "code": code, "password": PASSWORD})
    begun = browser.ask("POST", "/v1/session/totp/begin", {"password": PASSWORD}).json
    done = browser.ask("POST", "/v1/session/totp/finish", {"code": pyotp.TOTP(begun["secret"]).at(room.at)}).json
    assert len(done["recovery"]) == 10 and len(set(begun["qr"][0])) == 1
    one = done["recovery"][3]
    assert room.browser().sign_in("officer-1", code=one.upper().replace("-", " ")).json["may"]
    assert room.browser().sign_in("officer-1", code=one).status == 401
    assert room.browser().sign_in("officer-1", code=done["recovery"][4]).json["recovery_left"] == 8


def test_an_invitation_is_taken_up_once_by_whom_it_is_for_and_in_time(room: Room) -> None:
    code, other = room.invite("officer-1", "operator"), room.invite("officer-2", "operator")
    body = {"name": "officer-1", "code": code, "password": PASSWORD}
    wrong = [body | {"name": "officer-2"}, body | {"code": other}, body | {"code": ""}, body | {"name": "nobody"}]
    ask = room.browser().ask
    assert all(ask("POST", "/v1/session/invitation", one).status == 401 for one in some(wrong))
    assert ask("POST", "/v1/session/invitation", body | {"password": "password1234"}).status == 400
    assert ask("POST", "/v1/session/invitation", body).status == 200
    assert ask("POST", "/v1/session/invitation", body).status == 401
    room.later(86_401)
    assert (
        ask("POST", "/v1/session/invitation", {"name": "officer-2", "code": other, "password": PASSWORD}).status == 401
    )


def test_the_cookie_of_before_is_worth_nothing_after_signing_in(room: Room) -> None:
    """Whoever planted a cookie, or holds the weak session of before, gains nothing by what its owner shows later."""
    telephone = room.member("officer-1", "operator")
    browser = room.browser()
    browser.cookie = "tocsin=planted"
    browser.sign_in("officer-1", code=telephone.at(room.at))
    assert browser.cookie is not None and "planted" not in browser.cookie
    first = browser.cookie
    room.later(30)
    browser.sign_in("officer-1", code=telephone.at(room.at))
    assert browser.cookie != first
    thief = room.browser()
    thief.cookie = first
    assert thief.ask("GET", "/v1/session").status == 401
    second, csrf = browser.cookie, browser.csrf
    told = browser.ask("POST", "/v1/session/password", {"password": PASSWORD, "new": "nine tall herons wade"})
    assert told.status == 200 and browser.cookie != second and browser.csrf != csrf
    thief.cookie = second
    assert thief.ask("GET", "/v1/session").status == 401


def test_a_cookie_is_what_a_browser_gives_to_us_alone(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    told = room.browser("198.51.100.7").sign_in("officer-1", code=telephone.at(room.at), scheme="https")
    cookie = told.headers["set-cookie"]
    assert cookie.startswith("__Host-tocsin=") and "Domain" not in cookie
    assert all(part in cookie for part in ("; HttpOnly", "; Path=/", "; SameSite=strict", "; Secure"))
    assert told.headers["cache-control"] == "no-store"
    plain = room.browser("198.51.100.7").sign_in("officer-1")
    assert plain.status == 403 and "https" in plain.text


@pytest.mark.parametrize(
    "sent", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"content-type": "text/plain"}]
)
def test_no_page_of_another_site_signs_anybody_in_or_out(room: Room, sent: dict[str, str]) -> None:
    telephone = room.member("officer-1", "operator")
    assert room.browser().sign_in("officer-1", code=telephone.at(room.at), **sent).status in (403, 415)
    browser = room.browser()
    browser.sign_in("officer-1", code=telephone.at(room.at))
    changes = ("POST", "/v1/session/password", {"password": PASSWORD, "new": "nine tall herons wade"})
    assert browser.ask(*changes, **sent).status in (403, 415)
    browser.csrf = ""
    assert browser.ask("DELETE", "/v1/session").status == 403
    assert browser.ask("GET", "/v1/session").status == 200


def test_whoever_guesses_waits_and_an_officer_at_his_desk_does_not(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    desk = room.browser("192.0.2.1")
    https = {"scheme": "https"}
    assert desk.sign_in("officer-1", code=telephone.at(room.at), **https).status == 200
    stranger = room.browser("198.51.100.1")
    tried = [stranger.sign_in("officer-1", "wrong", **https) for _ in range(7)]
    assert [one.status for one in tried] == [401] * 5 + [429] * 2 and int(tried[-1].headers["retry-after"]) <= 300
    # From everywhere at once: then the name is closed, but not where its owner has signed in before.
    for place in range(60):
        room.browser(f"203.0.113.{place}").sign_in("officer-1", "wrong", **https)
    room.later(30)
    assert room.browser("203.0.113.200").sign_in("officer-1", code=telephone.at(room.at), **https).status == 429
    assert desk.sign_in("officer-1", code=telephone.at(room.at), **https).status == 200
    room.later(901)
    assert stranger.sign_in("officer-1", code=telephone.at(room.at), **https).status == 200
    said = [one for one in room.entries() if one.what == "ban.start"]
    assert {one.about for one in said} >= {"name there", "name"} and "203.0.113" not in str(said)


def test_whoever_goes_on_at_a_name_waits_longer_each_time_and_a_quiet_day_ends_it(room: Room) -> None:
    def bans() -> list[float]:
        begun = []
        for _ in range(6):
            while not (found := room.door._bans.failed("officer-1", "198.51.100.1")):
                pass
            begun.append(dict(found)["name there"])
            room.later(begun[-1] + 1)
        return begun

    assert bans() == [300, 600, 1_200, 2_400, 2_400, 2_400]
    room.later(86_400)
    assert bans()[0] == 300


def test_behind_a_proxy_that_does_not_say_for_whom_one_stranger_shuts_nobody_out_at_once(room: Room) -> None:
    bans = room.door._bans
    for _ in range(40):
        bans.failed("officer-1", "")
        bans.succeeded("officer-1", "")
    assert bans.left_s("officer-1", "") == 0 and bans.left_s("officer-2", "") == 0
    for _ in range(10):
        bans.failed("officer-1", "")
    assert bans.left_s("officer-1", "") > 0 and bans.left_s("officer-2", "") == 0


def test_strangers_guesses_do_not_fill_the_record(room: Room) -> None:
    for place in range(300):
        room.browser(f"198.51.{place // 250}.{place % 250}").sign_in(f"nobody-{place}", "wrong", scheme="https")
    room.later(600)
    room.browser("192.0.2.9").sign_in("my-password-in-the-wrong-field", "wrong", scheme="https")
    said = [one for one in room.entries() if one.what == "session.refuse"]
    assert len(said) <= 102 and sum(one.times for one in said) == 301
    assert "my-password" not in str(room.entries())


def test_who_is_nobody_takes_the_same_work_as_who_is_somebody(room: Room) -> None:
    room.member("officer-1", "operator")
    room.invite("officer-2", "operator")
    worked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            worked.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    counting = Counting(CHEAP.time_cost, CHEAP.memory_cost, CHEAP.parallelism)
    room.door._passwords = Passwords(counting)
    for place, name in enumerate(("officer-1", "officer-2", "nobody")):
        room.browser(f"198.51.100.{place}").sign_in(name, "wrong", scheme="https")
    assert worked == ["$argon2id$v=19$m=8,t=1,p=1"] * 3


def test_too_many_at_once_are_told_to_come_again(room: Room) -> None:
    passwords = Passwords(CHEAP)

    async def crowd() -> list[Any]:
        return await asyncio.gather(*(passwords.fits(None, "x") for _ in range(50)), return_exceptions=True)

    found = room.run(crowd())
    passwords.close()
    assert [one for one in found if one is False] == [False] * 10 and len(found) == 50


def test_a_crowd_of_guessers_keeps_nobody_waiting_who_has_signed_in_there_before(room: Room) -> None:
    room.member("officer-1", "operator")
    held = threading.Event()

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            if password == "a guess":
                held.wait(10)
            return super().verify(hash, password)

    room.door._bans.succeeded("officer-1", "198.51.100.7")
    room.door._passwords = passwords = Passwords(Slow(CHEAP.time_cost, CHEAP.memory_cost, CHEAP.parallelism))

    async def crowd() -> tuple[Any, Any]:
        guesses = [asyncio.create_task(passwords.fits(None, "a guess")) for _ in range(12)]
        await asyncio.sleep(0)
        new = await room.door.known("officer-1", PASSWORD, From("203.0.113.5", "elsewhere"))
        old = await room.door.known("officer-1", PASSWORD, From("198.51.100.7", "elsewhere"))
        held.set()
        await asyncio.gather(*guesses, return_exceptions=True)
        return new, old

    new, old = room.run(crowd())
    passwords.close()
    assert isinstance(new, Refused), "who comes from anywhere new waits with the crowd"
    assert isinstance(old, Person)


@pytest.mark.parametrize(
    "password",
    [
        "short", "passwordpassword", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "1234567890123", "Tocsin-2026-!!",
        "qwertyuiop123", "officer-1-officer-1", "BrimBrimBrimBrim", "Summer2026Summer2026", "x" * 129, "ⅷⅷⅷⅷⅷⅷⅷⅷⅷⅷⅷⅷ",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    assert why_refused(password, ("officer-1", "brim")) is not None


@given(st.text(st.characters(codec="utf-8"), min_size=0, max_size=200))
def test_every_text_is_a_password_or_is_refused_with_a_reason(text: str) -> None:
    why = why_refused(text)
    if why is None:
        assert CHARACTERS_MIN <= len(plain(text)) <= CHARACTERS_MAX


def test_recovery_codes_are_all_different() -> None:
    made = [code for _ in range(20) for code in new_recovery()]
    assert len(set(made)) == 200 and all(len(one) == 19 for one in some(made))
