"""The engine's state as bytes, and back."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from tocsin.earth.frames import LocalFrame
from tocsin.engine.second_person import Held, Switch
from tocsin.engine.state import State, Waiting, forecast_settings, index_at, tracker_from
from tocsin.forecast.forecaster import Forecaster
from tocsin.forecast.reported import Reported
from tocsin.model.errors import BadRecord
from tocsin.model.event import Configuration, OperatorAct
from tocsin.model.observation import Alert, Impact, Launch
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of, time_of
from tocsin.model.wire import event_from_json, pack, to_json, unpack
from tocsin.track.told import ToldTracks
from tocsin.track.transponders import Transponders
from tocsin.warn.coverage import Coverage
from tocsin.warn.policy import policy_from_table
from tocsin.warn.warner import Warner

_Kept = TypeVar("_Kept", Launch, Impact, Alert, OperatorAct)

# Raised whenever the same journal would give other effects than before: older snapshots are then rebuilt from it.
SNAPSHOT_VERSION = 33


def packed(state: State) -> bytes:
    """The state as bytes; `unpacked` gives a state that goes on exactly as this one would."""
    frame = state.index.frame
    return pack(
        {
            "version": SNAPSHOT_VERSION,
            "configuration": to_json(state.configuration),
            "frame": (frame.lat, frame.lon),
            "zones_at_s": seconds_of(state.now or state.configuration.time),
            "now_s": None if state.now is None else seconds_of(state.now),
            "tracker": state.tracker.dump(),
            "forecaster": state.forecaster.dump(),
            "warner": state.warner.dump(),
            "reported": state.reported.dump(),
            "told": state.told.dump(),
            "transponders": state.transponders.dump(),
            "called": sorted(state.called),
            "launches": [to_json(value) for value in state.launches],
            "impacts": [to_json(value) for value in state.waiting.impacts],
            "alerts": [to_json(value) for value in state.waiting.alerts],
            "acts": [to_json(value) for value in state.waiting.acts],
            "switch": None if state.switch is None else msgspec.structs.astuple(state.switch),
            "held": [(to_json(one.act), one.until_s, one.why) for one in state.held],
            "blind": state.blind,
            "unseen": sorted(state.unseen),
            "troubled": state.troubled,
            "lost": sorted(state.lost),
            "lost_reason": state.lost_reason,
            "removed": [(to_json(sensor), at_s) for sensor, at_s in state.removed],
        }
    )


def unpacked(data: bytes) -> State:
    """A state from its snapshot. Raises BadRecord when it is another version's or not a snapshot at all."""
    fields = unpack(data)
    if not isinstance(fields, dict) or fields.get("version") != SNAPSHOT_VERSION:
        raise BadRecord("the snapshot is of another version; rebuild the state from the journal")
    configuration = event_from_json(fields["configuration"])
    assert isinstance(configuration, Configuration)
    index = index_at(configuration, time_of(fields["zones_at_s"]), LocalFrame(*fields["frame"]))
    policy = policy_from_table(configuration.policy)
    removed = [(msgspec.json.decode(text, type=Sensor), float(at_s)) for text, at_s in fields["removed"]]
    return State(
        configuration=configuration,
        index=index,
        coverage=Coverage(index, configuration.sensors, [sensor for sensor, _ in removed], configuration.sight),
        policy=policy,
        tracker=tracker_from(fields["tracker"], configuration, index.frame),
        forecaster=Forecaster.load(fields["forecaster"], index, forecast_settings(configuration)),
        warner=Warner.load(fields["warner"], index, policy, drill=configuration.drill),
        reported=Reported.load(fields["reported"], index),
        told=ToldTracks.load(fields["told"], index.frame),
        transponders=Transponders.load(fields["transponders"], index.frame),
        called=frozenset(fields["called"]),
        now=None if fields["now_s"] is None else time_of(fields["now_s"]),
        launches=_values(fields["launches"], Launch),
        waiting=Waiting(
            impacts=_values(fields["impacts"], Impact),
            alerts=_values(fields["alerts"], Alert),
            acts=_values(fields["acts"], OperatorAct),
        ),
        switch=None if fields["switch"] is None else Switch(*fields["switch"]),
        held=[
            Held(act, until_s, why)
            for text, until_s, why in fields["held"]
            if isinstance(act := event_from_json(text), OperatorAct)
        ],
        blind=fields["blind"],
        unseen=frozenset(fields["unseen"]),
        troubled=fields["troubled"],
        removed=removed,
        lost=frozenset(fields["lost"]),
        lost_reason=fields["lost_reason"],
    )


def _values(texts: list[bytes], kind: type[_Kept]) -> list[_Kept]:
    values = [value for text in texts if isinstance(value := event_from_json(text), kind)]
    assert len(values) == len(texts), f"something among the values of {kind.__name__} that is none"
    return values
