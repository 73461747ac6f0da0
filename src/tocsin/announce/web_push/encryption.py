"""Messages that only one browser can read, as push services carry them (RFC 8291, in one record of RFC 8188)."""

from __future__ import annotations

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
PUBLIC_KEY_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16
# Push services take 4,096 bytes: 86 of them are the header, 16 the tag, one the delimiter.
RECORD_BYTES = 4_096
PLAIN_BYTES_MAX = RECORD_BYTES - 86 - 16 - 1
# Lengths tell who is told what; messages are filled up to a multiple of this.
PADDED_BYTES = 1_024
_LAST = b"\x02"


def public_key(octets: bytes) -> ec.EllipticCurvePublicKey:
    """A browser's key, `p256dh`. Raises ValueError where it is no point of the curve."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, octets)


def encrypt(plain: bytes, p256dh: bytes, auth: bytes, *, salt: bytes = b"") -> bytes:
    """The body of a push request with `Content-Encoding: aes128gcm`.

    p256dh, auth   the subscription's keys, 65 and 16 octets
    salt           16 octets used once; made here where not given

    Raises ValueError for keys that are none, and for more than PLAIN_BYTES_MAX octets.
    """
    if len(auth) != AUTH_BYTES:
        raise ValueError(f"auth has {len(auth)} octets, not {AUTH_BYTES}")
    if len(plain) > PLAIN_BYTES_MAX:
        raise ValueError(f"{len(plain)} octets are more than {PLAIN_BYTES_MAX}")
    theirs = public_key(p256dh)
    ours = ec.generate_private_key(CURVE)
    our_public = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    salt = salt or os.urandom(SALT_BYTES)
    shared = ours.exchange(ec.ECDH(), theirs)
    key, nonce = _derived(shared, auth, p256dh, our_public, salt)
    header = salt + struct.pack(">IB", RECORD_BYTES, len(our_public)) + our_public
    return header + AESGCM(key).encrypt(nonce, _padded(plain), None)


def decrypt(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What `encrypt` encrypted for this key: the other end, as a browser does it. Raises ValueError."""
    head = SALT_BYTES + 5
    if len(body) <= head + PUBLIC_KEY_BYTES or body[head - 1] != PUBLIC_KEY_BYTES:
        raise ValueError("it is no record of RFC 8188 with a key")
    salt, sender, sealed = body[:SALT_BYTES], body[head : head + PUBLIC_KEY_BYTES], body[head + PUBLIC_KEY_BYTES :]
    shared = key.exchange(ec.ECDH(), public_key(sender))
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    content_key, nonce = _derived(shared, auth, ours, sender, salt)
    try:
        padded = AESGCM(content_key).decrypt(nonce, sealed, None)
    except InvalidTag:
        raise ValueError("it is not encrypted for this key") from None
    return padded.rstrip(b"\0").removesuffix(_LAST)


def _derived(shared: bytes, auth: bytes, receiver: bytes, sender: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """The key of the content and its nonce (RFC 8291, 3.4)."""
    secret = HKDF(SHA256(), 32, auth, b"WebPush: info\0" + receiver + sender).derive(shared)
    pseudorandom = HKDF.extract(SHA256(), salt, secret)
    key = HKDFExpand(SHA256(), 16, b"Content-Encoding: aes128gcm\0").derive(pseudorandom)
    return key, HKDFExpand(SHA256(), 12, b"Content-Encoding: nonce\0").derive(pseudorandom)


def _padded(plain: bytes) -> bytes:
    room = min(-(len(plain) + 1) % PADDED_BYTES, PLAIN_BYTES_MAX - len(plain))
    return plain + _LAST + bytes(room)
