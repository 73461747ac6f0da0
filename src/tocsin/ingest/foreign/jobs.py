"""What the service and a reading process say to each other: frames of MessagePack, never pickle.

A frame is a length (four octets, the highest first) and so many octets. What comes out of a reading process is decoded
as what it must be: a document that took one over could say something false, but could not make the service do anything.
"""

from __future__ import annotations

from typing import BinaryIO, Literal

import msgspec

from tocsin.cap.feed import Listed
from tocsin.ingest.text.post import Post
from tocsin.model.observation import Alert
from tocsin.model.zone import Zone

HEAD_OCTETS = 4
# 50,000 names of zones. More would keep the event loop busy while they are decoded.
MEANING_OCTETS_MAX = 1_000_000
# A feed with all its messages in it.
ANSWER_OCTETS_MAX = 20_000_000
# With this exit status a reading process says that a document took all the memory it may.
OUT_OF_MEMORY = 12


class Budget(msgspec.Struct, frozen=True):
    """What one document may cost.

    processor_s    seconds of processor time: a busy machine must not cost an honest alert
    wall_s         seconds in all
    memory_bytes   beyond what a reading process needs before its first document
    """

    processor_s: float = 5.0
    wall_s: float = 60.0
    memory_bytes: int = 512 << 20


Signatures = Literal["required", "accepted", "ignored"]


class Pinned(msgspec.Struct, frozen=True):
    """What is asked of the signatures of one source's alerts.

    signatures     required; accepted: those that are there must hold; ignored
    certificates   who may sign, in DER; with none, nothing can be told of a signature, and it counts as none
    """

    signatures: Signatures = "accepted"
    certificates: tuple[bytes, ...] = ()


class Setup(msgspec.Struct, frozen=True):
    """What a reading process is told first; `pinned` by the id of the source."""

    zones: tuple[Zone, ...]
    budget: Budget
    pinned: dict[str, Pinned] = {}


class Understand(msgspec.Struct, frozen=True, tag="understand"):
    """Say what an alert means for our zones."""

    alert: Alert


class Understood(msgspec.Struct, frozen=True, tag="understood"):
    """That alert with its meaning filled in; its `cap` is left out, since the asker has it."""

    alert: Alert


class LookIn(msgspec.Struct, frozen=True, tag="look in"):
    """Say what messages a document holds or links to."""

    body: bytes


class Found(msgspec.Struct, frozen=True, tag="found"):
    """Those."""

    listed: Listed


class PostsIn(msgspec.Struct, frozen=True, tag="posts in"):
    """Say what posts a channel's feed holds."""

    body: bytes


class Posts(msgspec.Struct, frozen=True, tag="posts"):
    """Those, and why others are none."""

    posts: tuple[Post, ...]
    problems: tuple[str, ...]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why the document cannot be used."""

    reason: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The setup is done; documents may come."""


Job = Understand | LookIn | PostsIn
Answer = Understood | Found | Posts | Refused | Ready

encode = msgspec.msgpack.Encoder().encode
setups = msgspec.msgpack.Decoder(Setup)
jobs: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)
answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def framed(value: Setup | Job | Answer) -> bytes:
    """A value as one frame."""
    body = encode(value)
    return len(body).to_bytes(HEAD_OCTETS, "big") + body


def next_frame(stream: BinaryIO) -> bytes | None:
    """The octets of the next frame; None where the stream has ended."""
    head = stream.read(HEAD_OCTETS)
    size = int.from_bytes(head, "big")
    body = stream.read(size)
    return body if len(head) == HEAD_OCTETS and len(body) == size else None
