"""What is to be told of some places, and its sentences in any language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from tocsin.model.threat import ThreatClass
from tocsin.model.warning import Level
from tocsin.words import english
from tocsin.words.catalogue import Catalogue
from tocsin.words.english import SAID, Sense

# What may come within a minute is said to be possible at any moment: a message needs as long to be read.
SOON = timedelta(minutes=1)
_COMING: frozenset[Sense] = frozenset({"take_cover", "prepare"})
# U+2068 and U+2069 (Unicode 6.3, UAX 9): what stands between them cannot reorder what stands around it.
_OPEN, _CLOSE = "\u2068", "\u2069"
# Joiners belong to the spelling of Persian and of Indic scripts; all other invisible characters do not.
_JOINERS = "\u200c\u200d"
_AGAINST = {"ltr": frozenset({"R", "AL", "AN"}), "rtl": frozenset({"L", "EN", "AN"})}


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of some places at once, before it has a language.

    places      their names, the most urgent first; one at least
    more        how many places there are beside those
    sent_at     when it was decided
    from_at     when an attack is possible at the earliest; likely_at: when most likely
    ends_at     when it ends by itself
    remark      what an operator tells everybody, in his own words
    """

    sense: Sense
    places: tuple[str, ...]
    sent_at: datetime
    drill: bool = False
    from_at: datetime | None = None
    likely_at: datetime | None = None
    ends_at: datetime | None = None
    threat: ThreatClass = "unknown"
    remark: str = ""
    more: int = 0

    def __post_init__(self) -> None:
        assert self.places, "a notice about no place"


def sense_of(level: Level, *, lapses: bool) -> Sense:
    """What a warning is about; who is told to take cover is told so, however it ends."""
    return "lapses" if lapses and level == "prepare" else level


def clean(text: str) -> str:
    """One line without invisible characters: some turn round what follows them."""
    shown = (c if c in _JOINERS or unicodedata.category(c)[0] != "C" else " " for c in text)
    return re.sub(r"\s+", " ", "".join(shown)).strip()


def headline(notice: Notice, words: Catalogue) -> str:
    """What to do, in a few words; of a drill the first word is that it is one."""
    said = words.say(SAID[notice.sense].headline)
    return f"{words.say(english.DRILL)} – {said}" if notice.drill else said


def placed(names: Sequence[str], more: int, words: Catalogue) -> str:
    """Names as one phrase, with how many more there are; none of them disturbs the text around it."""
    shown = [_isolated(clean(name), words) for name in names]
    return words.listed([*shown, words.count(english.MORE, more)] if more else shown)


def where(notice: Notice, named_max: int, words: Catalogue) -> str:
    """What to do, and where: the headline and the places, so many of them by name."""
    names, rest = notice.places[:named_max], notice.places[named_max:]
    told = placed(names, len(rest) + notice.more, words)
    return words.say(english.WHERE, headline=headline(notice, words), places=told)


def sent(notice: Notice, words: Catalogue, zone: tzinfo = UTC) -> str:
    """When it was said: who reads it late, or is shown it by others, must know."""
    return words.say(english.SENT, time=words.clock(notice.sent_at, zone))


def when(notice: Notice, words: Catalogue, zone: tzinfo = UTC) -> list[str]:
    """When it may come, or when it ends, as sentences."""
    if notice.sense == "unknown":
        return [words.say(english.SINCE, time=words.clock(notice.sent_at, zone))]
    if notice.sense == "lapses" and notice.ends_at is not None:
        return [words.say(english.ENDS, time=words.clock(notice.ends_at, zone))]
    if notice.sense not in _COMING or notice.from_at is None:
        return []
    if not _later(notice):
        return [words.say(english.NOW)]
    said = [words.say(english.FROM, time=words.clock(notice.from_at, zone))]
    if notice.likely_at is not None and notice.likely_at >= notice.from_at + SOON:
        said.append(words.say(english.LIKELY, time=words.clock(notice.likely_at, zone)))
    return said


def when_briefly(notice: Notice, words: Catalogue, zone: tzinfo = UTC) -> list[str]:
    """The same in as few words as may be; where there is nothing to say of it, when it was sent."""
    if notice.sense == "lapses" and notice.ends_at is not None:
        return [words.say(english.UNTIL, time=words.clock(notice.ends_at, zone))]
    if notice.from_at is not None and _later(notice):
        return [words.say(english.FROM_BRIEF, time=words.clock(notice.from_at, zone))]
    return when(notice, words, zone)[:1] or [sent(notice, words, zone)]


def kind(notice: Notice, words: Catalogue) -> list[str]:
    """What is coming, where that is known."""
    name = english.KINDS[notice.threat]
    return [words.say(english.THREAT, kind=words.say(name))] if notice.sense in _COMING and name else []


def whole(notice: Notice, words: Catalogue, zone: tzinfo, named_max: int) -> list[str]:
    """One sentence each: what and where, that it is a drill, what is going on, when, what to do, and with no shelter.

    At most `named_max` places are named; the rest are counted.
    """
    said = SAID[notice.sense]
    sentences = [f"{where(notice, named_max, words)}."]
    if notice.drill:
        sentences.append(words.say(english.DRILL_NOTE))
    sentences += [words.say(said.what), *kind(notice, words), *when(notice, words, zone)]
    sentences += [words.say(said.do), words.say(said.without)]
    if remark := clean(notice.remark):
        sentences.append(remark)
    return sentences if notice.sense == "unknown" else [*sentences, sent(notice, words, zone)]


def _later(notice: Notice) -> bool:
    """Whether something is coming, and not at any moment."""
    return notice.sense in _COMING and notice.from_at is not None and notice.from_at > notice.sent_at + SOON


def _isolated(name: str, words: Catalogue) -> str:
    """A name that runs, wholly or in part, against the text, so that it stays in one piece and stays where it is."""
    against = any(unicodedata.bidirectional(c) in _AGAINST[words.direction] for c in name)
    return f"{_OPEN}{name}{_CLOSE}" if against else name
