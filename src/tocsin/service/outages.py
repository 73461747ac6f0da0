"""What would go blind with each sensor: what the public map of blindness must hide."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.announce.veil import Outage
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import Configuration
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.warn.coverage import Coverage

# Each costs the start a look at every zone, 30 ms of a country's. Radars come first: one of a mesh alone blinds nobody.
OUTAGES_MAX = 24


def outages_of(configuration: Configuration, index: ZoneIndex) -> list[Outage]:
    """The outages of single sensors while all others work, and while none does, in which something goes blind.

    index   of the configuration's zones
    """
    coverage = Coverage(index, configuration.sensors, sight=configuration.sight)
    watching = [sensor for sensor in configuration.sensors if sensor.kind != "adsb"]
    watching.sort(key=lambda sensor: sensor.kind != "radar")

    def blind(down: Sequence[Sensor]) -> frozenset[str]:
        return frozenset(coverage.blind([SensorHealth(sensor=one.id, state="down") for one in down]))

    found = []
    nothing, everything = blind(()), blind(watching)
    for sensor in watching[:OUTAGES_MAX]:
        others = blind([one for one in watching if one is not sensor])
        for before, after in ((nothing, blind([sensor])), (others, everything)):
            if before != after:
                found.append(Outage(sensor.lat, sensor.lon, before, after))
    return found
