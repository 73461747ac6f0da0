"""Passkeys (WebAuthn): a key pair that a person's device makes for this service's address alone, and uses only when the
person shows it a finger, a face or a PIN.

So one passkey is two factors: the device, and what unlocks it. A page at another address gets no answer from it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tocsin.model.value import Time
from tocsin.service.people.keys import Passkey
from tocsin.service.people.tickets import LASTS_S, Tickets
from tocsin.service.people.way_in import NotProven, Site

_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


class Ceremonies:
    """Begins and ends the two ceremonies: a key is made, and a key is used. Challenges are tickets: good once."""

    def __init__(self, site: Site, tickets: Tickets) -> None:
        self._site = site
        self._tickets = tickets

    def make(self, person: str, called: str, keys: list[Passkey]) -> dict[str, Any]:
        """What the browser of a person who is signed in is asked, to make one more key than he has."""
        options = webauthn.generate_registration_options(
            rp_id=self._site.rp_id,
            rp_name="Tocsin",
            user_id=handle_of(person),
            user_name=person,
            user_display_name=called or person,
            challenge=self._tickets.new(f"make {person}"),
            timeout=int(LASTS_S * 1_000),
            # What a device is, and who made it, is none of our business.
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=_descriptors(keys),
            supported_pub_key_algs=_ALGORITHMS,
        )
        return _as_json(options)

    def made(self, person: str, credential: dict[str, Any], name: str, now: Time) -> Passkey:
        """The key that a device has made. Raises NotProven."""
        challenge = self._challenge(credential, f"make {person}")
        try:
            found = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._site.rp_id,
                expected_origin=self._site.origin,
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            )
        # It parses what strangers send with parsers of its own, which raise what they like.
        except Exception as error:
            raise NotProven(str(error)[:300]) from error
        return Passkey(
            key=bytes_to_base64url(found.credential_id),
            person=person,
            name=name,
            public_key=bytes_to_base64url(found.credential_public_key),
            signs=found.sign_count,
            synced=found.credential_backed_up,
            made_at=now,
        )

    def use(self, person: str | None, keys: list[Passkey]) -> dict[str, Any]:
        """What a browser is asked for signing in: any key that it has for this site, or one of a person's."""
        options = webauthn.generate_authentication_options(
            rp_id=self._site.rp_id,
            challenge=self._tickets.new(_use(person)),
            timeout=int(LASTS_S * 1_000),
            allow_credentials=_descriptors(keys),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _as_json(options)

    def used(self, key: Passkey, credential: dict[str, Any], now: Time, *, asked: str | None) -> Passkey:
        """The same key, once it has signed what its owner was asked.

        asked   of whom a key was wanted; None: of anybody

        Raises NotProven. That a count does not grow is one reason: then there are two of a key that there is once.
        """
        challenge = self._challenge(credential, _use(asked))
        if asked is not None and asked != key.person:
            raise NotProven(f"a key of {key.person} where one of {asked} was asked for")
        handle = credential.get("response", {}).get("userHandle")
        if handle and handle != bytes_to_base64url(handle_of(key.person)):
            raise NotProven(f"the key of {key.person} says that it is somebody else's")
        try:
            found = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._site.rp_id,
                expected_origin=self._site.origin,
                credential_public_key=base64url_to_bytes(key.public_key),
                credential_current_sign_count=key.signs,
                require_user_verification=True,
            )
        except Exception as error:
            raise NotProven(str(error)[:300]) from error
        return msgspec.structs.replace(key, signs=found.new_sign_count, synced=found.credential_backed_up, used_at=now)

    def _challenge(self, credential: dict[str, Any], purpose: str) -> bytes:
        """The challenge that a credential answers; from now on it is spent, whatever becomes of it."""
        try:
            said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
            challenge = base64url_to_bytes(said["challenge"])
            if said.get("crossOrigin"):
                raise NotProven("asked from within another site's page")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise NotProven("no challenge in it") from error
        if not self._tickets.spend(challenge, purpose):
            raise NotProven("its challenge was not given out for this, is too old, or was answered before")
        return challenge


def handle_of(person: str) -> bytes:
    """What a device keeps of whose key it is: it tells nobody a name."""
    return hashlib.sha256(f"tocsin person {person}".encode()).digest()


def _use(person: str | None) -> str:
    return "use" if person is None else f"use of {person}"


def _descriptors(keys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.key)) for one in keys]


def _as_json(options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found
