"""Updates of the engagement index between this contract's JSON (`engagements`) and RIV-TA's Update 1.0.

Form only, as the table in rivta/v1/index says: whether an update is one that the index takes is for
`anslut_contracts.validation` to say. No error quotes a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from anslut_contracts.documents import read_json
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.xml_text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml import etree

__all__ = [
    "UpdateError",
    "UpdateResult",
    "read_result",
    "read_update",
    "soap_action",
    "update_errors",
    "write_result",
    "write_update",
]

ResultCode = Literal["OK", "INFO", "ERROR"]
_CODES: Final[tuple[ResultCode, ...]] = ("OK", "INFO", "ERROR")
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateResult:
    """The index's answer: with `OK` and `INFO` it has kept the whole update, with `ERROR` nothing of it."""

    code: ResultCode
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateError:
    """One of the index's error codes: how it is answered, and what it means."""

    code: str
    answer: Literal["result", "fault"]
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One element of an engagement, called as the JSON field is."""

    name: str
    required: bool
    pattern: re.Pattern[str]


def soap_action() -> str:
    """Return the SOAPAction of an update, without quotes."""
    return str(_table()["soapAction"])


@cache
def update_errors() -> Mapping[str, UpdateError]:
    """Return the index's error codes."""
    return MappingProxyType({row["code"]: UpdateError(**row) for row in _table()["errors"]})


def write_update(update: Mapping[str, Any]) -> Iterator[str]:
    """Yield the element Update of a valid *update*, one transaction at a time.

    Raise `CodecError`, naming the place, for what the schema of Update does not hold.
    """
    names, spaces = _table()["request"], _table()["namespaces"]
    yield f'<{names["element"]} xmlns="{spaces["responder"]}" xmlns:e="{spaces["core"]}">'
    for number, transaction in enumerate(update["transactions"]):
        place = f"transactions[{number}]"
        if not isinstance(transaction["deleteFlag"], bool):
            raise CodecError(f"{place}.deleteFlag is not a boolean")
        flag = "true" if transaction["deleteFlag"] else "false"
        inside = _engagement(transaction["engagement"], place=f"{place}.{names['engagement']}")
        yield (
            f"<{names['transaction']}><e:{names['deleteFlag']}>{flag}</e:{names['deleteFlag']}>"
            f"<e:{names['engagement']}>{inside}</e:{names['engagement']}></{names['transaction']}>"
        )
    yield f"</{names['element']}>"


def _engagement(engagement: Mapping[str, Any], *, place: str) -> str:
    if not engagement.keys() <= {field.name for field in _fields()}:
        raise CodecError(f"Update has no place for a field in {place}")
    written = []
    for field in _fields():
        value = engagement.get(field.name)
        if value is None and not field.required:
            continue
        if not isinstance(value, str) or not value or not field.pattern.fullmatch(value):
            raise CodecError(f"{place}.{field.name} is missing, or has another form than Update demands")
        written.append(f"<e:{field.name}>{_escaped(value, place=f'{place}.{field.name}')}</e:{field.name}>")
    return "".join(written)


def read_update(element: etree._Element) -> dict[str, Any]:
    """Return the update that *element*, read by `safe_xml`, stands for; not validated.

    Extensions are passed over where the schema allows them. Raise `CodecError`, naming the place, for anything else
    that the schema of Update does not hold.
    """
    names = _table()["request"]
    rows = _children(
        element,
        [names["transaction"]],
        place=_named(element, names["element"]),
        inside="responder",
        many=True,
    )
    if not rows:
        raise CodecError("Update holds no transactions")
    return {"transactions": [_read_transaction(row, f"transactions[{n}]") for n, row in enumerate(rows)]}


def _read_transaction(element: etree._Element, place: str) -> dict[str, Any]:
    names = _table()["request"]
    parts = _children(element, [names["deleteFlag"], names["engagement"]], place=place)
    found = {_local(part): part for part in parts}
    for name in (names["deleteFlag"], names["engagement"]):
        if name not in found:
            raise CodecError(f"{place}.{name} is missing")
    flag = _text(found[names["deleteFlag"]], place=f"{place}.deleteFlag").strip()
    if flag not in _FLAGS:
        raise CodecError(f"{place}.deleteFlag is not a boolean")
    engagement = _read_engagement(found[names["engagement"]], f"{place}.engagement")
    return {"deleteFlag": _FLAGS[flag], "engagement": engagement}


def _read_engagement(element: etree._Element, place: str) -> dict[str, str]:
    parts = _children(element, [field.name for field in _fields()], place=place)
    found = {_local(part): _text(part, place=f"{place}.{_local(part)}") for part in parts}
    for field in _fields():
        value = found.get(field.name)
        if value is None and field.required:
            raise CodecError(f"{place}.{field.name} is missing")
        if value is not None and not field.pattern.fullmatch(value):
            raise CodecError(f"{place}.{field.name} has another form than Update demands")
    return found


def write_result(result: UpdateResult) -> str:
    """Return the element UpdateResponse; raise `CodecError` for a comment that XML cannot hold."""
    names, space = _table()["response"], _table()["namespaces"]["responder"]
    said = f"<{names['code']}>{result.code}</{names['code']}>"
    if result.comment is not None:
        said += f"<{names['comment']}>{_escaped(result.comment, place='comment')}</{names['comment']}>"
    return f'<{names["element"]} xmlns="{space}">{said}</{names["element"]}>'


def read_result(element: etree._Element) -> UpdateResult:
    """Return the answer that *element* stands for; raise `CodecError` when it is no UpdateResponse."""
    names = _table()["response"]
    place = _named(element, names["element"])
    parts = _children(element, [names["code"], names["comment"]], place=place, inside="responder")
    said = {_local(part): _text(part, place=f"{place}.{_local(part)}") for part in parts}
    code = next((one for one in _CODES if one == said.get(names["code"])), None)
    if code is None:
        raise CodecError(f"{place} has no ResultCode of the contract's")
    return UpdateResult(code=code, comment=said.get(names["comment"]) or None)


def _children(
    element: etree._Element, names: Sequence[str], *, place: str, inside: str = "core", many: bool = False
) -> list[etree._Element]:
    """Return the children called *names*, in that order, each at most once unless *many*.

    After them may stand what is in namespaces that nobody here knows.
    """
    spaces = _table()["namespaces"]
    _without_attributes(element, place=place)
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise CodecError(f"{place} has text beside its elements")
    children = list(element)
    position = 0
    for name in names:
        tag = f"{{{spaces[inside]}}}{name}"
        while position < len(children) and children[position].tag == tag:
            position += 1
            if not many:
                break
    known = tuple(f"{{{space}}}" for space in spaces.values())
    if any(child.tag.startswith(known) or not child.tag.startswith("{") for child in children[position:]):
        raise CodecError(f"{place} has an element that is unknown, out of order or too many")
    return children[:position]


def _named(element: etree._Element, name: str) -> str:
    """Return *name* when *element* is called so in the contract's namespace; raise `CodecError` otherwise."""
    if element.tag != f"{{{_table()['namespaces']['responder']}}}{name}":
        raise CodecError(f"the body must hold the element {name}")
    return name


def _text(element: etree._Element, *, place: str) -> str:
    if len(element):
        raise CodecError(f"{place} must hold text only")
    _without_attributes(element, place=place)
    return element.text or ""


def _without_attributes(element: etree._Element, *, place: str) -> None:
    if any(not str(name).startswith(_XSI) for name in element.attrib):
        raise CodecError(f"{place} has an attribute that Update does not have")


def _escaped(text: str, *, place: str) -> str:
    try:
        return escaped(text)
    except ValueError:
        raise CodecError(f"{place} holds a character that XML cannot") from None


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


@cache
def _fields() -> tuple[_Field, ...]:
    return tuple(
        _Field(
            name=row["element"],
            required=row["occurs"] != "0..1",
            pattern=re.compile(row.get("pattern", "(?s:.*)")),
        )
        for row in _table()["engagement"]
    )


def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = read_json("rivta/v1/index/Update-1.0.json")
    return table
