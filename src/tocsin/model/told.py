"""What a line of a channel says, as it was understood on arrival: things, with places as mixtures."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.model.errors import BadValue
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Azimuth, Latitude, Longitude, Sigma, Value

Stage = Literal["threat", "launch", "in_flight", "over", "gone", "impact", "all_clear", "none"]
Role = Literal["over", "via", "towards", "from", "between"]
# Warnings list every town of a coast; a name may mean eight places.
PLACES_MAX, SPOTS_MAX, TOLD_MAX = 100, 8, 40
# From this weight a place is said and not guessed; from this it is likelier than all others together.
SURE, LIKELY = 0.8, 0.5
# Weights are rounded down to thousandths; what is left over is that it is none of the places.
WEIGHTS_MAX = 1.0 + 1e-6
Degrees = Annotated[float, Meta(gt=0, le=180)]
PlaceName = Annotated[str, Meta(max_length=200)]


class Spot(Value, frozen=True, kw_only=True):
    """One place that a name may mean: how wide it is (one standard deviation), and how likely it is meant."""

    name: PlaceName
    lat: Latitude
    lon: Longitude
    sigma_m: Sigma
    weight: Annotated[float, Meta(gt=0, le=1)]


class Place(Value, frozen=True, kw_only=True):
    """A place that is named, in which role, and what it may mean, likeliest first."""

    role: Role
    spots: Annotated[tuple[Spot, ...], Meta(min_length=1, max_length=SPOTS_MAX)]

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum(spot.weight for spot in self.spots) > WEIGHTS_MAX:
            raise BadValue("spots have weights above one together; a name means one place")

    @property
    def likeliest(self) -> Spot:
        """The likeliest spot."""
        return self.spots[0]


class Told(Value, frozen=True, kw_only=True):
    """One thing that a line says.

    stage        threat: declared, nothing seen; gone and all_clear are one channel's word
    threat       the likeliest class
    count        at least so many; never to be added to what others say
    further      others than those said before ("one more")
    heading_deg  course, with one standard deviation; None where nothing says it
    delay_s      how long before the line was posted it was so, with one standard deviation
    """

    stage: Stage
    threat: ThreatClass = "unknown"
    count: Annotated[int, Meta(ge=1, le=1_000)] = 1
    further: bool = False
    places: Annotated[tuple[Place, ...], Meta(max_length=PLACES_MAX)] = ()
    heading_deg: Azimuth | None = None
    heading_sigma_deg: Degrees | None = None
    delay_s: Annotated[float, Meta(ge=0, le=3_600)] = 0.0
    delay_sigma_s: Annotated[float, Meta(ge=0, le=3_600)] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.heading_deg is None) != (self.heading_sigma_deg is None):
            raise BadValue("heading_deg and heading_sigma_deg belong together: a course has a doubt")
