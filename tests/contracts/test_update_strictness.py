"""Update in other people's XML: what the real schema refuses is refused here, and what it allows is read."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from anslut_contracts.errors import CodecError, UnsafeXmlError
from anslut_contracts.rivta.update import read_update
from anslut_contracts.safe_xml import parse
from lxml import etree
from sample_update import CORE, NUMBER, RESPONDER, judge, update, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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


def test_entities_and_document_types_are_refused_before_anything_is_read() -> None:
    """Other people's XML is read by one careful reader."""
    sent = b'<!DOCTYPE x [<!ENTITY a "199001022384">]>' + written(update())

    with pytest.raises(UnsafeXmlError):
        parse(sent)
