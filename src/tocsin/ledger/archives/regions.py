"""Regions as the archives name them, brought to one name by the rules of `regions.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

_EVERYWHERE = "*"


class Target(NamedTuple):
    """Where an attack was, by its words.

    named      regions that are named: it was there
    possible   these, and those of the areas that are named: it may have been there
    unmapped   words that no rule knows
    """

    named: frozenset[str]
    possible: frozenset[str]
    unmapped: tuple[str, ...]


class Rules(NamedTuple):
    """The rules as tables: names in each archive -> region; words for areas -> regions."""

    alerts: dict[str, str]
    attacks: dict[str, str]
    areas: dict[str, frozenset[str]]

    @property
    def regions(self) -> frozenset[str]:
        """All regions."""
        return frozenset(self.alerts.values())


@cache
def rules() -> Rules:
    """The rules of `regions.toml`."""
    table = tomllib.loads((resources.files("tocsin.ledger.archives") / "regions.toml").read_text("utf-8"))
    alerts = {said: one["name"] for one in table["region"] for said in one["alerts"]}
    attacks = {said: one["name"] for one in table["region"] for said in one["attacks"]}
    every = frozenset(alerts.values())
    areas = {name: every if held == [_EVERYWHERE] else frozenset(held) for name, held in table["areas"].items()}
    assert all(held <= every for held in areas.values()), "an area with a region that there is not"
    return Rules(alerts, attacks, areas)


def target_of(text: str) -> Target:
    """Where an attack was, by words such as `Odesa oblast and south` or `Kyiv oblast (south)`.

    >>> found = target_of("Dnipropetrovsk oblast, Dnipro Raion and Sumy oblast and Kursk oblast")
    >>> sorted(found.named), found.unmapped
    (['Dnipropetrovsk', 'Sumy'], ('Kursk oblast',))
    >>> sorted(target_of("Odesa oblast and south").possible)
    ['Kherson', 'Mykolaiv', 'Odesa', 'Zaporizhzhia']
    """
    known = rules()
    named: set[str] = set()
    possible: set[str] = set()
    unmapped = []
    for part in filter(None, (one.strip() for one in text.split(" and "))):
        # What stands behind a comma, or in brackets, is a part of what stands before it.
        word = re.split(r",| \(", part, maxsplit=1)[0].strip()
        if word in known.attacks:
            named.add(known.attacks[word])
        elif word in known.areas:
            possible |= known.areas[word]
        else:
            unmapped.append(part)
    return Target(frozenset(named), frozenset(possible | named), tuple(unmapped))
