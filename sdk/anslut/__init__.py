"""Build a connector for 1177 Journalen: subclass `RecordConnector`, write one `read_*` for each type it owes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anslut_contracts.identity import PersonId
    from anslut_contracts.profile import RegionProfile
    from anslut_contracts.time_form import from_local

    from anslut.changes import Change, Changes
    from anslut.connector import Connector, RecordConnector
    from anslut.entries import Author, Code, Entry, Header, OrgUnit, Signature, diagnosis, header, note
    from anslut.errors import AnslutError
    from anslut.query import Caller, Period, Query
    from anslut.settings import Settings

_HOMES = {
    "AnslutError": "anslut.errors",
    "Author": "anslut.entries",
    "Caller": "anslut.query",
    "Change": "anslut.changes",
    "Changes": "anslut.changes",
    "Code": "anslut.entries",
    "Connector": "anslut.connector",
    "Entry": "anslut.entries",
    "Header": "anslut.entries",
    "OrgUnit": "anslut.entries",
    "Period": "anslut.query",
    "PersonId": "anslut_contracts.identity",
    "Query": "anslut.query",
    "RecordConnector": "anslut.connector",
    "RegionProfile": "anslut_contracts.profile",
    "Settings": "anslut.settings",
    "Signature": "anslut.entries",
    "diagnosis": "anslut.entries",
    "from_local": "anslut_contracts.time_form",
    "header": "anslut.entries",
    "note": "anslut.entries",
}

__all__ = [
    "AnslutError",
    "Author",
    "Caller",
    "Change",
    "Changes",
    "Code",
    "Connector",
    "Entry",
    "Header",
    "OrgUnit",
    "Period",
    "PersonId",
    "Query",
    "RecordConnector",
    "RegionProfile",
    "Settings",
    "Signature",
    "diagnosis",
    "from_local",
    "header",
    "note",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `anslut --help` should not wait for it."""
    if name not in _HOMES:
        raise AttributeError(f"anslut has no {name}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
