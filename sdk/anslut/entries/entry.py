"""An entry: a header and a body of one information type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from anslut_contracts import validation

from anslut.entries.parts import Part
from anslut.errors import EntryInvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut.entries.header import Header


class Entry:
    """One entry of one information type, frozen; it holds against the contract's schema or does not exist.

    *type* is the information type (`"diagnoses"`), *body* its body: a `Part`, or a mapping in the
    contract's own JSON. Raise `EntryInvalidError`, naming place and rule but no value, when the contract does
    not allow it. The functions `note`, `diagnosis` and `laboratory_result` are shorter to use.
    """

    __slots__ = ("_document", "body", "header", "type")

    _document: dict[str, Any]
    body: msgspec.Struct | Mapping[str, Any]
    header: Header
    type: str

    def __init__(self, type: str, *, header: Header, body: msgspec.Struct | Mapping[str, Any]) -> None:  # noqa: A002 - the contract's own word
        """Check the entry and freeze it."""
        document = {"header": msgspec.to_builtins(header), "body": msgspec.to_builtins(body)}
        if isinstance(body, Part):  # its times, as the header's, are Stockholm's by construction
            errors = validation.entry_errors(type, document)
        else:
            errors = validation.errors(f"entry:{type}", document)
        if errors:
            first = errors[0]
            raise EntryInvalidError(
                f"an entry of {type} breaks the contract at {first.path or '/'}: {first.rule}",
                source=header.source_system_hsa_id,
                errors=errors,
            )
        for name, value in (("type", type), ("header", header), ("body", body), ("_document", document)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: an entry does not change."""
        raise AttributeError(f"an entry is frozen; make a new one with another {name}")

    def __delattr__(self, name: str) -> None:
        """Refuse: an entry does not change."""
        raise AttributeError(f"an entry is frozen; {name} cannot be taken away")

    def __repr__(self) -> str:
        """Name the type only: what it holds belongs in no log."""
        return f"<Entry {self.type}>"

    def __eq__(self, other: object) -> bool:
        """Two entries are equal when their JSON is."""
        return isinstance(other, Entry) and self.type == other.type and self._document == other._document

    def __hash__(self) -> int:
        """Hash by type and documentId, which no other entry of the source has."""
        return hash((self.type, self.header.document_id))

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain JSON values, a copy of its own."""
        copy: dict[str, Any] = msgspec.to_builtins(self._document)
        return copy
