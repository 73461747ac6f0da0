"""What is written into a message that claims to keep to a network's profile: codes that its readers go by.

Only what the published profiles fix is here: how the profile is named in `code`, and which event codes of its list
come nearest to an air raid. Codes of places come from the zones (`codes`), by the names the profiles give them:
`SAME`, `profile:CAP-CP:Location:0.3`, `http://www.iso.org/iso/country_codes.html` and the like.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from tocsin.model.warning import Level

Claimed = Literal["google", "ipaws", "cap-cp", "cap-au", "wmo", "uk"]
CLAIMED: tuple[Claimed, ...] = get_args(Claimed)


class Events(NamedTuple):
    """Event codes of one list: the name of the list, the code for each level, and the code of a drill."""

    list_name: str
    codes: Mapping[Level, str]
    drill: str

    def of(self, level: Level, *, drill: bool) -> str:
        """The code of a message; all its blocks have the same one."""
        return self.drill if drill else self.codes[level]


class Claim(NamedTuple):
    """What a claim adds to a message.

    code        by which the message says that it keeps to the profile; None: the network knows no such code
    events      the list its event codes come from; None: it asks for none
    named       what its list calls an event in English, by code: `event` must match it
    bare_ends   a Cancel says not from when it holds
    """

    code: str | None = None
    events: Events | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    named: Mapping[str, str] = MappingProxyType({})
    bare_ends: bool = False


def _all(code: str) -> Mapping[Level, str]:
    return {"prepare": code, "take_cover": code, "all_clear": code}


CLAIMS: Mapping[Claimed, Claim] = {
    "google": Claim(),
    "ipaws": Claim(
        code="IPAWSv1.0",
        # 47 CFR 11.31(e): civil emergency, civil danger, administrative message; a demonstration is no alarm.
        events=Events("SAME", {"prepare": "CEM", "take_cover": "CDW", "all_clear": "ADR"}, "DMO"),
        parameters=(("EAS-ORG", "CIV"),),
    ),
    "cap-cp": Claim(
        code="profile:CAP-CP:0.4",
        events=Events("profile:CAP-CP:Event:0.4", _all("civilEmerg"), "testMessage"),
    ),
    "cap-au": Claim(
        code="urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0",
        events=Events("https://govshare.gov.au/xmlui/handle/10772/6495", _all("civilEmerg"), "testMessage"),
        named={"civilEmerg": "Civil Emergency", "testMessage": "Test Message"},
        bare_ends=True,
    ),
    "wmo": Claim(),
    "uk": Claim(),
}
