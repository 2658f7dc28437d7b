"""What Vaxreg does with hostile XML: a clean fault, no person's number, and it lives on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.population import default_population
from vaxreg_caller import SOAP, VAXREG, envelope, fault_code, written

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from vaxreg_caller import Caller

pytestmark = pytest.mark.slow

ANNA = default_population().personas()["anna-vuxen"].identity
GOOD = envelope("SokVaccinationer", personnummer=written(ANNA))
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]>' + GOOD.replace(
    written(ANNA), "&e9;"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + GOOD.replace(
    written(ANNA), "&f;"
)
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 20_000}">]>' + GOOD.replace(written(ANNA), "&a;" * 5000)
DEEP = envelope("SokVaccinationer", personnummer="<a>" * 400 + "</a>" * 400)
ATTRIBUTES = GOOD.replace(
    "<SokVaccinationer", "<SokVaccinationer " + " ".join(f'a{n}="1"' for n in range(9000))
)

HOSTILE: list[tuple[str, bytes, str]] = [
    ("bomb", BOMB.encode(), "text/xml"),
    ("external", OUTSIDE.encode(), "text/xml"),
    ("quadratic", QUADRATIC.encode(), "text/xml"),
    ("comment", GOOD.replace("<personnummer>", "<!-- 19840514 --><personnummer>").encode(), "text/xml"),
    ("deep", DEEP.encode(), "text/xml"),
    ("attributes", ATTRIBUTES.encode(), "text/xml"),
    ("utf-16", f'<?xml version="1.0" encoding="UTF-16"?>{GOOD}'.encode("utf-16"), "text/xml"),
    ("utf-16 unmarked", GOOD.encode("utf-16-le"), "text/xml"),
    ("utf-32", GOOD.encode("utf-32"), "text/xml"),
    ("utf-7", f'<?xml version="1.0" encoding="UTF-7"?>{GOOD}'.encode(), "text/xml"),
    ("ebcdic", GOOD.encode("cp500"), "text/xml"),
    (
        "two encodings",
        f'<?xml version="1.0" encoding="utf-8"?>{GOOD}'.encode(),
        "text/xml; charset=ISO-8859-1",
    ),
    ("latin as utf-8", GOOD.replace("19", "å19", 1).encode("latin-1"), "text/xml; charset=utf-8"),
    ("half", GOOD.encode()[: len(GOOD) // 2], "text/xml"),
    ("empty", b"", "text/xml"),
    ("nul", GOOD.encode() + b"\x00", "text/xml"),
    ("json", b'{"personnummer": "19840514-2384"}', "text/xml"),
    ("two bodies", GOOD.replace("</e:Body>", "</e:Body><e:Body/>").encode(), "text/xml"),
    (
        "two operations",
        GOOD.replace("</e:Body>", f'<LoggaIn xmlns="{VAXREG}"/></e:Body>').encode(),
        "text/xml",
    ),
    (
        "twice",
        envelope("SokVaccinationer", personnummer=written(ANNA), antal="1</antal><antal>2").encode(),
        "text/xml",
    ),
    ("soap 1.2", GOOD.replace(SOAP, "http://www.w3.org/2003/05/soap-envelope").encode(), "text/xml"),
    ("foreign", GOOD.replace(VAXREG, "urn:annan").encode(), "text/xml"),
    (
        "unknown field",
        envelope("SokVaccinationer", personnummer=written(ANNA), alla="J").encode(),
        "text/xml",
    ),
    ("large", GOOD.encode() + b" " * 70_000, "text/xml"),
    (
        "negative",
        envelope("SokVaccinationer", personnummer=written(ANNA), franLopnr="-1").encode(),
        "text/xml",
    ),
    (
        "huge number",
        envelope("SokVaccinationer", personnummer=written(ANNA), franLopnr="9" * 40).encode(),
        "text/xml",
    ),
    ("digits", envelope("SokVaccinationer", personnummer=written(ANNA), antal="٣").encode(), "text/xml"),
    ("not xml", GOOD.encode(), "application/json"),
]


@pytest.mark.parametrize(
    ("body", "media_type"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_hostile_requests_meet_a_clean_fault(caller: Caller, body: bytes, media_type: str) -> None:
    """No stack trace, no echo, no person, at once; and the next caller is answered."""
    started = time.monotonic()
    answer = caller.post("SokVaccinationer", body, headers={"Content-Type": media_type})

    assert time.monotonic() - started < 2
    assert (fault_code(answer) or "").startswith(("s:Client", "s:VersionMismatch"))
    assert answer.headers["Content-Type"] == "text/xml; charset=ISO-8859-1"
    assert ANNA.extension[8:] not in answer.text
    assert "root:" not in answer.text
    assert caller.post("SokVaccinationer", GOOD).status_code == 200


@pytest.mark.parametrize("name", ["bomb", "external", "quadratic", "comment"])
def test_declarations_and_comments_are_refused_unread(caller: Caller, name: str) -> None:
    """They are seen before any parser is: what it would have made of them does not matter."""
    (body,) = [body for case, body, _ in HOSTILE if case == name]
    answer = caller.post("SokVaccinationer", body)

    assert fault_code(answer) == "s:Client.Xml"
    assert "dokumenttyp" in answer.text


def test_deep_headers_are_refused(caller: Caller) -> None:
    """Nobody reads a SOAP header here, and nobody is led down into one either."""
    deep = "<e:Header>" + "<a>" * 100 + "</a>" * 100 + "</e:Header><e:Body>"
    answer = caller.post("SokVaccinationer", GOOD.replace("<e:Body>", deep))

    assert fault_code(answer) == "s:Client.Kuvert"


def test_a_number_never_goes_in_an_address(caller: Caller) -> None:
    """A query string is logged everywhere."""
    answer = caller.post("SokVaccinationer", GOOD, params={"antal": "5"})

    assert fault_code(answer) == "s:Client.Parameter"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("entity-bomb", b"<!ENTITY i"),
        ("external-entity", b"file:///etc/hostname"),
        ("giant-line", b"VVVVVVVV"),
        ("future-dates", b"<datum>20231215</datum>"),
        ("types-that-lie", b"<del>enligt</del>"),
    ],
)
def test_faults_show_in_the_answer(
    caller: Caller, control: ControlClient, fault: str, expected: bytes
) -> None:
    """Each is there while it is ordered, and gone afterwards."""
    control.fault(fault, system="vaxreg")
    struck = caller.post("SokVaccinationer", GOOD).content
    control.clear_faults()

    assert expected in struck
    assert expected not in caller.post("SokVaccinationer", GOOD).content


def test_content_faults_change_the_rows(caller: Caller, control: ControlClient) -> None:
    """A row twice, a row of another's, a row without its date."""
    honest = caller.registrations(ANNA)
    control.fault("duplicate-ids", system="vaxreg")
    doubled = caller.registrations(ANNA)
    control.clear_faults()
    control.fault("foreign-entry", system="vaxreg")
    foreign = caller.registrations(ANNA)
    control.clear_faults()
    control.fault("missing-field", system="vaxreg")
    lacking = caller.registrations(ANNA)

    assert len(doubled) == len(honest) + 1
    assert {row.findtext("{*}personnummer") for row in foreign} > {written(ANNA)}
    assert any(row.find("{*}datum") is None for row in lacking)


def test_paging_faults(caller: Caller, control: ControlClient) -> None:
    """Pages without end, and a running number that suddenly does not hold."""
    control.fault("endless-pages", system="vaxreg")
    first = 0
    for _ in range(20):
        answer = caller.call("SokVaccinationer", personnummer=written(ANNA), franLopnr=first)
        first = int(str(answer.findtext("{*}nastaLopnr")))
    control.clear_faults()
    control.fault("stale-cursor", system="vaxreg")
    body = envelope("SokVaccinationer", personnummer=written(ANNA), franLopnr=5)

    assert first > 0
    assert fault_code(caller.post("SokVaccinationer", body)) == "s:Client.Lopnr"


def test_feed_faults(caller: Caller, control: ControlClient) -> None:
    """Twice, backwards, and late: a late change is not lost, it is told later."""
    for _ in range(3):
        control.write(type="vaccinations", patient_id=ANNA)
        control.advance(10)
    control.fault("doubled-changes", system="vaxreg")
    doubled = _numbers(caller)
    control.clear_faults()
    control.fault("reordered-changes", system="vaxreg")
    reordered = _numbers(caller)
    control.clear_faults()
    control.fault("late-changes", system="vaxreg", seconds=600)
    late = caller.call("HamtaHandelser", efter=0)
    control.advance(700)
    caller.log_in()

    assert doubled == [1, 2, 3, 3]
    assert reordered == [3, 2, 1]
    assert late.findall("{*}handelse") == []
    assert late.findtext("{*}senaste") == "0"
    assert _numbers(caller) == [1, 2, 3]


def _numbers(caller: Caller) -> list[int]:
    rows = caller.call("HamtaHandelser", efter=0).findall("{*}handelse")
    return [int(str(row.get("lopnr"))) for row in rows]
