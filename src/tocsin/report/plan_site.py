"""`tocsin plan site`: the proposal, what other layouts would give, and what any one loss costs, as files and a map."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from tocsin.model.errors import BadSettings
from tocsin.model.sensor import Sensor
from tocsin.plan.looking import Conditions
from tocsin.plan.site_candidates import Area, Floats, Offer, Points, at_places, even, grid_of
from tocsin.plan.site_network import Network
from tocsin.plan.site_proposal import Proposal, Wish, proposed
from tocsin.report.plan_files import write_plan
from tocsin.report.plan_page import Given, csv_of, zone_map
from tocsin.simulate.threats import Threats

HEAD = ("sensor", "offer", "lat", "lon", "altitude_m", "price", "people_after_its_loss")


class Site(NamedTuple):
    """One sensor that is proposed, what offer it is of, and the people with enough minutes after its loss."""

    sensor: Sensor
    offer: str
    people_after: float


@dataclass(frozen=True)
class Sited:
    """A proposal for a network.

    sites    beside what is there
    share    [Z] of the ways into each zone that leave enough minutes
    summary  what is printed: the layouts compared, the bound, what any one loss costs
    """

    given: Given
    proposal: Proposal
    sites: tuple[Site, ...]
    share: Floats
    summary: dict[str, Any]


def sited(
    given: Given,
    wish: Wish,
    area: Area,
    groups: Sequence[Threats],
    conditions: Conditions,
    *,
    told_s: float,
    about_zone: bool = True,
    places: Points | None = None,
    side: int,
    experts: dict[str, tuple[Sensor, ...]],
    progress: Callable[[float], None] = lambda _: None,
) -> Sited:
    """Choose. Raises BadSettings where nothing may stand anywhere, or an expert's sensor is not on offer."""
    sensors: list[Sensor] = list(given.sensors)
    kinds: list[int | None] = [None] * len(sensors)
    there = {sensor.id for sensor in sensors}
    number = itertools.count(1)

    def add(prefix: str, kind: int, at: Points) -> tuple[Sensor, ...]:
        offer = wish.offers[kind]
        made = []
        for lat, lon, ground in zip(*(column.tolist() for column in at), strict=True):
            free = next(one for one in (f"{prefix}:{n}" for n in number) if one not in there)
            made.append(offer.at(free, lat, lon, ground))
        sensors.extend(made)
        kinds.extend([kind] * len(made))
        return tuple(made)

    for kind, offer in enumerate(wish.offers):
        at = grid_of(area, given.elevation, offer.kind, side) if places is None else places
        if not add("site", kind, at):
            raise BadSettings(f"nowhere may {offer.name} stand; allow more with --roads, --forbidden or --around-m")
    own = [(sensor, kind) for sensor, kind in zip(sensors, kinds, strict=True) if kind is not None]
    layouts = _grids(given, wish, area, own, add)
    for name, expert in experts.items():
        layouts[name] = tuple(
            one for sensor in expert for one in add("expert", _offered(wish, sensor, name), _at(given, area, sensor))
        )
    network = Network(
        given.index,
        sensors,
        groups,
        told_s=told_s,
        elevation=given.elevation,
        conditions=conditions,
        about_zone=about_zone,
        progress=progress,
    )
    proposal = proposed(network, wish, kinds, {name: [one.id for one in layout] for name, layout in layouts.items()})
    names = {one.id: wish.offers[kind].name for one, kind in zip(sensors, kinds, strict=True) if kind is not None}
    return Sited(given, proposal, *_told(given, network, wish, proposal, layouts, names))


def _grids(
    given: Given, wish: Wish, area: Area, own: Sequence[tuple[Sensor, int]], add: Callable[..., tuple[Sensor, ...]]
) -> dict[str, tuple[Sensor, ...]]:
    """Regular grids: of as many as may be chosen; with a budget, one of each offer that it would buy."""
    found: dict[str, tuple[Sensor, ...]] = {}
    whole: list[Sensor] = []
    limited = np.isfinite(wish.budget)
    for kind, offer in enumerate(wish.offers):
        count = wish.most[kind]
        if limited:
            count = min(count, int(wish.budget / offer.price) if offer.price else count)
        mine = [sensor for sensor, of in own if of == kind]
        at = Points(*(np.array([getattr(one, name) for one in mine]) for name in ("lat", "lon", "altitude_m")))
        if not count:
            continue
        layout = add("grid", kind, even(area, min(count, len(mine)), at, given.elevation))
        whole += layout
        if limited:
            found[f"regular grid of {offer.name}"] = layout
    return found if limited else {"regular grid": tuple(whole)}


def _offered(wish: Wish, sensor: Sensor, layout: str) -> int:
    for kind, offer in enumerate(wish.offers):
        if offer.kind == sensor.kind:
            return kind
    raise BadSettings(f"{layout}: {sensor.id} is of kind {sensor.kind}, which is not on offer; name it in --kinds")


def _at(given: Given, area: Area, sensor: Sensor) -> Points:
    found = at_places(area, given.elevation, np.array([sensor.lat]), np.array([sensor.lon]))
    if not len(found.lat):
        raise BadSettings(f"an expert's {sensor.id} stands where nothing may; move it, or allow more")
    return found


def _told(
    given: Given,
    network: Network,
    wish: Wish,
    proposal: Proposal,
    layouts: dict[str, tuple[Sensor, ...]],
    offers: dict[str, str],
) -> tuple[tuple[Site, ...], Floats, dict[str, Any]]:
    """The sites with names of their own, [Z] shares of the ways in that leave enough, and what is printed."""
    there = [sensor.id for sensor in given.sensors]
    chosen = [sensor.id for sensor in proposal.sensors]
    left = network.after_losses(there + chosen)
    whole = network.together(there + chosen)
    names = _named(chosen, offers, set(there))
    rows = [("what is there", 0, network.together(there))]
    rows += [(name, len(one), network.together(there + [sensor.id for sensor in one])) for name, one in layouts.items()]
    rows.append(("proposed", len(chosen), whole))
    losses = [
        {"sensor": names.get(one, one), "people_fewer": round(whole - after)}
        for after, one in sorted(zip(left.tolist(), there + chosen, strict=True))
    ]
    sites = tuple(
        Site(msgspec.structs.replace(sensor, id=names[sensor.id]), offers[sensor.id], float(after))
        for sensor, after in zip(proposal.sensors, left[len(there) :].tolist(), strict=True)
    )
    share, _ = network.zones_together(there + chosen)
    return (
        sites,
        share,
        {
            "aim": "cheapest" if wish.reach else wish.aim,
            "people": round(float(given.index.population.sum())),
            "layouts": [{"layout": name, "sensors": count, "people_with_enough": round(n)} for name, count, n in rows],
            "reached": round(proposal.reached, 1),
            "bound": round(proposal.bound, 1),
            "bound_by": proposal.proved_by,
            "price": proposal.price,
            "losses": losses,
        },
    )


def _named(chosen: Sequence[str], offers: dict[str, str], there: set[str]) -> dict[str, str]:
    """`radar-1`, `radar-2`, ... of each offer, leaving out the names of what is there."""
    names: dict[str, str] = {}
    counts = {name: itertools.count(1) for name in offers.values()}
    for one in chosen:
        offer = offers[one]
        names[one] = next(name for name in (f"{offer}-{n}" for n in counts[offer]) if name not in there)
    return names


def write_sited(folder: Path, found: Sited, offers: Sequence[Offer]) -> list[str]:
    """Write `sensors.json` (what is there and what is proposed), `sites.csv`, `sites.png`, `summary.json`.

    Returns as `write_plan` does.
    """
    given = found.given
    sensors = (*given.sensors, *(site.sensor for site in found.sites))
    price = {offer.name: offer.price for offer in offers}
    rows = [
        (s.sensor.id, s.offer, s.sensor.lat, s.sensor.lon, s.sensor.altitude_m, price[s.offer], round(s.people_after))
        for s in found.sites
    ]
    label = "ways in with enough minutes, %"
    return write_plan(
        folder,
        "site",
        {
            "sensors.json": msgspec.json.format(msgspec.json.encode(sensors), indent=2) + b"\n",
            "sites.csv": csv_of(HEAD, rows),
            "sites.png": zone_map(given.index, 100 * found.share, label, 100.0, sensors=sensors),
            "summary.json": msgspec.json.encode(found.summary) + b"\n",
        },
    )
