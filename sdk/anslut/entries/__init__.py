"""Entries: what a `read_*` method hands over, frozen and checked against the contract where they are made."""

from anslut.entries.diagnosis import diagnosis
from anslut.entries.entry import Entry
from anslut.entries.header import Author, Header, OrgUnit, Signature, header
from anslut.entries.note import DissentingOpinion, Multimedia, note
from anslut.entries.parts import Code, Identifier

__all__ = [
    "Author",
    "Code",
    "DissentingOpinion",
    "Entry",
    "Header",
    "Identifier",
    "Multimedia",
    "OrgUnit",
    "Signature",
    "diagnosis",
    "header",
    "note",
]
