"""Signatures: made, verified, and not to be tricked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.some import some
from tocsin.announce.cap_archive import Archive
from tocsin.cap.check import check
from tocsin.cap.feed import listed_in
from tocsin.cap.sign import Signer
from tocsin.cap.trust import Trust, trust_in
from tocsin.cap.verify import verify
from tocsin.cap.write import Author, Issuer
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

MADE = datetime(2026, 1, 1, tzinfo=UTC)
# Key and certificate, PEM.
Pair = tuple[bytes, bytes]


def pair(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    last: datetime = MADE + timedelta(days=90),
) -> Pair:
    """(key PEM, certificate PEM) of a self-signed certificate valid from MADE."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "warnings.example")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MADE)
        .not_valid_after(last)
    )
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(key, algorithm)
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key_pem, certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="session")
def keys() -> Pair:
    return pair(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def trust(keys: Pair, tmp_path: Path) -> Trust:
    (tmp_path / "sender.pem").write_bytes(keys[1])
    return trust_in(tmp_path)


@pytest.fixture
def xml(zones: tuple[Zone, ...], warn: Callable[..., Warning]) -> bytes:
    issuer = Issuer(sender="warnings.example", languages=("en", "he"))
    (message,) = Archive(issuer).apply([warn("z0")])
    return Author(issuer, zones).xml(message)


def problem(data: bytes, trust: Trust) -> str:
    (verdict,) = verify(data, trust)
    assert verdict.alert is None
    return verdict.problems[0].what


def test_what_is_signed_verifies_and_is_still_good_cap(keys: Pair, trust: Trust, xml: bytes) -> None:
    signed = Signer(*keys).sign(xml)
    (verdict,) = verify(signed, trust)
    assert verdict.problems == () and verdict.signer == "CN=warnings.example"
    assert verdict.alert is not None and verdict.alert.sender == "warnings.example"
    assert check(signed, profile="tocsin") == []


def test_rsa_works_too(xml: bytes, tmp_path: Path) -> None:
    keys = pair(rsa.generate_private_key(65537, 2048))
    (tmp_path / "sender.crt").write_bytes(keys[1])
    assert verify(Signer(*keys).sign(xml), trust_in(tmp_path))[0].problems == ()


def test_a_signed_message_inside_a_feed_verifies(keys: Pair, trust: Trust, xml: bytes) -> None:
    signed = Signer(*keys).sign(xml).split(b"?>", 1)[1]
    assert verify(b"<feed>" + signed + b"</feed>", trust)[0].problems == ()


def test_a_signed_message_taken_out_of_a_feed_with_name_spaces_of_its_own_verifies(
    keys: Pair, trust: Trust, xml: bytes
) -> None:
    signed = Signer(*keys).sign(xml).split(b"?>", 1)[1]
    feed = b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="urn:g"><entry g:a="1">' + signed + b"</entry></feed>"
    (message,) = listed_in(feed).messages
    assert verify(message.xml.encode(), trust)[0].problems == ()


def test_one_changed_letter_breaks_it(keys: Pair, trust: Trust, xml: bytes) -> None:
    signed = Signer(*keys).sign(xml)
    assert "does not hold" in problem(signed.replace(b"Town 0", b"Town 1"), trust)


def test_an_unsigned_message_is_not_a_signed_one(trust: Trust, xml: bytes) -> None:
    assert problem(xml, trust) == "no signature"


def test_a_stranger_s_certificate_is_not_trusted(trust: Trust, xml: bytes) -> None:
    stranger = pair(ec.generate_private_key(ec.SECP256R1()))
    assert "not among the trusted" in problem(Signer(*stranger).sign(xml), trust)


def test_a_true_signature_wrapped_into_a_false_message_does_not_make_it_true(
    keys: Pair, trust: Trust, xml: bytes
) -> None:
    signed = Signer(*keys).sign(xml).split(b"?>", 1)[1]
    false = xml.split(b"?>", 1)[1].replace(b"Town 0", b"Everywhere")
    inside = false.replace(b"</alert>", b"<parameter>" + signed + b"</parameter></alert>")
    assert all(
        verdict.alert is None or "Everywhere" not in repr(verdict.alert) for verdict in some(verify(inside, trust))
    )
    assert verify(inside, trust)[0].alert is None
    signature = signed[signed.index(b"<ds:Signature ") : signed.index(b"</alert>")]
    assert "does not hold" in problem(false.replace(b"</alert>", signature + b"</alert>"), trust)
    twice = signed.replace(b"</alert>", signature + b"</alert>")
    assert "one signature" in problem(twice, trust)


def test_a_certificate_that_had_expired_when_the_message_was_sent_does_not_count(xml: bytes, tmp_path: Path) -> None:
    keys = pair(ec.generate_private_key(ec.SECP256R1()), last=MADE + timedelta(days=10))
    (tmp_path / "sender.pem").write_bytes(keys[1])
    assert "expired" in problem(Signer(*keys).sign(xml), trust_in(tmp_path))


def test_keys_that_cannot_sign_are_refused(keys: Pair) -> None:
    other = pair(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(BadSettings, match="belongs together"):
        Signer(keys[0], other[1])
    with pytest.raises(BadSettings, match="ECDSA, or RSA"):
        Signer(*pair(ed25519.Ed25519PrivateKey.generate()))
    with pytest.raises(BadSettings, match="cannot be read"):
        Signer(b"nonsense", keys[1])


def test_a_folder_without_certificates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="no certificates"):
        trust_in(tmp_path)
    with pytest.raises(BadSettings, match="no folder"):
        trust_in(tmp_path / "missing")
    (tmp_path / "x.pem").write_text("nonsense")
    with pytest.raises(BadFile, match="not a certificate"):
        trust_in(tmp_path)
