"""Keys of the ways out: read from files that only their owner may read, and told apart by what may be known of them."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tocsin.model.errors import BadSettings

# Keys with their certificates have some thousands.
FILE_BYTES_MAX = 100_000
SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark of Standard Webhooks, no secret
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def secret_in(path: Path) -> bytes:
    """What a file holds that nobody but its owner may read or write. Raises BadSettings."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise BadSettings(
                    f"the secret {path} can be read or written by others (mode {mode:04o}); run `chmod 600 {path}`"
                )
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise BadSettings(f"the secret {path} cannot be read ({error.strerror}); check path and owner") from error
    if len(data) > FILE_BYTES_MAX:
        raise BadSettings(f"the secret {path} has more than {FILE_BYTES_MAX} bytes; name the file of the secret alone")
    return data


def private_key_in(path: Path) -> PrivateKey:
    """The private key in a PEM file of mode 0600: Ed25519, ECDSA or RSA. Raises BadSettings."""
    try:
        key = load_pem_private_key(secret_in(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadSettings(f"{path} holds no private key that can be read without a password, as PEM") from error
    if not isinstance(key, PrivateKey):
        raise BadSettings(f"{path} holds a key that is none of Ed25519, ECDSA and RSA")
    return key


def ed25519_key_in(path: Path) -> ed25519.Ed25519PrivateKey:
    """The key of `tocsin keys make siren` or `webhook`. Raises BadSettings."""
    key = private_key_in(path)
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise BadSettings(f"{path} holds no Ed25519 key; make one with `tocsin keys make`")
    return key


def p256_key_in(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key of `tocsin keys make vapid` or `cap`. Raises BadSettings."""
    key = private_key_in(path)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadSettings(f"{path} holds no P-256 key; make one with `tocsin keys make`")
    return key


def public_key_in(path: Path) -> PublicKey:
    """The public key in a PEM file, a certificate's included; whoever verifies has no other. Raises BadSettings."""
    data = _public_bytes(path)
    try:
        certified = b"-----BEGIN CERTIFICATE-----" in data
        key = x509.load_pem_x509_certificate(data).public_key() if certified else load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadSettings(f"{path} holds no public key or certificate, as PEM") from error
    if not isinstance(key, PublicKey):
        raise BadSettings(f"{path} holds a key that is none of Ed25519, ECDSA and RSA")
    return key


def fingerprint(key: PublicKey) -> str:
    """SHA-256 of a public key (its SubjectPublicKeyInfo), in hexadecimal: the same for a key and its certificate.

    The first characters tell keys apart in logs and on sirens.
    """
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def application_server_key(key: ec.EllipticCurvePublicKey) -> str:
    """A VAPID key as browsers take it (RFC 8292, 3.2): the point, base64url without padding."""
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def standard_webhooks_key(key: ed25519.Ed25519PublicKey) -> str:
    """A public key as Standard Webhooks writes it."""
    return "whpk_" + base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def shown(path: Path) -> dict[str, str]:
    """What may be known of a file of keys, in order: never the private part. Raises BadSettings."""
    data = _public_bytes(path)
    if data.startswith(SECRET_PREFIX.encode()):
        digest = hashlib.sha256(secret_in(path).strip()).hexdigest()
        return {"kind": "shared secret of a webhook", "fingerprint": digest}
    if b"PRIVATE KEY-----" in data:
        own = private_key_in(path).public_key()
        return {"kind": f"private key, {_called(own)}"} | _forms(own)
    if b"-----BEGIN CERTIFICATE REQUEST-----" in data:
        return {"kind": "certificate request, for a certification authority"}
    key = public_key_in(path)
    if b"-----BEGIN CERTIFICATE-----" not in data:
        return {"kind": f"public key, {_called(key)}"} | _forms(key)
    certificate = x509.load_pem_x509_certificate(data)
    return {
        "kind": f"certificate, {_called(key)}",
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "valid from": certificate.not_valid_before_utc.isoformat(),
        "valid to": certificate.not_valid_after_utc.isoformat(),
    } | _forms(key)


def _forms(key: PublicKey) -> dict[str, str]:
    forms = {"fingerprint": fingerprint(key)}
    if isinstance(key, ed25519.Ed25519PublicKey):
        forms["Standard Webhooks"] = standard_webhooks_key(key)
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        forms["applicationServerKey"] = application_server_key(key)
    return forms


def _called(key: PublicKey) -> str:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519"
    return f"ECDSA {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else f"RSA {key.key_size}"


def _public_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX)
    except OSError as error:
        raise BadSettings(f"{path} cannot be read ({error.strerror})") from error
