"""Nights without a clock: recordings and simulated raids through the same engine, scored; callable from Python.

    from tocsin import replay

    night = replay.simulate("drill", seed=1)
    score = replay.play(night, out="drill")
    summary = replay.replay("observations.jsonl", sensors="sensors.json", zones="zones.geojson", out="run")
    score = replay.score("run", truth="truth.jsonl", zones="zones.geojson")
    run = replay.track("plots.csv", sensors="sensors.json")
    means = replay.compare(["default", "sparing"], ["mixed-raid"], seeds=5).means

Importing this costs nothing: each name brings its machinery when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.replay.comparison import Comparison, compare
    from tocsin.replay.nights import play, simulate
    from tocsin.replay.recording import replay
    from tocsin.replay.scoring import score
    from tocsin.replay.tracking import TrackRun, track

__all__ = ["Comparison", "TrackRun", "compare", "play", "replay", "score", "simulate", "track"]

_HOMES = {
    "Comparison": "comparison",
    "TrackRun": "tracking",
    "compare": "comparison",
    "play": "nights",
    "replay": "recording",
    "score": "scoring",
    "simulate": "nights",
    "track": "tracking",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"tocsin.replay offers no {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"tocsin.replay.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
