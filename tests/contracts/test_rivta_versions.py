"""Older versions of the contracts: they lose what their tables say, all of it, and nothing else."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
from anslut_contracts import information_types
from anslut_contracts.errors import CodecError, UnknownSchemaError
from anslut_contracts.rivta import (
    Result,
    from_elements,
    mapping_table,
    mapping_tables,
    read_response,
    reduced,
    table_of,
    write_entry,
    write_response,
)
from anslut_contracts.rivta.changes import CHANGES, copied
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_contracts.rivta import MappingTable
    from hypothesis.strategies import SearchStrategy

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1"
TYPES = sorted(information_types())
OLDER = [table for name in TYPES for table in mapping_tables(name)[1:]]
NAMES = [table.name for table in OLDER]
THOROUGH = 10 if os.environ.get("ANSLUT_THOROUGH") else 1
OFFICIAL = {"root": "1.2.752.129.2.1.3.1", "extension": "199001022384"}
HSA_ID = "1.2.752.129.2.1.4.1"
HL7 = "2.16.840.1.113883.5.83"
each_older = pytest.mark.parametrize("table", OLDER, ids=NAMES)


def example(type_name: str, name: str) -> dict[str, Any]:
    """Return an example entry of the contract."""
    found: dict[str, Any] = json.loads((EXAMPLES / type_name / "valid" / f"{name}.json").read_text("utf-8"))
    return found


def step_of_a_referral(entry: dict[str, Any], status: str, kind: str) -> dict[str, Any]:
    """Return *entry* as one that the first version can carry: it knows few statuses, and only official numbers."""
    entry["header"] |= {"approvedForPatient": True, "patientId": OFFICIAL}
    entry["body"]["statusCode"] |= {"code": status}
    entry["body"]["request"] |= {
        "type": {"code": kind, "codeSystem": "1.2.752.129.2.2.2.24", "displayName": "Remiss"}
    }
    return entry


TEXTS = st.sampled_from(["Högt", "Hemolyserat <prov> & nytt", "B\r\nC", "9"])
IDS = st.builds(
    lambda root, extension: {"root": root, "extension": extension},
    st.sampled_from([HSA_ID, "1.2.752.29.4.3"]),
    st.sampled_from(["SE2321000999-P1", "2321000999"]),
)
CODES = st.one_of(
    st.builds(lambda text: {"originalText": text}, TEXTS),
    st.builds(
        lambda code, text: {"code": code, "codeSystem": HL7, "displayName": text},
        st.sampled_from(["N", "H", "LL", "x"]),
        TEXTS,
    ),
)
UNITS = st.sampled_from(["", "g/L"])
INTERVALS = st.fixed_dictionaries(
    {"low": st.just("1.5"), "unit": UNITS}, optional={"lowClosed": st.booleans(), "high": st.just("2")}
) | st.fixed_dictionaries({"high": st.just("2"), "unit": UNITS}, optional={"highClosed": st.booleans()})
SIGNATURES = st.fixed_dictionaries(
    {"timestamp": st.just("2023-03-05T13:00:00+01:00")}, optional={"id": IDS, "name": TEXTS, "byRole": CODES}
)
SPECIMENS = st.fixed_dictionaries(
    {"timestamp": st.sampled_from(["2023-03-04T10:30:00+01:00", "2023-07-04T10:30:00+02:00"])},
    optional={"identifier": IDS, "material": CODES, "anatomicalLocation": CODES, "comment": TEXTS},
)
VALUES = st.one_of(
    st.builds(lambda value: {"cv": value}, CODES),
    st.builds(lambda unit: {"pq": {"value": "4.20", "unit": unit}}, UNITS),
    st.builds(lambda value: {"intervalPQ": value}, INTERVALS),
    st.builds(lambda value: {"st": value}, TEXTS),
)
REFERENCES = st.fixed_dictionaries(
    {"interval": INTERVALS}, optional={"population": TEXTS, "comment": TEXTS}
) | st.fixed_dictionaries({"description": TEXTS}, optional={"population": TEXTS, "comment": TEXTS})


def analyses(depth: int) -> SearchStrategy[dict[str, Any]]:
    """Return a strategy of analyses, with related ones inside: the schema's own goes too seldom so far in."""
    related = {"related": st.lists(analyses(depth - 1), min_size=1, max_size=2)} if depth else {}
    results = st.fixed_dictionaries(
        {"value": VALUES},
        optional={
            "type": CODES,
            "comment": TEXTS,
            "interpretation": st.lists(CODES, min_size=1, max_size=3),
            "reference": REFERENCES,
            "recipientSignature": SIGNATURES,
            "performerSignature": SIGNATURES,
            **related,
        },
    )
    return st.fixed_dictionaries(
        {"code": CODES, "specimen": st.lists(SPECIMENS, min_size=1, max_size=2)},
        optional={
            "identifier": IDS,
            "timestamp": st.just("2023-03-05T13:00:00+01:00"),
            "comment": TEXTS,
            "status": CODES,
            "method": CODES,
            "result": st.lists(results, min_size=1, max_size=2),
        },
    )


REFERRALS = st.fixed_dictionaries(
    {"identifier": IDS, "timestamp": st.just("2023-03-04T10:20:00+01:00")},
    optional={
        "version": st.just(2),
        "question": TEXTS,
        "requestedCareService": st.lists(CODES, min_size=1, max_size=2),
        "requester": st.fixed_dictionaries({"name": TEXTS}),
        "referralInformation": st.fixed_dictionaries(
            {"referralComment": TEXTS}, optional={"referralMedicalInformation": TEXTS}
        ),
    },
)


def with_analyses(
    entry: dict[str, Any], found: list[dict[str, Any]], referral: dict[str, Any]
) -> dict[str, Any]:
    """Return *entry* with one more group of analyses, and with another order."""
    entry["body"]["referral"] = referral
    entry["body"].setdefault("groupOfAnalyses", []).append(
        {"name": "Kemi", "comment": "Se brev", "analysis": found}
    )
    return entry


@pytest.fixture(scope="session")
def carried(valid_entries: Callable[[str], Any]) -> Callable[[str], SearchStrategy[dict[str, Any]]]:
    """Return, for an information type, a strategy of entries that its older version can carry."""

    def strategy(type_name: str) -> SearchStrategy[dict[str, Any]]:
        entries = valid_entries(type_name)
        if type_name == "referral-status":
            kinds, statuses = st.sampled_from(["1", "2", "4"]), st.sampled_from(["1", "7"])
            return st.builds(step_of_a_referral, entries, statuses, kinds)
        if type_name == "laboratory-results":
            return st.builds(with_analyses, entries, st.lists(analyses(2), min_size=1, max_size=2), REFERRALS)
        return entries  # type: ignore[no-any-return]

    return strategy


@each_older
@given(data=st.data())
@settings(max_examples=12 * THOROUGH)
def test_an_entry_comes_back_as_what_its_table_says_that_it_becomes(
    table: MappingTable,
    data: st.DataObject,
    carried: Callable[[str], Any],
    known_loss: Callable[[Any], Any],
    national_schema: Callable[[str], etree.XMLSchema],
) -> None:
    """An older version loses what its table lists; and what it writes, the real schema accepts."""
    entries = [data.draw(carried(table.type)), data.draw(carried(table.type))]
    judge, before = national_schema(table.xsd), copied(entries)

    element = etree.fromstring("".join(write_response(table, entries, result=Result("OK", "9d1f"))))

    query = {"patientId": entries[0]["header"]["patientId"]}
    found = read_response(table, element, query=query).entries
    assert found == [known_loss(reduced(table, entry)) for entry in entries]
    assert entries == before
    assert judge.validate(element), judge.error_log


class EnoughError(Exception):
    """All that there was to see has been seen."""


@each_older
def test_every_loss_happens(table: MappingTable, carried: Callable[[str], Any]) -> None:
    """A loss that never shows would be a lie about the contract, or about the table."""
    always, *losses = table.losses
    waited_for = {loss["what"] for loss in losses}

    @settings(max_examples=400)
    @given(carried(table.type))
    def lose(entry: dict[str, Any]) -> None:
        for loss in losses:
            before = copied(entry)
            CHANGES[loss["change"]](entry, loss, table.codes)
            if entry != before:
                waited_for.discard(loss["what"])
        if not waited_for:
            raise EnoughError

    with suppress(EnoughError):
        lose()

    assert waited_for == set()
    assert "change" not in always


@pytest.mark.parametrize("type_name", TYPES)
def test_the_newest_version_reduces_nothing(type_name: str) -> None:
    """What a consumer of today reads is what the source said."""
    entry = {"header": {}, "body": {}}

    assert reduced(mapping_table(type_name), entry) is entry


def attachment(media_type: str) -> dict[str, Any]:
    """Return a note that is an attachment."""
    entry = example("care-documentation", "entry-bilaga")
    entry["body"]["multimediaEntry"]["mediaType"] = media_type
    return entry


def step(status: str = "1", kind: str = "4", **header: Any) -> dict[str, Any]:
    """Return a step of a referral, with other things in its header."""
    entry = step_of_a_referral(example("referral-status", "entry-skickad"), status, kind)
    entry["header"] |= header
    return entry


REFUSED = {
    ("GetCareDocumentation 2.1", "body.multimediaEntry.mediaType"): attachment("image/webp"),
    ("GetRequestActivities 1.0", "header.approvedForPatient"): step(approvedForPatient=False),
    ("GetRequestActivities 1.0", "header.patientId"): step(
        patientId={"root": "1.2.752.129.2.1.2.1", "extension": "SE2321000999-K001:4711"}
    ),
    ("GetRequestActivities 1.0", "body.request.type"): step(kind="99"),
    ("GetRequestActivities 1.0", "body.statusCode"): step(status="11"),
}


@pytest.mark.parametrize(("name", "path"), sorted(REFUSED), ids=str)
def test_what_would_say_something_else_without_it_is_refused(name: str, path: str) -> None:
    """A note without its only content, or an entry that must not be seen, is worse than none."""
    table = next(table for table in OLDER if table.name == name)

    with pytest.raises(CodecError, match=name) as caught:
        write_entry(table, REFUSED[name, path])
    assert "4711" not in str(caught.value)


def test_everything_that_a_table_refuses_is_tried() -> None:
    """A promise without a test is a hope."""
    assert {(table.name, item["path"]) for table in OLDER for item in table.refused} == set(REFUSED)


def whole(table: MappingTable) -> etree._Element:
    """Return the element of an example entry, read from its text."""
    names = {"referral-status": "entry-skickad", "laboratory-results": "entry-slutsvar"}
    folder = EXAMPLES / table.type / "valid"
    entry = example(table.type, names.get(table.type, min(path.stem for path in folder.glob("entry-*"))))
    if table.type == "referral-status":
        entry = step()
    return etree.fromstring(write_entry(table, entry))


def turn(element: etree._Element) -> None:
    """Put the first element last."""
    element.append(element[0])


def lose_text(element: etree._Element) -> None:
    """Empty the first element that has text only."""
    next(found for found in element.iter() if not len(found)).text = None


def add_text(element: etree._Element) -> None:
    """Put text beside elements."""
    element[0].tail = "lös text"


def add_unknown(element: etree._Element) -> None:
    """Put an element of the contract's own namespace where it has none."""
    etree.SubElement(element, etree.QName(etree.QName(element[0]).namespace, "extra"))


def add_bare(element: etree._Element) -> None:
    """Put an element of no namespace: whoever wrote it forgot, or meant something that nobody knows."""
    etree.SubElement(element, "extra")


def remove(element: etree._Element) -> None:
    """Take the first element away."""
    element.remove(element[0])


def nest(element: etree._Element) -> None:
    """Put an element where there is to be text."""
    found = next(found for found in element.iter() if not len(found))
    etree.SubElement(found, "b")


BREAKS: dict[str, tuple[Callable[[etree._Element], None], str]] = {
    "order": (turn, "out of order"),
    "empty": (lose_text, "is empty"),
    "text": (add_text, "text beside"),
    "unknown": (add_unknown, "unknown or out of order"),
    "bare": (add_bare, "unknown or out of order"),
    "missing": (remove, "is missing"),
    "nested": (nest, "text only"),
}


@each_older
@pytest.mark.parametrize("name", sorted(BREAKS))
def test_broken_xml_of_an_older_version_is_refused(table: MappingTable, name: str) -> None:
    """What cannot be read surely is not read at all, in any version."""
    change, message = BREAKS[name]
    element = whole(table)
    change(element)

    with pytest.raises(CodecError, match=message):
        from_elements(table.type, element, table.version, query={"patientId": OFFICIAL})


def test_versions_are_found_by_their_files_newest_first() -> None:
    """Adding a version is adding a file."""
    assert [table.version for table in mapping_tables("care-documentation")] == ["3.0", "2.1"]
    assert [table.version for table in mapping_tables("diagnoses")] == ["2.0"]
    assert mapping_table("laboratory-results", "3.1") is mapping_tables("laboratory-results")[1]


def test_a_table_is_found_by_the_namespace_of_its_requests() -> None:
    """A door routes by what the body's element says that it is."""
    tables = [table for name in TYPES for table in mapping_tables(name)]

    assert [table_of(table.namespaces["responder"]) for table in tables] == tables
    assert table_of("urn:riv:clinicalprocess:healthcond:description:GetCareDocumentationResponder:4") is None


@pytest.mark.parametrize(("name", "version"), [("diagnoses", "1.0"), ("diagnosis", None)])
def test_a_version_that_there_is_no_table_for_is_an_error(name: str, version: str | None) -> None:
    """The newest one instead would be another contract's answer."""
    with pytest.raises(UnknownSchemaError):
        mapping_table(name, version)
