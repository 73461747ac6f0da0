"""What the CAP messages of one moment say: one for each level where the zones allow it, in an order that is safe.

First come Alerts for what is worse than before, which take nothing back; then Updates, which take back what is no
longer so and repeat what still is; last what is over. So whoever has read only the first of them believes of no zone
less than what stands. A message is taken back by one other alone, and that one repeats all that is left of it: whoever
takes it for the end of all that led to it is not led astray.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tocsin.announce.cap_force import Force, Said
from tocsin.cap.write import Kind, gravest
from tocsin.model.warning import Level, Warning


class Draft(NamedTuple):
    """A message before it has an identifier, and the messages in force that it takes the place of."""

    kind: Kind
    warnings: Sequence[Warning]
    replaced: Sequence[Said] = ()


def drafts_of(warnings: Sequence[Warning], force: Force, zones_max: int) -> list[Draft]:
    """The messages that tell of the warnings of one moment, no zone of which is in it twice."""
    clears = [warning for warning in warnings if warning.level == "all_clear"]
    rises, units = _apart(warnings, force)
    alerts = [Draft("Alert", part) for part in _parts(rises, _level, zones_max)]
    updates = _packed([unit for unit in units if unit.warnings], zones_max)
    over = [said for unit in units if not unit.warnings for said in unit.replaced]
    ends: list[Draft] = []
    if updates:
        # Nothing of these is left to be repeated, so that it costs no room to take them back here.
        updates[0] = updates[0]._replace(replaced=[*over, *updates[0].replaced])
        over = []
    if clears:
        kind: Kind = "Cancel" if over else "Alert"
        ends = [Draft(kind, part, over) for part in _parts(clears, _level, zones_max)]
    elif over:
        # The same zones warned anew, for a drill has become the real thing or the reverse.
        alerts[-1] = alerts[-1]._replace(kind="Update", replaced=over)
    return [*alerts, *updates, *ends]


def _apart(warnings: Sequence[Warning], force: Force) -> tuple[list[Warning], list[Draft]]:
    """The warnings that only add to what is in force, and what the messages that must be taken back become."""
    now, changed = warnings[0].time, {warning.zone for warning in warnings}
    rises: list[Warning] = []
    follow: dict[str, list[Warning]] = {}
    touched: dict[str, Said] = {}
    for warning in warnings:
        claiming = force.claiming(warning)
        touched.update((said.message.identifier, said) for said in claiming)
        if warning.level == "all_clear":
            continue
        if claiming and claiming[-1].message.drill == warning.drill:
            follow.setdefault(claiming[-1].message.identifier, []).append(warning)
        else:
            rises.append(warning)
    looked = list(touched.values())
    for said in looked:
        for one in force.shadowed(said, changed, now):
            if one.message.identifier not in touched:
                touched[one.message.identifier] = one
                looked.append(one)
    units = [
        Draft("Update", [*follow.get(name, ()), *force.rest(said, changed, now)], [said])
        for name, said in touched.items()
    ]
    return rises, units


def _packed(units: Iterable[Draft], zones_max: int) -> list[Draft]:
    """The units in as few messages as hold them, those of one level together; each unit fits into one."""
    packs: dict[tuple[Level, bool], list[Draft]] = {}
    for unit in units:
        alike = packs.setdefault((gravest(unit.warnings), unit.warnings[0].drill), [])
        for number, pack in enumerate(alike):
            if len(pack.warnings) + len(unit.warnings) <= zones_max:
                alike[number] = Draft("Update", [*pack.warnings, *unit.warnings], [*pack.replaced, *unit.replaced])
                break
        else:
            alike.append(unit)
    return [pack for alike in packs.values() for pack in alike]


def _level(warning: Warning) -> tuple[Level, bool]:
    return warning.level, warning.drill


def _parts(
    warnings: Iterable[Warning], key: Callable[[Warning], object], zones_max: int
) -> Iterator[Sequence[Warning]]:
    """The warnings that are alike, in parts that one message holds."""
    alike: dict[object, list[Warning]] = {}
    for warning in warnings:
        alike.setdefault(key(warning), []).append(warning)
    for group in alike.values():
        yield from (group[start : start + zones_max] for start in range(0, len(group), zones_max))
