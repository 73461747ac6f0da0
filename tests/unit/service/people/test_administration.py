"""Administrators: whom they invite and change, what they cannot do, and that everything is on record."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

import msgspec
import pyotp
import pytest

from tests.signed_in import PASSWORD
from tests.some import some
from tests.unit.service.people.conftest import Browser, Room
from tocsin.service.people.administration import Administration
from tocsin.service.people.door import From
from tocsin.service.people.file import PeopleFile
from tocsin.service.people.keys import Passkey
from tocsin.service.people.sessions import PROOF_S
from tocsin.service.people.store import People


def admin(room: Room) -> Browser:
    """The first administrator, signed in."""
    telephone = room.member("chief", "admin", "auditor")
    browser = room.browser()
    assert browser.sign_in("chief", code=telephone.at(room.at)).status == 200
    return browser


def test_an_administrator_invites_and_never_learns_a_password(room: Room) -> None:
    chief = admin(room)
    told = chief.ask("POST", "/v1/people", {"id": "officer-1", "roles": ["operator"], "zones": ["valley"]})
    assert told.status == 201 and told.json["person"]["password"] is False
    code = told.json["code"]
    assert told.json["link"].endswith(f"/operator#invitation=officer-1/{code}")
    body = {"name": "officer-1", "code": code, "password": PASSWORD}
    assert room.browser().ask("POST", "/v1/session/invitation", body).json["zones"] == ["valley"]
    everybody = chief.ask("GET", "/v1/people")
    assert [one["id"] for one in everybody.json["people"]] == ["chief", "officer-1"]
    secrets = [room.people.credentials(one) for one in room.people.everybody()]
    held = [text for one in secrets for text in (one.password, one.totp, *one.recovery) if text]
    said = everybody.text + chief.ask("GET", "/v1/audit").text
    assert not any(text in said for text in some([*held, code, PASSWORD]))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id": "desk", "roles": ["operator"]}, 409), ({"id": "CHIEF", "roles": ["operator"]}, 409),
        ({"id": "officer-1", "roles": []}, 400), ({"id": "officer-1", "roles": ["king"]}, 400),
        ({"id": "officer-1", "roles": ["watcher"]}, 400), ({"id": "a b", "roles": ["operator"]}, 400),
        ({"id": "a/b", "roles": ["operator"]}, 409), ({"id": "officer-1", "roles": ["operator"], "password": "x"}, 400),
        ({"id": "officer-1", "roles": ["operator"], "name": "a\u202eb"}, 400),
    ],
)  # fmt: skip
def test_who_cannot_be_is_refused(room: Room, body: Any, status: int) -> None:
    chief = admin(room)
    before = len(room.people.everybody())
    assert chief.ask("POST", "/v1/people", body).status == status
    assert len(room.people.everybody()) == before


def test_who_may_do_other_things_from_now_on_signs_in_anew_and_the_rest_is_at_once(room: Room) -> None:
    chief = admin(room)
    telephone = room.member("officer-1", "operator")
    officer = room.browser()
    officer.sign_in("officer-1", code=telephone.at(room.at))
    assert chief.ask("PATCH", "/v1/people/officer-1", {"zones": ["valley"]}).json["zones"] == ["valley"]
    assert officer.ask("GET", "/v1/session").json["zones"] == ["valley"]
    assert chief.ask("PATCH", "/v1/people/officer-1", {"roles": ["auditor"]}).status == 200
    assert officer.ask("GET", "/v1/session").status == 401
    assert chief.ask("PATCH", "/v1/people/officer-9", {"zones": []}).status == 404
    assert chief.ask("PATCH", "/v1/people/officer-1", {"id": "other"}).status == 400
    room.member("officer-2", "operator", also=("desk",))
    assert chief.ask("PATCH", "/v1/people/officer-1", {"also": ["desk"]}).status == 409
    changes = [one.detail for one in room.entries() if one.what == "people.change"]
    assert changes == ["zones:  -> valley", "roles: operator -> auditor"]


def test_whoever_is_removed_is_out_at_once_and_nobody_gets_his_id(room: Room) -> None:
    chief = admin(room)
    telephone = room.member("officer-1", "operator")
    officer = room.browser()
    officer.sign_in("officer-1", code=telephone.at(room.at))
    assert chief.ask("DELETE", "/v1/people/officer-1").status == 204
    room.later(30)
    assert officer.ask("GET", "/v1/session").status == 401
    assert officer.sign_in("officer-1", code=telephone.at(room.at)).status == 401
    assert chief.ask("POST", "/v1/people", {"id": "Officer-1", "roles": ["operator"]}).status == 409
    assert chief.ask("DELETE", "/v1/people/officer-1").status == 404
    listed = chief.ask("GET", "/v1/people").json["people"]
    assert [one["gone_at"] is not None for one in listed] == [False, True]


def test_a_reset_takes_away_all_that_was_there_before(room: Room) -> None:
    chief = admin(room)
    telephone = room.member("officer-1", "operator")
    officer = room.browser()
    officer.sign_in("officer-1", code=telephone.at(room.at))
    forgotten: list[str] = []
    room.people.on_reset.append(forgotten.append)
    told = chief.ask("POST", "/v1/people/officer-1/invitation")
    room.later(30)
    assert told.status == 200 and forgotten == ["officer-1"]
    assert officer.ask("GET", "/v1/session").status == 401
    assert officer.sign_in("officer-1", code=telephone.at(room.at)).status == 401
    again = {"name": "officer-1", "code": told.json["code"], "password": PASSWORD}
    assert officer.ask("POST", "/v1/session/invitation", again).json["needs"] == "second_factor"
    assert chief.ask("POST", "/v1/people/chief/invitation").status == 409, "he would lock himself out"


def test_there_is_always_an_administrator(room: Room) -> None:
    chief = admin(room)
    assert chief.ask("DELETE", "/v1/people/chief").status == 409
    assert chief.ask("PATCH", "/v1/people/chief", {"roles": ["auditor"]}).status == 409
    room.member("officer-1", "admin")
    assert chief.ask("PATCH", "/v1/people/chief", {"roles": ["auditor"]}).status == 200


def test_a_password_alone_administers_nothing_and_adds_no_telephone_beside_one(room: Room) -> None:
    code = room.invite("chief", "admin")
    browser = room.browser()
    browser.ask("POST", "/v1/session/invitation", {"name": "chief", "code": code, "password": PASSWORD})
    told = browser.ask("GET", "/v1/people")
    assert told.status == 403 and "second factor" in told.text
    weak = room.browser()
    weak.sign_in("chief")
    room.telephone(browser)
    assert weak.ask("POST", "/v1/session/totp/begin", {"password": PASSWORD}).status == 401
    assert browser.ask("GET", "/v1/people").status == 200


def test_who_learned_a_password_makes_no_second_factor_of_it_and_puts_nobody_out(room: Room) -> None:
    """Somebody who has a passkey, and no telephone: his password alone opens little, and changes nothing."""
    code = room.invite("officer-1", "operator")
    thief, owner = room.browser("198.51.100.9"), room.browser()
    owner.ask("POST", "/v1/session/invitation", {"name": "officer-1", "code": code, "password": PASSWORD})
    begun = owner.ask("POST", "/v1/session/totp/begin", {"password": PASSWORD}).json
    key = Passkey(key="k", person="officer-1", name="desk", public_key="x", signs=0, synced=False, made_at=room.at)
    room.run(room.people.keys.add(key))
    token, strong = room.people.sessions.start("officer-1", by="passkey", strong=True)
    assert thief.sign_in("officer-1", scheme="https").json["may"] == []
    now = pyotp.TOTP(begun["secret"]).at(room.at)
    tried = [
        thief.ask("POST", "/v1/session/totp/begin", {"password": PASSWORD}, scheme="https"),
        thief.ask(
            "POST", "/v1/session/password", {"password": PASSWORD, "new": "nine tall herons wade"}, scheme="https"
        ),
        thief.ask("DELETE", f"/v1/sessions/{strong.id}", scheme="https"),
        owner.ask("POST", "/v1/session/totp/finish", {"code": now}),
    ]
    assert [one.status for one in tried] == [403] * 4
    assert thief.ask("DELETE", "/v1/sessions", scheme="https").status == 204
    for _ in range(30):
        room.people.sessions.start("officer-1", by="password", strong=False)
    assert room.people.sessions.by_token(token) is not None


def test_what_people_did_is_read_by_pages_newest_first(room: Room) -> None:
    chief = admin(room)
    for place in range(30):
        room.people.audit.note("officer-1", "act.raise", f"act-{place}")
    seen: list[int] = []
    page = chief.ask("GET", "/v1/audit?limit=7").json
    head = page["head"]
    while True:
        seen += [one["seq"] for one in page["entries"]]
        if page["before"] is None:
            break
        page = chief.ask("GET", f"/v1/audit?limit=7&before={page['before']}").json
    assert seen == list(range(head, 0, -1)) and re.fullmatch("[0-9a-f]{64}", page["head_sha256"])
    for bad in ("limit=0", "before=-1", "limit=x", "before=99999999999999999999"):
        assert chief.ask("GET", f"/v1/audit?{bad}").status == 400


def test_of_two_at_once_with_the_same_code_one_is_let_in(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    code = telephone.at(room.at)

    async def both() -> list[Any]:
        return await asyncio.gather(*(room.door.admit("officer-1", PASSWORD, code, From("x")) for _ in range(2)))

    found = [type(one).__name__ for one in room.run(both())]
    assert sorted(found) == ["Admitted", "Refused"]


def test_of_two_at_once_with_the_same_invitation_one_is_let_in(room: Room) -> None:
    code = room.invite("officer-1", "operator")

    async def both() -> list[Any]:
        taken = (
            room.door.take_up("officer-1", code, f"{which} grey herons wade", From("x")) for which in ("six", "ten")
        )
        return await asyncio.gather(*taken)

    assert sorted(type(one).__name__ for one in room.run(both())) == ["Admitted", "Refused"]


def test_what_is_under_way_brings_nobody_back_and_makes_no_code_new(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    room.member("chief", "admin")
    person = room.people.person("officer-1")
    assert person is not None
    code = telephone.at(room.at)
    at = From("x")

    async def change_and_sign_in() -> None:
        await room.door.known("officer-1", PASSWORD, at)
        changing = asyncio.create_task(room.door.set_password(person, "nine tall herons wade"))
        while room.people.file.asked == asked:
            await asyncio.sleep(0)
        # The new password is on its way to the disk; the old one was just found to be right.
        assert room.door._by_code(person, code) is not None
        await changing

    asked = room.people.file.asked
    room.run(change_and_sign_in())
    assert type(room.run(room.door.admit("officer-1", "nine tall herons wade", code, at))).__name__ == "Refused"
    room.run(room.people.file.read(lambda db: None))
    again = People(PeopleFile(room.people.file.path), room.people.asked, lambda: room.at)
    kept = again.person("officer-1")
    assert kept is not None and again.credentials(kept) == room.people.credentials(person)
    again.close()

    async def change_and_remove() -> Any:
        removed = Administration(room.people).remove(person, by="chief", where="this machine")
        return await asyncio.gather(removed, room.door.set_password(person, "eight old herons wade"))

    room.run(change_and_remove())
    assert room.people.person("officer-1") is None


def test_a_full_disk_keeps_no_officer_out_and_nothing_is_lost_of_what_he_did(room: Room) -> None:
    telephone = room.member("officer-1", "operator")
    fill = room.people.file.submit(lambda db: db.pragma("max_page_count", db.pragma("page_count")))
    fill.result()
    browser = room.browser()
    for place in range(40):
        room.people.audit.note("officer-1", "act.raise", f"act-{place}", detail="x" * 2_000)
    assert browser.sign_in("officer-1", code=telephone.at(room.at)).status == 200
    assert "act" in browser.ask("GET", "/v1/session").json["may"]
    # What the disk's thread was asked to do before, it has tried by then.
    room.people.file._thread.submit(lambda: None).result()
    assert room.people.trouble is not None and "cannot be written" in room.people.trouble
    told = browser.ask("POST", "/v1/session/password", {"password": PASSWORD, "new": "nine tall herons wade"})
    assert told.status == 503, "a password is believed when it is on the disk"
    freed = room.people.file._thread.submit(lambda: room.people.file._db.pragma("max_page_count", 100_000))
    freed.result()
    room.run(room.people.tend())
    acts = [one.about for one in room.entries() if one.what == "act.raise"]
    assert acts == [f"act-{place}" for place in range(40)] and room.people.trouble is None


def test_the_service_starts_and_says_so_whatever_happened_to_its_people(tmp_path: Any) -> None:
    from tocsin.service.people.opening import opened
    from tocsin.service.people.store import utc_now
    from tocsin.service.settings import make_settings

    path = tmp_path / "people.db"
    path.write_bytes(b"no database" * 500)
    settings = make_settings(zones="zones.geojson", people={"path": path})
    people = opened(settings, utc_now)
    assert people.trouble is not None and "nobody can sign in" in people.trouble and people.everybody() == []
    people.close()


def test_a_token_that_gets_a_persons_name_shuts_the_person_out_and_it_is_said(room: Room) -> None:
    room.member("officer-1", "operator")
    assert room.people.file.path is not None
    room.people.close()
    room.people = People(PeopleFile(room.people.file.path), room.people.asked, lambda: room.at, ["OFFICER-1"])
    assert room.people.person("officer-1") is None
    assert room.people.trouble is not None and "officer-1 is a person and a token" in room.people.trouble


def test_a_telephone_is_kept_only_when_it_makes_the_right_code(room: Room) -> None:
    code = room.invite("officer-1", "operator")
    browser = room.browser()
    browser.ask("POST", "/v1/session/invitation", {"name": "officer-1", "code": code, "password": PASSWORD})
    assert browser.ask("POST", "/v1/session/totp/finish", {"code": "000000"}).status == 409
    assert browser.ask("POST", "/v1/session/totp/begin", {"password": "wrong"}).status == 401
    begun = browser.ask("POST", "/v1/session/totp/begin", {"password": PASSWORD}).json
    late = pyotp.TOTP(begun["secret"]).at(room.at.timestamp() - 90)
    assert browser.ask("POST", "/v1/session/totp/finish", {"code": late}).status == 409
    assert browser.ask("GET", "/v1/session").json["second_factor"] is False


def test_two_administrators_who_remove_each_other_at_once_leave_one(room: Room) -> None:
    for name in ("admin-1", "admin-2"):
        room.invite(name, "admin")
    one, two = (room.people.person(name) for name in ("admin-1", "admin-2"))
    assert one is not None and two is not None

    async def both() -> list[Any]:
        made = Administration(room.people)
        calls = (made.remove(two, by=one.id, where="x"), made.remove(one, by=two.id, where="x"))
        return list(await asyncio.gather(*calls, return_exceptions=True))

    refused = [str(one) for one in room.run(both()) if one is not None]
    assert refused == ["admin-1 is the last administrator; make another one first"]


def test_a_change_that_comes_while_somebody_is_removed_does_not_bring_him_back(room: Room) -> None:
    room.invite("chief", "admin")
    room.invite("officer-1", "operator")
    person = room.people.person("officer-1")
    assert person is not None

    async def both() -> list[Any]:
        made = Administration(room.people)
        after = msgspec.structs.replace(person, name="anew")
        calls = (
            made.remove(person, by="chief", where="x"),
            made.change(person, after, by="chief", where="x"),
            made.invite(person, by="chief", where="x"),
        )
        return list(await asyncio.gather(*calls, return_exceptions=True))

    _, *refused = room.run(both())
    assert [str(one) for one in refused] == ["officer-1 was changed meanwhile; look again"] * 2
    assert room.people.person("officer-1") is None


ACTS = [
    ("POST", "/v1/people", {"id": "officer-2", "roles": ["operator"]}),
    ("PATCH", "/v1/people/officer-1", {"roles": ["admin"]}),
    ("POST", "/v1/people/officer-1/invitation", {}),
    ("DELETE", "/v1/people/officer-1", {}),
]


def test_at_a_desk_that_its_administrator_has_left_nobody_makes_himself_one(room: Room) -> None:
    room.member("officer-1", "operator")
    chief = admin(room)
    room.later(PROOF_S + 1)
    for method, path, body in ACTS:
        told = chief.ask(method, path, body)
        assert (told.status, told.json["needs"]) == (403, "proof"), (method, path)
    # He goes on seeing what he may see, and is not signed out by a wrong password; that is no proof, either.
    assert chief.ask("GET", "/v1/people").status == 200
    assert chief.ask("POST", "/v1/session/proof", {"password": "wrong"}).status == 401
    assert chief.ask("POST", "/v1/session/proof", {"password": PASSWORD}, **{"x-tocsin-csrf": ""}).status == 403
    assert chief.ask(*ACTS[0]).status == 403
    assert chief.ask("POST", "/v1/session/proof", {"password": PASSWORD}).status == 204
    assert [chief.ask(*one).status for one in ACTS] == [201, 200, 200, 204]
    assert [(one.who, one.by) for one in room.entries() if one.what == "session.prove"] == [("chief", "password")]


def test_a_proof_is_the_sessions_own_and_a_clock_that_was_set_back_makes_none_longer(room: Room) -> None:
    telephone = room.member("chief", "admin")
    first, second = room.browser(), room.browser()
    assert first.sign_in("chief", code=telephone.at(room.at)).status == 200
    room.later(30)
    assert second.sign_in("chief", code=telephone.at(room.at)).status == 200
    room.later(PROOF_S + 1)
    assert first.ask("POST", "/v1/session/proof", {"password": PASSWORD}).status == 204
    assert second.ask(*ACTS[0]).status == 403
    room.later(-3_600)
    assert first.ask(*ACTS[0]).status == 403


def test_who_guesses_the_password_at_an_open_page_waits_as_at_the_door(room: Room) -> None:
    chief = admin(room)
    tried = [chief.ask("POST", "/v1/session/proof", {"password": "wrong"}).status for _ in range(6)]
    assert tried == [401] * 5 + [429]


def test_an_auditor_sees_what_is_his_only_after_a_second_factor(room: Room) -> None:
    browser = room.browser()
    code = room.invite("eyes", "auditor")
    taken = {"name": "eyes", "code": code, "password": PASSWORD}
    told = browser.ask("POST", "/v1/session/invitation", taken).json
    assert told["may"] == [] and told["needs"] == "second_factor"
    assert browser.ask("GET", "/v1/audit").status == 403
    room.telephone(browser)
    assert browser.ask("GET", "/v1/session").json["may"] == ["audit", "picture", "watch"]
    assert browser.ask("GET", "/v1/audit").status == 200


def test_what_one_person_did_of_one_kind_is_found_among_everything_and_by_pages(room: Room) -> None:
    chief = admin(room)
    for place in range(40):
        who = ("Officer-1", "officer-2", "user root")[place % 3]
        room.people.audit.note(who, ("act.raise", "act.cancel", "actor.hires", "refused")[place % 4], f"a-{place}")
    every = room.entries()
    for who, kind in (("officer-1", ""), ("", "act"), ("OFFICER-2", "act"), ("user root", "refused"), ("", "people")):
        seen: list[int] = []
        before: int | None = 10**9
        while before is not None:
            asked = urlencode({"who": who, "kind": kind, "limit": 3, "before": before})
            page = chief.ask("GET", f"/v1/audit?{asked}").json
            seen += [one["seq"] for one in page["entries"]]
            assert page["entries"] or before == 10**9
            before = page["before"]
        wanted = [
            one.seq
            for one in reversed(every)
            if (not who or one.who.casefold() == who.casefold()) and (not kind or one.what.split(".")[0] == kind)
        ]
        assert seen == wanted and some(wanted)
    assert chief.ask("GET", "/v1/audit?who=nobody").json["entries"] == []
