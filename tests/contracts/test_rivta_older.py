"""What single things become in older versions of the contracts, and what their readers do with what others write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anslut_contracts
import pytest
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta import from_elements, has_room, mapping_table, query_from_elements, to_elements
from lxml import etree

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1"
HL7 = "2.16.840.1.113883.5.83"
REFERRAL = "entry-skickad"


def example(type_name: str, name: str) -> dict[str, Any]:
    """Return an example entry of the contract."""
    found: dict[str, Any] = json.loads((EXAMPLES / type_name / "valid" / f"{name}.json").read_text("utf-8"))
    return found


def texts(element: etree._Element, name: str) -> list[str | None]:
    """Return the text of every element of that name."""
    return [found.text for found in element.iter(f"{{*}}{name}")]


def contact(status: str) -> dict[str, Any]:
    """Return a care contact with a status of SNOMED CT."""
    entry = example("care-contacts", "entry-besok")
    entry["body"]["careContactStatus"] |= {"code": status}
    return entry


def test_a_contact_that_was_struck_out_is_nullified() -> None:
    """The older contract has no such status; a contact without one would look as if it had been."""
    element = to_elements("care-contacts", contact("53691000052102"), "2.0")

    assert (texts(element, "nullified"), texts(element, "careContactStatus")) == (["true"], [])
    status = from_elements("care-contacts", element, "2.0")["body"]["careContactStatus"]
    assert status["code"] == "53691000052102"


def test_a_nullified_contact_is_struck_out_whatever_its_status() -> None:
    """Another producer may tell both: a finished contact that was struck out has not been."""
    element = to_elements("care-contacts", contact("53691000052102"), "2.0")
    body = element[-1]
    etree.SubElement(body, etree.QName(etree.QName(body).namespace, "careContactStatus")).text = "5"

    status = from_elements("care-contacts", element, "2.0")["body"]["careContactStatus"]
    assert status["code"] == "53691000052102"


def test_a_contact_that_is_not_nullified_has_the_status_that_it_says() -> None:
    """`nullified` with false says nothing of its own."""
    element = to_elements("care-contacts", contact("53701000052102"), "2.0")
    header = element[0]
    etree.SubElement(header, etree.QName(etree.QName(header).namespace, "nullified")).text = "0"

    status = from_elements("care-contacts", element, "2.0")["body"]["careContactStatus"]
    assert (texts(element, "careContactStatus"), status["displayName"]) == (["1"], "tidbokad vårdkontakt")


def test_a_contact_without_its_author_names_the_unit() -> None:
    """The older contract demands who; without it the care provider, and every block, would be lost."""
    entry = example("care-contacts", "entry-telefon-minsta")
    entry["header"]["author"] = {"time": entry["header"]["author"]["time"]}
    element = to_elements("care-contacts", entry, "2.0")

    unit = entry["header"].get("careUnitHsaId", entry["header"]["careProviderHsaId"])
    assert texts(element, "healthcareProfessionalHSAId") == [unit]
    assert texts(element, "healthcareProfessionalCareGiverHSAId") == [entry["header"]["careProviderHsaId"]]


def test_a_contact_that_another_producer_tells_of_nobody_is_read() -> None:
    """The older contract lets anyone leave out who is responsible; nothing is made up in its place."""
    element = to_elements("care-contacts", contact("53671000052101"), "2.0")
    person = next(element.iter("{*}accountableHealthcareProfessional"))
    element[0].remove(person)

    header = from_elements("care-contacts", element, "2.0")["header"]
    assert set(header) == {"documentId", "sourceSystemHsaId", "patientId", "approvedForPatient"}


def test_a_kind_of_document_is_read_as_its_text() -> None:
    """Adapters tell kinds of document that are no kinds of note; nobody writes them."""
    element = to_elements("care-documentation", example("care-documentation", "entry-besok"), "2.1")
    code = next(element.iter("{*}clinicalDocumentNoteCode"))
    code.tag = code.tag.replace("Note", "Type")
    code.text = "epi"

    body = from_elements("care-documentation", element, "2.1")["body"]
    assert body["clinicalDocumentNoteCode"] == {"originalText": "Epikris"}
    code.text = "xyz"
    with pytest.raises(CodecError, match="clinicalDocumentTypeCode cannot be read as typeCodes"):
        from_elements("care-documentation", element, "2.1")


def analysis(**result: Any) -> dict[str, Any]:
    """Return a laboratory answer with one result."""
    entry = example("laboratory-results", "entry-slutsvar")
    group = entry["body"]["groupOfAnalyses"][0]
    group["analysis"] = group["analysis"][:1]
    group["analysis"][0]["result"] = [{"value": {"pq": {"value": "4.20", "unit": "g/L"}}, **result}]
    return entry


@pytest.mark.parametrize(
    ("interpretation", "flag"),
    [(None, "false"), (["N"], "false"), (["H"], "true"), (["N", "x"], "true"), (["17621005"], "true")],
)
def test_a_result_is_abnormal_when_someone_has_said_anything_but_normal(
    interpretation: list[str] | None, flag: str
) -> None:
    """The older contract has a yes or no; to say no of a result that was called abnormal would hide it."""
    codes = [{"code": code, "codeSystem": HL7, "displayName": code} for code in interpretation or ()]
    element = to_elements(
        "laboratory-results", analysis(**({"interpretation": codes} if codes else {})), "3.1"
    )

    assert texts(element, "pathologicalFlag") == [flag]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"pq": {"value": "4.20", "unit": "g/L"}}, ("4.20", ["g/L"])),
        ({"pq": {"value": "4.20", "unit": ""}}, ("4.20", [])),
        ({"intervalPQ": {"high": "5", "highClosed": False, "unit": "mg/L"}}, ("< 5 mg/L", [])),
        ({"intervalPQ": {"high": "5", "unit": ""}}, ("≤ 5", [])),
        ({"intervalPQ": {"low": "5", "lowClosed": False, "unit": "mg/L"}}, ("> 5 mg/L", [])),
        ({"intervalPQ": {"low": "5", "unit": "mg/L"}}, ("≥ 5 mg/L", [])),
        ({"intervalPQ": {"low": "1", "high": "5", "unit": "mg/L"}}, ("1–5 mg/L", [])),
        ({"cv": {"code": "1", "codeSystem": HL7, "displayName": "Påvisad"}}, ("Påvisad", [])),
        ({"st": "Negativ"}, ("Negativ", [])),
    ],
)
def test_a_result_is_told_in_words_where_the_contract_has_no_more(
    value: dict[str, Any], said: tuple[str, list[str]]
) -> None:
    """What a reader of the older contract sees is what was measured."""
    element = to_elements("laboratory-results", analysis(value=value), "3.1")

    assert (texts(element, "outcomeValue"), texts(element, "outcomeUnit")) == ([said[0]], said[1])


def test_an_answer_without_an_order_has_an_empty_order_id() -> None:
    """The description demands the element, and empty, where there is no order."""
    entry = analysis()
    del entry["body"]["referral"]
    element = to_elements("laboratory-results", entry, "3.1")

    assert texts(element, "orderId") == [None]
    assert "referral" not in from_elements("laboratory-results", element, "3.1")["body"]


def test_what_another_laboratory_says_of_itself_does_not_matter() -> None:
    """Its own times and discipline, who is responsible, and how analyses hang together have no place in the JSON."""
    element = to_elements("laboratory-results", analysis(), "3.1")
    before = from_elements("laboratory-results", element, "3.1")
    next(element.iter("{*}registrationTime")).text = "20200101000000"
    next(element.iter("{*}discipline")).text = "Mikrobiologi"
    namespace = etree.QName(element[0]).namespace
    relation = etree.Element(etree.QName(namespace, "relationToAnalysis"))
    next(element.iter("{*}analysisOutcome")).addprevious(relation)

    assert from_elements("laboratory-results", element, "3.1") == before


def asked(**dates: str) -> dict[str, Any]:
    """Return what the first GetRequestActivities is asked, with *dates* as it has them."""
    namespace = mapping_table("referral-status", "1.0").namespaces["responder"]
    element = etree.Element(etree.QName(namespace, "GetRequestActivities"))
    for name, text in {"subjectOfCareId": "199001622384", **dates}.items():
        etree.SubElement(element, etree.QName(namespace, name)).text = text
    return query_from_elements("referral-status", element, "1.0")


def test_moments_are_asked_for_as_their_days() -> None:
    """Any time of the day is that day: the JSON's periods are days."""
    assert asked(fromDate="20230101083000", toDate="20231231235959") == {
        "patientId": {"root": "1.2.752.129.2.1.3.3", "extension": "199001622384"},
        "period": {"start": "2023-01-01", "end": "2023-12-31"},
    }


@pytest.mark.parametrize("text", ["20230230000000", "20230101250000", "20230101"])
def test_a_day_of_no_moment_is_refused(text: str) -> None:
    """The official pattern lets 31 February through; a day without a time is another form."""
    with pytest.raises(CodecError, match="fromDate cannot be read as ofDayStart"):
        asked(fromDate=text)


def test_a_period_may_be_open_at_one_end() -> None:
    """The contract asks for everything since a day; a query has two days."""
    assert asked(fromDate="20230101083000")["period"] == {"start": "2023-01-01", "end": "2099-12-31"}
    assert "period" not in asked()


@pytest.mark.parametrize("number", ["19900102238", "900102-2384", "1990010A2384"])
def test_a_number_that_is_no_official_one_is_refused_unquoted(number: str) -> None:
    """Whose entries they are must not be guessed."""
    with pytest.raises(CodecError, match="subjectOfCareId cannot be read as official") as caught:
        asked(subjectOfCareId=number)
    assert number not in str(caught.value)


def step(status: str, *, approved: bool = True) -> dict[str, Any]:
    """Return a step of a referral."""
    entry = example("referral-status", REFERRAL)
    entry["header"]["approvedForPatient"] = approved
    entry["body"]["statusCode"] = {
        "code": status,
        "codeSystem": "1.2.752.129.2.2.2.43",
        "displayName": "Ett steg",
    }
    entry["body"]["request"]["type"] = {
        "code": "4",
        "codeSystem": "1.2.752.129.2.2.2.24",
        "displayName": "allmänremiss",
    }
    return entry


def test_there_is_room_for_what_the_version_can_tell_and_for_nothing_else() -> None:
    """RequestActivities 1.0 has a code for what is sent, none for what is struck out, and no flag at all."""
    older, newest = mapping_table("referral-status", "1.0"), mapping_table("referral-status")

    assert has_room(older, step("1"))
    assert not has_room(older, step("11"))
    assert not has_room(older, step("1", approved=False))
    assert all(has_room(newest, step(status, approved=False)) for status in ("1", "11"))
