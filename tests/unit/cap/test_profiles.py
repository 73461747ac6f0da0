"""What networks ask for beyond CAP: a message that keeps to all of it, and what each change of it costs."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest

from tocsin.announce.cap_archive import Archive
from tocsin.cap.check import check, unfit
from tocsin.cap.claims import CLAIMED, CLAIMS
from tocsin.cap.profiles import PROFILES
from tocsin.cap.write import Author, Issuer
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(
    sender="desk@warnings.example",
    sender_name="Warnings",
    languages=("en", "fr"),
    web="https://warnings.example/",
    profiles=CLAIMED,
)
CODES = {"SAME": ("006037",), "profile:CAP-CP:Location:0.3": ("3506008",)}


@pytest.fixture
def alert(zones: tuple[Zone, ...], warn: Callable[..., Warning]) -> str:
    """A message that keeps to every profile."""
    coded = tuple(msgspec.structs.replace(zone, codes=CODES) for zone in zones)
    (message,) = Archive(ISSUER).apply([msgspec.structs.replace(warn("z0"), drill=False)])
    return Author(ISSUER, coded).xml(message).decode()


def without(name: str) -> tuple[str, str]:
    """Takes the first element of a name out."""
    return rf"<{name}>.*?</{name}>", ""


def test_there_are_rules_for_everything_that_can_be_claimed(alert: str) -> None:
    assert set(CLAIMED) == set(CLAIMS) == set(PROFILES) - {"basic", "tocsin"}
    assert unfit(alert.encode(), list(PROFILES)) == {}


@pytest.mark.parametrize(
    ("profile", "change", "problem"),
    [
        ("google", without("web"), "info has no web"),
        ("google", without("expires"), "info has no expires"),
        ("google", without("description"), "info has no description"),
        ("google", without("category"), "different categories"),
        ("google", without("area"), "info has no area"),
        (
            "google",
            (r"(?s)<polygon>.*?</polygon>|<geocode>.*?</geocode>", ""),
            "area has no polygon or circle or geocode",
        ),
        ("google", (r"(?s)<info>.*</info>", ""), "no info block"),
        ("ipaws", (r"<code>IPAWS.*?</code>", ""), "no code IPAWSv1.0"),
        ("ipaws", (r"<value>CDW</value>", "<value>CD</value>"), "exactly one eventCode SAME"),
        ("ipaws", (r"<value>006037</value>", "<value>6037</value>"), "not six digits"),
        (
            "ipaws",
            (r"<valueName>SAME</valueName><value>006037", "<valueName>FIPS</valueName><value>006037"),
            "no area has",
        ),
        ("ipaws", (r"<value>CIV</value>", "<value>ARMY</value>"), "EAS-ORG 'ARMY'"),
        ("ipaws", (r"EAS-ORG</valueName><value>CIV", "CMAMtext</valueName><value>" + 91 * "x"), "CMAMtext is longer"),
        ("cap-cp", (r"<code>profile:CAP-CP.*?</code>", ""), "no code profile:CAP-CP:0.4"),
        ("cap-cp", (r"profile:CAP-CP:Event", "Event"), "no eventCode profile:CAP-CP:Event"),
        ("cap-cp", (r"profile:CAP-CP:Location", "Location"), "no geocode profile:CAP-CP:Location"),
        ("cap-cp", without("language"), "info has no language"),
        ("cap-cp", (r"(?s)\A(.*?)<value>civilEmerg</value>", r"\1<value>terrorism</value>"), "event codes"),
        ("cap-au", (r"<code>urn.*?</code>", ""), "no code urn:oasis"),
        ("cap-au", (r"<event>Civil Emergency</event>", "<event>Fire</event>"), "is called 'Civil Emergency'"),
        ("cap-au", (r"10772/6495", "other"), "exactly one eventCode"),
        ("cap-au", (r"<msgType>Alert</msgType>", "<msgType>Cancel</msgType>"), "a Cancel must not say effective"),
        ("wmo", without("senderName"), "info has no senderName"),
        ("wmo", without("instruction"), "info has no instruction"),
        ("wmo", without("polygon"), "area has no polygon or circle"),
        ("wmo", (r"<sender>.*?</sender>", "<sender>urn:oid:2.49.x</sender>"), "no object identifier"),
        ("uk", without("polygon"), "area has no polygon"),
        (
            "uk",
            (r"<description>.*?</description>", f"<description>{1_396 * 'x'}</description>"),
            "1395 can be broadcast",
        ),
        ("uk", (r"<description>.*?</description>", f"<description>{616 * 'ж'}</description>"), "615 can be broadcast"),
        ("tocsin", without("effective"), "info has no effective"),
        ("tocsin", (r"tocsin-level", "level"), "no parameter tocsin-level"),
    ],
)
def test_what_a_profile_demands_is_missed(alert: str, profile: str, change: tuple[str, str], problem: str) -> None:
    pattern, put = change
    times = 1 if put == "" and "(?s)" not in pattern else 0
    changed = re.sub(pattern, put, alert, count=times)
    assert changed != alert
    if "Cancel" in put:
        changed = changed.replace("<info>", "<references>a@b,c,2026-01-01T00:00:00-00:00</references><info>", 1)
    found = [one.what for one in check(changed.encode(), profile=profile)]
    assert any(problem in what for what in found), found
    assert problem in "; ".join(unfit(changed.encode(), [profile]).values()) or len(found) > 1


@pytest.mark.parametrize("profile", [name for name, claim in CLAIMS.items() if claim.code is not None])
def test_who_claims_nothing_keeps_to_no_profile_that_has_a_code(
    profile: str, zones: tuple[Zone, ...], warn: Callable[..., Warning]
) -> None:
    silent = msgspec.structs.replace(ISSUER, profiles=())
    (message,) = Archive(silent).apply([warn("z0")])
    assert "no code" in unfit(Author(silent, zones).xml(message), [profile])[profile]


def test_a_member_of_a_family_of_codes_is_taken_and_a_short_text_of_the_longest_length_is(alert: str) -> None:
    newer = alert.replace("<code>profile:CAP-CP:0.4</code>", "<code>profile:CAP-CP:1.0</code>")
    assert newer != alert and check(newer.encode(), profile="cap-cp") == []
    longest = re.sub(r"<description>.*?</description>", f"<description>{1_395 * 'x'}</description>", alert)
    assert check(longest.encode(), profile="uk") == []
