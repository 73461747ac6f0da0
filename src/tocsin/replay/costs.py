"""What the warnings of a raid cost, and what they were worth, beside rules that know everything but the targets."""

from __future__ import annotations

from typing import Any

from tocsin.replay.knowing import policy_that_knows
from tocsin.replay.raids import Played
from tocsin.score.cover import Cover, cover_of_warnings
from tocsin.score.episodes import counts, in_vain, named
from tocsin.score.knowing import knowing_covers
from tocsin.score.noticed import noticed
from tocsin.score.reliability import bins_of, forecasts_by_class
from tocsin.score.score import end_s, score_cover
from tocsin.score.spread import most_covered, people_near
from tocsin.score.strikes import struck_of
from tocsin.score.windows import came
from tocsin.warn.policy import Policy


def costs_of(played: Played, policy: Policy) -> dict[str, Any]:
    """Counts that add up over raids.

    noticed    strikes whose attacker was reported often enough in time, and how many of these were warned in time
    knowing    name of a rule that knows the attackers -> the same `timely`, and its `person_hours`; `policy` is the
               policy itself on perfect tracks
    people     in all zones, under cover at the peak, and within 5 km of a strike
    episodes   class named -> take-cover episodes, and those that nothing came of
    bins       class -> bins of reliability, of what the track that endangered the zone most was called
    windows    rows of `score.windows.came`
    """
    run = played.run
    struck = struck_of(run.truth, run.sightings, run.index)
    ends_s = end_s(run.warnings, run.sightings, run.truth)
    cover = cover_of_warnings(run.warnings, run.index.number, ends_s)
    seen = noticed(struck, played.reported)

    def timely(one: Cover) -> int:
        return int((seen & (struck.leads_s(one) >= struck.shelter_s)).sum())

    rules = {f"{name}_{flight_s:.0f}": one for name, flight_s, one in knowing_covers(run.truth, run.index)}
    rules["policy"] = policy_that_knows(run.truth, run.index, policy)
    knowing = {
        name: {"timely": timely(one), "person_hours": score_cover(one, struck, run.index)["person_hours"]}
        for name, one in rules.items()
    }
    return {
        "noticed": {"strikes": int(seen.sum()), "timely": timely(cover)},
        "knowing": knowing,
        "people": {
            "all": round(float(run.index.population.sum())),
            "peak": round(most_covered(cover, run.index)),
            "near": round(people_near(run.truth, run.index)),
        },
        "episodes": counts(named(cover, run.warnings, run.index), in_vain(cover, run.truth, run.index)),
        "bins": {
            name: bins_of(one, run.truth, run.index, run.horizon_s, ends_s)
            for name, one in forecasts_by_class(played.expected, run.index).items()
        },
        "windows": came(played.windows, struck, run.truth, run.index, run.horizon_s),
    }
