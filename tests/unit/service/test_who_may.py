"""Which officer may do what, and where."""

from __future__ import annotations

import pytest

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone
from tocsin.service.people_settings import Operator
from tocsin.service.who_may import why_not


def zone(name: str, west: float, parent: str | None) -> Zone:
    ring = ((west, 46.0), (west + 0.1, 46.0), (west + 0.1, 46.1), (west, 46.1), (west, 46.0))
    return Zone(id=name, name=name, parent=parent, polygons=((ring,),))


# A street in a quarter in a town in a district of a country without outlines of its own; and two that are each
# other's parents.
INDEX = ZoneIndex(
    [
        zone("street", 8.0, "quarter"), zone("quarter", 8.2, "town"), zone("town", 8.4, "district"),
        zone("elsewhere", 8.6, None), zone("egg", 8.8, "hen"), zone("hen", 9.0, "egg"),
    ]
)  # fmt: skip


def officer(*zones: str, actions: tuple[str, ...] = ("raise", "cancel")) -> Operator:
    return Operator.model_validate({"id": "desk", "token_sha256": 64 * "0", "actions": actions, "zones": zones})


@pytest.mark.parametrize(
    ("own", "where", "may"),
    [
        ((), ("street", "elsewhere", "nowhere"), True),
        (("street",), ("street",), True), (("street",), ("quarter",), False), (("street",), ("elsewhere",), False),
        (("quarter",), ("street",), True), (("town",), ("street",), True), (("district",), ("street", "town"), True),
        (("district", "elsewhere"), ("street", "elsewhere"), True),
        (("district",), ("street", "elsewhere"), False), (("district",), ("elsewhere", "street"), False),
        (("district",), ("nowhere",), False), (("nowhere",), ("nowhere",), True),
        (("egg",), ("hen",), True), (("town",), ("egg",), False),
        (("town",), (), True),
    ],
)  # fmt: skip
def test_an_officer_acts_in_his_own_zones_and_in_what_is_part_of_them(
    own: tuple[str, ...], where: tuple[str, ...], may: bool
) -> None:
    assert (why_not(officer(*own), "raise", where, INDEX) is None) == may


def test_a_refusal_names_what_and_where() -> None:
    assert (
        why_not(officer(), "approve", ("street",), INDEX) == "desk may not approve; the settings let desk raise, cancel"
    )
    assert why_not(officer("town"), "raise", ("street", "elsewhere"), INDEX) == (
        "desk may not act in elsewhere; the settings say where"
    )
