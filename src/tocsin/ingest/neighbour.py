"""What a neighbour's CAP alert means for our zones."""

from __future__ import annotations

from typing import Literal

import msgspec
import shapely

from tocsin.cap.read import CapAlert, CapArea, CapInfo, read_cap
from tocsin.cap.write import LEVEL_PARAMETER, ZONE_GEOCODE
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Alert

Meaning = Literal["prepare", "take_cover", "all_clear"]
# Neighbours warn of floods and heat as well; only what comes through the air is ours. Lower case, any language.
AIR_RAID_WORDS = (
    "air raid", "air attack", "air alert", "aerial", "missile", "rocket", "drone", "uav", "shahed", "ballistic",
    "повітрян", "ракет", "дрон", "балістич", "воздушн", "غارة", "صاروخ", "صواريخ", "طائر", "מטח", "רקט", "טיל", "כטב",
)  # fmt: skip


def understood(alert: Alert, index: ZoneIndex) -> Alert:
    """An upstream alert with what its CAP message says filled in: our zones, a level, an end.

    A message that is a test, an exercise or not about an air raid keeps level None: it is journalled and not acted on.
    Raises BadRecord when the message cannot be read.
    """
    try:
        message = read_cap(alert.cap.encode())
    except BadInput as error:
        raise BadRecord(f"alert {alert.id} is not a CAP message: {error}") from error
    told = [(info, level) for info in message.infos if (level := _level(message, info)) is not None]
    if not told:
        return alert
    zones: set[str] = set()
    for info, _ in told:
        for area in info.areas:
            zones |= _zones(area, index)
    ends = [info.expires for info, _ in told if info.expires is not None]
    return msgspec.structs.replace(
        alert,
        zones=tuple(sorted(zones)),
        level=_gravest([level for _, level in told]),
        expires=max(ends) if ends else None,
    )


def _gravest(levels: list[Meaning]) -> Meaning:
    order: tuple[Meaning, ...] = ("take_cover", "prepare", "all_clear")
    return next(level for level in order if level in levels)


def _level(message: CapAlert, info: CapInfo) -> Meaning | None:
    """What one info block asks of people; None: nothing we act on."""
    if message.status != "Actual" or message.kind not in ("Alert", "Update", "Cancel"):
        return None
    said = dict(info.parameters).get(LEVEL_PARAMETER)
    text = f"{info.event} {info.headline}".lower()
    if said is None and not any(word in text for word in AIR_RAID_WORDS):
        return None
    if message.kind == "Cancel" or said == "all_clear" or "AllClear" in info.responses:
        return "all_clear"
    if said in ("take_cover", "prepare"):
        return "take_cover" if said == "take_cover" else "prepare"
    return "take_cover" if info.urgency == "Immediate" or "Shelter" in info.responses else "prepare"


def _zones(area: CapArea, index: ZoneIndex) -> set[str]:
    """Our zones that an area names by our geocode, or else touches."""
    named = {value for name, value in area.geocodes if name == ZONE_GEOCODE and value in index.number}
    if named:
        return named
    touched: set[int] = set()
    for ring in area.polygons:
        east, north = index.frame.to_local([lat for lat, _ in ring], [lon for _, lon in ring])
        outline = shapely.make_valid(shapely.Polygon(list(zip(east, north, strict=True))))
        touched.update(index.touching(outline).tolist())
    for lat, lon, radius_km in area.circles:
        touched.update(index.within(lat, lon, radius_km * 1_000).tolist())
    return {index.zones[number].id for number in touched}
