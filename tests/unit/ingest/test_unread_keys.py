"""Keys that nobody reads are told of, and never in the way of what is read."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ingest.lines import read_lines
from tocsin.ingest.reasons import REASONS_MAX
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.unread_keys import KEY_CHARS_MAX, NAMED_MAX, repeated_keys, unread_keys


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("lattitude", "lat"), ("Latitude", "lat"), ("lng", "lon"), ("headng", "heading_deg"),
        ("heading", "heading_deg"), ("altitude", "altitude_m"), ("alt", "altitude_m"), ("bearing", "bearing_deg"),
        ("thraet", "threat"), ("weather", None), ("x", None),
    ],
)  # fmt: skip
def test_the_key_that_was_meant_is_named_where_it_is_close(key: str, meant: str | None) -> None:
    said = unread_keys(json.dumps({"kind": "sighting", key: 1}))
    assert said == f"the key {key!r} is not read" + (f"; is {meant} meant?" if meant else "")


def test_what_is_read_and_what_is_no_observation_at_all_is_no_matter_of_keys() -> None:
    assert (
        unread_keys('{"kind": "plot", "id": "a", "sensor": "r", "range_m": 1, "azimuth_deg": 2, "mode3a": "1"}') is None
    )
    # A key of another kind is one that nobody reads.
    assert "'range_m'" in str(unread_keys('{"kind": "sighting", "range_m": 1}'))
    for line in ("", "[]", '{"kind": 3}', '{"kind": "rumour", "x": 1}', '{"x": 1}', "[" * 10_000):
        assert unread_keys(line) is None


@given(st.dictionaries(st.text(max_size=100), st.none(), min_size=1, max_size=50))
def test_however_many_and_long_they_are_what_is_said_is_short(keys: dict[str, None]) -> None:
    said = unread_keys(json.dumps(keys | {"kind": "impact"})) or ""
    # Each of a few names at most, every character of it written out, and the keys that may be meant.
    assert len(said) < NAMED_MAX * (KEY_CHARS_MAX * 10 + 30) + 100


def test_a_recording_names_its_unread_keys_once_each_and_is_used() -> None:
    line = {"kind": "sighting", "id": "a", "time": "2026-01-01T00:00:00Z", "lat": 1, "lon": 2}
    rejects = Rejects()
    lines = [line | {"id": f"a{n}", "headng": 1} for n in range(3)] + [line | {f"k{n}": 1} for n in range(REASONS_MAX)]
    stream = BytesIO(b"\n".join(json.dumps(one).encode() for one in lines))
    assert len(list(read_lines(stream, "night", rejects))) == len(lines)
    assert "3 × the key 'headng' is not read; is heading_deg meant?" in rejects.summary()
    assert len(rejects.remarks) == REASONS_MAX + 1


@given(st.lists(st.text(max_size=50), max_size=20, unique=True), st.data())
def test_a_key_that_stands_twice_is_told_and_nothing_else_is(keys: list[str], data: st.DataObject) -> None:
    gap = data.draw(st.sampled_from(["", " ", "\t\n"]))
    pairs = [f"{json.dumps(key)}{gap}:{json.dumps(':' + key)}" for key in keys]
    assert repeated_keys("{" + ",".join(pairs) + "}") is None
    if keys:
        twice = data.draw(st.sampled_from(keys))
        said = repeated_keys("{" + ",".join([*pairs, f"{json.dumps(twice)}:1"]) + "}")
        assert said == f"the key {twice[:KEY_CHARS_MAX]!r} stands twice; the last is read"
