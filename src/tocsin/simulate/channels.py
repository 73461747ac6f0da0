"""Monitoring channels: what spotters tell them becomes lines, late, in slang, with slips, echoes and silences.

Each channel hears of some sightings, from its own people, and writes of the nearest named place. One of them writes
nothing of its own and repeats another; and everybody repeats somebody now and then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.observation import ChannelReport, Sighting
from tocsin.model.threat import ThreatClass
from tocsin.model.value import seconds_of, time_of
from tocsin.model.zone import Zone
from tocsin.simulate.chance import stream

CHANNELS = ("alpha", "beta", "gamma", "delta", "copy")
COPIED, COPIER = "alpha", "copy"
# The share of sightings that one channel's people pass on, and how long it then takes to write: with the spotter's own
# delay about two minutes in all.
HEARS, WRITES_S, WRITES_SPREAD = 0.4, 70.0, 0.5
# A channel does not write of one place again so soon, and is silent for a while now and then.
AGAIN_S, SILENCE_S, SILENCES_PER_HOUR = 180.0, 360.0, 1.0
# Echoes: how often a channel's line is repeated by the copier, and by another channel; and how long after.
COPIED_SHARE, ECHOED_SHARE, ECHO_S = 0.7, 0.15, (5.0, 60.0)
SLIPS = 0.05
# A town is a destination from so many people on, at such a distance, and so near to the course.
TOWN_PEOPLE, BOUND_M, BOUND_DEG = 15_000, (8_000.0, 45_000.0), 25.0
_WORDS: Mapping[str, Mapping[ThreatClass, tuple[str, ...]]] = {
    "uk": {"drone": ("шахед", "мопед", "БпЛА"), "cruise_missile": ("крилата ракета",), "helicopter": ("гелікоптер",)},
    "en": {"drone": ("Shahed", "drone", "UAV"), "cruise_missile": ("cruise missile",), "helicopter": ("helicopter",)},
}
_COMPASS = {
    "uk": ("північ", "північний схід", "схід", "південний схід", "південь", "південний захід", "захід",
           "північний захід"),
    "en": ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"),
}  # fmt: skip
_LINES = {
    "uk": ("{what} {place}{way}", "{place}: {what}{way}", "Увага, {place}! {what}{way}", "{place} - {what}{way}"),
    "en": ("{what} over {place}{way}", "{what} near {place}{way}", "{place}: {what}{way}"),
}
_WAY = {"uk": ", курсом на {to}", "en": ", heading for {to}"}
_TURN = {"uk": ", курс {to}", "en": ", course {to}"}


class Written(NamedTuple):
    """A line, the sighting it stems from, and the channel it repeats; None: its own people's."""

    line: ChannelReport
    sighting: str
    echoes: str | None


class _Post(NamedTuple):
    at_s: float
    channel: str
    sighting: Sighting
    echoes: str | None
    words: str | None


def written(sightings: Sequence[Sighting], zones: Sequence[Zone], seed: int) -> tuple[Written, ...]:
    """What the channels write of a night's sightings, in order of time. The same arguments give the same lines."""
    towns = _Towns(zones)
    posts: list[_Post] = []
    for channel in CHANNELS[:-1]:
        posts += _of_channel(channel, sightings, towns, stream(seed, "channel", channel))
    posts += _echoes(sorted(posts, key=_order), stream(seed, "echoes"))
    found, numbers = [], dict.fromkeys(CHANNELS, 0)
    for post in sorted(posts, key=_order):
        numbers[post.channel] += 1
        at = time_of(round(post.at_s, 3))
        text = post.words or ""
        line = ChannelReport(
            id=f"{post.channel}/{numbers[post.channel]}", time=at, source=post.channel, channel=post.channel, text=text
        )
        found.append(Written(line, post.sighting.id, post.echoes))
    return tuple(found)


def _order(post: _Post) -> tuple[float, str, str]:
    return post.at_s, post.channel, post.sighting.id


class _Towns:
    """Zones by name, to write of."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.index = ZoneIndex(zones)
        people = self.index.population
        self.large = np.flatnonzero(people >= TOWN_PEOPLE)

    def near(self, sighting: Sighting) -> tuple[int, float, float]:
        """The zone nearest to what is seen, and where that is."""
        post_east, post_north = (float(part) for part in self.index.frame.to_local(sighting.lat, sighting.lon))
        away = sighting.distance_m or 0.0
        bearing = math.radians(sighting.bearing_deg or 0.0)
        east = post_east + (away * math.sin(bearing) if sighting.bearing_deg is not None else 0.0)
        north = post_north + (away * math.cos(bearing) if sighting.bearing_deg is not None else 0.0)
        lat, lon = self.index.frame.to_geodetic(east, north)
        # Zones are what lies nearest to a town.
        _, inside = self.index.at(float(lat), float(lon))
        if len(inside):
            return int(inside[0]), east, north
        return int(np.argmin(np.hypot(self.index.east_m - east, self.index.north_m - north))), east, north

    def ahead(self, east: float, north: float, heading_deg: float) -> int | None:
        """The largest town on a course; None where there is none."""
        off_east, off_north = self.index.east_m[self.large] - east, self.index.north_m[self.large] - north
        away = np.hypot(off_east, off_north)
        turn = np.abs((np.degrees(np.arctan2(off_east, off_north)) - heading_deg + 180.0) % 360.0 - 180.0)
        fits = self.large[(away >= BOUND_M[0]) & (away <= BOUND_M[1]) & (turn <= BOUND_DEG)]
        return int(fits[np.argmax(self.index.population[fits])]) if len(fits) else None

    def name(self, zone: int, language: str) -> str:
        """What it is called."""
        name = self.index.zones[zone].name
        return name if isinstance(name, str) else name.get(language, next(iter(name.values())))


def _of_channel(channel: str, sightings: Sequence[Sighting], towns: _Towns, rng: np.random.Generator) -> list[_Post]:
    first_s, last_s = (seconds_of(sightings[k].received_at) for k in (0, -1))
    quiet = rng.uniform(first_s, last_s + 1.0, int(rng.poisson(SILENCES_PER_HOUR * (last_s - first_s) / 3_600)))
    language = "en" if channel == "delta" else "uk"
    last: dict[int, float] = {}
    posts = []
    for sighting in sightings:
        hears, delay, words = rng.random(), float(np.exp(WRITES_SPREAD * rng.normal())), rng.random(8)
        at_s = seconds_of(sighting.received_at) + WRITES_S * delay
        if hears >= HEARS or ((quiet <= at_s) & (at_s < quiet + SILENCE_S)).any():
            continue
        zone, east, north = towns.near(sighting)
        if at_s - last.get(zone, -math.inf) < AGAIN_S:
            continue
        last[zone] = at_s
        posts.append(_Post(at_s, channel, sighting, None, _text(sighting, zone, east, north, towns, language, words)))
    return posts


def _echoes(posts: Sequence[_Post], rng: np.random.Generator) -> list[_Post]:
    """Lines that others repeat: the copier one channel's most, in its words or nearly; anybody somebody's at times."""
    found = []
    for post in posts:
        luck, after_s = rng.random(3), float(rng.uniform(*ECHO_S))
        others = [name for name in CHANNELS[:-1] if name != post.channel]
        if post.channel == COPIED and luck[0] < COPIED_SHARE:
            words = post.words if luck[1] < 0.5 else f"{post.words} Будьте обережні!"
            found.append(_Post(post.at_s + after_s, COPIER, post.sighting, post.channel, words))
        elif luck[0] < ECHOED_SHARE:
            echo = others[int(luck[2] * len(others))]
            found.append(_Post(post.at_s + after_s, echo, post.sighting, post.channel, f"{post.words} ⚠️"))
    return found


def _text(
    sighting: Sighting, zone: int, east: float, north: float, towns: _Towns, language: str, luck: NDArray[np.float64]
) -> str:
    kinds = _WORDS[language].get(sighting.threat, _WORDS[language]["drone"])
    what = kinds[int(luck[0] * len(kinds))]
    way = ""
    if sighting.heading_deg is not None and luck[1] < 0.8:
        to = towns.ahead(east, north, sighting.heading_deg)
        if to is not None and to != zone and luck[2] < 0.6:
            way = _WAY[language].format(to=towns.name(to, language))
        else:
            way = _TURN[language].format(to=_COMPASS[language][round(sighting.heading_deg / 45.0) % 8])
    lines = _LINES[language]
    place = _slipped(towns.name(zone, language), luck[4], luck[5])
    text = lines[int(luck[3] * len(lines))].format(what=what, place=place, way=way)
    return text[0].upper() + text[1:]


def _slipped(name: str, whether: float, where: float) -> str:
    """A name, now and then with two letters exchanged."""
    if whether >= SLIPS or len(name) < 7:
        return name
    k = 1 + int(where * (len(name) - 3))
    return name[:k] + name[k + 1] + name[k] + name[k + 2 :]
