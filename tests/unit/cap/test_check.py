"""What is wrong with a message is said, with its line, and hostile ones do no harm."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.cap.check import check
from tocsin.cap.read import read_cap
from tocsin.cap.xml import DEPTH_MAX, ELEMENTS_MAX, BadXml, parse
from tocsin.model.errors import BadInput, BadSettings

GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>a1</identifier>
<sender>town.example</sender>
<sent>2026-03-01T03:00:00-00:00</sent>
<status>Actual</status>
<msgType>Alert</msgType>
<scope>Public</scope>
<info>
<category>Safety</category>
<event>Air raid</event>
<urgency>Immediate</urgency>
<severity>Extreme</severity>
<certainty>Likely</certainty>
<expires>2026-03-01T03:10:00-00:00</expires>
<resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType></resource>
<area>
<areaDesc>Town</areaDesc>
<polygon>50,10 50,11 51,11 50,10</polygon>
<circle>50,10 5</circle>
<geocode><valueName>code</valueName><value>7</value></geocode>
<altitude>100</altitude>
</area>
</info>
</alert>
"""


def changed(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new).encode()


def test_a_good_message_has_no_problems() -> None:
    assert check(GOOD.encode()) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("<identifier>a1", "<identifier>a 1", 3, "identifier"),
        ("<sender>town.example", "<sender>town,example", 4, "sender"),
        ("Public</scope>", "Restricted</scope>", 8, "needs restriction"),
        ("Public</scope>", "Private</scope>", 8, "needs addresses"),
        (">Alert<", ">Update<", 2, "needs references"),
        (
            "Alert</msgType>\n<scope>Public</scope>",
            "Error</msgType>\n<scope>Public</scope><references>x,a0,2026-03-01T02:00:00-00:00</references>",
            7,
            "needs a note",
        ),
        ("Public</scope>", "Public</scope><references>a,b</references>", 8, "not sender,identifier,sent"),
        (
            "Public</scope>",
            "Public</scope><references>town.example,a1,2026-03-01T02:00:00-00:00</references>",
            8,
            "refers to itself",
        ),
        (
            "Public</scope>",
            "Public</scope><references>x,a0,2026-03-01T04:00:00-00:00</references>",
            8,
            "sent later than this one",
        ),
        ("03:10:00", "02:59:00", 15, "not after sent"),
        ("<expires>", "<onset>2026-03-01T03:11:00-00:00</onset><expires>", 15, "before onset"),
        ("Air raid", " ", 11, "event is empty"),
        ("50,10 50,11 51,11 50,10", "50,10 50,11 51,11 50,12", 19, "must end where it begins"),
        ("50,10 50,11 51,11 50,10", "50,10 50,11 50,10", 19, "at least 4"),
        ("50,10 50,11 51,11 50,10", "50,10 50,11 50,12 50,10", 19, "encloses nothing"),
        ("50,10 50,11 51,11 50,10", "50,10 51,11 50,11 51,10 50,10", 19, "crosses"),
        ("50,10 50,11 51,11 50,10", "50,10 50,11 151,11 50,10", 19, "not on Earth"),
        ("50,10 5<", "50,10 -5<", 20, "radius"),
        ("50,10 5<", "50 10 5<", 20, "not `lat,lon radius`"),
        ("<valueName>code", "<valueName>", 21, "empty valueName"),
        ("<altitude>100</altitude>", "<ceiling>100</ceiling>", 22, "without altitude"),
        ("</altitude>", "</altitude><ceiling>50</ceiling>", 22, "below altitude"),
        ("image/png", "png", 16, "mimeType"),
        ("</mimeType>", "</mimeType><digest>abc</digest>", 16, "SHA-1"),
        ("</mimeType>", "</mimeType><size>-3</size>", 16, "number of bytes"),
        ("</mimeType>", "</mimeType><derefUri>a!</derefUri>", 16, "base64"),
        ("</mimeType>", "</mimeType><derefUri>\u202eYQ==</derefUri>", 16, "base64"),
    ],
)
def test_each_rule_finds_its_fault_on_its_line(old: str, new: str, line: int, what: str) -> None:
    data = changed(old, new)
    problems = check(data)
    assert len(problems) == 1 and problems[0].line == line and what in problems[0].what
    assert check(data, schema_only=True) == []


INFO = GOOD[GOOD.index("<info>") : GOOD.index("<resource>")]
OUTER = "<polygon>49,9 49,12 52,12 52,9 49,9</polygon>"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("<polygon>", f"<polygon>50,10</polygon>{OUTER}<polygon>", ["at least 4", "inside another"]),
        ("<polygon>", f"<polygon>49,9 52,12 49,12 52,9 49,9</polygon>{OUTER}<polygon>", ["crosses", "inside another"]),
        (
            "Public</scope>",
            "Public</scope><references>a,b x,a0,yesterday x,a0,2026-03-01T03:00:01-00:00</references>",
            ["sender,identifier,sent", "yesterday", "sent later"],
        ),
        (
            INFO,
            "<info><category>Safety</category><event>A</event><urgency>Past</urgency><severity>Minor</severity>"
            f"<certainty>Observed</certainty></info>{INFO.replace('03:10', '02:10')}",
            ["not after sent"],
        ),
        (
            "<expires>2026-03-01T03:10",
            "<effective>2026-03-01T04:00:00-00:00</effective><onset>2026-03-01T05:00:00-00:00</onset>"
            "<expires>2026-03-01T02:00",
            ["not after sent", "before effective", "before onset"],
        ),
        ("<circle>50,10 5<", "<circle>50 10 5</circle><circle>50,10 -5<", ["lat,lon radius", "radius"]),
    ],
)
def test_one_fault_does_not_hide_the_next(old: str, new: str, found: list[str]) -> None:
    problems = [problem.what for problem in check(changed(old, new))]
    assert len(problems) == len(found)
    assert [said for said, what in zip(found, problems, strict=True) if said not in what] == []


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("03:10:00", "03:00:00", 1),
        ("03:10:00", "03:00:01", 0),
        ("2026-03-01T03:10:00", "2400-02-29T23:59:59", 0),
        ("2026-03-01T03:10:00", "2028-02-29T00:00:00", 0),
        ("<expires>", "<onset>2026-03-01T03:10:00-00:00</onset><expires>", 0),
        ("Public</scope>", "Public</scope><references>x,a0,2026-03-01T03:00:00-00:00</references>", 0),
        ("</altitude>", "</altitude><ceiling>100</ceiling>", 0),
        ("</altitude>", "</altitude><ceiling>99.9</ceiling>", 1),
    ],
)
def test_a_message_may_expire_when_it_begins_and_not_when_it_is_sent(old: str, new: str, faults: int) -> None:
    assert len(check(changed(old, new))) == faults


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("00-00:00</sent>", "00Z</sent>", "never Z"),
        ("2026-03-01T03:00", "2026-02-30T03:00", "not a date and time"),
        ("2026-03-01T03:10", "2200-02-29T03:10", "not a date and time"),
        ("<event>Air raid</event>", "", "needs event before urgency"),
        ("<urgency>Immediate</urgency>\n", "", "needs urgency before severity"),
        ("<category>Safety</category>\n", "", "needs category before event"),
        (
            "<status>Actual</status>\n<msgType>Alert</msgType>",
            "<msgType>Alert</msgType><status>Actual</status>",
            "status",
        ),
        ("<scope>Public</scope>", "<scope>Public</scope><scope>Public</scope>", "a second scope"),
        ("<alert ", '<alert lang="en" ', "attribute"),
        ("<info>", "<info>hello", "text between"),
        ("<event>Air raid", "<event><b>Air raid</b>", "text only"),
        ("Immediate", "Now", "not one of Immediate"),
        ("<event>", "<mood>x</mood><event>", "mood is not an element of info"),
        ("</area>", "</area><!-- --><area/>", "areaDesc"),
    ],
)
def test_structure_is_checked_without_any_schema_file(old: str, new: str, what: str) -> None:
    problems = check(changed(old, new), schema_only=True)
    assert len(problems) == 1 and what in problems[0].what


@pytest.mark.parametrize("element", ["sent", "expires"])
def test_a_time_without_its_offset_is_a_fault_in_an_older_version_too(element: str) -> None:
    older = GOOD.replace("cap:1.2", "cap:1.1")
    assert check(older.encode()) == []
    (problem,) = check(older.replace(f"-00:00</{element}>", f"</{element}>").encode())
    assert problem.what.startswith(f"{element}: ")
    assert older.splitlines()[problem.line - 1].startswith(f"<{element}>")


def test_only_the_oldest_version_needs_no_category() -> None:
    without = GOOD.replace("<category>Safety</category>", "")
    oldest = without.replace("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0")
    # Its codes are written `name=value`.
    oldest = oldest.replace("<valueName>code</valueName><value>7</value>", "code=7")
    assert check(oldest.encode()) == []
    assert len(check(without.replace("cap:1.2", "cap:1.1").encode())) == len(check(without.encode())) == 1


def test_what_is_not_cap_is_said_to_be_none() -> None:
    assert "no CAP alert" in check(b"<feed/>")[0].what
    assert "not well-formed" in check(b"<alert>")[0].what
    assert "not well-formed" in check(b"")[0].what
    with pytest.raises(BadSettings, match="choose one of basic"):
        check(GOOD.encode(), profile="nonsense")


def test_the_ipaws_profile_asks_for_more() -> None:
    problems = [problem.what for problem in check(GOOD.encode(), profile="ipaws")]
    assert any("IPAWSv1.0" in what for what in problems) and any("eventCode SAME" in what for what in problems)
    assert any("geocode SAME" in what for what in problems)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&lol3;</identifier></alert>"""


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (LAUGHS, "DOCTYPE"),
        (LAUGHS.decode().encode("utf-16"), "DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE"),
        (b"<a>" * (DEPTH_MAX + 1) + b"</a>" * (DEPTH_MAX + 1), "inside each other"),
        (b"<a>" + b"<b/>" * ELEMENTS_MAX + b"</a>", "elements"),
        (b"<a " + b" ".join(b'x%d="1"' % n for n in range(60)) + b"/>", "attributes"),
        (b"x" * 20_000_001, "at most"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "encoding"),
        (b"<a>&undefined;</a>", "not well-formed"),
    ],
    ids=["laughs", "laughs-utf16", "external", "deep", "many", "attributes", "large", "encoding", "undefined"],
)
def test_hostile_xml_is_refused_unread(data: bytes, what: str) -> None:
    with pytest.raises(BadXml, match=what):
        parse(data)


def test_a_message_is_read_as_it_was_meant() -> None:
    alert = read_cap(GOOD.encode())
    (info,) = alert.infos
    assert (alert.identifier, alert.kind, info.event) == ("a1", "Alert", "Air raid")
    assert info.areas[0].polygons == (((50, 10), (50, 11), (51, 11), (50, 10)),)
    assert info.areas[0].circles == ((50, 10, 5),) and info.areas[0].geocodes == (("code", "7"),)


def test_a_ring_left_open_by_a_neighbour_is_closed_rather_than_lost() -> None:
    alert = read_cap(changed("50,10 50,11 51,11 50,10", "50,10 50,11 51,11"))
    assert alert.infos[0].areas[0].polygons[0][-1] == (50, 10)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("<identifier>a1</identifier>", "", "no identifier"),
        ("2026-03-01T03:00:00", "yesterday", "not a date"),
    ],
)
def test_a_message_nobody_can_act_on_is_refused_with_the_reason(old: str, new: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        read_cap(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("50,10 5<", "50,10 1e9<", "radius"),
        ("50,10 5<", "50,10<", "not `lat,lon radius`"),
        ("50,10 50,11 51,11 50,10", "nan,10 50,11 51,11 nan,10", "not a number"),
        ("50,10 50,11 51,11 50,10", "50,10 50,11", "at least 4"),
        ("50,10 50,11 51,11 50,10", "50,10 50,11 51,191 50,10", "not on Earth"),
        ("50,10 50,11 51,11 50,10", "50,10,0 50,11,0 51,11,0", "not lat,lon"),
    ],
)
def test_a_bad_outline_costs_that_outline_alone(old: str, new: str, what: str) -> None:
    (area,) = read_cap(changed(old, new)).infos[0].areas
    assert len(area.polygons) + len(area.circles) == 1
    (problem,) = area.problems
    assert what in problem


@pytest.mark.parametrize(
    "written",
    [
        "50, 10 50, 11 51, 11 50, 10",
        "50 ,10 50 , 11 51,11",
        "50,10,50,11,51,11",
        "50,10, 50,11, 51,11, 50,10",
        "50 10 50 11 51 11 50 10",
        "50,10;50,11;51,11;50,10",
        "\n50,10\n50,11\t51,11\n",
    ],
)
def test_numbers_parted_in_another_way_are_read_where_they_can_mean_one_thing_only(written: str) -> None:
    (area,) = read_cap(changed("50,10 50,11 51,11 50,10", written)).infos[0].areas
    assert area.polygons == (((50, 10), (50, 11), (51, 11), (50, 10)),) and not area.problems


@pytest.mark.parametrize("written", ["50,10,5", "50,10 5", "50, 10 5", "50 10 5", "50, 10, 5"])
def test_a_circle_is_three_numbers_however_they_are_parted(written: str) -> None:
    (area,) = read_cap(changed("50,10 5<", f"{written}<")).infos[0].areas
    assert area.circles == ((50, 10, 5),)


def test_midnight_may_be_written_as_the_end_of_a_day() -> None:
    info = read_cap(changed("2026-03-01T03:10:00-00:00</expires>", "2026-02-28T24:00:00+02:00</expires>")).infos[0]
    assert info.expires == datetime(2026, 2, 28, 22, tzinfo=UTC) and not info.problems


@pytest.mark.parametrize(
    "written",
    ["2026-03-01T04:00:00", "tomorrow", "2026-03-01T24:01:00Z", "9999-12-31T24:00:00Z", "0001-01-01T00:00:00+14:00"],
)
def test_an_end_that_cannot_be_read_is_none_and_said(written: str) -> None:
    (info,) = read_cap(changed("2026-03-01T03:10:00-00:00</expires>", f"{written}</expires>")).infos
    assert info.expires is None and "expires" in info.problems[0]


def test_a_time_of_sending_without_its_offset_still_orders_a_senders_messages() -> None:
    alert = read_cap(changed("00-00:00</sent>", "00</sent>"))
    assert alert.sent == datetime(2026, 3, 1, 3, tzinfo=UTC) and "taken as UTC" in alert.problems[0]


@pytest.mark.parametrize("encoding", ["windows-1251", "UTF-16", "ISO-8859-1", "x-unknown"])
def test_the_encoding_that_a_string_declares_is_passed_over(encoding: str) -> None:
    text = GOOD.replace("Air raid", "Повітряна тривога").replace('encoding="UTF-8"', f'encoding="{encoding}"')
    assert encoding in text
    assert read_cap(f"\ufeff\n{text}").infos[0].event == "Повітряна тривога"


def test_two_messages_are_not_one() -> None:
    pair = GOOD.split("?>", 1)[1] * 2
    with pytest.raises(BadInput, match="2 CAP messages"):
        read_cap(f"<feed>{pair}</feed>".encode())
