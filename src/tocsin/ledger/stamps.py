"""Time stamps of RFC 3161: an authority's signed word that a file was there at a time. With the extra `ledger`."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from cryptography import x509

from tocsin.ledger.custody import Stamp
from tocsin.ledger.formats.bounded import whole
from tocsin.model.errors import BadFile, BadRecord, Missing

try:
    import rfc3161_client
except ImportError:  # pragma: no cover - the extra `ledger` is part of the development set
    rfc3161_client = None  # type: ignore[assignment]

ANSWER_BYTES_MAX = 75_000
# It is held in memory while it is hashed.
FILE_BYTES_MAX = 1_000_000_000
ROOTS_BYTES_MAX = 10_000_000
_ANSWER_S = 30.0
_SHA256_OID = "2.16.840.1.101.3.4.2.1"


def request_for(data: bytes) -> bytes:
    """The request (TimeStampReq, DER) to stamp the SHA-256 of some octets, with a nonce, asking for certificates.

    Only the hash is in it: the authority does not learn what it stamps. Raises Missing without `rfc3161-client`.
    """
    builder = _library().TimestampRequestBuilder()
    request = builder.data(data).hash_algorithm(rfc3161_client.HashAlgorithm.SHA256).build()
    return bytes(request.as_bytes())


def stamp_from(answer: bytes, sha256: str, roots: Sequence[x509.Certificate], *, by: str, recorded: datetime) -> Stamp:
    """The record of an authority's answer (TimeStampResp, DER) to a request for that hash.

    roots   certificates of authorities that are trusted

    Raises BadRecord where the answer is no stamp of that hash by an authority that one of the roots vouches for.
    """
    name = f"stamp-{secrets.token_hex(10)}"
    token = base64.b64encode(answer).decode()
    at, authority = _verified(answer, sha256, roots)
    return Stamp(id=name, recorded=recorded, by=by, of=sha256, token=token, at=at, authority=authority[:300])


def verified(stamp: Stamp, roots: Sequence[x509.Certificate]) -> datetime:
    """The time that a stamp proves. Raises BadRecord where it proves nothing, or says another time than it records."""
    try:
        answer = base64.b64decode(stamp.token)
    except ValueError as error:
        raise BadRecord(f"the token of {stamp.id} is not base64: {error}") from error
    at, _ = _verified(answer, stamp.of, roots)
    if at != stamp.at:
        raise BadRecord(f"{stamp.id} records {stamp.at.isoformat()}, and its token says {at.isoformat()}")
    return at


def _verified(answer: bytes, sha256: str, roots: Sequence[x509.Certificate]) -> tuple[datetime, str]:
    library = _library()
    if len(answer) > ANSWER_BYTES_MAX:
        raise BadRecord(f"an answer of {len(answer)} bytes; a time stamp has at most {ANSWER_BYTES_MAX}")
    if not roots:
        raise BadRecord("no authority is trusted, so no time stamp is; give its root certificate")
    try:
        response = library.decode_timestamp_response(answer)
        verifier = library.VerifierBuilder(roots=list(roots)).build()
        if response.tst_info.message_imprint.hash_algorithm.dotted_string != _SHA256_OID:
            raise BadRecord("the time stamp is of another kind of hash than SHA-256")
        verifier.verify(response, bytes.fromhex(sha256))
    except (ValueError, rfc3161_client.errors.VerificationError) as error:
        raise BadRecord(f"no valid time stamp of {sha256[:12]}…: {error}") from error
    return response.tst_info.gen_time.astimezone(UTC), _name(response.tst_info.name)


def _name(name: x509.GeneralName | None) -> str:
    """What the authority calls itself, where it does."""
    value = None if name is None else name.value
    return value.rfc4514_string() if isinstance(value, x509.Name) else ""


async def asked(address: str, request: bytes) -> bytes:
    """What the authority at an address answers (RFC 3161, section 3.4). Raises BadFile where it does not."""
    form = {"Content-Type": "application/timestamp-query"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_S)) as session,
            session.post(address, data=request, headers=form) as response,
        ):
            answer = await response.content.read(ANSWER_BYTES_MAX + 1)
            response.raise_for_status()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise BadFile(
            f"the authority at {address} gives no time stamp ({error or 'it is silent'}); try another"
        ) from error
    return answer


def evidence_in(path: Path) -> bytes:
    """A file that is to be stamped. Raises BadFile where it cannot be read, is empty or too large."""
    data = whole(path, "the file that is to be stamped; of more, stamp a list of hashes", FILE_BYTES_MAX)
    if not data:
        raise BadFile(f"{path} is empty, and nothing to stamp; give the file that is to be stamped")
    return data


def roots_in(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises BadFile."""
    try:
        return x509.load_pem_x509_certificates(whole(path, "a .pem of the authority's root", ROOTS_BYTES_MAX))
    except ValueError as error:
        raise BadFile(
            f"{path} cannot be read as certificates ({error}); give a .pem of the authority's root"
        ) from error


def _library() -> Any:
    if rfc3161_client is None:
        raise Missing("time stamps need rfc3161-client; install tocsin[ledger]")
    return rfc3161_client
