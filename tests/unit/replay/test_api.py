"""What `tocsin.replay` offers to Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.small_raid import write_raid
from tocsin import replay
from tocsin.model.errors import BadFile, BadSettings
from tocsin.replay.files import write_files
from tocsin.replay.nights import night_files
from tocsin.simulate.world import Simulation


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("small")
    write_files(made / "night", night_files(replay.simulate(write_raid(made, 400), seed=5)))
    return made


def _replayed(folder: Path, out: str, **more: object) -> dict[str, object]:
    night = folder / "night"
    files = {"sensors": night / "sensors.json", "zones": night / "zones.geojson", "out": folder / out}
    return replay.replay(night / "observations.jsonl", **files, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def drilled(folder: Path) -> tuple[dict[str, object], int]:
    """The night replayed as a drill into `one`: what came of it, and how many observations its progress was shown."""
    seen: list[Any] = []

    def counted(every: Iterable[Any]) -> Iterator[Any]:
        for one in every:
            seen.append(one)
            yield one

    return _replayed(folder, "one", drill=True, progress=counted), len(seen)


def test_every_name_it_offers_is_there_and_no_other() -> None:
    assert dir(replay) == sorted(replay.__all__) == replay.__all__
    for name in replay.__all__:
        assert getattr(replay, name).__doc__
    with pytest.raises(AttributeError, match="it offers Comparison, TrackRun"):
        replay.reply  # noqa: B018


def test_a_played_night_and_its_replay_from_files_decide_the_same(
    folder: Path, drilled: tuple[dict[str, object], int]
) -> None:
    score = replay.play(replay.simulate(folder / "raid.toml", seed=5), out=folder / "played")
    played = (folder / "played" / "warnings.jsonl").read_bytes()
    assert played == (folder / "one" / "warnings.jsonl").read_bytes() != b""
    truth, zones = folder / "night" / "truth.jsonl", folder / "night" / "zones.geojson"
    assert replay.score(folder / "one", truth=truth, zones=zones) == score


def test_the_progress_given_sees_every_observation(drilled: tuple[dict[str, object], int]) -> None:
    summary, seen = drilled
    assert seen == sum(summary["observations"].values())  # type: ignore[attr-defined]


def test_the_tracker_alone_keeps_its_tracks_in_memory_or_writes_them(folder: Path) -> None:
    night, shares = folder / "night", list[float]()
    run = replay.track(night / "observations.jsonl", sensors=night / "sensors.json", progress=shares.append)
    assert run.confirmed == 1
    assert shares[-1] == 1.0
    assert [one["sensor"] for one in run.radars] == [sensor.id for sensor in run.sensors]
    out = folder / "tracks.csv"
    thin = replay.track(night / "observations.jsonl", sensors=night / "sensors.json", out=out, every_s=10)
    assert len(out.read_text().splitlines()) == 1 + len(thin.tracks) < 1 + len(run.tracks)
    with pytest.raises(BadSettings, match="at least"):
        replay.track(night / "observations.jsonl", sensors=night / "sensors.json", every_s=0)


def test_a_night_where_nothing_was_seen_is_refused_in_one_sentence(folder: Path) -> None:
    night = replay.simulate(folder / "raid.toml", seed=5)
    silent: Simulation = replace(night, observations=())
    write_files(folder / "silent", night_files(silent))
    with pytest.raises(BadFile, match="holds no observation"):
        replay.replay(
            folder / "silent" / "observations.jsonl", sensors=folder / "silent" / "sensors.json",
            zones=folder / "silent" / "zones.geojson", out=folder / "nothing",
        )  # fmt: skip
    with pytest.raises(BadFile, match="nothing was observed"):
        replay.play(silent, out=folder / "nothing")


def test_settings_given_hold_in_a_replay_and_an_empty_file_changes_nothing(folder: Path) -> None:
    (folder / "same.toml").write_text('sender = "x"\n')
    (folder / "other.toml").write_text("[track]\nconfirm_score = 40\n[forecast]\nhorizon_s = 120\n")
    plain, same = _replayed(folder, "plain"), _replayed(folder, "same", config=folder / "same.toml")
    other = _replayed(folder, "other", config=folder / "other.toml")
    assert plain["effects_sha256"] == same["effects_sha256"] != other["effects_sha256"]
    assert (plain["horizon_s"], other["horizon_s"]) == (900.0, 120.0)
    (folder / "bad.toml").write_text("[track]\nregistered = 1\n")
    with pytest.raises(BadSettings, match=r"\[track\] has the unknown key 'registered'"):
        _replayed(folder, "bad", config=folder / "bad.toml")
    (folder / "worse.toml").write_text("track = 1\n")
    with pytest.raises(BadSettings, match="are tables"):
        _replayed(folder, "bad", config=folder / "worse.toml")
