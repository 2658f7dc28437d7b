"""What a mapping table says: which element, in which order and spelling, stands for which field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CORE",
    "ITSELF",
    "ONLY",
    "RESPONDER",
    "Coded",
    "MappingTable",
    "Mistake",
    "Outcome",
    "ResponseShape",
    "Role",
    "Row",
]

ITSELF: Final = (".",)
"""The path of a row that stands for the value it is in, not for a field of it."""
ONLY: Final = "[]"
"""What a step of a path ends with that goes on in the only item of a list."""
CORE: Final = "core"
"""The namespace of everything inside an entry that names no other."""
RESPONDER: Final = "responder"
"""The namespace of a request, a response and their own elements."""

Mistake = Literal[
    "other-source-system", "contact-without-source-system", "reserve-without-source-system", "invalid-query"
]
"""What can be wrong with a question that its contract's texts have a say about."""
Outcome = Literal["invalid-request", "fault", "empty"]
"""What a producer answers to one: a result that says so and nothing else, a SOAP fault, or no entries."""


Role = Literal["repeat", "spare", "ignored"]
"""How an element is not like others, which are written and read.

A `repeat` is written too, and read where nothing before it has said what it says; a `spare` is not written, and
read so; what is `ignored` is neither.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One element of a table.

    *path* is the field, in steps, within the value that the row's parent stands for; None for an element
    that only groups others. *form* says how text is written, *codes* which of the table's lists of codes it is
    from; other elements have *children*, given here or by the name of a shared *type*. *constant* is the text
    the element always has.

    An *open* list of codes has other texts too, which are original text. Values that are not in *codes* may be in
    the list that it *shares* a field with. An element of two rows is the first one's if the element *beside* is
    there.
    """

    element: str
    path: tuple[str, ...] | None = None
    form: str | None = None
    codes: str | None = None
    open: bool = False
    shares: str | None = None
    required: bool = False
    many: bool = False
    namespace: str | None = None
    constant: str | None = None
    children: tuple[Row, ...] = ()
    type: str | None = None
    role: Role | None = None
    beside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """One code of a contract that has codes of its own: the element's *text*, and the JSON *value* it stands for.

    Without a value it says that there is nothing. Codes in *of* become this one on their way to the contract.
    """

    text: str
    value: Any = None
    of: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseShape:
    """A contract's response: its *element*, and the *order* of `entries`, `hasMore` and `result` in it.

    *result* and *has_more* are None where the contract has no such thing. The fields of a result are `code`,
    `errorCode`, `logId`, `subCode` and `message`, as many as the contract has; those of has_more
    `logicalAddress` and `reference`.
    """

    element: str
    order: tuple[str, ...]
    result: Row | None
    has_more: Row | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MappingTable:
    """One RIV-TA contract in one version, and how its elements map to one information type's JSON.

    *namespaces* are by short name (`responder`, `core`, …); *xsd* names the official schema's place in a copy
    of the national schemas. Without an *approval_flag* entries cannot say that the patient must not see them.
    *outcomes* is what a producer answers to each mistake. *derived* are fields that the XML does not have, each
    with the field it equals, and *from_query* those that only the question has. A period that the contract lets
    be open at one end ends there at *open_ends*. What a version cannot carry is in *losses*, in the order in which
    it is lost, or *refused*.
    """

    contract: str
    version: str
    type: str
    namespaces: Mapping[str, str]
    xsd: str
    soap_action: str
    approval_flag: bool
    entry: Row
    request: Row
    response: ResponseShape
    outcomes: Mapping[Mistake, Outcome]
    unsupported_filters: frozenset[str]
    open_ends: Mapping[str, str]
    types: Mapping[str, tuple[Row, ...]]
    codes: Mapping[str, tuple[Coded, ...]]
    derived: Mapping[str, str]
    from_query: Mapping[str, str]
    losses: tuple[Mapping[str, Any], ...]
    refused: tuple[Mapping[str, str], ...]
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The contract and its version, as messages call them."""
        return f"{self.contract} {self.version}"

    def tag(self, row: Row, default: str) -> str:
        """Return the row's qualified element name; *default* names the namespace of rows without one."""
        return f"{{{self.namespaces[row.namespace or default]}}}{row.element}"

    def children(self, row: Row) -> tuple[Row, ...]:
        """Return the rows inside *row*, its own or its type's."""
        return self.types[row.type] if row.type else row.children
