"""Pinned certificates: the ones in a folder are trusted, each for itself, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tocsin.model.errors import BadFile, BadSettings

SUFFIXES = (".pem", ".crt", ".cer", ".der")
CERTIFICATES_MAX = 1_000
CERTIFICATE_BYTES_MAX = 100_000

Trust = dict[bytes, x509.Certificate]


def trust_in(folder: Path) -> Trust:
    """The certificates in a folder by their SHA-256 fingerprints. Raises BadSettings, BadFile."""
    if not folder.is_dir():
        raise BadSettings(f"there is no folder {folder}; give --trust a folder of certificates ({', '.join(SUFFIXES)})")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise BadSettings(f"no certificates in {folder}; put the senders' there as {', '.join(SUFFIXES)}")
    if len(paths) > CERTIFICATES_MAX:
        raise BadSettings(f"{len(paths)} certificates in {folder}; at most {CERTIFICATES_MAX} are read")
    found: Trust = {}
    for path in paths:
        for certificate in _certificates(path):
            found[certificate.fingerprint(hashes.SHA256())] = certificate
    return found


def pinned(certificates: Iterable[bytes]) -> Trust:
    """The same of certificates in DER. Raises BadFile."""
    try:
        found = [x509.load_der_x509_certificate(one) for one in certificates]
    except ValueError as error:
        raise BadFile(f"a certificate cannot be read: {error}") from error
    return {one.fingerprint(hashes.SHA256()): one for one in found}


def _certificates(path: Path) -> list[x509.Certificate]:
    if path.stat().st_size > CERTIFICATE_BYTES_MAX:
        raise BadFile(f"{path} has more than {CERTIFICATE_BYTES_MAX} bytes; is it a certificate?")
    data = path.read_bytes()
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise BadFile(f"{path} is not a certificate: {error}") from error
