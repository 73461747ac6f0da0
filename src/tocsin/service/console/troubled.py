"""What needs somebody's hands: blindness, sensors, channels, sources, the service itself."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.service.console.around import Around
from tocsin.service.console.glance import Glance
from tocsin.service.console.shown import Can, Facts, Needed, NeededKind
from tocsin.service.console.watchfulness import matter
from tocsin.service.console.zones import of_zones
from tocsin.service.minutes.fall import Fall
from tocsin.warn.blindness import read

# Of a network of thousands, as many sensors are named one by one.
SENSORS_MAX = 50
_PICTURE = Can(do="look", to="/v1/console/picture")
_DELIVERY = Can(do="look", to="/v1/delivery")


def troubles(glance: Glance, around: Around) -> Iterator[Needed]:
    """All of it; what touches people first."""
    yield from _blind(glance)
    if around.fall is not None:
        yield _fewer(glance, around.fall)
    for text in around.troubles:
        yield Needed(id=f"service/{matter(text)}", kind="service", why=text, can=(Can(do="look", to="/readyz"),))
    for channel in around.channels:
        if channel.canary == "silent":
            why = f"What {channel.channel} tells is not heard: {channel.trouble}."
            yield _of("canary", channel.channel, why, _DELIVERY, state="silent", said=channel.trouble)
        elif channel.state in ("failing", "missing"):
            why = f"{channel.channel} does not get through: {channel.trouble}."
            yield _of("channel", channel.channel, why, _DELIVERY, state=channel.state, said=channel.trouble)
    for name, said in around.silent.items():
        yield _of("channel", name, f"{name} would not get through: {said}.", _DELIVERY, state="silent", said=said)
    for feed in around.feeds:
        if feed.trouble is not None:
            why = f"Source {feed.name} {feed.trouble}."
            look = Can(do="look", to="/v1/console/settings")
            yield _of("source", feed.name, why, look, state=feed.state, said=feed.trouble)
    failed = [one for one in glance.health if one.state not in ("up", "unheard")]
    for one in failed[:SENSORS_MAX]:
        yield _of("sensor", one.sensor, f"Sensor {one.sensor} is {one.state}.", _PICTURE, state=one.state)


def _of(kind: NeededKind, name: str, why: str, can: Can, *, state: str, said: str | None = None) -> Needed:
    """Something of that name. `said`: how it fails, in its own words."""
    facts: Facts = {"name": name, "state": state}
    if said is not None:
        facts["said"] = said
    return Needed(id=f"{kind}/{name}", kind=kind, why=why, can=(can,), facts=facts)


def _blind(glance: Glance) -> Iterator[Needed]:
    """Where sight was lost; where there never was any, nothing can be decided."""
    moment = glance.moment
    reasons: dict[str, list[str]] = {}
    for zone, why in moment.blind.items():
        if zone not in moment.unseen:
            reasons.setdefault(why, []).append(zone)
    for why, zones in list(reasons.items())[:SENSORS_MAX]:
        yield Needed(
            id=f"blind/{why}",
            kind="blind",
            why=f"We may be blind in {len(zones)} zones: {why}. No all clear is given there.",
            can=(_PICTURE,),
            facts=_parts(why) | {"reason": why},
            **of_zones(moment.index, zones),
        )


def _parts(why: str) -> Facts:
    """What a reason is made of, for whoever says it in another language; of another's words nothing."""
    found = read(why)
    if found is None:
        return {}
    return {"blindness": found.kind, "failed": found.failed, "count": found.count, "states": " ".join(found.states)}


def _fewer(glance: Glance, fall: Fall) -> Needed:
    """Fewer minutes of warning than usual, and where."""
    threats, sensors = fall.threat.replace("_", " ") + "s", "sensor does" if fall.lost == 1 else "sensors do"
    return Needed(
        id="minutes",
        kind="minutes",
        why=f"{fall.people:,.0f} people fewer ({fall.share:.0%}) than usual could be in shelter in time from {threats}"
        f": {fall.lost} {sensors} not work.",
        can=(Can(do="look", to="/v1/console/minutes"),),
        facts={
            "threat": fall.threat,
            "people": round(fall.people),
            "share": round(fall.share, 2),
            "sensors": fall.lost,
        },
        **of_zones(glance.moment.index, fall.zones),
    )
