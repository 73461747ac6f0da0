"""Signs CAP messages: an enveloped XML signature over the whole alert, as CAP-v1.2 section 3.3.4.2 asks."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from tocsin.cap.xml import parse
from tocsin.model.errors import BadSettings

RSA_BITS_MIN = 2048


class Signer:
    """Signs with one key; ECDSA on P-256 (or P-384, P-521) or RSA of 2,048 bits and more, with SHA-256.

    ECDSA signatures differ each time they are made, so keep the signed bytes where the same are wanted again.
    Raises BadSettings for a key or certificate that cannot be used or do not belong together.
    """

    def __init__(self, key_pem: bytes, certificate_pem: bytes, password: bytes | None = None) -> None:
        try:
            key = load_pem_private_key(key_pem, password)
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except (ValueError, TypeError) as error:
            raise BadSettings(f"the signing key or its certificate cannot be read: {error}") from error
        if isinstance(key, ec.EllipticCurvePrivateKey):
            method = SignatureMethod.ECDSA_SHA256
        elif isinstance(key, rsa.RSAPrivateKey) and key.key_size >= RSA_BITS_MIN:
            method = SignatureMethod.RSA_SHA256
        else:
            raise BadSettings(f"the signing key must be ECDSA, or RSA of at least {RSA_BITS_MIN} bits")
        if _public(key.public_key()) != _public(certificate.public_key()):
            raise BadSettings("the certificate is not that of the signing key; give the pair that belongs together")
        self._key = key
        self._certificate = certificate
        self._signer = XMLSigner(
            signature_algorithm=method,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1,
        )

    def sign(self, xml: bytes) -> bytes:
        """The message with its signature as the last element."""
        signed = self._signer.sign(parse(xml), key=self._key, cert=[self._certificate])
        return bytes(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


def _public(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded
