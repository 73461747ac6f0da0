"""Warnings to an operator's own endpoint, by the Standard Webhooks specification (standardwebhooks.com).

One request holds the warnings of a tick or more, up to MESSAGE_MAX. It is signed with every key at once, so that keys
can be changed without a gap. What was sent and not answered is sent again as it was, under the same `webhook-id`: a
receiver that has it already drops it. Each warning within has its own `id`, by which a receiver drops what is told
again after a restart.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import aiohttp
import msgspec

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Declined
from tocsin.announce.circuit import Circuit
from tocsin.announce.outward import endpoint, read_at_most, session
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.signing_keys import Signing
from tocsin.model.errors import BadSettings

# About 150 kB: what small receivers and gateways take without asking.
MESSAGE_MAX = 300
# Less than what the outbox gives to all of an attempt.
ANSWER_S_MAX = 5.0
# An answer is read to its end, so that the connection can be used again; a longer one is cut off.
ANSWER_BYTES_MAX = 16_384
_ADVICE = {
    **dict.fromkeys((301, 302, 303, 307, 308), ": a redirect is not followed; name the endpoint itself"),
    401: ": does it know our key, and its clock the time?",
    403: ": does it know our key?",
    404: ": is its path right?",
    410: ": it wants no more; take it out of the settings",
}


# What was sent is to blame, and not who sent it, when, or where to.
_DECLINED = (400, 413, 415, 422)


class Refusal(ConnectionError):
    """The endpoint answered, and not with 2xx."""


class Data(msgspec.Struct, frozen=True):
    """The warnings of a message, and the names of their zones (a string, or an object of them by language)."""

    warnings: tuple[PublicWarning, ...]
    zones: dict[str, str | dict[str, str]]


class Message(msgspec.Struct, frozen=True):
    """The body of a request. `timestamp` is when the newest of its warnings was issued."""

    type: Literal["warnings"]
    timestamp: datetime
    drill: bool
    data: Data


class Webhooks:
    """Signed requests to one endpoint.

    name    its id in the settings
    keys    all of them sign
    now     the service's time, by which receivers tell a fresh message from one played again
    zones   names of the zones by their id
    """

    name = "webhooks"
    quality = Quality(
        one_batch=done("test_the_warnings_of_a_tick_are_one_request"),
        order=done("test_each_recipient_hears_each_zone_in_order_up_to_the_newest"),
        idempotent=done("test_what_was_not_answered_is_sent_again_as_it_was_under_the_same_id"),
        bounded=done("test_a_country_at_once_is_cut_into_messages_and_none_is_sent_twice"),
        stands_alone=done("test_an_endpoint_that_fails_again_and_again_is_left_alone_and_then_asked_with_one_message"),
        retries=done("test_what_was_not_answered_is_sent_again_as_it_was_under_the_same_id"),
        deadline=done("test_nothing_is_sent_after_it_expired_and_whatever_was_not_heard_is_counted"),
        receipts=done("test_what_was_not_answered_is_sent_again_as_it_was_under_the_same_id"),
        restart=exempt("the outbox offers what stands again, and receivers drop what they have by its id"),
        drill=done("test_the_warnings_of_a_tick_are_one_request"),
        private=done("test_the_body_names_no_track_sensor_reason_or_probability"),
        blindness=exempt("it carries warnings only; how blind we are is at GET /v1/zones and in the event stream"),
        languages=exempt("machines read it; zones' names come in every language they have"),
        proof=done("test_the_reference_library_verifies_what_we_sign"),
    )

    def __init__(
        self,
        name: str,
        url: str,
        keys: Sequence[Signing],
        *,
        now: Callable[[], datetime],
        zones: Mapping[str, str | dict[str, str]],
        private: bool = False,
    ) -> None:
        if not keys:
            raise BadSettings("a webhook needs a key to sign with")
        self.name = name
        self.recipients = (url,)
        self._url = endpoint(url, private=private)
        self._keys = tuple(keys)
        self._now = now
        self._zones = zones
        self._private = private
        self._session: aiohttp.ClientSession | None = None
        self._circuit = Circuit(lambda: asyncio.get_running_loop().time())
        # Ids of warnings that were accepted, of those that the outbox may still offer.
        self._accepted: set[str] = set()
        # The message that was sent and not answered.
        self._tried: tuple[PublicWarning, ...] = ()

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Tell the endpoint, in as many requests as it takes. Raises OSError (Declined among them),
        TimeoutError, aiohttp.ClientError."""
        left = [one for one in warnings if one.id not in self._accepted]
        while left:
            # What the outbox adds while it tries again must not change a message that may have arrived.
            again = self._tried and [one.id for one in left[: len(self._tried)]] == [one.id for one in self._tried]
            self._tried = tuple(left[: len(self._tried) if again else MESSAGE_MAX])
            await self._post(self._tried)
            self._accepted |= {one.id for one in self._tried}
            left = left[len(self._tried) :]
            self._tried = ()
        self._accepted.clear()

    async def call(self) -> None:
        """Send a message without a warning, to hear whether one would arrive. Raises as `send`."""
        await self._post(())

    async def work(self) -> None:
        """Hold the connections until cancelled."""
        try:
            await asyncio.Event().wait()
        finally:
            if self._session is not None:
                await self._session.close()
                self._session = None

    async def _post(self, warnings: Sequence[PublicWarning]) -> None:
        """One request. Raises as `send`."""
        self._circuit.enter()
        if self._session is None:
            self._session = session(private=self._private, timeout_s=ANSWER_S_MAX)
        headers, body = self.signed(warnings)
        rest_s = 0.0
        try:
            post = self._session.post(self._url, data=body, headers=headers, allow_redirects=False)
            async with post as answer:
                await read_at_most(answer.content, ANSWER_BYTES_MAX)
                if not 200 <= answer.status < 300:
                    rest_s = _rest_s(answer.headers.get("retry-after", ""))
                    refusal = Declined if answer.status in _DECLINED else Refusal
                    raise refusal(f"it answers {answer.status}{_ADVICE.get(answer.status, '')}")
        except Declined:
            self._circuit.succeeded()
            raise
        except BaseException as error:
            self._circuit.failed(rest_s, str(error) or "it does not answer in time")
            raise
        self._circuit.succeeded()

    def signed(self, warnings: Sequence[PublicWarning]) -> tuple[dict[str, str], bytes]:
        """The headers and the body of the message that tells of these warnings, as of now."""
        zones = {one.zone: self._zones.get(one.zone, one.zone) for one in warnings}
        drill = any(one.drill for one in warnings)
        at = self._now()
        newest = max((one.time for one in warnings), default=at)
        message = Message("warnings", newest, drill, Data(tuple(warnings), zones))
        body = msgspec.json.encode(message)
        name = message_id(warnings) if warnings else f"call_{at.timestamp():.6f}"
        at_s = str(int(at.timestamp()))
        signed = b".".join((name.encode(), at_s.encode(), body))
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": at_s,
            "webhook-signature": " ".join(key.sign(signed) for key in self._keys),
        }
        return headers, body


def message_id(warnings: Sequence[PublicWarning]) -> str:
    """What a message is called: the same for the same warnings, on every retry and after every restart."""
    return f"msg_{hashlib.sha256(chr(10).join(one.id for one in warnings).encode()).hexdigest()[:32]}"


def _rest_s(retry_after: str) -> float:
    """How long an endpoint asks to be left alone; 0: it does not say, or not in seconds."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else 0.0
