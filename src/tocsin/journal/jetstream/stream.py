"""The stream of a country: its name, its subjects, how it is made, and how far it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nats.aio.client import Client
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from tocsin.journal.jetstream.connection import Brokers
from tocsin.model.event import Configuration, Event
from tocsin.model.observation import Observation

# A message that is sent again within this is the same one. Ticks of a slot come within a second of each other, and a
# machine that is cut off gives up long before.
SAME_WITHIN_S = 120.0
# How long a broker is waited for: while a leader is elected questions are lost, and one asked again soon is answered
# soon. On a machine that has too much to do each is given longer than the one before.
ASK_S, ASK_MAX_S, LONGER = 0.5, 4.0, 1.5


@dataclass(frozen=True)
class Place:
    """Which log, and who we are in it.

    sector    whose ticks, acts and configurations we hear, beside what all hear
    node      what this machine is called
    slot_s    of the ticks that all twins of a sector send in one slot of time, one enters
    """

    brokers: Brokers
    sector: str
    node: str
    prefix: str = "tocsin"
    replicas: int = 3
    keep_s: float = 86_400.0
    keep_bytes: int = 8_000_000_000
    slot_s: float = 0.1

    @property
    def stream(self) -> str:
        """Name of the stream."""
        return f"{self.prefix}-log"

    @property
    def seen(self) -> str:
        """Subject of observations, which all sectors hear."""
        return f"{self.prefix}.log.seen"

    @property
    def ours(self) -> str:
        """Subject of what only this sector hears."""
        return f"{self.prefix}.log.sector.{self.sector}"

    @property
    def configured(self) -> str:
        """Subject of this sector's configurations: a record that begins anew begins with the last of them."""
        return f"{self.prefix}.log.configuration.{self.sector}"

    def subject_of(self, event: Event) -> str:
        """Where an event belongs."""
        if isinstance(event, Observation):
            return self.seen
        return self.configured if isinstance(event, Configuration) else self.ours


class Reach(NamedTuple):
    """What a stream holds.

    made    when it was made, microseconds since 1970 (UTC): two of the same name are told apart by it
    first   number of its first message that is still there; of the next, where it is empty
    last    number of its last one; 0: it never had one
    """

    made: int
    first: int
    last: int


async def reach_of(client: Client, place: Place, ask_s: float) -> Reach:
    """What the stream holds; it is made where there is none. Raises nats.errors.Error and TimeoutError."""
    asking = client.jetstream(timeout=ask_s)
    try:
        info = await asking.stream_info(place.stream)
    except NotFoundError:
        info = await asking.add_stream(
            StreamConfig(
                name=place.stream,
                subjects=[f"{place.prefix}.log.>"],
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                discard=DiscardPolicy.OLD,
                num_replicas=place.replicas,
                max_age=place.keep_s,
                max_bytes=place.keep_bytes,
                duplicate_window=SAME_WITHIN_S,
            )
        )
    assert info.created is not None, "a stream was made at some time"
    return Reach(round(info.created.timestamp() * 1e6), max(1, info.state.first_seq), info.state.last_seq)


async def beginning(client: Client, place: Place, reach: Reach, ask_s: float) -> int:
    """After which message a record begins that has followed no log yet.

    With the first, where that is still there; else with the last configuration of the sector; else with what comes.
    """
    if reach.first == 1:
        return 0
    try:
        found = await client.jetstream(timeout=ask_s).get_last_msg(place.stream, place.configured)
    except NotFoundError:
        return reach.last
    assert found.seq is not None, "a message of a stream has a number"
    return found.seq - 1
