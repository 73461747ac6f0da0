"""What is gathered of one report while a line is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from tocsin.ingest.text.language import Role
from tocsin.ingest.text.scan import Span


@dataclass(slots=True)
class Spoken:
    """A place as spoken of: its span, its role (None: none is said), and how it is changed by compass words.

    `listed`: it only stands beside the place before it, in whose role it is.
    """

    span: Span
    role: Role | None
    listed: bool = False
    offset_deg: float | None = None
    offset_m: float | None = None
    part_deg: float | None = None
    away_m: float = 0.0


@dataclass(slots=True)
class Draft:
    """What is gathered of one report."""

    kinds: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    scope: tuple[str, ...] = ()
    many: bool = False
    stages: list[str] = field(default_factory=list)
    places: list[Spoken] = field(default_factory=list)
    course_deg: float | None = None
    from_deg: bool = False
    here: Role | None = None
    onto: bool = False
    further: bool = False
    delay_s: float = 0.0
    clock: str | None = None
    # A number or a kind was said, and a place after it: a next one begins another report.
    headed: bool = False
    placed: bool = False
    moving: bool = False
    # "From the sea": a place beside it is whither.
    inbound: bool = False
    # It is there in so many minutes; and by a verb of what will be.
    soon: bool = False
    coming: bool = False
    # Something is let fall: by a jet it was launched, a drone that does it is there.
    releases: bool = False
    # It fell: a drone is gone so, and a missile is not.
    fell: bool = False
    # "Launch from there, alarms expected": what was launched before a threat is spoken of is no threat of a launch.
    launched: bool = False
    # What flies and where was said before a "perhaps"; and a threat is only one by such a word.
    seen: bool = False
    perhaps: bool = False
    # People are told to take shelter, or a word for a launch is only said to whom it is for: the places are theirs.
    shelter: bool = False
    # Begun within a sentence, as another report than the one before it.
    apart: bool = False
    # "There too": where the report before it is.
    there: bool = False

    def says(self) -> bool:
        """Whether there is anything to report."""
        return bool(self.kinds or self.stages or self.places or self.course_deg is not None or self.there)

    def is_launched(self) -> bool:
        """Whether a launch was named, and no threat beside it."""
        return self.launched or ("launch" in self.stages and "threat" not in self.stages)

    def is_seen(self) -> bool:
        """Whether it says what is there and where, and no threat: what may be besides changes none of it."""
        return self.seen or bool((self.kinds or self.impact) and self.places and "threat" not in self.stages)

    @property
    def soothing(self) -> bool:
        """Whether it says that something is over."""
        return "gone" in self.stages or "all_clear" in self.stages

    @property
    def impact(self) -> bool:
        """Whether it says that something has come down."""
        return "impact" in self.stages

    @property
    def alive(self) -> bool:
        """Whether it says of something, by a word for its stage, that it comes."""
        return "threat" in self.stages or "launch" in self.stages or "takeoff" in self.stages

    @property
    def several(self) -> bool:
        """Whether it speaks of more than one."""
        return self.many or any(count > 1 for count in (*self.counts, *self.numbers))

    @property
    def flies(self) -> bool:
        """Whether it speaks of something that is there, and not only of a place or of what is over."""
        told = self.kinds or self.counts or self.numbers or self.moving or self.alive or self.impact
        return not self.soothing and bool(told or self.course_deg is not None)
