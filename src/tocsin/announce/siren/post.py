"""What a service knows of one siren: what it must be told, what it was told, and whether it lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.announce.siren.wire import ZONES_MAX, Command, Pattern, Report, pinned
from tocsin.model.warning import ZoneState

# A command holds for this long: a siren that hears no more stops by itself then.
VALID_S = 60.0
# Four heartbeats.
SILENT_S = 60.0
BATTERY_LOW_PERCENT = 25.0
# Heartbeats and refusals are answered, in a row too, as after a restart; whoever plays many again makes no storm of it.
ANSWERS_MAX = 10
ANSWERS_EVERY_S = 10.0
ISSUED_MAX = 64
# For so long a siren that comes back is told which alarms it missed.
ENDED_KEPT_S = 6 * 3_600.0
ENDED_PER_ZONE = 10
# A siren answers within a fraction of this.
ANSWER_S = 2.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """How it stands where a siren is heard. `until`: nothing of it stands any longer then."""

    pattern: Pattern
    episodes: tuple[str, ...]
    drill: bool
    until: datetime | None


class Alarms:
    """Which alarms there were, and when each was last seen to stand; bounded, and forgotten ENDED_KEPT_S later."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bool], dict[str, float]] = {}

    def note(self, state: ZoneState, now_s: float) -> None:
        """How a zone stands now."""
        if state.level == "take_cover":
            seen = self._seen.setdefault((state.zone, state.drill), {})
            seen.pop(episode(state), None)
            seen[episode(state)] = now_s
            while len(seen) > ENDED_PER_ZONE or now_s - seen[next(iter(seen))] > ENDED_KEPT_S:
                del seen[next(iter(seen))]

    def of(self, zones: Sequence[str], now_s: float, *, drill: bool) -> tuple[str, ...]:
        """The newest alarms of these zones, one world's, as many as one message names."""
        found = [(seen_s, name) for zone in zones for name, seen_s in self._seen.get((zone, drill), {}).items()]
        newest = sorted((seen_s, name) for seen_s, name in found if now_s - seen_s <= ENDED_KEPT_S)[-ZONES_MAX:]
        return tuple(name for _, name in newest)


def wanted(states: Sequence[ZoneState], now: datetime, *, drill: bool) -> Wanted:
    """What the states of a siren's zones come to: what is real before any drill, and then the gravest.

    drill   of which world it is that nothing stands
    """
    standing = [one for one in states if one.level != "none" and (one.expires is None or one.expires > now)]
    if any(not one.drill for one in standing):
        standing = [one for one in standing if not one.drill]
    levels: tuple[Pattern, ...] = ("take_cover", "prepare", "all_clear")
    for pattern in levels:
        own = [one for one in standing if one.level == pattern]
        if own:
            ends = [one.expires for one in own if one.expires is not None]
            episodes = tuple(sorted({episode(one) for one in own})) if pattern == "take_cover" else ()
            return Wanted(pattern, episodes, own[0].drill, max(ends) if ends else None)
    return Wanted("none", (), drill, None)


def episode(state: ZoneState) -> str:
    """Of which episode a state is: the same for each renewal, and after a restart.

    A warning's id is zone/episode/revision/level.
    """
    return (state.warning or state.zone).rsplit("/", 2)[0]


@dataclass
class Post:
    """One siren.

    zones      for which it sounds
    heard_s    when it last proved that it lives: its report named a command written within SILENT_S
    report     the last that proved it
    """

    name: str
    zones: tuple[str, ...]
    key: Ed25519PublicKey
    since_s: float
    heard_s: float | None = None
    report: Report | None = None
    told: Wanted | None = None
    told_s: float = 0.0
    refused: str | None = None
    challenge: str | None = None
    obeyed: Wanted | None = None
    answers: int = 0
    answers_since_s: float = 0.0
    issued: datetime | None = None
    # Nonce -> what was said with it, and when.
    written: dict[str, tuple[Wanted, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = pinned(self.key)

    def issue(self, now: datetime) -> datetime:
        """When the next command is issued: later than the one before, whatever the clock did."""
        step = timedelta(microseconds=1)
        self.issued = now if self.issued is None or now > self.issued else self.issued + step
        return self.issued

    def may_answer(self, now_s: float) -> bool:
        """Whether one more answer is due to this siren; counted as given."""
        if now_s - self.answers_since_s > ANSWERS_EVERY_S:
            self.answers, self.answers_since_s = 0, now_s
        self.answers += 1
        return self.answers <= ANSWERS_MAX

    def wrote(self, command: Command, meant: Wanted, now_s: float) -> None:
        """Remember what was said."""
        self.told, self.told_s = meant, now_s
        while len(self.written) >= ISSUED_MAX:
            del self.written[next(iter(self.written))]
        self.written[command.nonce] = (meant, now_s)

    def unanswered(self, meant: Wanted, now_s: float) -> bool:
        """Whether it was told this some time ago and did not obey: the wire may have lost it."""
        return meant == self.told != self.obeyed and now_s - self.told_s > ANSWER_S

    def take(self, report: Report, now_s: float) -> None:
        """Take what a siren says of itself. What is old enough to be played again proves nothing."""
        named = [self.written[one] for one in (report.heard, report.answers) if one is not None and one in self.written]
        fresh = any(now_s - written_s <= SILENT_S for _, written_s in named)
        if report.answers is not None and report.answers in self.written:
            self.refused = report.refused
            if report.refused is None:
                self.obeyed = self.written[report.answers][0]
        if fresh:
            self.heard_s, self.report = now_s, report
        if fresh or self.silent(now_s):
            self.challenge = report.challenge

    def silent(self, now_s: float) -> bool:
        """Whether nothing proves that it lives."""
        return now_s - (self.since_s if self.heard_s is None else self.heard_s) > SILENT_S

    def trouble(self, now_s: float) -> str | None:
        """What an operator must see to; None: nothing."""
        if self.silent(now_s):
            return f"siren {self.name} is silent"
        if self.refused is not None:
            return f"siren {self.name} refuses: {self.refused}"
        report = self.report
        if report is None:
            return None
        if report.troubles:
            return f"siren {self.name}: {report.troubles[0]}"
        if report.battery_percent is not None and report.battery_percent < BATTERY_LOW_PERCENT:
            return f"siren {self.name}: its battery has {report.battery_percent:.0f} % left"
        if report.clock_off_s:
            return f"siren {self.name}: its clock is {report.clock_off_s:+.0f} s off; it goes by challenges"
        return None
