"""Signed heads: how far the public log had come, what its root was, and when; in the words of the log's key.

A line of a file of heads:

    {"log":"…","size":9,"root":"…","time":"2026-03-01T03:00:00Z","first":7,"leaves":"…","key":"…","signature":"…"}

Signed are the words below with log, size, root and time in them, by Ed25519 or by ECDSA on P-256 with SHA-256 (the
signature is r ‖ s, as browsers have it). `leaves` are the hashes of the leaves from `first` on, one after the other, in
base64: the root vouches for them, and they are what a wrong entry can be named by.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Meta

from tocsin.ledger.merkle import HASH_BYTES
from tocsin.ledger.proof_entries import Hex32, Hex64, Index
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.value import UNREADABLE, Value
from tocsin.model.wire import in_words, to_json

# Leaves that one head names; more are signed by several.
LEAVES_MAX = 4_096
LINE_BYTES_MAX = 4 * LEAVES_MAX * HASH_BYTES // 3 + 2_000
_COORDINATE_BYTES = 32
# Whole seconds: texts of them are in the order of time, and there is one way to write each.
Second = Annotated[
    str,
    Meta(
        max_length=20,
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
        description="a time in whole seconds of UTC such as 2026-03-01T03:00:00Z",
    ),
]
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


class SignedHead(Value, frozen=True, kw_only=True):
    """One signed head.

    log     which log it is of: 16 random bytes from its beginning
    size    entries so far; root: of their tree
    time    when it was signed
    first   number of the first leaf in `leaves`; with these the log has `size` of them, or they are left out
    key     fingerprint of the key: SHA-256 of its SubjectPublicKeyInfo
    """

    log: Hex32
    size: Index
    root: Hex64
    time: Second
    first: Index = 0
    leaves: Annotated[str, Meta(max_length=LINE_BYTES_MAX)] = ""
    key: Hex64
    signature: Annotated[str, Meta(max_length=120)]

    @property
    def leaf_bytes(self) -> bytes | None:
        """The hashes of the leaves from `first` on, joined; None: they are left out, or are no such."""
        try:
            joined = base64.b64decode(self.leaves, validate=True)
        except ValueError:
            return None
        return joined if len(joined) == HASH_BYTES * (self.size - self.first) else None

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"the head of {self.time} ({self.size} entries)"


def head_from_json(line: bytes) -> SignedHead:
    """A head from its line. Raises BadRecord."""
    if len(line) > LINE_BYTES_MAX:
        raise BadRecord(f"a head of {len(line)} bytes; at most {LINE_BYTES_MAX} are read")
    try:
        return _decoder.decode(line)
    except (*UNREADABLE, ValueError) as error:
        raise BadRecord(f"not a signed head: {in_words(error, SignedHead)}") from error


def head_json(head: SignedHead) -> bytes:
    """The line of a head, without its end."""
    return to_json(head)


_decoder: msgspec.json.Decoder[SignedHead] = msgspec.json.Decoder(SignedHead)


class HeadSigner:
    """Signs heads with a key of the log's own. Raises BadSettings where the key is neither Ed25519 nor P-256."""

    def __init__(self, key: object) -> None:
        p256 = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
        if not (p256 or isinstance(key, ed25519.Ed25519PrivateKey)):
            raise BadSettings("heads are signed by an Ed25519 or P-256 key; make one with `tocsin keys make proof`")
        assert isinstance(key, PrivateKey)
        self._key = key
        self.fingerprint = key_fingerprint(key.public_key())

    @property
    def public_pem(self) -> bytes:
        """What readers verify with."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, log: str, root: bytes, time: str, first: int, leaves: bytes) -> SignedHead:
        """The head of a log that had `first` entries before those with these leaves, joined, and has this root now."""
        size = first + len(leaves) // HASH_BYTES
        said = signed_words(log, size, root.hex(), time)
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            signature = self._key.sign(said)
        else:
            r, s = decode_dss_signature(self._key.sign(said, ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(_COORDINATE_BYTES, "big") + s.to_bytes(_COORDINATE_BYTES, "big")
        return SignedHead(
            log=log,
            size=size,
            root=root.hex(),
            time=time,
            first=first,
            leaves=base64.b64encode(leaves).decode(),
            key=self.fingerprint,
            signature=base64.b64encode(signature).decode(),
        )


def signed_words(log: str, size: int, root: str, time: str) -> bytes:
    """What is signed."""
    return f"tocsin signed head\n{log}\n{size}\n{root}\n{time}\n".encode()


def key_fingerprint(key: PublicKey) -> str:
    """SHA-256 of a public key (its SubjectPublicKeyInfo), in hexadecimal."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def signed_by(head: SignedHead, keys: Mapping[str, object]) -> str | None:
    """Why none of these keys, by fingerprint, signed a head, as the end of a sentence; None: one did."""
    key = keys.get(head.key)
    if key is None:
        return f"is signed by key {head.key[:12]}…, which is not trusted here"
    said = signed_words(head.log, head.size, head.root, head.time)
    try:
        signature = base64.b64decode(head.signature, validate=True)
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, said)
        elif isinstance(key, ec.EllipticCurvePublicKey) and len(signature) == 2 * _COORDINATE_BYTES:
            r, s = (
                int.from_bytes(half, "big") for half in (signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:])
            )
            key.verify(encode_dss_signature(r, s), said, ec.ECDSA(hashes.SHA256()))
        else:
            raise ValueError
    except (InvalidSignature, ValueError):
        return "bears a signature that is not of these words"
    return None
