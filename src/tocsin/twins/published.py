"""What is published of one zone, and what is said where that must go on, end by itself or be dated anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from tocsin.model.value import clipped
from tocsin.model.warning import Warning, ZoneState
from tocsin.twins.voter import rank

# What was held back for longer is given the time at which it goes out.
FRESH = timedelta(seconds=5)
_GONE = "Who warned here is not there any more, and nobody else holds it: it ends by itself, without an all clear."


class Published(msgspec.Struct):
    """What is published of one zone.

    since   since when its level is what it is
    begun   when the zone was first warned in this run of warnings
    ours    no voter wrote it as it is: it was renewed, dated anew or left to lapse here
    """

    warning: Warning
    since: datetime
    begun: datetime
    ours: bool = False

    @property
    def rank(self) -> int:
        """How much it asks of people."""
        return rank(self.warning)


def renewed(warning: Warning, now: datetime, why: str, *, step_down: bool) -> Warning:
    """What is in force once more and for as long, so that it does not run out while it is held; or prepare instead."""
    return msgspec.structs.replace(
        warning,
        level="prepare" if step_down else warning.level,
        time=now,
        expires=now + (warning.expires - warning.time),
        reason=clipped(f"Held: {why}"),
    )


def lapsing(warning: Warning, now: datetime) -> Warning:
    """The last word where whoever warned is gone and nobody has an all clear to give."""
    return msgspec.structs.replace(
        warning,
        level="prepare",
        time=now,
        expires=now + (warning.expires - warning.time),
        eta_earliest=None,
        eta_likely=None,
        probability=0.0,
        reason=_GONE,
        tracks=(),
        lapses=True,
    )


def dated(warning: Warning, before: Warning, now: datetime, *, fresh: bool = True) -> Warning:
    """A warning with the time at which it goes out, where its own is older than what it takes the place of: whoever
    hears an older word than the last passes it over.

    fresh   also where it was held so long that its own says nothing any more
    """
    if warning.time >= before.time and not (fresh and now - warning.time > FRESH):
        return warning
    return msgspec.structs.replace(warning, time=now, expires=now + (warning.expires - warning.time))


def in_place(warning: Warning, name: str, before: Warning | None) -> Warning:
    """A warning under the id by which it is published, in the place of `before`."""
    replaces = None if before is None else before.id
    if (warning.id, warning.replaces) == (name, replaces):
        return warning
    return msgspec.structs.replace(warning, id=name, replaces=replaces)


def state_of(zone: str, published: Published | None, why: str | None, *, drill: bool) -> ZoneState:
    """How a zone stands by what is published of it; `why` we may be blind there."""
    if published is None:
        return ZoneState(zone=zone, degraded=why is not None, degraded_reason=why, drill=drill)
    warning = published.warning
    return ZoneState(
        zone=zone,
        level=warning.level,
        since=published.since,
        expires=warning.expires,
        eta_earliest=warning.eta_earliest,
        eta_likely=warning.eta_likely,
        threat=None if warning.level == "all_clear" else warning.threat,
        warning=warning.id,
        degraded=why is not None,
        degraded_reason=why,
        drill=warning.drill,
        public_reason=warning.public_reason,
    )
