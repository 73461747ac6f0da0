"""A twin is cut off from the brokers for a while, with an officer at it: afterwards nothing is missing anywhere."""

from __future__ import annotations

import pytest

from tests.conftest import skip
from tests.tried import NIGHTLY
from tocsin.bench.cluster_island import HOUR_S, played
from tocsin.cluster.servers import found
from tocsin.model.errors import Missing

pytestmark = [pytest.mark.server, pytest.mark.unfollowed]

CUT_S = HOUR_S if NIGHTLY else 100


@pytest.mark.parametrize("seed", range(5 if NIGHTLY else 1))
def test_what_an_island_took_in_is_in_every_record_once_and_zones_stand_as_if_nobody_had_been_cut_off(
    seed: int,
) -> None:
    try:
        found("nats-server", "nats-server")
    except Missing as error:
        skip(str(error))
    merged = played(seed, CUT_S)
    assert merged.events > CUT_S
    assert merged.lost == merged.twice == merged.differ == ()
    assert merged.warned > 1, "nothing stood that could have differed"
