"""Keys: made, kept to their owner, read back, and shown without their secret."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.some import some
from tocsin.announce.key_making import DAYS_MAX, KINDS, make
from tocsin.announce.keys import ed25519_key_in, fingerprint, p256_key_in, public_key_in, secret_in, shown
from tocsin.model.errors import BadSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def made(kind: str, folder: Path, name: str = "one") -> tuple[Path, ...]:
    return make(kind, folder, name, subject="warnings.example", days=30, now=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_secret_is_its_owners_alone_and_is_shown_by_nothing(kind: str, tmp_path: Path) -> None:
    paths = made(kind, tmp_path / "keys")
    secret = paths[0]
    assert secret.stat().st_mode & 0o777 == 0o600
    told = repr([shown(path) for path in paths])
    if kind == "webhook-secret":
        assert secret.read_text().strip() not in told
        assert len(base64.b64decode(secret.read_text().strip().removeprefix("whsec_"))) == 32
    else:
        key = p256_key_in(secret) if kind in ("cap", "vapid", "proof") else ed25519_key_in(secret)
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().splitlines()[1:-1]
        assert not any(line in told for line in some(plain))
        assert shown(paths[1])["fingerprint"] == shown(secret)["fingerprint"]
        assert fingerprint(public_key_in(paths[1])) == fingerprint(key.public_key())


def test_nothing_is_overwritten_and_what_was_begun_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "one.csr").write_text("mine")
    with pytest.raises(BadSettings, match=r"one\.csr is there already"):
        made("cap", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.csr"]
    assert (tmp_path / "one.csr").read_text() == "mine"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    key = made("siren", tmp_path)[0]
    key.chmod(mode)
    for read in some([secret_in, ed25519_key_in, shown]):
        with pytest.raises(BadSettings, match="chmod 600"):
            read(key)


def test_a_key_of_another_kind_or_of_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    siren, vapid = made("siren", tmp_path, "siren")[0], made("vapid", tmp_path, "vapid")[0]
    with pytest.raises(BadSettings, match="no P-256 key"):
        p256_key_in(siren)
    with pytest.raises(BadSettings, match="no Ed25519 key"):
        ed25519_key_in(vapid)
    junk = tmp_path / "junk"
    junk.write_bytes(b"-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n")
    junk.chmod(0o600)
    with pytest.raises(BadSettings, match="no private key"):
        ed25519_key_in(junk)
    with pytest.raises(BadSettings, match="cannot be read"):
        secret_in(tmp_path / "nowhere")
    junk.write_bytes(b"x" * 200_000)
    with pytest.raises(BadSettings, match="bytes"):
        secret_in(junk)


def test_a_certificate_of_ours_names_us_for_as_long_as_asked_and_signs_for_nobody_else(tmp_path: Path) -> None:
    certificate = x509.load_pem_x509_certificate(made("cap", tmp_path)[1].read_bytes())
    assert certificate.subject.rfc4514_string() == "CN=warnings.example"
    assert certificate.not_valid_after_utc == NOW + timedelta(days=30)
    assert certificate.not_valid_before_utc < NOW
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    request = x509.load_pem_x509_csr((tmp_path / "one.csr").read_bytes())
    assert request.is_signature_valid
    assert request.public_key() == certificate.public_key()


@pytest.mark.parametrize(
    ("kind", "name", "subject", "days"),
    [
        ("rsa", "one", "warnings.example", 30),
        ("cap", "../one", "warnings.example", 30),
        ("cap", ".one", "warnings.example", 30),
        ("cap", "one", "", 30),
        ("cap", "one", "w" * 100, 30),
        ("cap", "one", "warnings.example", 0),
        ("cap", "one", "warnings.example", DAYS_MAX + 1),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(
    kind: str, name: str, subject: str, days: int, tmp_path: Path
) -> None:
    with pytest.raises(BadSettings):
        make(kind, tmp_path, name, subject=subject, days=days, now=NOW)
    assert not list(tmp_path.iterdir())
