"""Lines of channels understood on their way in: each channel's profile, and what it said before.

Outside the core, so that word lists may change: what was understood goes into the journal beside the line.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from tocsin.ingest.text.context import Conversations, wording
from tocsin.ingest.text.post import Post
from tocsin.ingest.text.profile import Profile
from tocsin.ingest.text.reader import Reader
from tocsin.ingest.text.told import place_of, told_of
from tocsin.ingest.text.within import within
from tocsin.model.access import Circle
from tocsin.model.observation import ChannelReport
from tocsin.model.told import PLACES_MAX, Told
from tocsin.model.value import clipped, seconds_of

# Channels of one source whose last posts are remembered; beyond it those that were silent longest are forgotten.
CHANNELS_MAX = 100
# Lines of the last minutes that may be sent again because they could not be kept.
AGAIN_MAX = 1_000
# Words of a line that nothing was made of, told to its sender.
UNREAD_MAX = 10


@cache
def any_channel() -> Reader:
    """The reader of channels without a profile. The first takes seconds to make."""
    return Reader()


class Channels:
    """What channels write, read one line after the other: a line may answer, repeat or replace one before it.

    profiles   source -> its channels' profile
    """

    def __init__(self, profiles: Mapping[str, Profile] | None = None) -> None:
        self._profiles = dict(profiles or {})
        self._readers: dict[str, Reader] = {}
        self._talks: dict[str, Conversations] = {}
        self._understood: OrderedDict[tuple[str, str, str, str], tuple[tuple[Told, ...], tuple[str, ...]]]
        self._understood = OrderedDict()

    def warm(self) -> None:
        """Make the readers that will be needed, which takes seconds."""
        any_channel()
        for source in self._profiles:
            self._reader(source)

    def understood(self, line: ChannelReport, area: Sequence[Circle] = ()) -> ChannelReport:
        """The line with what it says, whatever its sender wrote there.

        area   of what places its source may speak; none: of all
        """
        source = line.via or line.source
        key = (source, line.channel, line.id, line.text)
        if key in self._understood:
            # Sent again, because the disk was busy: it is what it was, and no repetition of itself.
            known, why = self._understood[key]
            return msgspec.structs.replace(line, told=known, unused=why, wording=wording(line.text).hex())
        profile = self._profiles.get(source, Profile(""))
        post = Post(
            line.channel, line.id, seconds_of(line.time), line.text, line.reply_to, line.edited, line.language
        )  # fmt: skip
        heard = self._talk(source).hear(post)
        told, beyond = told_of(heard.reading, profile.delay_s, profile.delay_sigma_s)
        told = tuple(self._placed(one, source) for one in told)
        unused = [] if heard.reading.dropped is None else [heard.reading.dropped]
        unused += [] if beyond is None else [beyond]
        if heard.reading.beyond:
            unused.append(f"its last {heard.reading.beyond} characters are not read")
        if area:
            told, outside, cut = within(told, area)
            unused += [f"{outside} places that it may mean are outside the area of source {source}"] * bool(outside)
            unused += [f"of {cut} places only the part in the area of source {source} is believed"] * bool(cut)
        if heard.reading.unread:
            named = ", ".join(repr(word[:40]) for word in heard.reading.unread[:UNREAD_MAX])
            unused.append(f"nothing was made of {named}")
        self._understood[key] = told, tuple(map(clipped, unused))
        if len(self._understood) > AGAIN_MAX:
            self._understood.popitem(last=False)
        return msgspec.structs.replace(
            line, told=told, unused=self._understood[key][1], wording=wording(line.text).hex()
        )

    def _placed(self, told: Told, source: str) -> Told:
        """A threat declared for no place is one for what the channel covers."""
        if told.stage != "threat" or told.places:
            return told
        return msgspec.structs.replace(told, places=tuple(map(place_of, self._reader(source).covered()))[:PLACES_MAX])

    def _talk(self, source: str) -> Conversations:
        if source not in self._talks:
            self._talks[source] = Conversations(self._reader(source), CHANNELS_MAX)
        return self._talks[source]

    def _reader(self, source: str) -> Reader:
        profile = self._profiles.get(source)
        if profile is None:
            return any_channel()
        if source not in self._readers:
            self._readers[source] = profile.reader()
        return self._readers[source]
