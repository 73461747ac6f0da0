"""Claims: what one source says of an incident, how many, and by whose mouth we have it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.ledger.record import Digest, Id, Label, Language, Name, Record, Url
from tocsin.ledger.shapes import Kept
from tocsin.ledger.window import Window
from tocsin.model.errors import BadValue
from tocsin.model.value import Text, Time, Value

# people: killed, injured, missing. munitions: strikes (hits or raids), launched, interception. The rest: a thing said.
Measure = Literal[
    "killed", "injured", "missing", "strikes", "launched", "interception", "damage", "outage", "responsibility"
]
# A country's year of munitions is some 100,000; nothing that is counted here exceeds all the people there are.
Count = Annotated[int, Meta(ge=0, le=10_000_000_000)]
CHAIN_MAX = 8


class Figure(Value, frozen=True, kw_only=True):
    """How many, as said: "five" is 5 to 5, "at least nine" 9 to None, "up to 30" None to 30, "unknown" None to None.

    low, high   the least and the most that the words allow; None: they set no bound
    about       "about", "some": the source does not vouch for the last digit

    Raises BadValue where the least is more than the most, and for "about" without a figure.
    """

    low: Count | None = None
    high: Count | None = None
    about: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low is not None and self.high is not None and self.low > self.high:
            raise BadValue(f"low is {self.low}, more than high, {self.high}; swap or correct them")
        if self.about and not self.known:
            raise BadValue("about is true, and there is no figure; leave it out")

    @property
    def known(self) -> bool:
        """Whether it sets any bound."""
        return self.low is not None or self.high is not None

    def __str__(self) -> str:
        """In words: 5, at least 9, about 30, 3 to 5, up to 30, unknown."""
        about = "about " if self.about else ""
        if self.low is None and self.high is None:
            return "unknown"
        if self.high is None:
            return f"at least {about}{self.low}"
        if self.low is None:
            return f"up to {about}{self.high}"
        return f"{about}{self.low}" if self.low == self.high else f"{about}{self.low} to {self.high}"


class Evidence(Kept, frozen=True, kw_only=True):
    """A file that a claim rests on. Its chain of custody are the `Handling` records of its hash.

    sha256     of the file as it was collected
    url        where it was found; archived: where a copy is kept, an address or a path
    taken      when it was collected
    """

    sha256: Digest
    url: Url | None = None
    archived: Label = ""
    media_type: Label = ""
    size_bytes: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    taken: Time | None = None


class Claim(Record, tag="claim", frozen=True, kw_only=True):
    """One statement of one source about an incident.

    incident    which
    measure     about what; subject: of whom or what. Of people "civilians", "children", empty: people; of damage and
                an outage the site; of responsibility the party
    figure      how many; None: it is no figure
    chain       whose words, and through whom: the origin first, then who passed them on, the publisher last
    published   when; url, where: by which page, channel, programme
    language    of the words; words: as they were published
    window      when it happened as the source says; of an outage from when to when
    said_when   the same in its words, where no rule knows when that is
    denied      the source says that it is not so
    revises     an earlier claim of the same source that it takes back with this one
    evidence    files it rests on
    """

    incident: Id
    measure: Measure
    chain: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=CHAIN_MAX)]
    published: Time
    subject: Label = ""
    figure: Figure | None = None
    url: Url | None = None
    where: Label = ""
    language: Language = ""
    words: Text = ""
    window: Window | None = None
    said_when: Label = ""
    denied: bool = False
    revises: Id | None = None
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=50)] = ()

    @property
    def origin(self) -> str:
        """Whose figure it is."""
        return self.chain[0]

    @property
    def publisher(self) -> str:
        """By whom we have it."""
        return self.chain[-1]

    @property
    def quoted(self) -> bool:
        """Whether somebody else than its origin published it."""
        return len(self.chain) > 1
