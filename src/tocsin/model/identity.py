"""Who said it under which name, and what was said: what makes two events one, or two that contradict each other.

An id belongs to whoever sent it. The same id from another sender is another event; the same id again with the same
words is the same event; with other words it is a conflict.
"""

from __future__ import annotations

import hashlib

from tocsin.model.event import Configuration, Event, Loss, OperatorAct, Tick
from tocsin.model.observation import Alert, ChannelReport, Launch, Observation
from tocsin.model.wire import to_json

_RECEIVED = b',"received":"'


def identity(event: Event) -> str | None:
    """The sender and the id as one text, different for any two of different senders; None: a tick has none.

    >>> from tocsin.model.value import EPOCH
    >>> identity(OperatorAct(id="1", time=EPOCH, operator="desk", action="release", zones=("z",)))
    'act\\ndesk\\n1'
    """
    # Ids hold no line breaks, so the parts cannot run into each other.
    if isinstance(event, Tick):
        return None
    if isinstance(event, OperatorAct):
        return f"act\n{event.operator}\n{event.id}"
    if isinstance(event, Configuration):
        return f"configuration\n{event.id}"
    if isinstance(event, Loss):
        return f"loss\n{event.id}"
    return identity_of_report(event)


def identity_of_report(observation: Observation) -> str:
    """`identity` of an observation, which always has one."""
    # What a relay says in somebody's name is the relay's word, and takes no id away from that somebody.
    via: str = getattr(observation, "via", None) or ""
    name = f"observation\n{via}\n{observation.source}\n{observation.id}"
    if isinstance(observation, ChannelReport):
        # Channels number their posts each for itself. An edit has the number of what it replaces, and each wording of
        # it is a report of its own.
        edit = digest_of(observation) if observation.edited else ""
        return f"{name}\n{_int64(to_json(observation.channel))}\n{edit}"
    return name


def launch_track(launch: Launch) -> str:
    """What a launch is called among tracks: its id, and what tells it from another sender's of the same id.

    >>> from tocsin.model.value import EPOCH
    >>> launch_track(Launch(id="1", source="watch", time=EPOCH, lat=0, lon=0, sigma_m=1))
    'launch:1~44b3ad313b298d94'
    """
    return f"launch:{launch.id}~{_int64(identity_of_report(launch).encode()) % 2**64:016x}"


def key_of(event: Event) -> int | None:
    """The 64-bit key of `identity`, signed as SQLite stores it; None: a tick has none.

    Among ten million remembered events, the chance that a new one meets another's key is 5e-13.
    """
    name = identity(event)
    return None if name is None else _int64(name.encode())


def digest_of(event: Event, body: bytes | None = None) -> int:
    """64 bits of what the sender said: all but what was added on arrival; signed.

    body   the event's JSON, where it is at hand
    """
    if isinstance(event, Alert):
        # Which of our zones it means was worked out here, and depends on our zones. When it was told is no part of it:
        # a message sent from a clock ahead of ours is true from whenever it is fetched.
        return _int64(to_json(event.cap))
    if isinstance(event, ChannelReport):
        # What was understood of it depends on the language files.
        return _int64(to_json([event.channel, event.text, event.reply_to, event.time]))
    if isinstance(event, OperatorAct):
        # Its time is when it reached us.
        return _int64(to_json([getattr(event, name) for name in event.__struct_fields__ if name != "time"]))
    body = body or to_json(event)
    # Cut from the text, because another copy and encoding would cost as much as all the rest. A quotation mark inside
    # a text is written with a backslash, so this is found nowhere else.
    begin = body.find(_RECEIVED) if not isinstance(event, (Configuration, Loss)) else -1
    if begin < 0:
        return _int64(body)
    end = body.index(b'"', begin + len(_RECEIVED)) + 1
    return _int64(body[:begin] + body[end:])


def _int64(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)
