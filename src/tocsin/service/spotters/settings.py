"""The `[spotters]` section of the settings: what enrolled people may report, and how much."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tocsin.ingest.authorities import authority_from_table
from tocsin.model.access import Authority
from tocsin.service.section import Section

# As what their reports reach the journal.
SOURCE = "spotters"


class Spotters(Section):
    """People with a telephone who report what they see and hear; without the section there are none."""

    area: tuple[dict[str, float], ...] = Field(
        (), max_length=1_000, description="Circles (`lat`, `lon`, `radius_m`) they may report from; none: anywhere."
    )
    vouches: bool = Field(
        False,
        description="Posts invited together are different people, each a voice of its own. Otherwise all of one "
        "invitation are one voice.",
    )
    per_minute_max: float = Field(
        10.0, gt=0, le=1_000, description="Reports a minute of one post; a burst of six minutes' worth."
    )
    per_second_max: float = Field(
        50.0, gt=0, le=10_000, description="Reports a second of all posts together; a burst of ten seconds' worth."
    )
    posts_max: int = Field(5_000, ge=1, le=100_000, description="Posts there may be, those invited among them.")
    invitation_hours: float = Field(
        24.0, gt=0, le=24 * 30, description="Hours for which an invitation holds unless it says otherwise."
    )

    @property
    def authority(self) -> Authority:
        """What they may say. Their word never raises cover alone. Raises BadSettings.

        The service names the voice as the source of every report, so that the source vouches: see `Enrolled.voice`.
        """
        table: dict[str, Any] = {
            "id": SOURCE,
            "kinds": ["sighting", "impact"],
            "relays": True,
            "vouches": True,
            "area": list(self.area),
            "per_second_max": self.per_second_max,
        }
        return authority_from_table(table)
