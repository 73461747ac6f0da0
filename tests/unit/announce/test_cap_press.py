"""What goes out as CAP: signed or not at all, claiming only what is so, and always the same bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from tests.some import some
from tocsin.announce.cap_archive import Archive
from tocsin.announce.cap_messages import CapMessages, rehearsals
from tocsin.announce.cap_press import Press, Withheld
from tocsin.announce.channel import Batch
from tocsin.announce.key_making import make
from tocsin.cap.check import check, unfit
from tocsin.cap.claims import CLAIMED
from tocsin.cap.sign import Signer
from tocsin.cap.signers import Signers
from tocsin.cap.trust import trust_in
from tocsin.cap.verify import verify
from tocsin.cap.write import Author, Issuer, Message
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

Warn = Callable[..., Warning]
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ISSUER = Issuer(
    sender="desk@warnings.example", sender_name="Warnings", languages=("en", "ar"), web="https://w.example/"
)
CODES = {"SAME": ("006037",), "profile:CAP-CP:Location:0.3": ("3506008",)}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two keys and their certificates."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("one", "two"):
        make("cap", folder, name, subject="warnings.example", days=90, now=NOW - timedelta(days=1))
    return folder


def signer(keys: Path, name: str = "one") -> Signer:
    return Signer((keys / f"{name}.key").read_bytes(), (keys / f"{name}.crt").read_bytes())


class Broken(Signers):
    """Cannot sign until it is mended."""

    broken = True

    def at(self, sent: datetime) -> Signer:
        """Raises while broken."""
        if Broken.broken:
            raise OSError("the token was pulled out")
        return super().at(sent)


@pytest.fixture
def message(zones: tuple[Zone, ...], warn: Warn) -> Message:
    return Archive(ISSUER).apply([warn("z0"), warn("z1", "prepare")])[0]


def test_what_the_service_serves_is_signed_and_verified_by_somebody_elses_code(
    keys: Path, zones: tuple[Zone, ...], message: Message
) -> None:
    xml = Press(Author(ISSUER, zones), Signers(signer(keys))).made(message)
    certificate = x509.load_pem_x509_certificate((keys / "one.crt").read_bytes())
    as_of = SignatureConfiguration(verification_time=NOW)
    signed = XMLVerifier().verify(etree.fromstring(xml), x509_cert=certificate, expect_config=as_of).signed_xml
    assert signed is not None
    assert signed.findtext("{*}identifier") == message.identifier
    assert_signed_by_the_book(xml, certificate)
    (verdict,) = verify(xml, trust_in(keys))
    assert verdict.signer == "CN=warnings.example"
    assert check(xml, profile="tocsin") == []


def assert_signed_by_the_book(xml: bytes, certificate: x509.Certificate) -> None:
    """XML Signature 1.1 with nothing but canonical XML, SHA-256 and ECDSA: the digest is that of the alert without its
    signature, and the key signed the digest."""
    alert = etree.fromstring(xml)
    signature = alert[-1]
    info, value = signature.find("{*}SignedInfo"), base64.b64decode(signature.findtext("{*}SignatureValue"))
    alone = etree.tostring(info, method="c14n")
    r, s = (int.from_bytes(half, "big") for half in (value[:32], value[32:]))
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(encode_dss_signature(r, s), alone, ec.ECDSA(hashes.SHA256()))
    digest = base64.b64decode(info.findtext(".//{*}DigestValue"))
    alert.remove(signature)
    assert hashlib.sha256(etree.tostring(alert, method="c14n")).digest() == digest


def test_a_restarted_service_and_its_twin_sign_with_the_same_bytes(
    keys: Path, zones: tuple[Zone, ...], message: Message
) -> None:
    made = {Press(Author(ISSUER, zones), Signers(signer(keys))).made(message) for _ in range(3)}
    assert len(made) == 1


def test_after_a_change_of_keys_what_was_sent_before_keeps_its_bytes(
    keys: Path, zones: tuple[Zone, ...], message: Message
) -> None:
    later = msgspec.structs.replace(message, identifier="later", sent=message.sent + timedelta(hours=2))
    before, both = Signers(signer(keys)), Signers(signer(keys), signer(keys, "two"), message.sent + timedelta(hours=1))
    author = Author(ISSUER, zones)
    assert Press(author, both).made(message) == Press(author, before).made(message)
    assert Press(author, both).made(later) != Press(author, before).made(later)
    assert verify(Press(author, both).made(later), trust_in(keys))[0].problems == ()


def test_what_cannot_be_signed_is_withheld_said_and_goes_out_once_it_can(
    keys: Path, zones: tuple[Zone, ...], message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    press = Press(Author(ISSUER, zones), Broken(signer(keys)))
    Broken.broken = True
    for _ in range(2):
        with pytest.raises(Withheld, match="does not go out unsigned"):
            press.made(message)
    assert press.kept(message) is None
    assert press.counts["withheld"] == 2
    assert "the token was pulled out" in press.troubles[0]
    assert press.withheld == {message.identifier}
    assert [record.levelname for record in caplog.records] == ["ERROR"], "it is said once"
    Broken.broken = False
    assert b"Signature" in press.made(message)
    assert press.troubles == []
    assert press.counts["signed"] == 1


def test_troubles_of_messages_that_are_over_are_over(keys: Path, zones: tuple[Zone, ...], message: Message) -> None:
    press = Press(Author(ISSUER, zones), Broken(signer(keys)))
    Broken.broken = True
    with pytest.raises(Withheld):
        press.made(message)
    press.forget({message.identifier})
    assert press.troubles
    press.forget(set())
    assert press.troubles == []


def test_what_is_kept_is_bounded_and_what_is_let_go_of_is_made_again(zones: tuple[Zone, ...], warn: Warn) -> None:
    messages = Archive(ISSUER).apply([warn("z0", at_s=second, revision=second) for second in range(1, 30)])
    assert len(messages) > 5
    press = Press(Author(ISSUER, zones), kept_bytes_max=12_000)
    made = [press.made(one) for one in messages]
    assert sum(len(press.kept(one) or b"") for one in messages) <= 12_000
    assert [press.made(one) for one in messages] == made


@pytest.mark.parametrize("level", ["prepare", "take_cover", "all_clear"])
@pytest.mark.parametrize("drill", [True, False])
def test_messages_keep_to_every_profile_that_the_settings_let_them_claim(
    zones: tuple[Zone, ...], warn: Warn, level: Any, drill: bool
) -> None:
    issuer = msgspec.structs.replace(ISSUER, profiles=CLAIMED)
    coded = tuple(msgspec.structs.replace(zone, codes=CODES) for zone in zones)
    archive, press = Archive(issuer), Press(Author(issuer, coded))
    told = [msgspec.structs.replace(warn("z0", level), drill=drill)]
    over = [msgspec.structs.replace(warn("z0", "all_clear", 2, 60), drill=drill)]
    for message in some([*archive.apply(told), *archive.apply(over)]):
        xml = press.made(message)
        assert unfit(xml, CLAIMED) == {}
        assert b"<code>IPAWSv1.0</code>" in xml
        assert check(xml, profile="tocsin") == []
        # What sets off receivers for a real event must not be in a drill.
        assert (b"<value>CDW</value>" in xml or b"<value>CEM</value>" in xml) <= (not drill)
    assert press.troubles == []


def test_a_claim_that_a_message_does_not_keep_to_is_left_out_and_said(
    zones: tuple[Zone, ...], message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    issuer = msgspec.structs.replace(ISSUER, profiles=("cap-cp", "google"))
    press = Press(Author(issuer, zones))
    xml = press.made(message)
    assert b"profile:CAP-CP:" not in xml
    assert b"take_cover" in xml, "people are warned all the same"
    assert "cap-cp: area has no geocode" in press.troubles[0]
    assert press.counts["unfit"] == 1
    assert "without claiming it" in caplog.text


def test_what_will_go_wrong_is_known_before_the_first_warning(keys: Path, zones: tuple[Zone, ...]) -> None:
    issuer = msgspec.structs.replace(ISSUER, profiles=("ipaws",))
    press = Press(Author(issuer, zones), Broken(signer(keys)))
    Broken.broken = True
    press.rehearse(rehearsals(Author(issuer, zones), NOW))
    assert len(press.troubles) == 2
    assert press.withheld == frozenset()
    press.forget(set())
    assert len(press.troubles) == 2, "as long as nothing shows that it works"


def test_codes_of_a_zone_are_its_geocodes(zones: tuple[Zone, ...], message: Message) -> None:
    coded = tuple(msgspec.structs.replace(zone, codes=CODES) for zone in zones)
    (area,) = etree.fromstring(Press(Author(ISSUER, coded)).made(message)).xpath("//*[local-name()='area']")[:1]
    pairs = [(pair.findtext("{*}valueName"), pair.findtext("{*}value")) for pair in area.iterfind("{*}geocode")]
    assert pairs == [("tocsin-zone", "z0"), ("SAME", "006037"), ("profile:CAP-CP:Location:0.3", "3506008")]


def test_what_is_new_is_handed_on_once(zones: tuple[Zone, ...], warn: Warn) -> None:
    messages = CapMessages(Author(ISSUER, zones))
    messages.fold(Batch(1, NOW, (warn("z0"), warn("z1"))))
    assert [one.identifier for one in messages.take_new()] == [one.identifier for one in messages.archive.messages]
    assert messages.take_new() == ()
