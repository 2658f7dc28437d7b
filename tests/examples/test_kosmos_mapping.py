"""What Kosmos' words become in the contract's words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from anslut import Code, PersonId
from anslut.errors import SourceDataError
from anslut_contracts.identity import NRID, PERSONNUMMER, SAMORDNINGSNUMMER
from anslut_examples import kosmos_mapping as kosmos

NPU = "1.2.752.108.1"
LISTS: dict[str, list[dict[str, Any]]] = {
    "roller": [{"lokal": "DL", "kod": "201011", "text": "Distriktsläkare", "kodverk": "1.2.752.129.2.2.1.4"}],
    "analyser": [
        {"lokal": "KREA", "kod": "NPU18016", "text": "P-Kreatinin", "kodverk": NPU},
        {"lokal": "X1", "kod": None, "text": "Lokal analys", "kodverk": None},
    ],
    "material": [{"lokal": "P", "kod": None, "text": "Plasma", "kodverk": None}],
    "svarsstatus": [
        {"lokal": "S", "kod": "final", "text": "Slutsvar", "kodverk": "2.16.840.1.113883.4.642.3.235"}
    ],
    "enheter": [
        {
            "lokal": "VC11",
            "hsaid": "SE2321000999-A1001",
            "namn": "Fjällgläntan",
            "vardgivare": "SE2321000999-V1",
        }
    ],
}


class FakeKosmos:
    """Code lists, and how often they were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, path: str) -> dict[str, Any]:
        """Answer a code list."""
        self.asked.append(path)
        return {"koder": LISTS[path.rpartition("/")[2]]}


@pytest.fixture(name="source")
def fake_source() -> FakeKosmos:
    """Return a source that has code lists only."""
    return FakeKosmos()


@pytest.fixture(name="codes")
def kosmos_codes(source: FakeKosmos) -> kosmos.KosmosCodes:
    """Return codes over the fake source."""
    anything: Any = source
    return kosmos.KosmosCodes(anything)


def act(kind: str, time: str, name: str = "Åsa Öberg") -> dict[str, Any]:
    """Return one of an entry's acts."""
    return {"typ": kind, "tid": time, "av": {"id": "SE2321000999-P1", "namn": name, "roll": "DL"}}


def row(*acts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an entry with these acts."""
    return {"enhet": "VC11", "handelser": list(acts), **more}


@pytest.mark.parametrize(
    ("root", "extension", "today", "asked"),
    [
        (PERSONNUMMER, "199001022384", date(2023, 11, 15), {"personnummer": "900102-2384"}),
        (PERSONNUMMER, "192201239122", date(2021, 12, 31), {"personnummer": "220123-9122"}),
        (PERSONNUMMER, "192201239122", date(2022, 1, 1), {"personnummer": "220123+9122"}),
        (SAMORDNINGSNUMMER, "197001782395", date(2023, 11, 15), {"personnummer": "700178-2395"}),
        (NRID, "98231009HJ54", date(2023, 11, 15), {"reservnummer": "98231009HJ54"}),
    ],
)
def test_a_number_is_asked_for_as_kosmos_writes_it(
    root: str, extension: str, today: date, asked: dict[str, str]
) -> None:
    """A wrong separator is another century: somebody else, or nobody."""
    assert kosmos.number(PersonId(root=root, extension=extension), today=today) == asked


def test_the_author_is_who_changed_it_last(codes: kosmos.KosmosCodes) -> None:
    """The text that is shown is that person's, at that time."""
    entry = row(act("skapad", "2023-03-04 09:50:00"), act("andrad", "2023-03-05 10:00:00", "Bo Ek"))

    author = kosmos.author(entry, codes)

    assert (author.name, author.time) == ("Bo Ek", datetime.fromisoformat("2023-03-05T10:00:00+01:00"))


def test_an_entry_nobody_entered_is_the_sources_fault(codes: kosmos.KosmosCodes) -> None:
    """It must become an error, not an entry without author."""
    with pytest.raises(SourceDataError):
        kosmos.author(row(act("signerad", "2023-03-05 10:00:00")), codes)


def test_an_unsigned_entry_has_no_signature(codes: kosmos.KosmosCodes) -> None:
    """Absent is what unsigned looks like."""
    assert kosmos.signature(row(act("skapad", "2023-03-04 09:50:00")), codes) is None


def test_the_recipient_does_not_sign_for_the_laboratory(codes: kosmos.KosmosCodes) -> None:
    """Vidimering and the laboratory's signature are different promises."""
    verified = row(act("skapad", "2023-03-04 09:50:00"), act("vidimerad", "2023-03-06 08:00:00"))

    assert kosmos.signature(verified, codes) is None
    assert kosmos.countersignature(verified, codes) is not None


def test_local_codes_become_national_ones_or_their_text(codes: kosmos.KosmosCodes) -> None:
    """A code that is on no list is shown as written rather than lost."""
    assert codes.code("analyser", "KREA") == Code(
        code="NPU18016", code_system=NPU, display_name="P-Kreatinin"
    )
    assert codes.code("analyser", "X1") == Code(original_text="Lokal analys")
    assert codes.code("analyser", "NY") == Code(original_text="NY")


def test_a_code_list_is_fetched_once(codes: kosmos.KosmosCodes, source: FakeKosmos) -> None:
    """Code lists are the same for everybody; asking for each row would drown the source."""
    for _ in range(3):
        codes.code("roller", "DL")

    assert source.asked == ["/api/v2/koder/roller"]


def test_an_unknown_unit_is_an_error(codes: kosmos.KosmosCodes) -> None:
    """Without unit and care provider nobody can apply a block to the entry."""
    with pytest.raises(SourceDataError):
        codes.unit("SAKNAS")


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        ("84", "µmol/L", {"pq": {"value": "84", "unit": "µmol/L"}}),
        ("5,4", "mmol/L", {"pq": {"value": "5.4", "unit": "mmol/L"}}),
        ("Negativ", None, {"st": "Negativ"}),
    ],
)
def test_a_value_keeps_its_meaning(
    codes: kosmos.KosmosCodes, written: str, unit: str | None, value: dict[str, Any]
) -> None:
    """A comma read as a separator of thousands would be a tenfold fault."""
    assert _result(codes, varde=written, enhet=unit)["value"] == value


@pytest.mark.parametrize(
    ("written", "interval"),
    [
        ("60-105", {"low": "60", "lowClosed": True, "high": "105", "highClosed": True}),
        ("<5,0", {"high": "5.0", "highClosed": False}),
        (">80", {"low": "80", "lowClosed": False}),
    ],
)
def test_a_reference_is_an_interval(
    codes: kosmos.KosmosCodes, written: str, interval: dict[str, Any]
) -> None:
    """What is open at one end must stay so."""
    assert _result(codes, ref=written)["reference"]["interval"] == {"unit": "µmol/L", **interval}


def test_an_awaited_value_is_no_result(codes: kosmos.KosmosCodes) -> None:
    """An empty answer would look like an answer."""
    (group,) = kosmos.analysis_groups(_laboratory(varde=None), codes)

    assert group.analysis[0].result is None


def test_an_analysis_without_a_local_code_is_named_in_words(codes: kosmos.KosmosCodes) -> None:
    """Kosmos has analyses that are on no list."""
    (group,) = kosmos.analysis_groups(_laboratory(kod=None, benamning="P-Ovanligt prov"), codes)

    assert group.analysis[0].code == Code(original_text="P-Ovanligt prov")


def _laboratory(**changes: Any) -> dict[str, Any]:
    analysis = {
        "kod": "KREA",
        "varde": "84",
        "enhet": "µmol/L",
        "ref": None,
        "avvikande": None,
        "status": "S",
        "material": "P",
    }
    return {
        "provtid": "2023-03-04 08:00:00",
        "grupper": [{"namn": "Njurar", "analyser": [analysis | changes]}],
    }


def _result(codes: kosmos.KosmosCodes, **changes: Any) -> dict[str, Any]:
    (group,) = kosmos.analysis_groups(_laboratory(**changes), codes)
    results: list[dict[str, Any]] = msgspec.to_builtins(group.analysis[0].result)
    return results[0]
