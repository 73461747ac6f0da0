"""What was understood of a text: reports of flying things, with places as mixtures, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tocsin.ingest.text.language import Role, Stage
from tocsin.model.threat import ThreatClass

# At this weight and above, a place is said and not guessed.
SURE = 0.8


class Spot(msgspec.Struct, frozen=True):
    """One place that a name may mean: id, its own name, where, how wide (one standard deviation), how likely."""

    id: str
    name: str
    lat: float
    lon: float
    sigma_m: float
    weight: float

    def __post_init__(self) -> None:
        assert -90 <= self.lat <= 90 and -180 <= self.lon <= 180, "a place that is not on the Earth"
        assert self.sigma_m > 0, "a place without any width"
        assert 0 < self.weight <= 1 + 1e-9, "a weight that is no probability"


class Named(msgspec.Struct, frozen=True):
    """A place that a text names: as said, in which role, and what it may mean, likeliest first.

    Weights sum to one at most; what is missing is that it is none of these. `region`: the name is a region's.
    """

    said: str
    role: Role
    spots: tuple[Spot, ...]
    region: bool = False

    def __post_init__(self) -> None:
        assert self.spots, "a place that nobody knows is unread"
        assert sum(spot.weight for spot in self.spots) <= 1 + 1e-6, "weights above one"

    @property
    def sure(self) -> bool:
        """Whether one place is meant beyond reasonable doubt."""
        return self.spots[0].weight >= SURE


class Report(msgspec.Struct, frozen=True):
    """One thing that a text says.

    threat        odds of the classes, summing to one; `unknown` alone where no word names any
    kind          the word's own kind (`shahed`, `glide_bomb`), finer than the class
    count_min     at least so many; None where the text says none
    further       they are others than those said before ("one more")
    course_deg    clockwise from true north, with one standard deviation; None where neither words nor places say it
    delay_s       how long before the text it was, as said
    clock         the local time of day that the text gives ("02:40")
    weak          no word names the class: taken from places alone, or from what the channel said before
    inherited     the kind is of an earlier part of the text or of the channel
    there         "there too": it is where the channel's last report was
    """

    threat: Mapping[ThreatClass, float]
    stage: Stage
    places: tuple[Named, ...] = ()
    kind: str | None = None
    count_min: int | None = None
    further: bool = False
    course_deg: float | None = None
    course_sigma_deg: float | None = None
    delay_s: float = 0.0
    clock: str | None = None
    weak: bool = False
    inherited: bool = False
    there: bool = False

    def __post_init__(self) -> None:
        assert abs(sum(self.threat.values()) - 1) < 1e-6, "odds that do not sum to one"
        assert (self.course_deg is None) == (self.course_sigma_deg is None), "a course without its doubt"

    @property
    def likeliest(self) -> ThreatClass:
        """The likeliest class."""
        return max(self.threat, key=lambda name: self.threat[name])


class Understood(msgspec.Struct, frozen=True):
    """Which words were taken for what: `heading` and `value` as the language files say, or a place's name."""

    said: str
    heading: str
    value: str


class Reading(msgspec.Struct, frozen=True):
    """What a text says: its reports in order, or why there is none, and the words that nothing was made of.

    understood    what each word was taken for, where that was asked
    beyond        how many characters at its end were not read: no post is longer than plain.CHARACTERS_MAX
    """

    reports: tuple[Report, ...] = ()
    dropped: str | None = None
    unread: tuple[str, ...] = ()
    understood: tuple[Understood, ...] = ()
    beyond: int = 0

    def __post_init__(self) -> None:
        assert (self.dropped is None) == bool(self.reports), "a text is read or dropped with a reason"
