"""Radars' reports as ASTERIX: CAT 034 north marks and sector crossings, CAT 048 target reports.

Eurocontrol SUR.ET1.ST05.2000-STD-02b-01 (CAT 034, edition 1.29) and EUROCONTROL-SPEC-0149-4 (CAT 048, edition 1.32).
Only the items a plot needs are written. The tests decode every record with another library.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

from tocsin.model.aviation import FOOT_M, NAUTICAL_MILE_M
from tocsin.model.errors import BadValue
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.world import Simulation

SECTORS = 32
DAY_S = 86_400
# A week of one radar; more would not fit into memory as a recording.
FRAMES_MAX = 3_000_000
# A data block's length is 16 bits; a full sector never comes near, a flooded one is split.
RECORDS_PER_BLOCK = 200
PORT = 8_600

Frame = tuple[float, bytes]


def _record(items: Iterable[tuple[int, bytes]]) -> bytes:
    """Items (field reference number, bytes) in order, after their field specification: 7 bits and an extension."""
    items = list(items)
    spec = bytearray((items[-1][0] + 6) // 7)
    for number, _ in items:
        spec[(number - 1) // 7] |= 0x80 >> ((number - 1) % 7)
    for octet in range(len(spec) - 1):
        spec[octet] |= 1
    return bytes(spec) + b"".join(data for _, data in items)


def _block(category: int, records: Sequence[bytes]) -> bytes:
    data = b"".join(records)
    return struct.pack(">BH", category, 3 + len(data)) + data


def _time_of_day(time_s: float) -> bytes:
    """1/128 s since midnight in 24 bits."""
    return (round(time_s % DAY_S * 128) % (DAY_S * 128)).to_bytes(3, "big")


def service_message(sac_sic: tuple[int, int], time_s: float, scan_s: float, sector: int | None) -> bytes:
    """CAT 034: a north mark (`sector` None) or the crossing into a sector of 360/32 degrees."""
    items = [(1, bytes(sac_sic)), (2, b"\x01" if sector is None else b"\x02"), (3, _time_of_day(time_s))]
    if sector is not None:
        items.append((4, bytes([sector * 256 // SECTORS])))
    items.append((5, min(65_535, round(scan_s * 128)).to_bytes(2, "big")))
    return _block(34, [_record(items)])


def target_report(sac_sic: tuple[int, int], plot: Plot) -> bytes:
    """CAT 048: one plot; with an address it is a Mode S answer, else a primary one."""
    answers = plot.icao24 is not None or plot.mode3a is not None
    rho = min(65_535, round(plot.range_m / NAUTICAL_MILE_M * 256))
    theta = round(plot.azimuth_deg * 65_536 / 360) % 65_536
    items = [
        (1, bytes(sac_sic)),
        (2, _time_of_day(seconds_of(plot.time))),
        (3, bytes([(5 if plot.icao24 else 2 if answers else 1) << 5])),
        (4, struct.pack(">HH", rho, theta)),
    ]
    if plot.mode3a is not None:
        items.append((5, int(plot.mode3a, 8).to_bytes(2, "big")))
    steps = None if plot.altitude_m is None else round(plot.altitude_m / FOOT_M / 25)
    if steps is not None and answers:
        items.append((6, (max(-8_192, min(8_191, steps)) & 0x3FFF).to_bytes(2, "big")))
    if plot.icao24 is not None:
        items.append((8, bytes.fromhex(plot.icao24)))
    if steps is not None and not answers:
        items.append((19, (max(-8_192, min(8_191, steps)) & 0x3FFF).to_bytes(2, "big")))
    return _record(items)


def recording(
    plots: Iterable[Plot], sensors: Sequence[Sensor], north_s: Mapping[str, float], start_s: float, end_s: float
) -> list[Frame]:
    """Datagrams (POSIX seconds, bytes) in order of time: at the end of each sector its crossing and its plots.

    `north_s` is when each radar first points north after `start_s`. A radar without a SAC/SIC is refused (BadValue),
    and so is a recording of more than FRAMES_MAX datagrams.
    """
    radars = [sensor for sensor in sensors if sensor.kind == "radar" and sensor.id in north_s]
    if sum((end_s - start_s) / (radar.scan_s or 1.0) for radar in radars) * SECTORS > FRAMES_MAX:
        raise BadValue(
            f"the recording would have more than {FRAMES_MAX} datagrams; take a shorter time or fewer radars"
        )
    by_radar: dict[str, list[Plot]] = {radar.id: [] for radar in radars}
    for plot in plots:
        if plot.sensor in by_radar:
            by_radar[plot.sensor].append(plot)
    frames = [
        frame
        for radar in radars
        for frame in _sent_by(radar, by_radar[radar.id], start_s + north_s[radar.id], start_s, end_s)
    ]
    frames.sort(key=lambda frame: frame[0])
    return frames


def _sent_by(radar: Sensor, plots: Sequence[Plot], north_s: float, start_s: float, end_s: float) -> Iterable[Frame]:
    sac_sic = _sac_sic(radar)
    scan_s = radar.scan_s or 1.0
    sector_s = scan_s / SECTORS
    sectors: dict[int, list[bytes]] = {}
    for plot in plots:
        sectors.setdefault(int((seconds_of(plot.time) - north_s) // sector_s), []).append(target_report(sac_sic, plot))
    # Stamps of a faulty clock fall outside; they are sent with the first or last sector, as they would be live.
    first, last = int((start_s - north_s) // sector_s), int((end_s - north_s) // sector_s)
    for number in [one for one in sectors if not first <= one < last]:
        sectors.setdefault(min(max(number, first), last - 1), []).extend(sectors.pop(number))
    for number in range(first, last):
        crossed_s = north_s + (number + 1) * sector_s
        sector = (number + 1) % SECTORS
        data = service_message(sac_sic, crossed_s, scan_s, sector)
        if sector == 0:
            data = service_message(sac_sic, crossed_s, scan_s, None) + data
        records = sectors.get(number, [])
        blocks = [_block(48, records[k : k + RECORDS_PER_BLOCK]) for k in range(0, len(records), RECORDS_PER_BLOCK)]
        yield crossed_s, (blocks[0] if blocks else b"") + data
        for block in blocks[1:]:
            yield crossed_s, block


def _sac_sic(radar: Sensor) -> tuple[int, int]:
    if radar.asterix is not None:
        return radar.asterix
    sac, _, sic = radar.id.partition("/")
    if sac.isdecimal() and sic.isdecimal() and int(sac) < 256 and int(sic) < 256:
        return int(sac), int(sic)
    raise BadValue(f"the radar {radar.id} has no SAC/SIC; give it `asterix` in the sensors or the scenario")


def recording_of(night: Simulation, scenario: Scenario) -> list[Frame]:
    """The recording of the radars of a simulated night that speak ASTERIX."""
    speaking = [sensor for sensor in night.sensors if sensor.asterix is not None]
    start_s = seconds_of(scenario.start)
    plots = (one for one in night.observations if isinstance(one, Plot))
    return recording(plots, speaking, night.north_s, start_s, start_s + scenario.duration_s)


def pcap(frames: Iterable[Frame]) -> bytes:
    """Datagrams as a capture file (Ethernet, IPv4, UDP on the loopback address, port 8600)."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)]
    for at_s, data in frames:
        udp = struct.pack(">HHHH", PORT, PORT, 8 + len(data), 0) + data
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
        total = sum(struct.unpack(">10H", head))
        checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        packet = b"\0" * 12 + b"\x08\0" + head[:10] + struct.pack(">H", checksum) + head[12:] + udp
        micros = round(at_s * 1e6)
        parts.append(struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(packet), len(packet)) + packet)
    return b"".join(parts)


def stream_of(frames: Iterable[Frame]) -> bytes:
    """Datagrams one after the other, without times: an `.ast` file."""
    return b"".join(data for _, data in frames)
