"""Two sides meet the same attackers; what is lost on one is not lost on the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_raid import write_raid
from tocsin.model.errors import BadSettings
from tocsin.replay.configuration import read_policy
from tocsin.replay.raids import play, scored
from tocsin.replay.scenarios import load_scenario, zones_for
from tocsin.replay.sides import Side, both, compare_sides, side_of, world_of
from tocsin.report.plan_compare import minutes_maps, priced, shown_rows, write_sides
from tocsin.simulate.world import simulate

LOST = """
[[faults]]
kind = "lost"
group = "radar"
at_s = 0
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = write_raid(tmp_path, 200)
    path.write_text(path.read_text() + LOST)
    return path


def test_a_side_that_changes_nothing_gives_what_the_raid_gives(scenario: Path) -> None:
    world = load_scenario(scenario)
    zones = zones_for(world, scenario.parent)
    row = both(world, str(scenario.parent), 3, (side_of("whole"), side_of("as-is")))
    score = scored(play(simulate(world, zones, 3), read_policy("default")), family=False)["score"]
    as_is = row["sides"][1]
    assert as_is["strikes"] == score["strikes"] >= 1
    assert as_is["person_hours"] == score["person_hours"]
    assert as_is["leads_s"] == [one["lead_s"] for one in score["each"]]


def test_the_loss_of_the_only_radar_costs_the_warning_and_is_told_with_its_interval(
    scenario: Path, tmp_path: Path
) -> None:
    result = compare_sides("whole", "as-is", [str(scenario)], seeds=2, workers=1, prices={"radar": 3.0})
    assert result.means[0]["tracked_p50_s"] > 30 > result.means[1]["tracked_p50_s"] == 0
    change, low, high = result.change["in_time"]
    assert low <= change <= high
    assert result.means[1]["cost"] == 3.0
    rows = shown_rows(result)
    assert rows[0][0] == "strikes in zones" and len(rows) == 10
    maps = minutes_maps("whole", "as-is", str(scenario))
    assert maps[0][0] != maps[1][0]
    write_sides(tmp_path / "out", result, maps)
    written = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()}
    assert written == {"compare.html": 0o600, "raids.csv": 0o600, "compare.json": 0o600}
    text = (tmp_path / "out" / "compare.html").read_text()
    assert "whole" in text and "Over a smooth Earth" in text
    assert text.index("not over your land") < text.index("Over a smooth Earth")


def test_sides_are_known_by_what_they_are(scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text('[{"id": "r", "kind": "radar", "lat": 47.0, "lon": 8.0, "altitude_m": 50}]')
    (tmp_path / "mine.toml").write_text("margin_s = 10\n")
    network, policy, tactic = (side_of(str(tmp_path / name)) for name in ("net.json", "mine.toml", "raid.toml"))
    assert network.sensors is not None and network.sensors[0].id == "r"
    assert policy.policy == {"margin_s": 10}
    assert tactic.threats is not None and tactic.threats[0].kind == "cruise_missile"
    assert side_of("sparing").policy == read_policy("sparing")
    assert world_of(load_scenario(scenario), Side("x", whole=True)).faults == ()


def test_a_network_from_a_file_sees_the_raid_from_where_it_stands(scenario: Path) -> None:
    world = load_scenario(scenario)
    zones = zones_for(world, scenario.parent)
    own = simulate(world, zones, 3).sensors
    night = simulate(world, zones, 3, own)
    assert night.sensors == own
    assert any(one.source == "radar-1" and night.origin.get(one.id) for one in night.observations)


def test_two_sides_of_one_name_and_a_price_of_nothing_are_refused(scenario: Path) -> None:
    with pytest.raises(BadSettings, match="differ"):
        compare_sides("whole", "whole", [str(scenario)])
    with pytest.raises(BadSettings, match="radar=3000000"):
        priced(["radar"])
    with pytest.raises(BadSettings, match="one of radar"):
        priced(["tank=1"])
    assert priced([]) is None
