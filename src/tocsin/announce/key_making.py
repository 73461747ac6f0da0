"""Makes the keys of the ways out, as files: Ed25519 for sirens and webhooks, P-256 for CAP, Web Push and the
public log."""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tocsin.announce.keys import SECRET_PREFIX, PrivateKey
from tocsin.model.errors import BadSettings

Kind = Literal["cap", "siren", "webhook", "webhook-secret", "vapid", "proof"]
KINDS: tuple[str, ...] = get_args(Kind)
# Standard Webhooks asks for 24 to 64.
SECRET_BYTES = 32
# Clocks of those who verify may be behind ours.
EARLIER = timedelta(hours=1)
DAYS_MAX = 36_500


def make(kind: str, folder: Path, name: str, *, subject: str, days: int, now: datetime) -> tuple[Path, ...]:
    """Make keys of a kind as files in a folder, `name.key` and what belongs to it; the private ones have mode 0600.

    subject   whom a CAP certificate names; it holds for that many days from now on

    All of the files are written or none, and none that is there is overwritten. Raises BadSettings.
    """
    if kind not in KINDS:
        raise BadSettings(f"there are no keys for {kind!r}; choose one of {', '.join(KINDS)}")
    if not 1 <= days <= DAYS_MAX:
        raise BadSettings(f"a certificate of {days} days; at least 1 and at most {DAYS_MAX}")
    if Path(name).name != name or name.startswith("."):
        raise BadSettings(f"{name!r} is no name for a file; the folder is --out")
    return _written(folder, _files(kind, name, subject, days, now))


def _files(kind: str, name: str, subject: str, days: int, now: datetime) -> dict[str, tuple[bytes, int]]:
    """Name of each file, what it holds and its mode."""
    if kind == "webhook-secret":
        secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        return {f"{name}.secret": (f"{secret}\n".encode(), 0o600)}
    if kind in ("siren", "webhook"):
        return _pair(name, ed25519.Ed25519PrivateKey.generate())
    key = ec.generate_private_key(ec.SECP256R1())
    if kind in ("vapid", "proof"):
        return _pair(name, key)
    try:
        named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
    except ValueError as error:
        raise BadSettings(f"a certificate cannot name {subject[:80]!r}: {error}") from error
    return {
        f"{name}.key": (_private(key), 0o600),
        f"{name}.crt": (_certificate(key, named, days, now), 0o644),
        f"{name}.csr": (_request(key, named), 0o644),
    }


def _pair(name: str, key: PrivateKey) -> dict[str, tuple[bytes, int]]:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {f"{name}.key": (_private(key), 0o600), f"{name}.pub": (public, 0o644)}


def _private(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificate(key: ec.EllipticCurvePrivateKey, name: x509.Name, days: int, now: datetime) -> bytes:
    """Self-made: it signs for nobody else, and whoever pins it trusts this key and no other."""
    start = now.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - EARLIER)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    signs = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = builder.add_extension(x509.KeyUsage(digital_signature=True, **signs), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _request(key: ec.EllipticCurvePrivateKey, name: x509.Name) -> bytes:
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM)


def _written(folder: Path, files: dict[str, tuple[bytes, int]]) -> tuple[Path, ...]:
    paths = tuple(folder / name for name in files)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as undo:
            for path, (data, mode) in zip(paths, files.values(), strict=True):
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
                    undo.callback(path.unlink, missing_ok=True)
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            undo.pop_all()
    except FileExistsError as error:
        raise BadSettings(f"{error.filename} is there already, and is left as it is; give another --name") from error
    except OSError as error:
        raise BadSettings(f"keys cannot be written to {folder} ({error.strerror})") from error
    return paths
