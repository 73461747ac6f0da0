"""What a channel said before, and what that makes of a post: replies, bursts, repetitions, edits."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Literal, NamedTuple

import msgspec

from tocsin.ingest.text.language import kinds
from tocsin.ingest.text.plain import plain, tokens, word
from tocsin.ingest.text.post import Post
from tocsin.ingest.text.reader import Reader
from tocsin.ingest.text.reading import Named, Reading, Report

# For so long a line without a class goes on about what the channel named last.
CURRENT_S = 600.0
# The same text within so long is a repetition; later it may be another night's same words.
REPEATED_S = 1_800.0
POSTS_MAX = 2_000
# Over all channels: a post that is remembered takes some 2 kB, and a sender may be many channels.
ALL_POSTS_MAX = 20_000
CHANNELS_MAX = 2_000
# What a reply inherits of a post; a warning may list every town of a coast.
PLACES_MAX = 8

Change = Literal["new", "repeated", "replaced"]


class Heard(NamedTuple):
    """What a post is: its reading, and whether it is new, says again what was said, or replaces what its id said.

    What is replaced may be replaced by nothing: a reading without reports takes back what the post said.
    """

    post: Post
    reading: Reading
    change: Change


class _Said(NamedTuple):
    digest: bytes
    first: Report | None
    edited: bool


class _Current(NamedTuple):
    """What a channel spoke of last, as a kind or as places: which post said so, and when."""

    kind: str | None = None
    places: tuple[Named, ...] = ()
    post: str = ""
    time_s: float = float("-inf")

    def yields_to(self, time_s: float) -> bool:
        """Whether what a post of this time says is newer; a wrong clock's time far ahead holds none back."""
        return not time_s < self.time_s <= time_s + CURRENT_S

    def holds(self, time_s: float) -> bool:
        """Whether a post of this time may go on about it."""
        return 0 <= time_s - self.time_s <= CURRENT_S


class Conversations:
    """The posts of many channels. Remembers ALL_POSTS_MAX of `channels_max` channels; the longest silent are forgotten.

    A channel that was forgotten is one never heard: its replies inherit nothing, and its repetitions are new.
    """

    def __init__(self, reader: Reader, channels_max: int = CHANNELS_MAX) -> None:
        self._reader = reader
        self._channels_max = channels_max
        self._talks: OrderedDict[str, Conversation] = OrderedDict()
        self._posts = 0

    def hear(self, post: Post) -> Heard:
        """Take a post in, as a post of its channel."""
        talk = self._talks.get(post.channel)
        if talk is None:
            talk = self._talks[post.channel] = Conversation(self._reader)
        self._talks.move_to_end(post.channel)
        before = talk.remembered
        heard = talk.hear(post)
        self._posts += talk.remembered - before
        while self._posts > ALL_POSTS_MAX or len(self._talks) > self._channels_max:
            _, silent = self._talks.popitem(last=False)
            self._posts -= silent.remembered
        return heard

    @property
    def remembered(self) -> int:
        """How many posts are remembered."""
        return self._posts


class Conversation:
    """One channel's posts in the order in which they come. Remembers POSTS_MAX of them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._posts: OrderedDict[str, _Said] = OrderedDict()
        self._texts: OrderedDict[bytes, float] = OrderedDict()
        self._what = self._where = _Current()

    @property
    def remembered(self) -> int:
        """How many posts are remembered."""
        return len(self._posts)

    def hear(self, post: Post) -> Heard:
        """Take a post in. The same text again changes nothing, whoever forwards it; an edit replaces, and what comes
        of it from before the edit does not."""
        digest = wording(post.text)
        before = self._posts.get(post.id)
        if before is not None and (before.digest == digest or (before.edited and not post.edited)):
            return Heard(post, Reading(dropped="said before"), "repeated")
        if before is not None:
            self._forget(post.id)
        reading = self._in_context(post, self._reader.read(post.text, language=post.language))
        # "One more for Kyiv" is another one each time, and "Gone" belongs to what it answers.
        counted = any(report.further for report in reading.reports) or post.reply_to is not None
        last_s = self._texts.get(digest)
        same = before is None and not counted and last_s is not None and abs(post.time_s - last_s) <= REPEATED_S
        if same:
            reading = Reading(dropped="said before", unread=reading.unread, beyond=reading.beyond)
        self._remember(post, digest, reading)
        if before is not None:
            return Heard(post, reading, "replaced")
        return Heard(post, reading, "repeated" if same else "new")

    def _remember(self, post: Post, digest: bytes, reading: Reading) -> None:
        self._texts[digest] = post.time_s
        self._texts.move_to_end(digest)
        if len(self._texts) > POSTS_MAX:
            self._texts.popitem(last=False)
        first = reading.reports[0] if reading.reports else None
        if first is not None:
            first = msgspec.structs.replace(first, places=first.places[:PLACES_MAX])
        self._posts[post.id] = _Said(digest, first, post.edited)
        while len(self._posts) > POSTS_MAX:
            self._posts.popitem(last=False)
        for report in reading.reports:
            if report.stage == "all_clear":
                self._what = self._where = _Current()
                continue
            if report.kind is not None and not report.inherited and self._what.yields_to(post.time_s):
                self._what = _Current(report.kind, (), post.id, post.time_s)
            if report.places and self._where.yields_to(post.time_s):
                self._where = _Current(None, report.places[:PLACES_MAX], post.id, post.time_s)

    def _forget(self, post_id: str) -> None:
        """What a post said before it was edited is no longer spoken of."""
        if self._what.post == post_id:
            self._what = _Current()
        if self._where.post == post_id:
            self._where = _Current()

    def _in_context(self, post: Post, reading: Reading) -> Reading:
        """A reading with what it leaves out: a reply means the post that it answers, a burst the thing named last."""
        answered = self._posts.get(post.reply_to) if post.reply_to is not None else None
        model = answered.first if answered is not None else None
        kind = model.kind if model is not None else None
        if kind is None and self._what.holds(post.time_s):
            kind = self._what.kind
        there = self._where.places if self._where.holds(post.time_s) else ()
        if model is not None:
            there = model.places
        reports = tuple(self._filled(report, model, kind, there) for report in reading.reports)
        return msgspec.structs.replace(reading, reports=reports) if reports != reading.reports else reading

    @staticmethod
    def _filled(report: Report, model: Report | None, kind: str | None, there: tuple[Named, ...]) -> Report:
        if report.kind is None and kind is not None and report.stage != "all_clear":
            report = msgspec.structs.replace(
                report, kind=kind, threat=kinds()[kind].odds, weak=True, inherited=True,
                count_min=model.count_min if model is not None and not report.further else report.count_min,
            )  # fmt: skip
        if not report.places and (model is not None or report.there):
            report = msgspec.structs.replace(report, places=there)
        return report


def wording(text: str) -> bytes:
    """What makes two texts the same, 16 octets: their words in order, whatever the signs, case and marks."""
    words = " ".join(word(token.said) for token in tokens(plain(text)) if token.said.isalnum())
    return hashlib.blake2b((words or plain(text)).encode("utf-8", "replace"), digest_size=16).digest()
