"""Small parts that entries are made of: codes, identifiers, moments."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec
from anslut_contracts import code_list
from anslut_contracts.clock import STOCKHOLM, in_stockholm
from anslut_contracts.identity import PersonId, parse

HSA_ID = "1.2.752.129.2.1.4.1"
ICD_10_SE = "1.2.752.116.1.1.1.1.3"
NOTE_KIND = "1.2.752.129.2.2.2.11"
NPU = "1.2.752.108.1"
STAFF_ROLE = "1.2.752.129.2.2.1.4"


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A part of an entry; fields that are `None` do not stand in the JSON."""

    def __repr__(self) -> str:
        """Name the class only: what it holds belongs in no log."""
        return f"<{type(self).__name__}>"


class TimedPart(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A part with `moments`: fields that get Stockholm's time when the part is made."""

    moments: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Bring aware moments to Stockholm's offset and whole seconds; naive ones fail the contract later."""
        for name in self.moments:
            value = getattr(self, name)
            if not isinstance(value, datetime) or value.tzinfo is None:
                continue
            if value.tzinfo is not STOCKHOLM or value.microsecond:  # what from_local returns is right already
                local = in_stockholm(value).replace(microsecond=0)
                msgspec.structs.force_setattr(self, name, local)


class Person(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A person's identity as it stands in an entry; one without its series' form does not exist."""

    root: str
    extension: str

    def __post_init__(self) -> None:
        """Raise `IdentityError`, without the number, when the identity does not have its series' form."""
        parse(self.root, self.extension)

    @classmethod
    def of(cls, person: PersonId) -> Person:
        """Return *person* as it stands in an entry."""
        return cls(root=person.root, extension=person.extension)


class Code(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A coded value (CV): a code with its system's OID and text, or original text alone.

    `Code.of(None, …)` is for local codes that have no national one: it keeps the text as original text.
    """

    code: str | None = None
    code_system: str | None = None
    code_system_name: str | None = None
    code_system_version: str | None = None
    display_name: str | None = None
    original_text: str | None = None

    @classmethod
    def of(cls, code: str | None, text: str | None, *, system: str) -> Code:
        """Return *code* in *system* (an OID) with *text* to show, or *text* alone when there is no code."""
        if code is None:
            return cls(original_text=text)
        return cls(code=code, code_system=system, display_name=text)

    @classmethod
    def listed(cls, name: str, code: str) -> Code:
        """Return *code* of the contract's code list *name*, with its system and text to show.

        Raise `LookupError`, without the code, when the list does not have it or has no code system.
        """
        found = code_list(name)
        if found.code_system is None or code not in found.texts:
            raise LookupError(f"the code list {name} has no such code")
        return cls(code=code, code_system=found.code_system, display_name=found.texts[code])

    @classmethod
    def icd10(cls, code: str, text: str) -> Code:
        """Return an ICD-10-SE code; a dot, as in `I10.9`, is taken away as the contract wants it."""
        return cls.of(code.replace(".", "").strip(), text, system=ICD_10_SE)


class Identifier(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An identifier (II): the OID of its series, or the source system's HSA-id, and the id itself."""

    root: str
    extension: str | None = None
