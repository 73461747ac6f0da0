"""The gate: what may be said passes, the rest is refused with a reason that teaches."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.unit.model.test_access import one_of_each
from tocsin.ingest.admission import BURST_S, OLD_RECORD_S, OLD_S, Gate, OverRate
from tocsin.ingest.authorities import (
    ALERTS_PER_SECOND,
    DEFAULTS,
    SENSORS_PER_SECOND,
    authority_from_table,
    read_authorities,
)
from tocsin.model.access import KINDS, Authority, Circle, Kind
from tocsin.model.errors import BadFile, BadRecord, BadSettings
from tocsin.model.observation import Alert, Impact, Observation, Plot, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.value import SENT_AHEAD_S, time_of
from tocsin.service.source_settings import AsterixSource, TokenSource

SENSORS = (Sensor(id="radar-1", kind="radar", lat=50, lon=20), Sensor(id="post-7", kind="spotter", lat=50, lon=20))
NOW = time_of(0.0)


def refusal(authority: Authority, one: Observation, *, relays: bool = False) -> str:
    """Why it is refused; empty: it is not."""
    try:
        Gate((authority,), SENSORS).admit(one, authority.id, NOW, relays=relays)
    except BadRecord as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("table", "passes"),
    [
        ({"kind": "http"}, {"sighting"}),
        ({"kind": "http", "kinds": list(KINDS)}, {"sighting", "position", "launch", "impact", "alert", "report"}),
        ({"kind": "http", "kinds": ["plot", "status"], "sensors": ["radar-*"]}, {"plot", "status"}),
        ({"kind": "http", "kinds": ["plot"], "sensors": ["ear-*"]}, set()),
        ({"kind": "asterix"}, {"plot", "position", "status", "bearing"}),
        ({"kind": "readsb"}, {"position"}),
        ({"kind": "sbs"}, {"position"}),
        ({"kind": "beast"}, {"position"}),
        ({"kind": "remote_id"}, {"position"}),
        ({"kind": "cap"}, {"alert"}),
        ({"kind": "channel"}, {"report"}),
        ({"kind": "telegram"}, {"report"}),
        ({"kind": "mqtt", "kinds": ["report"]}, {"report"}),
        ({"kind": "http", "kinds": []}, set()),
    ],
)
def test_each_kind_of_source_passes_what_its_table_says_and_nothing_else(
    table: dict[str, object], passes: set[Kind]
) -> None:
    authority = authority_from_table({"id": "s"} | table)
    found = {kind for kind, one in one_of_each("s").items() if not refusal(authority, one)}
    assert found == passes
    ways = {"http", "asterix", "readsb", "sbs", "beast", "remote_id", "cap", "channel", "telegram", "mqtt"}
    assert set(DEFAULTS) == ways, "another way in: add it to the table above"


def test_a_refusal_says_what_may_be_said_and_who_can_change_it() -> None:
    token = Authority(id="token")
    assert refusal(token, one_of_each("token")["plot"]) == (
        "source token may not send a plot, only sighting; an operator can add it to its `kinds`"
    )
    plots = Authority(id="token", kinds=("plot",))
    assert refusal(plots, one_of_each("token")["plot"]) == (
        "source token may not speak for radar-1; an operator can add it to its `sensors`"
    )


def test_nobody_borrows_a_name() -> None:
    token = Authority(id="token")
    assert "may not speak for anna; leave `source` out" in refusal(token, one_of_each("anna")["sighting"])
    relay = Authority(id="relay", relays=True)
    assert refusal(relay, one_of_each("anna")["sighting"], relays=True) == ""
    # A declared post is a sensor: whoever relays for it must be told to speak for it.
    assert "may not speak for post-7" in refusal(relay, one_of_each("post-7")["sighting"], relays=True)


def test_what_is_admitted_carries_who_really_said_it_and_when_it_came() -> None:
    gate = Gate((Authority(id="relay", relays=True, per_second_max=10),), SENSORS)
    forged = msgspec.structs.replace(one_of_each("anna", via="net")["sighting"], received=time_of(-500))
    admitted = gate.admit(forged, "relay", NOW, relays=True)
    assert (admitted.source, admitted.via, admitted.received) == ("anna", "relay", NOW)
    own = gate.admit(one_of_each("unnamed", via="net")["sighting"], "relay", NOW, relays=True)
    assert (own.source, own.via) == ("relay", None)


@pytest.mark.parametrize(
    ("late_s", "kind", "why"),
    [
        (OLD_S - 1, "sighting", ""), (OLD_S + 1, "sighting", "too old"),
        (OLD_RECORD_S[Impact] - 1, "impact", ""), (OLD_RECORD_S[Impact] + 1, "impact", "too old"),
        (OLD_RECORD_S[Alert] - 1, "alert", ""), (OLD_S + 1, "launch", "too old"),
        (-SENT_AHEAD_S + 1, "sighting", ""), (-SENT_AHEAD_S - 1, "sighting", "in the future; set the sender's clock"),
        (-SENT_AHEAD_S - 1, "impact", "in the future"),
    ],
)  # fmt: skip
def test_what_is_too_old_to_change_a_warning_or_ahead_of_time_is_refused(late_s: float, kind: Kind, why: str) -> None:
    one = msgspec.structs.replace(one_of_each("s")[kind], time=time_of(-late_s))
    said = refusal(Authority(id="s", kinds=KINDS), one)
    assert why in said
    assert bool(why) == bool(said)


CITY = Circle(lat=50.0, lon=20.0, radius_m=30_000)


@pytest.mark.parametrize(
    ("lat", "lon", "why"),
    [(50.1, 20.1, ""), (50.0, 20.41, ""), (50.0, 20.43, "outside the area of source s"), (51.0, 20.0, "outside")],
)
def test_an_observer_reports_from_his_own_area(lat: float, lon: float, why: str) -> None:
    said = refusal(Authority(id="s", area=(CITY,)), Sighting(id="x", time=NOW, lat=lat, lon=lon))
    assert why in said
    assert bool(why) == bool(said)


def test_exchanged_latitude_and_longitude_are_asked_about_and_a_mere_stranger_is_not() -> None:
    here = Authority(id="s", area=(CITY,))
    assert refusal(here, Sighting(id="x", time=NOW, lat=20.0, lon=50.0)).endswith("are lat and lon exchanged?")
    assert "exchanged" not in refusal(here, Sighting(id="x", time=NOW, lat=10.0, lon=50.0))
    assert "exchanged" not in refusal(here, Sighting(id="x", time=NOW, lat=50.0, lon=170.0))


def test_an_area_holds_for_everything_that_has_a_place() -> None:
    far = Authority(id="s", kinds=KINDS, area=(Circle(lat=10, lon=10, radius_m=1_000),))
    refused = {kind for kind, one in one_of_each("s").items() if "outside" in refusal(far, one)}
    assert refused == {"sighting", "position", "launch", "impact"}


def test_a_quiet_source_saves_ten_seconds_of_its_rate_and_no_more() -> None:
    gate = Gate((Authority(id="s", per_second_max=2.0), Authority(id="t")), ())

    def passed(at_s: float, source: str = "s") -> int:
        count = 0
        try:
            while True:
                gate.admit(
                    Sighting(id="x", time=NOW, lat=50, lon=20), source, NOW + timedelta(seconds=at_s), relays=False
                )
                count += 1
        except OverRate:
            return count

    assert passed(0) == 2.0 * BURST_S
    assert passed(0) == 0
    assert passed(3) == 6
    assert passed(600) == 2.0 * BURST_S
    # One source's flood takes nothing from another.
    assert passed(600, "t") == BURST_S


def test_a_refused_lie_costs_a_source_nothing_of_its_rate() -> None:
    gate = Gate((Authority(id="s", per_second_max=0.1),), ())
    with pytest.raises(BadRecord, match="may not send a plot"):
        gate.admit(one_of_each("s")["plot"], "s", NOW, relays=False)
    gate.admit(one_of_each("s")["sighting"], "s", NOW, relays=False)


def test_without_authorities_the_gate_stands_open() -> None:
    old = Impact(id="x", time=NOW, received=NOW + timedelta(days=30), source="anybody", lat=1, lon=1, sigma_m=1)
    Gate(None, ()).check(old)
    with pytest.raises(BadRecord, match="anybody"):
        Gate((), ()).check(old)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source]]\nid = 'a'\nkind = 'telex'\n", "there is no kind 'telex'; there are http, asterix, readsb, sbs"),
        ("[[source]]\nid = 'a'\nsensor = ['r']\n", "'sensor' is no key of a source; see docs/reference/sources.md"),
        ("[[source]]\nid = 'a'\nkinds = ['rumour']\n", "source 'a'"),
        ("[[source]]\nid = 'a b'\n", "source 'a b'"),
        ("[[source]]\nkind = 'http'\n", "source ''"),
        ("[[source]]\nid = 'a'\nper_second_max = 0\n", "source 'a'"),
        ("[[source]]\nid = 'a'\n[[source]]\nid = 'a'\n", "two sources are called a; every [[source]] needs its own id"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_the_source_and_the_key(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(BadSettings) as refused:
        read_authorities(path)
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["source = 3\n", "source = [1]\n", "[[source\n", None])
def test_a_file_that_holds_no_tables_is_refused_with_its_path(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "sources.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadFile, match=r"sources\.toml"):
        read_authorities(path)


def test_a_file_and_the_settings_give_the_same_authority(tmp_path: Path) -> None:
    text = f"""
        [[source]]
        id = "office"
        kind = "http"
        token_sha256 = "{"0" * 64}"
        kinds = ["sighting", "impact"]
        measures = ["impact"]
        relays = true
        vouches = true
        area = [{{ lat = 50, lon = 20, radius_m = 30_000 }}]

        [[source]]
        id = "radars"
        kind = "asterix"
        port = 8_600

        [other]
        passed = "over"
        """
    path = tmp_path / "sources.toml"
    path.write_text(text)
    office = TokenSource.model_validate(tomllib.loads(text)["source"][0])
    radars = AsterixSource(id="radars", kind="asterix", port=8_600)
    assert read_authorities(path) == (office.authority, radars.authority)
    assert office.authority.area == (CITY,)
    assert office.authority.per_second_max == SENSORS_PER_SECOND, "who measures reports all the time"
    assert authority_from_table({"id": "t"}) == Authority(id="t")


@pytest.mark.parametrize(("range_m", "said"), [(110_000.0, ""), (500_000.0, "range_m is 500000, and radar-1 reaches")])
def test_a_plot_from_beyond_what_its_radar_reaches_is_asked_about(range_m: float, said: str) -> None:
    radars = [Sensor(id="radar-1", kind="radar", lat=50, lon=20, range_m=100_000)]
    radars.append(Sensor(id="radar-2", kind="radar", lat=50, lon=20))
    gate = Gate(None, radars)
    plot = Plot(id="p", time=NOW, sensor="radar-1", range_m=range_m, azimuth_deg=1)
    assert (gate.remark(plot) or "").startswith(said) and bool(gate.remark(plot)) == bool(said)
    # Of one that declares no reach nothing can be said.
    assert gate.remark(msgspec.structs.replace(plot, sensor="radar-2")) is None


def test_a_neighbour_may_send_a_salvo_of_alerts_by_any_way_in() -> None:
    may = [
        authority_from_table({"kind": kind, "id": "n", "kinds": ["alert"]} | more).per_second_max
        for kind in ("http", "cap")
        for more in ({}, {"per_second_max": 2.0})
    ]
    assert may == [ALERTS_PER_SECOND, 2.0, ALERTS_PER_SECOND, 2.0]
    assert authority_from_table({"kind": "http", "id": "walker"}).per_second_max == 1.0
