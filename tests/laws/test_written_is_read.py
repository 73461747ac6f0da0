"""Whatever the service can be made to write, it can read."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from tests.some import some
from tests.tried import tried
from tocsin.cap.write import Message
from tocsin.engine.engine import Engine
from tocsin.journal.encoded import encode
from tocsin.model.birth import ID_PATTERN, is_id
from tocsin.model.effect import Effect
from tocsin.model.errors import BadSettings, BadValue
from tocsin.model.event import Configuration, Event, OperatorAct
from tocsin.model.masking import PARTS, RAYS, RINGS, Masking, text_of
from tocsin.model.observation import Alert, Impact, Launch, Plot
from tocsin.model.told import Spot, Told
from tocsin.model.value import ID_CHARS_MAX, NAME_CHARS_MAX, TRACK_CHARS_MAX, Id, Name, Value, clipped
from tocsin.model.warning import Level, Warning
from tocsin.model.wire import effect_from_json, event_from_json, pack, to_json, unpack
from tocsin.model.zone import Zone
from tocsin.service.settings import make_settings

EVENTS: tuple[type[Value], ...] = get_args(Event)
EFFECTS: tuple[type[Value], ...] = get_args(Effect)
# Rings must be closed and inside the Earth: what is not is refused, and nothing is learned of the rest.
START = datetime(2026, 1, 1, tzinfo=UTC)
RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.0))

hostile_texts = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.sampled_from(
        [
            "", "..", "../x", "a/../b", "/a", "a b", "a\n", "\n", "a\\b", "\ud800", "a\u200bb", "\u202egpj", "\ufeffa",
            "\uffff",             "a" * 140, "a" * 141, "a" * 200, "a" * 201, "м" * 140, "x" * 2_001,
            "\x00", "abcdef\n", "0777\n", "banana",
        ]
    ),
)  # fmt: skip
good_ids = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\./"), min_size=1, max_size=12)
good_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
utc_times = st.datetimes(timezones=st.just(UTC))
hostile_numbers = st.one_of(
    st.floats(),
    st.integers(),
    st.booleans(),
    st.sampled_from([0, 1, 5e-324, sys.float_info.max, float("inf"), float("nan"), 2**53 + 1, 2**63, 10**400]),
)
hostile_times = st.one_of(
    st.datetimes(),
    st.datetimes(timezones=st.sampled_from([timezone(timedelta(hours=h)) for h in (-14, 0, 14)])),
    st.sampled_from(
        [
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
            datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        ]
    ),
)
scalars = hostile_numbers | hostile_texts | hostile_times | st.none() | st.binary(max_size=3)
# Whatever a programme may put into a field by mistake.
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(hostile_texts, inner, max_size=3),
    ),
    max_leaves=4,
)


def good(hint: Any) -> st.SearchStrategy[Any]:
    """What a hint declares."""
    kind, metas = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    origin, args = get_origin(kind), get_args(kind)
    if kind in (int, float):
        low = next((v for m in metas for v in (m.ge, m.gt) if v is not None), -(2**63) if kind is int else None)
        high = next((v for m in metas for v in (m.le, m.lt) if v is not None), 2**63 - 1 if kind is int else None)
        if kind is int:
            return st.integers(low, high)
        above = any(m.gt is not None for m in metas)
        return st.floats(low, high, exclude_min=above, allow_nan=False, allow_infinity=False)
    if kind is str:
        patterns = [m.pattern for m in metas if m.pattern is not None]
        if not patterns:
            most = min((m.max_length for m in metas if m.max_length is not None), default=30)
            least = max((m.min_length for m in metas if m.min_length is not None), default=0)
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=min(most, 30))
        if patterns == [ID_PATTERN]:
            return good_ids
        # Octal digits, as many as may be, are what every other pattern takes.
        return st.text(st.sampled_from("01234567"), min_size=metas[0].max_length, max_size=metas[0].max_length)
    if origin in (Union, UnionType):
        return st.one_of(*map(good, args))
    if origin is tuple:
        return (
            st.lists(good(args[0]), min_size=1, max_size=2).map(tuple) if ... in args else st.tuples(*map(good, args))
        )
    if origin is dict:
        return st.dictionaries(good(args[0]), good(args[1]), max_size=3)
    if origin is Literal:
        return st.sampled_from(args)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(), NoneType: st.none(), datetime: utc_times,
        Any: good_texts | st.integers(-9, 9) | st.floats(0, 1),
    }  # fmt: skip
    return simple[kind] if kind in simple else st.fixed_dictionaries(fields_of(kind)).map(lambda given: kind(**given))


def fields_of(kind: type[Value]) -> dict[str, st.SearchStrategy[Any]]:
    hints = get_type_hints(kind, include_extras=True)
    fields = {name: good(hint) for name, hint in hints.items()}
    if kind is Zone:
        fields["polygons"] = st.just(((RING,),))
    if kind is Spot:
        # Those of one name weigh one together, at most.
        fields["weight"] = st.floats(0.01, 0.5)
    if kind is Told:
        # A course has a doubt, and there are two fields for it.
        fields |= {"heading_deg": st.none(), "heading_sigma_deg": st.none()}
    if kind is Masking:
        # What the land hides is packed octets, as many as there are cells.
        cells = np.zeros((RAYS, RINGS, PARTS), np.uint8)
        fields["cells"] = st.integers(0, 255).map(lambda height: text_of(cells + np.uint8(height)))
    if kind is OperatorAct:
        # An approval names what it approves.
        fields |= {"act": good_ids, "act_of": good_ids}
    return fields


@cache
def values(kind: type[Value]) -> st.SearchStrategy[Value | None]:
    """Values of a type with one field that may hold anything; None where it is refused."""
    fields = fields_of(kind)
    spoilt = st.tuples(st.sampled_from(sorted(fields)), anything)

    def built(given: dict[str, Any], spoil: tuple[str, Any] | None) -> Value | None:
        try:
            return kind(**(given | dict([spoil] if spoil else [])))
        except BadValue:
            assert spoil is not None, f"refused without reason: {given}"
            return None

    return st.builds(built, st.fixed_dictionaries(fields), st.none() | spoilt)


def reads_back(kind: type[Value], read: Callable[[bytes], Any]) -> None:
    @tried(30, nightly=400, suppress_health_check=list(HealthCheck))
    @given(values(kind))
    def law(value: Value | None) -> None:
        if value is not None:
            assert read(to_json(value)) == value

    law()


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_that_can_be_made_is_read_back_from_the_journal(kind: type[Value]) -> None:
    reads_back(kind, lambda body: event_from_json(encode(event_from_json(body)).body))


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_effect_that_can_be_made_is_read_back(kind: type[Value]) -> None:
    reads_back(kind, effect_from_json)


# One of every kind of mistake; each is tried in every field.
MISTAKES: tuple[Any, ...] = (
    "\ud800", "", "a b", "a\n", "../x", "banana", "abcdef\n", "0777\n", "x" * 3_000, float("nan"), float("inf"),
    2**53 + 1,
    2**63,
    10**400, -1, True, None, b"", [], (), {}, ("\ud800",), (float("nan"),), ["a"], {1: 2}, {"a": float("nan")},
    {"\ud800": 1.0},
    {"a": ()}, np.float64(0.5), np.int64(1), datetime(1, 1, 1),  # noqa: DTZ001
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), START,
)  # fmt: skip


@pytest.mark.parametrize("kind", [*EVENTS, *EFFECTS])
def test_no_field_takes_what_would_not_be_read_back(kind: type[Value]) -> None:
    read = event_from_json if kind in EVENTS else effect_from_json

    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries(fields_of(kind)))
    def law(fields: dict[str, Any]) -> None:
        for name in fields:
            for mistake in MISTAKES:
                try:
                    value = kind(**(fields | {name: mistake}))
                except BadValue as error:
                    assert name in str(error)
                else:
                    assert read(to_json(value)) == value, f"{name}={mistake!r}"

    law()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(values(Message))
def test_every_message_that_can_be_made_comes_back_from_a_snapshot(message: Value | None) -> None:
    if message is None:
        return
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=Message) == message
    assert unpack(pack({"messages": msgspec.msgpack.encode(message)})) == {"messages": msgspec.msgpack.encode(message)}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(good_ids, st.lists(st.one_of(*map(values, (Launch, Impact, Alert, OperatorAct))), max_size=4))
def test_an_engine_that_heard_anything_comes_back_from_its_snapshot(name: str, heard: list[Event | None]) -> None:
    engine = Engine()
    zone = Zone(id=name, name=name, polygons=((RING,),))
    engine.step(Configuration(id="c", time=datetime(2026, 1, 1, tzinfo=UTC), zones=(zone,)))
    for event in heard:
        if event is not None:
            engine.step(event)
    snapshot = engine.snapshot()
    assert Engine.restore(snapshot).snapshot() == snapshot


def named(name: Any) -> Callable[[], Any]:
    """Settings in which everything that has a name has this one."""
    return lambda: make_settings(
        zones="z.geojson",
        operator=[{"id": name, "token_sha256": "0" * 64}],
        watcher=[{"id": name, "token_sha256": "1" * 64}],
        source=[{"kind": "http", "id": name, "token_sha256": "2" * 64}],
    )


@tried(40, nightly=400)
@given(hostile_texts | good_ids)
def test_whoever_the_settings_name_can_be_read_back(name: str) -> None:
    time = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        loaded = named(name)()
    except BadSettings:
        with pytest.raises(BadValue, match="source is"):
            Plot(id="a", time=time, sensor="r", source=name, range_m=1, azimuth_deg=1)
        return
    plot = Plot(id="a", time=time, sensor="r", source=loaded.source[0].id, range_m=1, azimuth_deg=1)
    act = OperatorAct(id="a", time=time, operator=loaded.operator[0].id, action="raise", zones=("z",))
    assert [event_from_json(to_json(event)) for event in (plot, act)] == [plot, act]


def characters() -> Iterator[str]:
    return map(chr, range(sys.maxunicode + 1))


def test_an_id_holds_letters_of_every_script_and_nothing_that_cannot_be_seen() -> None:
    visible = {"L", "N", "S"}
    for one in some(characters()):
        kind = unicodedata.category(one)
        holds = is_id(f"a{one}b")
        if kind[0] in visible:
            assert holds, f"U+{ord(one):04X} {unicodedata.name(one, '')}"
        if kind in ("Cc", "Cs", "Zs", "Zl", "Zp") or (kind == "Cf" and one not in "\u200c\u200d"):
            assert not holds, f"U+{ord(one):04X} {unicodedata.name(one, '')}"


@given(st.text(st.sampled_from("ab./\\ \n\u200c\u200bé"), min_size=1, max_size=8) | hostile_texts.filter(bool))
def test_what_is_decoded_and_what_is_made_are_refused_alike(text: str) -> None:
    made = is_id(text)
    by_hand = not any(one.isspace() or one in "\\\u200b" for one in some(text))
    if made:
        assert by_hand
        assert not text.startswith("/")
        assert not {".", ".."} & set(text.split("/"))
    short = Annotated[str, Meta(pattern=ID_PATTERN)]
    try:
        msgspec.convert(text, short)
    except msgspec.ValidationError:
        assert not made
    else:
        assert made


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.sampled_from(get_args(Level)))
def test_what_is_made_from_the_longest_name_fits(episode: int, revision: int, level: Level) -> None:
    name, time = "z" * NAME_CHARS_MAX, datetime(2026, 1, 1, tzinfo=UTC)
    warning = f"{name}/{episode}/{revision}/{level}"
    Warning(id=warning, zone=name, level=level, time=time, expires=time, tracks=(f"launch:{'o' * ID_CHARS_MAX}",))
    # As long as what any reader adds: aircraft, milliseconds of the year 9999, category and checksum.
    Plot(
        id=f"{name}/abcdef/253402300799999/048-0a1b2c3d", time=time, source=name, sensor=name, range_m=1, azimuth_deg=1
    )
    assert NAME_CHARS_MAX < ID_CHARS_MAX < TRACK_CHARS_MAX


@given(st.text(st.characters(exclude_categories=[]), max_size=30) | st.just("x" * 5_000) | st.just("\ud800" * 3_000))
def test_any_reason_can_be_told(text: str) -> None:
    impact = Alert(id="a", time=datetime(2026, 1, 1, tzinfo=UTC), cap=clipped(text))
    assert event_from_json(to_json(impact)) == impact
    assert len(clipped(text)) <= 2_000


@pytest.mark.parametrize("hint", [Id, Name], ids=["id", "name"])
def test_an_id_ends_where_it_ends(hint: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'"a\\n"', type=hint)
