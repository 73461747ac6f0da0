"""What a siren does with what it believes: when it sounds, what it shows, and when it stops by itself.

It sounds once for SOUND_S when take cover begins, and never for *prepare*. A renewal, an echo or a restart does not
begin anew. The all clear is heard by whoever heard the alarm, and by nobody else; a siren that was away from the alarm
to its end sounds neither, and shows that it missed one. Without renewal everything ends by
itself, and then what stands is *unknown*.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from tocsin.announce.siren.guard import Believed
from tocsin.announce.siren.wire import Pattern, Refused

# Three minutes of alarm are what sirens sound in many countries; then people know, and batteries last.
SOUND_S = 180.0
CLEAR_S = 30.0
# More than a service names in one command.
SOUNDED_MAX = 200


class Sound(NamedTuple):
    """What is to be heard now."""

    pattern: Literal["take_cover", "all_clear"]
    drill: bool


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a siren remembers over a restart; seconds are of the clock that nobody can set.

    boot       of which start of the machine those seconds are: after another they mean nothing
    ends_s     when what stands ends by itself
    sounds_s   until when it sounds
    heard_out  the alarm or all clear that stands has sounded to its end, or had nobody to be heard by
    alarmed    episodes that people heard an alarm for and no all clear yet, by world
    sounded    the last episodes that it sounded for, or was told of while it could
    missed     of what has ended, the episodes that it was away for from the alarm to the end
    """

    boot: str = ""
    pattern: Pattern = "none"
    drill: bool = False
    blind: bool = False
    zones: tuple[str, ...] = ()
    ends_s: float = 0.0
    sounds_s: float = 0.0
    heard_out: bool = False
    alarmed: dict[str, tuple[str, ...]] = {}
    sounded: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


class Bell:
    """One siren's sound."""

    def __init__(self, kept: Kept, boot: str) -> None:
        if kept.boot != boot:
            # What lost its power in the middle of an alarm, or of its all clear, sounds again, once it is told that
            # this still stands.
            pattern: Pattern = kept.pattern if kept.heard_out else "none"
            alarmed = kept.alarmed
            if kept.pattern == "all_clear" and kept.sounds_s and not kept.heard_out:
                alarmed = {**alarmed, _world(kept.drill): ("before the power was lost",)}
            kept = msgspec.structs.replace(kept, boot=boot, pattern=pattern, ends_s=0.0, sounds_s=0.0, alarmed=alarmed)
        self.kept = kept

    def standing(self, now_s: float) -> Pattern | Literal["unknown"]:
        """What stands; `unknown` once nothing renewed it, or where the service may be blind."""
        if now_s >= self.kept.ends_s or (self.kept.blind and self.kept.pattern in ("none", "all_clear")):
            return "unknown"
        return self.kept.pattern

    def sound(self, now_s: float) -> Sound | None:
        """What is to be heard."""
        pattern = self.kept.pattern
        if now_s >= min(self.kept.ends_s, self.kept.sounds_s) or pattern not in ("take_cover", "all_clear"):
            return None
        return Sound(pattern, self.kept.drill)

    def obey(self, believed: Believed, now_s: float) -> None:
        """Do as told. Raises Refused where a drill would end what is real."""
        command, kept = believed.command, self.kept
        real = not kept.drill and kept.pattern in ("prepare", "take_cover") and now_s < kept.ends_s
        if command.drill and real:
            raise Refused("a live warning stands; drills wait")
        world = _world(command.drill)
        alarmed = kept.alarmed.get(world, ())
        goes_on = kept.pattern == command.pattern and kept.drill == command.drill
        sounds_s = kept.sounds_s if goes_on else 0.0
        if command.pattern == "take_cover":
            if not goes_on or not set(alarmed) & set(command.episodes):
                sounds_s = now_s + SOUND_S
            alarmed = command.episodes
        elif command.pattern == "all_clear" and alarmed:
            sounds_s, alarmed = now_s + CLEAR_S, ()
        sounded, missed = kept.sounded, kept.missed
        if command.pattern == "take_cover":
            sounded = (*(one for one in sounded if one not in command.episodes), *command.episodes)[-SOUNDED_MAX:]
        else:
            # It sounds no alarm that is over; whoever looks at it must know that there was one.
            missed = tuple(one for one in command.episodes if one not in sounded)
        self.kept = Kept(
            boot=kept.boot,
            pattern=command.pattern,
            drill=command.drill,
            blind=command.blind,
            zones=command.zones,
            ends_s=believed.ends_s,
            sounds_s=sounds_s,
            heard_out=command.pattern in ("take_cover", "all_clear") and now_s >= sounds_s,
            alarmed={**kept.alarmed, world: alarmed},
            sounded=sounded,
            missed=missed,
        )


def _world(drill: bool) -> str:
    return "drill" if drill else "live"
