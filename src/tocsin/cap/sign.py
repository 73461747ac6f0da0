"""Signs CAP messages: an enveloped XML signature over the whole alert, as CAP-v1.2 section 3.3.4.2 asks.

The same message and key give the same bytes. ECDSA takes its nonce from the key and the message (RFC 6979) and not
from chance: a restarted service, or its twin, serves what was served before.
"""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from tocsin.cap.write import as_bytes
from tocsin.cap.xml import parse
from tocsin.model.errors import BadSettings

RSA_BITS_MIN = 2048


class _Repeatable:
    """An ECDSA key that signs the same with the same signature (RFC 6979), as far as signxml needs a key."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.key_size = key.key_size

    def sign(self, data: bytes, signature_algorithm: ec.ECDSA) -> bytes:
        """In DER; as `EllipticCurvePrivateKey.sign`."""
        return self._key.sign(data, ec.ECDSA(signature_algorithm.algorithm, deterministic_signing=True))


class Signer:
    """Signs with one key; ECDSA on P-256 (or P-384, P-521) or RSA of 2,048 bits and more, with SHA-256.

    certificate_pem   the key's own first; those of the authorities above it may follow, and are sent along

    Raises BadSettings for a key or certificate that cannot be used or do not belong together.
    """

    def __init__(self, key_pem: bytes, certificate_pem: bytes, password: bytes | None = None) -> None:
        try:
            key = load_pem_private_key(key_pem, password)
            chain = x509.load_pem_x509_certificates(certificate_pem)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadSettings(f"the signing key or its certificate cannot be read: {error}") from error
        if isinstance(key, ec.EllipticCurvePrivateKey):
            method = SignatureMethod.ECDSA_SHA256
        elif isinstance(key, rsa.RSAPrivateKey) and key.key_size >= RSA_BITS_MIN:
            method = SignatureMethod.RSA_SHA256
        else:
            raise BadSettings(f"the signing key must be ECDSA, or RSA of at least {RSA_BITS_MIN} bits")
        if _public(key.public_key()) != _public(chain[0].public_key()):
            raise BadSettings("the certificate is not that of the signing key; give the pair that belongs together")
        self._key = _Repeatable(key) if isinstance(key, ec.EllipticCurvePrivateKey) else key
        self._chain = chain
        self._signer = XMLSigner(
            signature_algorithm=method,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1,
        )

    @property
    def valid_from(self) -> datetime:
        """From when the certificate holds."""
        return self._chain[0].not_valid_before_utc

    @property
    def valid_to(self) -> datetime:
        """Until when it does: what is sent later is refused by whoever looks."""
        return self._chain[0].not_valid_after_utc

    def sign(self, xml: bytes) -> bytes:
        """The message with its signature as the last element."""
        return self.signed(parse(xml))

    def signed(self, alert: etree._Element) -> bytes:
        """The same of an element, which is changed: nothing needs to be read again."""
        return as_bytes(self._signer.sign(alert, key=self._key, cert=self._chain))


def _public(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded
