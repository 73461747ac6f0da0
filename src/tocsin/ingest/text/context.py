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
from tocsin.ingest.text.reading import Reading, Report

# For so long a line without a class goes on about what the channel named last.
CURRENT_S = 600.0
# The same text within so long is a repetition; later it may be another night's same words.
REPEATED_S = 1_800.0
POSTS_MAX = 2_000

Change = Literal["new", "repeated", "replaced"]


class Heard(NamedTuple):
    """What a post is: its reading, and whether it is new, says again what was said, or replaces what its id said."""

    post: Post
    reading: Reading
    change: Change


class _Said(NamedTuple):
    digest: bytes
    first: Report | None


class Conversation:
    """One channel's posts in the order in which they come. Remembers POSTS_MAX of them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._posts: OrderedDict[str, _Said] = OrderedDict()
        self._texts: OrderedDict[bytes, float] = OrderedDict()
        self._kind: str | None = None
        self._kind_time_s = float("-inf")

    def hear(self, post: Post) -> Heard:
        """Take a post in. The same text again changes nothing, whoever forwards it; an edit replaces."""
        digest = _digest(post.text)
        before = self._posts.get(post.id)
        if before is not None and before.digest == digest:
            return Heard(post, Reading(dropped="said before"), "repeated")
        reading = self._in_context(post, self._reader.read(post.text))
        # "One more for Kyiv" is another one each time, and "Gone" belongs to what it answers.
        counted = any(report.further for report in reading.reports) or post.reply_to is not None
        last_s = self._texts.get(digest)
        same = before is None and not counted and last_s is not None and abs(post.time_s - last_s) <= REPEATED_S
        if same:
            reading = Reading(dropped="said before", unread=reading.unread)
        self._remember(post, digest, reading)
        if before is not None:
            return Heard(post, reading, "replaced")
        return Heard(post, reading, "repeated" if same else "new")

    def _remember(self, post: Post, digest: bytes, reading: Reading) -> None:
        self._texts[digest] = post.time_s
        self._texts.move_to_end(digest)
        if len(self._texts) > POSTS_MAX:
            self._texts.popitem(last=False)
        self._posts[post.id] = _Said(digest, reading.reports[0] if reading.reports else None)
        while len(self._posts) > POSTS_MAX:
            self._posts.popitem(last=False)
        for report in reading.reports:
            if report.stage == "all_clear":
                self._kind = None
            elif report.kind is not None and not report.inherited and self._is_current(post.time_s):
                self._kind, self._kind_time_s = report.kind, post.time_s

    def _is_current(self, time_s: float) -> bool:
        """Whether what a post of this time names is the newest; a wrong clock's time far ahead holds none back."""
        return not time_s < self._kind_time_s <= time_s + CURRENT_S

    def _in_context(self, post: Post, reading: Reading) -> Reading:
        """A reading with what it leaves out: a reply means the post that it answers, a burst the thing named last."""
        answered = self._posts.get(post.reply_to) if post.reply_to is not None else None
        model = answered.first if answered is not None else None
        kind = model.kind if model is not None else None
        if kind is None and 0 <= post.time_s - self._kind_time_s <= CURRENT_S:
            kind = self._kind
        reports = tuple(self._filled(report, model, kind) for report in reading.reports)
        return msgspec.structs.replace(reading, reports=reports) if reports != reading.reports else reading

    @staticmethod
    def _filled(report: Report, model: Report | None, kind: str | None) -> Report:
        if report.kind is None and kind is not None and report.stage != "all_clear":
            report = msgspec.structs.replace(
                report, kind=kind, threat=kinds()[kind].odds, weak=True, inherited=True,
                count_min=model.count_min if model is not None and not report.further else report.count_min,
            )  # fmt: skip
        if not report.places and model is not None:
            report = msgspec.structs.replace(report, places=model.places)
        return report


def _digest(text: str) -> bytes:
    """What makes two texts the same: their words in order, whatever the signs, case and marks."""
    words = " ".join(word(token.said) for token in tokens(plain(text)) if token.said.isalnum())
    return hashlib.blake2b((words or plain(text)).encode("utf-8", "replace"), digest_size=16).digest()
