"""What Windows writes in front of a text is no part of it: every file and body says the same with and without."""

from __future__ import annotations

import asyncio
import codecs
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ingest.authorities import read_authorities
from tocsin.ingest.batch import Batch, batch_steps
from tocsin.ingest.lines import bounded_lines, read_lines
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.slices import in_slices
from tocsin.ingest.zone_files import Columns, import_zones
from tocsin.model.errors import BadFile, BadRecord
from tocsin.model.utf8 import UTF8_MARK, Utf8Stream, as_utf8
from tocsin.replay.configuration import read_policy, read_sensors, read_tuning, read_zones
from tocsin.replay.scenarios import load_scenario, shipped_scenario
from tocsin.score.truth import read_truth
from tocsin.service.settings import load_settings

RING = [[30, 50], [30.2, 50], [30.2, 50.2], [30, 50.2], [30, 50]]
ZONES = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": "A", "name": "Київ"},
                "geometry": {"type": "Polygon", "coordinates": [RING]},
            }
        ],
    },
    ensure_ascii=False,
)
SENSORS = '[{"id": "r1", "kind": "radar", "lat": 50.1, "lon": 29.0}]'
PLOT = '{"kind":"plot","id":"%s","time":"2026-03-01T03:00:00Z","sensor":"r1","range_m":1000,"azimuth_deg":20}\n'
SOURCES = 'sector = "f"\nzones = "z.geojson"\n[[source]]\nid = "roof"\nkind = "sbs"\nhost = "192.0.2.1"\n'
STRIKE = (
    '{"kind":"strike","time":"2026-03-01T03:00:00Z","lat":50.1,"lon":30.1,"zone":"A","threat":"drone","object":"o"}\n'
)
WIDE = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def lines_of(path: Path) -> Any:
    rejects = Rejects()
    with path.open("rb") as stream:
        found = list(read_lines(stream, "test", rejects))
    assert rejects.total == 0
    return found


def batch_of(body: bytes) -> Batch:
    return asyncio.run(in_slices(batch_steps(body)))


def rings_of(path: Path) -> Any:
    return import_zones([path], Columns(), lat_first=True)


KINDS: dict[str, tuple[str, str, Callable[[Path], Any]]] = {
    "zones": ("zones.geojson", ZONES, read_zones),
    "sensors": ("sensors.json", SENSORS, read_sensors),
    "rings": ("rings.json", json.dumps({"A": RING}), rings_of),
    "a map named .json": ("map.json", ZONES, rings_of),
    "observations": ("o.jsonl", PLOT % 1 + PLOT % 2, lines_of),
    "a batch": ("body", PLOT % 1 + PLOT % 2, lambda path: batch_of(path.read_bytes())),
    "one observation": ("body", PLOT % 1, lambda path: batch_of(path.read_bytes())),
    "sources": ("sources.toml", SOURCES, read_authorities),
    "settings": ("tocsin.toml", SOURCES, load_settings),
    "tuning": ("tuning.toml", SOURCES, read_tuning),
    "a policy": ("p.toml", 'name = "mine"\ndescription = "x"\n', lambda path: read_policy(str(path))),
    "a scenario": ("s.toml", shipped_scenario("rockets").read_text(), load_scenario),
    "the truth": ("truth.jsonl", STRIKE, read_truth),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_in_front_changes_nothing(kind: str, tmp_path: Path) -> None:
    name, text, read = KINDS[kind]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    plain = read(path)
    path.write_text(text, encoding="utf-8-sig")
    assert repr(read(path)) == repr(plain)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", WIDE)
def test_utf_16_with_its_mark_is_read_as_what_it_is(kind: str, encoding: str, tmp_path: Path) -> None:
    name, text, read = KINDS[kind]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    plain = read(path)
    path.write_bytes(WIDE[encoding] + text.encode(encoding))
    assert repr(read(path)) == repr(plain)


def test_a_broken_file_with_a_mark_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sensors.json"
    path.write_bytes(UTF8_MARK + b"[{]")
    with pytest.raises(BadFile, match=r"sensors\.json: not a list of sensors"):
        read_sensors(path)
    path.write_bytes(codecs.BOM_UTF16_LE + b"[\x00\x00\xd8x")
    with pytest.raises(BadFile, match=r"sensors\.json: it begins as UTF-16 text and is none"):
        read_sensors(path)


def test_marks_between_joined_files_are_no_part_of_a_line() -> None:
    joined = b"".join(UTF8_MARK + (PLOT % number).encode() for number in range(3))
    rejects = Rejects()
    assert [one.id for one in read_lines(io.BytesIO(joined), "test", rejects)] == ["0", "1", "2"]
    batch = batch_of(joined)
    assert [one.id for _, one in batch.observations] == ["0", "1", "2"]
    assert rejects.total == len(batch.rejected) == 0


@given(st.text(st.characters(codec="utf-8")), st.sampled_from(sorted(WIDE)), st.integers(1, 5))
def test_a_stream_of_utf_16_gives_its_characters_however_it_is_cut(text: str, encoding: str, size: int) -> None:
    text = "{" + text
    data = WIDE[encoding] + text.encode(encoding)
    stream, parts = Utf8Stream(io.BufferedReader(io.BytesIO(data), 8)), []
    while part := stream.read1(size):
        parts.append(part)
    assert b"".join(parts).decode() == as_utf8(data).decode() == text


@given(st.binary(max_size=40))
def test_whatever_begins_with_a_mark_is_text_without_it_refused_or_left_as_it_is(rest: bytes) -> None:
    assert as_utf8(UTF8_MARK + rest) == rest
    for mark in WIDE.values():
        try:
            text = as_utf8(mark + rest)
            assert text == mark + rest or text.decode().encode() == text
        except BadRecord as error:
            assert "save it as UTF-8" in str(error)
    assert list(bounded_lines(io.BytesIO(UTF8_MARK), "test", Rejects())) == []
