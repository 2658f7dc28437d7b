"""Update of the engagement index: JSON and RIV-TA say the same, and the real schema agrees about both."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
from anslut_contracts import information_types, validation
from anslut_contracts.documents import read_json
from anslut_contracts.errors import CodecError, UnsafeXmlError
from anslut_contracts.rivta.update import (
    UpdateResult,
    read_result,
    read_update,
    soap_action,
    update_errors,
    write_result,
    write_update,
)
from anslut_contracts.safe_xml import parse
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = read_json("rivta/v1/index/Update-1.0.json")
RESPONDER, CORE = TABLE["namespaces"]["responder"], TABLE["namespaces"]["core"]
EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1" / "engagements"
NUMBER = "199001022384"


def engagement(**changed: Any) -> dict[str, Any]:
    """Return a valid engagement."""
    return {
        "registeredResidentIdentification": NUMBER,
        "serviceDomain": "riv:clinicalprocess:healthcond:description",
        "categorization": "dia",
        "logicalAddress": "SE2321000999-K001",
        "businessObjectInstanceIdentifier": "NA",
        "clinicalProcessInterestId": "NA",
        "mostRecentContent": "20230701090005",
        "sourceSystem": "SE2321000999-K001",
        "dataController": "SE2321000999",
        **changed,
    }


def update(**changed: Any) -> dict[str, Any]:
    """Return an update of one transaction."""
    return {"transactions": [{"deleteFlag": False, "engagement": engagement(**changed)}]}


def written(document: dict[str, Any]) -> bytes:
    """Return an update as XML."""
    return "".join(write_update(document)).encode()


@cache
def judge(schemas: Path) -> etree.XMLSchema:
    """Return the official schema of Update."""
    return etree.XMLSchema(etree.parse(schemas / TABLE["xsd"]))


UPDATES = st.lists(
    st.builds(
        lambda flag, time, kind, controller: {
            "deleteFlag": flag,
            "engagement": {
                key: value
                for key, value in engagement(
                    serviceDomain=kind.service_domain,
                    categorization=kind.index_category,
                    mostRecentContent=None if flag else time,
                    dataController=controller,
                ).items()
                if value is not None
            },
        },
        st.booleans(),
        st.datetimes().filter(lambda moment: moment.year >= 1000).map(lambda m: f"{m:%Y%m%d%H%M%S}"),
        st.sampled_from(sorted(information_types().values(), key=lambda one: one.name)),
        st.from_regex(r"[!-~åäö\U0001F600]([ -~åäö]{0,60}[!-~])?", fullmatch=True),
    ),
    min_size=1,
    max_size=4,
).map(lambda rows: {"transactions": rows})


@given(document=UPDATES)
@settings(max_examples=60)
def test_an_update_comes_back_from_xml_as_it_was(document: dict[str, Any]) -> None:
    """What the index is told does not depend on the form it is told in."""
    assert read_update(parse(written(document))) == document


@given(document=UPDATES)
@settings(max_examples=60)
def test_the_real_schema_accepts_what_is_written(document: dict[str, Any], national_schemas: Path) -> None:
    """Order, spelling and namespaces are the national ones."""
    made = etree.fromstring(written(document))

    assert judge(national_schemas).validate(made), judge(national_schemas).error_log


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("valid/*.json")), ids=lambda path: path.stem)
def test_every_example_can_be_told_in_rivta(path: Path, national_schemas: Path) -> None:
    """The examples are what adopters copy."""
    document = json.loads(path.read_text("utf-8"))

    assert read_update(parse(written(document))) == document
    assert judge(national_schemas).validate(etree.fromstring(written(document)))


def test_the_table_knows_every_field_of_the_json_and_the_schemas_own_three() -> None:
    """A field that only one of the forms has would be lost on the way; these three are the index's to set."""
    fields = set(anslut_contracts.schema("engagements")["$defs"]["engagement"]["properties"])

    assert {row["element"] for row in TABLE["engagement"]} - fields == {"creationTime", "updateTime", "owner"}
    assert fields <= {row["element"] for row in TABLE["engagement"]}
    assert soap_action() == f"{RESPONDER}:Update"


def test_the_table_follows_its_schema() -> None:
    """Connectors in other languages read it too."""
    assert validation.errors("update-table", TABLE) == []
    assert sorted(update_errors()) == [f"EI00{number}" for number in range(7)]


def change_text(name: str, text: str) -> Callable[[etree._Element], None]:
    """Return a change that gives every element called *name* another text."""

    def change(root: etree._Element) -> None:
        for element in root.iter(f"{{*}}{name}"):
            element.text = text

    return change


def remove(name: str) -> Callable[[etree._Element], None]:
    """Return a change that removes every element called *name*."""

    def change(root: etree._Element) -> None:
        for element in list(root.iter(f"{{*}}{name}")):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return change


def add(name: str, *, where: str, at: int | None = None, text: str = "x") -> Callable[[etree._Element], None]:
    """Return a change that puts a new element called *name* into that called *where*."""

    def change(root: etree._Element) -> None:
        parent = root if where == "." else next(root.iter(f"{{*}}{where}"))
        child = etree.Element(name)
        child.text = text
        parent.insert(len(parent) if at is None else at, child)

    return change


def double(name: str) -> Callable[[etree._Element], None]:
    """Return a change after which the first element called *name* stands twice."""

    def change(root: etree._Element) -> None:
        element = next(root.iter(f"{{*}}{name}"))
        element.addnext(copy.deepcopy(element))

    return change


def move_last(name: str) -> Callable[[etree._Element], None]:
    """Return a change that moves the first element called *name* behind its siblings."""

    def change(root: etree._Element) -> None:
        element = next(root.iter(f"{{*}}{name}"))
        parent = element.getparent()
        assert parent is not None
        parent.append(element)

    return change


def rename(name: str, tag: str) -> Callable[[etree._Element], None]:
    """Return a change that calls every element called *name* something else."""

    def change(root: etree._Element) -> None:
        for element in list(root.iter(f"{{*}}{name}")):
            element.tag = tag

    return change


def attribute(name: str, key: str) -> Callable[[etree._Element], None]:
    """Return a change that gives the first element called *name* an attribute."""

    def change(root: etree._Element) -> None:
        next(root.iter(f"{{*}}{name}")).set(key, "1")

    return change


BROKEN: dict[str, Callable[[etree._Element], None]] = {
    "no transaction": remove("engagementTransaction"),
    "no engagement": remove("engagement"),
    "no flag": remove("deleteFlag"),
    "flag in words": change_text("deleteFlag", "ja"),
    "empty flag": change_text("deleteFlag", ""),
    "two flags": double("deleteFlag"),
    "two engagements": double("engagement"),
    "two categories": double("categorization"),
    "no source system": remove("sourceSystem"),
    "number with hyphen": change_text("registeredResidentIdentification", "19900102-2384"),
    "number with space": change_text("registeredResidentIdentification", f" {NUMBER}"),
    "number in Arabic digits": change_text("registeredResidentIdentification", "١٩٩٠٠١٠٢٢٣٨٤"),
    "number with line feed": change_text("registeredResidentIdentification", f"{NUMBER}\n"),
    "time with offset": change_text("mostRecentContent", "2023-07-01T09:00:05+02:00"),
    "day without time": change_text("mostRecentContent", "20230701"),
    "empty time": change_text("mostRecentContent", ""),
    "month thirteen": change_text("mostRecentContent", "20231301090005"),
    "order": move_last("serviceDomain"),
    "flag last": move_last("deleteFlag"),
    "own element": add(f"{{{CORE}}}hemlig", where="engagement"),
    "extension first": add("{urn:other}x", where="engagement", at=0),
    "extension between": add("{urn:other}x", where=".", at=0),
    "element in text": add("{urn:other}x", where="categorization"),
    "text beside": change_text("engagement", "199001022384"),
    "core in responder": rename("engagementTransaction", f"{{{CORE}}}engagementTransaction"),
    "responder in core": rename("categorization", f"{{{RESPONDER}}}categorization"),
    "attribute": attribute("engagement", "id"),
    "attribute of text": attribute("sourceSystem", "id"),
    "other root": rename("Update", f"{{{RESPONDER}}}ProcessNotification"),
    "bad creation time": add(f"{{{CORE}}}creationTime", where="engagement", at=8),
}


def broken(what: str) -> bytes:
    """Return an update that a change of `BROKEN` has spoilt."""
    root = etree.fromstring(written(update(clinicalProcessInterestId="HEMLIGT")))
    BROKEN[what](root)
    return etree.tostring(root)


@pytest.mark.parametrize("what", BROKEN)
def test_what_the_schema_does_not_hold_is_refused_unquoted(what: str) -> None:
    """An update that only we can read would be lost in the national index; and no error says about whom."""
    with pytest.raises(CodecError) as caught:
        read_update(parse(broken(what)))

    assert "1990" not in str(caught.value)
    assert "hemlig" not in str(caught.value).lower()


@pytest.mark.parametrize("what", BROKEN)
def test_the_real_schema_refuses_the_same(what: str, national_schemas: Path) -> None:
    """We are not stricter here than the national index is."""
    assert not judge(national_schemas).validate(etree.fromstring(broken(what)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</e:engagement>", b'<hemlig xmlns="">x</hemlig></e:engagement>'),
        (b"<e:owner>x</e:owner>", b'<owner xmlns="">x</owner>'),
        (f' xmlns="{RESPONDER}"'.encode(), b""),
    ],
)
def test_elements_without_a_namespace_are_none_of_the_contract(
    old: bytes, new: bytes, national_schemas: Path
) -> None:
    """Hand-made XML forgets namespaces; the national index then sees nothing."""
    sent = written(update(owner="x"))
    assert old in sent
    sent = sent.replace(old, new)

    assert not judge(national_schemas).validate(etree.fromstring(sent))
    with pytest.raises(CodecError):
        read_update(parse(sent))


ALLOWED: dict[str, Callable[[etree._Element], None]] = {
    "extension of the update": add("{urn:other}x", where="."),
    "extension of the transaction": add("{urn:other}x", where="engagementTransaction"),
    "extension of the engagement": add("{urn:other}x", where="engagement"),
    "flag as a digit": change_text("deleteFlag", " 0 "),
    "schema location": attribute("Update", "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"),
}


def allowed(what: str) -> bytes:
    """Return an update that a change of `ALLOWED` has made unusual."""
    root = etree.fromstring(written(update()))
    ALLOWED[what](root)
    return etree.tostring(root)


@pytest.mark.parametrize("what", ALLOWED)
def test_what_the_schema_allows_besides_is_passed_over(what: str) -> None:
    """The contract has room for extensions, and other people's tools write other XML."""
    assert read_update(parse(allowed(what))) == update()


@pytest.mark.parametrize("what", ALLOWED)
def test_the_real_schema_allows_the_same(what: str, national_schemas: Path) -> None:
    """Room that the contract does not have would be ours alone."""
    made = etree.fromstring(allowed(what))

    assert judge(national_schemas).validate(made), judge(national_schemas).error_log


@pytest.mark.parametrize("name", ["creationTime", "updateTime", "owner"])
def test_what_only_the_index_may_set_is_read_and_then_refused(name: str) -> None:
    """The schema of Update has these fields; a connector that sends them is told so, not silently corrected."""
    text = "SE2321000999-I001" if name == "owner" else "20230701090005"
    document = update(**{name: text})

    assert read_update(parse(written(document))) == document
    (error,) = validation.errors("engagements", document)
    assert error.rule == "additionalProperties"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hemligt": "x"},
        {"sourceSystem": None},
        {"sourceSystem": ""},
        {"sourceSystem": 7},
        {"dataController": "a\x00b"},
        {"dataController": "a\ud800b"},
        {"dataController": "a\uffffb"},
        {"registeredResidentIdentification": "19900102-2384"},
        {"mostRecentContent": "2023-07-01"},
    ],
)
def test_what_xml_or_the_schema_cannot_hold_is_not_written(wrong: dict[str, Any]) -> None:
    """Dropping or bending a value silently is how information goes missing."""
    with pytest.raises(CodecError) as caught:
        written(update(**wrong))
    assert "1990" not in str(caught.value)
    assert "hemligt" not in str(caught.value)


def test_a_flag_that_is_no_flag_is_not_written() -> None:
    """The text "false" is true in many languages."""
    document = update()
    document["transactions"][0]["deleteFlag"] = "false"

    with pytest.raises(CodecError, match="deleteFlag"):
        written(document)


def test_markup_in_a_value_is_text() -> None:
    """A local id can hold anything."""
    document = update(dataController="</e:dataController><x>&amp;]]>")

    assert read_update(parse(written(document))) == document


@pytest.mark.parametrize("code", ["OK", "INFO", "ERROR"])
@pytest.mark.parametrize("comment", [None, "EI002: två & samma <engagemang>"])
def test_an_answer_comes_back_as_it_was(code: Any, comment: str | None) -> None:
    """OK and INFO are acknowledgements; a comment is for people."""
    result = UpdateResult(code=code, comment=comment)

    assert read_result(parse(write_result(result).encode())) == result


@pytest.mark.parametrize("comment", [None, "EI002: två & samma <engagemang>"])
def test_the_real_schema_accepts_an_answer(comment: str | None, national_schemas: Path) -> None:
    """Other people's connectors read it."""
    made = etree.fromstring(write_result(UpdateResult(code="ERROR", comment=comment)))

    assert judge(national_schemas).validate(made), judge(national_schemas).error_log


NO_ANSWERS = [
    f'<UpdateResponse xmlns="{RESPONDER}"/>',
    f'<UpdateResponse xmlns="{RESPONDER}"><comment>OK</comment></UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode>ok</ResultCode></UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode> OK</ResultCode></UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}">{"<ResultCode>OK</ResultCode>" * 2}</UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode><x>OK</x></ResultCode></UpdateResponse>',
    "<UpdateResponse><ResultCode>OK</ResultCode></UpdateResponse>",
    f'<ProcessNotificationResponse xmlns="{RESPONDER}"><ResultCode>OK</ResultCode></ProcessNotificationResponse>',
]


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_is_none_is_no_acknowledgement(answer: str) -> None:
    """Whoever moved their position because of it would lose what the index never kept."""
    with pytest.raises(CodecError):
        read_result(parse(answer.encode()))


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_the_real_schema_knows_no_such_answer(answer: str, national_schemas: Path) -> None:
    """What we do not understand is nothing that an index may say."""
    assert not judge(national_schemas).validate(etree.fromstring(answer))


def test_an_answer_may_have_extensions_and_an_empty_comment() -> None:
    """An empty comment says nothing."""
    answer = (
        f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode>OK</ResultCode><comment/>'
        '<x xmlns="urn:other">1</x></UpdateResponse>'
    )

    assert read_result(parse(answer.encode())) == UpdateResult(code="OK")


def test_entities_and_document_types_are_refused_before_anything_is_read() -> None:
    """Other people's XML is read by one careful reader."""
    sent = b'<!DOCTYPE x [<!ENTITY a "199001022384">]>' + written(update())

    with pytest.raises(UnsafeXmlError):
        parse(sent)
