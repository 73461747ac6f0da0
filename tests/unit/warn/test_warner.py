from __future__ import annotations

from typing import Any

import pytest

from tests.unit.warn.worlds import NOW_S, decided, levels, outlook_of, track_of, zone
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.model.observation import Alert, Impact
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.model.threat import ThreatClass
from tocsin.model.value import time_of
from tocsin.model.warning import Warning
from tocsin.warn.coverage import Coverage
from tocsin.warn.policy import Policy, policy_from_table
from tocsin.warn.stakes import harm_s
from tocsin.warn.warner import Decision, Warner


@pytest.fixture
def index() -> ZoneIndex:
    return ZoneIndex([zone("north", 50.5), zone("south", 50.0)])


def test_a_likely_attack_soon_means_take_cover_and_says_why(index: ZoneIndex) -> None:
    decision = decided(Warner(index, Policy(), drill=True), NOW_S, outlook_of(NOW_S, (1, 0.5, 120)), [track_of(NOW_S)])
    (warning,) = decision.warnings
    assert (warning.zone, warning.level, warning.id, warning.drill) == (
        "south",
        "take_cover",
        "south/1/1/take_cover",
        True,
    )
    assert warning.tracks == ("T1",)
    assert "1 drone (T1)" in warning.reason
    assert warning.eta_earliest is not None and warning.eta_likely is not None
    assert warning.eta_earliest <= warning.eta_likely


def test_a_likely_attack_later_means_prepare(index: ZoneIndex) -> None:
    decision = decided(Warner(index, Policy(), drill=False), NOW_S, outlook_of(NOW_S, (1, 0.1, 850)), [track_of(NOW_S)])
    assert levels(decision) == [("south", "prepare")]


def test_many_unlikely_attackers_together_are_a_likely_attack(index: ZoneIndex) -> None:
    policy = Policy(miss_minutes=240)
    one = decided(Warner(index, policy, drill=False), NOW_S, outlook_of(NOW_S, (1, 0.01, 130)), [])
    many = decided(Warner(index, policy, drill=False), NOW_S, outlook_of(NOW_S, *[(1, 0.01, 130)] * 20), [])
    assert ("south", "take_cover") not in levels(one)
    assert ("south", "take_cover") in levels(many)


@pytest.mark.parametrize("threat", ["rocket", "drone"])
def test_what_comes_before_people_can_be_in_shelter_means_cover_at_once(index: ZoneIndex, threat: ThreatClass) -> None:
    outlook = outlook_of(NOW_S, (1, 0.02, 60), threat=threat)
    assert levels(decided(Warner(index, Policy(), drill=False), NOW_S, outlook)) == [("south", "take_cover")]


def test_people_go_when_an_attack_is_as_far_away_as_their_shelter_and_not_minutes_before(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(), drill=False)
    need_s = float(warner.need_s[1])
    for left_s in range(900, 0, -5):
        at_s = NOW_S + 900 - left_s
        if ("south", "take_cover") in levels(decided(warner, at_s, outlook_of(at_s, (1, 0.005, left_s)))):
            break
    assert need_s < left_s < 3 * need_s


def test_the_less_is_known_of_when_it_comes_the_sooner_people_go(index: ZoneIndex) -> None:
    def asked_s(threat: ThreatClass) -> int:
        warner = Warner(index, Policy(), drill=False)
        for left_s in range(900, 0, -5):
            at_s = NOW_S + 900 - left_s
            if levels(decided(warner, at_s, outlook_of(at_s, (1, 0.3, left_s), threat=threat)))[-1:] == [
                ("south", "take_cover")
            ]:
                return left_s
        return 0

    assert asked_s("cruise_missile") < asked_s("unknown")


def test_a_warhead_that_endangers_more_people_calls_for_cover_at_less_of_a_chance(index: ZoneIndex) -> None:
    def least(**policy: Any) -> float:
        for chance in (0.0001 * k for k in range(1, 1_000)):
            warner = Warner(index, Policy(**policy), drill=False)
            outlook = outlook_of(NOW_S, (1, chance, 150), threat="ballistic_missile")
            if ("south", "take_cover") in levels(decided(warner, NOW_S, outlook)):
                return chance
        return 1.0

    usual = least(warhead={"ballistic_missile": 1.0}, miss_minutes=1_000)
    assert least(miss_minutes=1_000) == pytest.approx(usual / 10, abs=2e-4)


def test_who_loses_by_false_cover_is_asked_to_take_it_later_and_more_rarely(index: ZoneIndex) -> None:
    def asks(probability: float, false_cover_s: float) -> bool:
        warner = Warner(index, Policy(miss_minutes=200, false_cover_s=false_cover_s), drill=False)
        decision = decided(warner, NOW_S, outlook_of(NOW_S, (1, probability, 100)))
        return ("south", "take_cover") in levels(decision)

    least = min(p for p in (0.01 * k for k in range(1, 100)) if asks(p, 0.0))
    assert not asks(least, 120.0) and asks(3 * least, 120.0)


def test_cover_ends_by_way_of_prepare_and_then_an_explicit_all_clear(index: ZoneIndex) -> None:
    warner, seen = Warner(index, Policy(clear_quiet_s=60), drill=False), []
    for second in range(0, 400, 5):
        at_s = NOW_S + second
        outlook = outlook_of(at_s, (1, 0.5, 120)) if second < 60 else outlook_of(at_s)
        seen += [w.level for w in decided(warner, at_s, outlook, [track_of(at_s, heading_deg=180.0)]).warnings]
    assert [level for n, level in enumerate(seen) if n == 0 or seen[n - 1] != level] == [
        "take_cover", "prepare", "all_clear",
    ]  # fmt: skip


def test_there_is_no_all_clear_where_we_are_blind(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(blind_hold_s=300), drill=False)
    seen: list[Warning] = []
    for second in range(0, 7_200, 20):
        at_s = NOW_S + second
        outlook = outlook_of(at_s, (1, 0.5, 120)) if second < 60 else outlook_of(at_s)
        blind = {"south": "its radar is silent"} if second >= 40 else {}
        seen += decided(warner, at_s, outlook, blind=blind).warnings
    assert {w.level for w in seen} == {"take_cover", "prepare"}
    assert "blind" in seen[-1].reason
    state = warner.states()[1]
    assert state.degraded and state.degraded_reason == "its radar is silent"
    assert state.level == "prepare"


class Asked(dict[str, str]):
    """Where we may be blind, and how often it was asked why."""

    times = 0

    def get(self, *zone: Any) -> Any:
        self.times += 1
        return super().get(*zone)


def test_zones_are_looked_at_only_when_other_ones_are_blind_than_before(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(), drill=False)

    def looks(at_s: float, warner: Warner, unseen: tuple[str, ...] = (), **blind: str) -> tuple[int, list[str]]:
        asked = Asked(blind)
        changed = decided(warner, at_s, blind=asked, unseen=unseen).changed
        return asked.times, [state.zone for state in changed]

    assert looks(NOW_S, warner, south="silent") == (1, ["south"])
    assert looks(NOW_S + 1, warner, south="silent") == (0, [])
    assert looks(NOW_S + 2, warner, ("south",), south="silent") == (1, []), "nothing of it is shown"
    assert looks(NOW_S + 3, warner, ("south",), south="down") == (1, ["south"])
    more = Warner.load(warner.dump(), ZoneIndex([*index.zones, zone("east", 50.5, 21.0)]), Policy(), drill=False)
    blind = {"south": "down", "east": "down"}
    assert looks(NOW_S + 4, more, ("south",), **blind) == (2, ["east"])
    # A zone that was blind before it left and came back stands as a new one does: it is looked at again.
    less = Warner.load(more.dump(), index, Policy(), drill=False)
    again = Warner.load(less.dump(), more._index, Policy(), drill=False)
    assert looks(NOW_S + 5, again, ("south",), **blind)[1] == ["east"]
    assert looks(NOW_S + 6, again) == (2, ["south", "east"])


def test_a_standing_warning_is_renewed_before_it_lapses(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(), drill=False)
    expires_s = 0.0
    for second in range(0, 1_200, 10):
        at_s = NOW_S + second
        for warning in decided(warner, at_s, outlook_of(at_s, (1, 0.5, 120)), [track_of(at_s)]).warnings:
            expires_s = warning.expires.timestamp()
            assert (warning.replaces is None) == (second == 0)
        assert at_s < expires_s
    assert len(warner.standing()) == 1


def test_a_proposal_nobody_answers_is_issued(index: ZoneIndex) -> None:
    policy = Policy(mode={"drone": "confirm"}, confirm_s=20)
    warner = Warner(index, policy, drill=False)

    def at(second: int) -> Decision:
        return decided(warner, NOW_S + second, outlook_of(NOW_S + second, (1, 0.9, 300)), [track_of(NOW_S + second)])

    assert ("south", "take_cover") not in levels(at(0))
    (proposal,) = warner.proposals()
    assert (proposal.zone, proposal.tracks, proposal.probability) == ("south", ("T1",), 0.9)
    assert ("south", "take_cover") not in levels(at(15))
    assert ("south", "take_cover") in levels(at(21))


def test_an_impact_means_cover_where_it_fell(index: ZoneIndex) -> None:
    impact = Impact(id="i1", time=time_of(NOW_S), lat=50.05, lon=20.05, sigma_m=50)
    assert levels(decided(Warner(index, Policy(), drill=False), NOW_S + 5, impacts=[impact])) == [
        ("south", "take_cover")
    ]


def test_what_fell_does_not_threaten_any_more(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(impact_hold_s=0), drill=False)
    track = track_of(NOW_S, lat=50.049, lon=20.05)
    decided(warner, NOW_S, outlook_of(NOW_S, (1, 0.5, 60)), [track])
    impact = Impact(id="i1", time=time_of(NOW_S + 5), lat=50.05, lon=20.05, sigma_m=50)
    seen: list[Warning] = []
    for second in range(10, 400, 10):
        at_s = NOW_S + second
        arrived = [impact] if second == 10 else []
        seen += decided(warner, at_s, outlook_of(at_s, (1, 0.5, 60)), impacts=arrived).warnings
    assert seen[-1].level == "all_clear"


def test_a_neighbours_alert_is_heeded_until_it_ends(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(), drill=False)
    alert = Alert(
        id="c1", time=time_of(NOW_S), cap="<alert/>", zones=("north",), level="take_cover", expires=time_of(NOW_S + 60)
    )
    assert levels(decided(warner, NOW_S, alerts=[alert])) == [("north", "take_cover")]
    told = [levels(decided(warner, NOW_S + second)) for second in range(10, 200, 10)]
    assert [("north", "all_clear")] in told


def test_a_restored_warner_goes_on_bit_for_bit(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(), drill=False)
    decided(warner, NOW_S, outlook_of(NOW_S, (1, 0.5, 120)), [track_of(NOW_S)])
    again = Warner.load(warner.dump(), index, Policy(), drill=False)
    assert again.dump() == warner.dump()
    for second in range(10, 400, 10):
        outlook = outlook_of(NOW_S + second)
        assert decided(warner, NOW_S + second, outlook) == decided(again, NOW_S + second, outlook)


def test_a_policy_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(BadSettings, match="mis_minutes"):
        policy_from_table({"mis_minutes": 3})


def test_a_policy_whose_renewal_comes_after_expiry_is_refused() -> None:
    with pytest.raises(BadSettings, match="renew_s"):
        policy_from_table({"valid_s": 100.0, "renew_s": 100.0})


def test_a_zone_is_blind_when_its_only_radar_is_down_and_not_while_another_works(index: ZoneIndex) -> None:
    def radar(name: str, lat: float) -> Sensor:
        return Sensor(id=name, kind="radar", lat=lat, lon=20.0, altitude_m=50, range_m=30_000)

    health = [SensorHealth(sensor="a", state="down")]
    assert "south" not in Coverage(index, [radar("a", 50.05)]).blind([])
    assert "south" in Coverage(index, [radar("a", 50.05)]).blind(health)
    assert "south" not in Coverage(index, [radar("a", 50.05), radar("b", 50.1)]).blind(health)
    assert "a" not in Coverage(index, [radar("a", 50.05)]).blind(health)["south"].split()


def test_a_zone_that_nothing_watches_is_blind_and_whose_sensor_was_removed_too(index: ZoneIndex) -> None:
    ear = Sensor(id="ear", kind="presence", lat=50.55, lon=20.05)
    assert set(Coverage(index, []).blind([])) == {"north", "south"}
    assert set(Coverage(index, [ear]).blind([])) == {"south"}
    assert "removed" not in Coverage(index, []).blind([])["north"]
    removed = Coverage(index, [], [ear])
    assert "removed" in removed.blind([])["north"]
    assert "removed" not in removed.blind([])["south"]
    assert removed.unseen([]) == {"north", "south"}


def test_nothing_was_lost_where_nothing_was_heard_yet_and_sight_is_lost_where_a_radar_fell_silent(
    index: ZoneIndex,
) -> None:
    radars = [Sensor(id=name, kind="radar", lat=50.05, lon=20.0, altitude_m=50, range_m=30_000) for name in "ab"]
    coverage = Coverage(index, radars)

    def unseen(**states: Any) -> bool:
        health = [SensorHealth(sensor=name, state=state) for name, state in states.items()]
        assert ("south" in coverage.blind(health)) == ("up" not in states.values())
        return "south" in coverage.unseen(health)

    assert unseen(a="unheard", b="unheard")
    assert not unseen(a="unheard", b="up")
    assert not unseen(a="unheard", b="silent")
    assert not unseen(a="clock", b="silent")


_FOUND = {"range_bias_sigma_m": 20.0, "azimuth_bias_sigma_deg": 0.02, "time_bias_sigma_s": 0.1}


@pytest.mark.parametrize(
    ("more", "blind"),
    [
        ({}, False),
        ({"range_noise_m": 119.0, "azimuth_noise_deg": 0.15}, False),
        ({"range_bias_sigma_m": None, "azimuth_bias_sigma_deg": None, "time_bias_sigma_s": None}, True),
        ({"range_bias_sigma_m": 31.0}, True),
        ({"azimuth_bias_sigma_deg": 0.05}, True),
        ({"time_bias_sigma_s": 0.72}, False),
        ({"time_bias_sigma_s": 1.0}, True),
        ({"range_bias_m": -1_799.0}, True),
        ({"time_bias_s": 5.0}, True),
        ({"range_noise_m": 121.0}, True),
        ({"azimuth_noise_deg": 0.17}, True),
        ({"azimuth_noise_deg": 0.17, "detection_probability": 0.4}, True),
        ({"azimuth_noise_deg": 0.17, "detection_probability": 0.6}, False),
        ({"state": "silent"}, True),
    ],
)
def test_a_biased_radar_watches_while_its_biases_are_known_well_and_its_plots_follow_targets(
    index: ZoneIndex, more: dict[str, Any], blind: bool
) -> None:
    radar = Sensor(
        id="a",
        kind="radar",
        lat=50.05,
        lon=20.0,
        altitude_m=50,
        range_m=30_000,
        sigma_range_m=60,
        sigma_azimuth_deg=0.08,
    )
    said: dict[str, Any] = {"sensor": "a", "state": "biased", "range_bias_m": 300.0} | _FOUND | more
    health = SensorHealth(**said)
    assert ("south" in Coverage(index, [radar]).blind([health])) == blind


def test_a_manual_class_waits_for_the_operator_until_waiting_would_cost_the_way_to_shelter(index: ZoneIndex) -> None:
    def warned_s(mode: Any) -> int | None:
        warner = Warner(index, Policy(mode={"drone": mode}, confirm_s=20), drill=False)
        for second in range(0, 395, 5):
            at_s = NOW_S + second
            outlook = outlook_of(at_s, (1, 0.9, 400 - second))
            decision = decided(warner, at_s, outlook, [track_of(at_s)])
            if ("south", "take_cover") in levels(decision):
                return second
        return None

    assert warned_s("automatic") == 0
    assert warned_s("confirm") == 20
    manual_s = warned_s("manual")
    assert manual_s is not None and 20 < manual_s < 390


def test_a_strike_in_half_a_zone_weighs_twice_as_much_for_each_who_lives_there() -> None:
    whole = ZoneIndex([zone("whole", 50.0), zone("other", 51.0)])
    cut = [zone("west", 50.0, width_deg=0.05), zone("east", 50.0, lon=20.05, width_deg=0.05), zone("other", 51.0)]
    halves = ZoneIndex(cut, whole.frame)
    assert harm_s(halves, Policy())[:2] == pytest.approx(2 * harm_s(whole, Policy())[0], rel=1e-3)


def test_cover_outlasts_a_track_that_is_lost_for_a_moment(index: ZoneIndex) -> None:
    warner, levels = Warner(index, Policy(linger_s=30, min_on_s=0), drill=False), []
    for second in range(0, 120, 10):
        at_s = NOW_S + second
        lost = 40 <= second < 60
        decided(warner, at_s, outlook_of(at_s) if lost else outlook_of(at_s, (1, 0.5, 120)), [track_of(at_s)])
        levels.append(warner.states()[1].level)
    assert set(levels) == {"take_cover"}


@pytest.mark.parametrize(("heading_deg", "cleared"), [(40.0, False), (180.0, True)])
def test_there_is_no_all_clear_while_a_drone_within_ten_minutes_comes_nearer_on_a_detour(
    index: ZoneIndex, heading_deg: float, cleared: bool
) -> None:
    warner, levels = Warner(index, Policy(), drill=False), []
    for second in range(0, 300, 5):
        at_s = NOW_S + second
        outlook = outlook_of(at_s, (1, 0.5, 120)) if second < 60 else outlook_of(at_s)
        drone = track_of(at_s, lat=49.9, heading_deg=heading_deg)
        levels += [w.level for w in decided(warner, at_s, outlook, [drone]).warnings]
    assert ("all_clear" in levels) == cleared
