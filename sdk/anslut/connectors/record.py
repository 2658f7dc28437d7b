"""Connectors for record systems (journalsystem)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut.connector import Connector

if TYPE_CHECKING:
    from abc import abstractmethod
    from collections.abc import Iterable

    from anslut.entries import Entry
    from anslut.query import Query


class RecordConnector(Connector, kind="record"):
    """Abstract connector for a record system: notes, diagnoses, laboratory results, referrals, contacts, drugs."""

    if TYPE_CHECKING:  # for editors and type checkers; the readers themselves come from kinds.json

        @abstractmethod
        def read_care_documentation(self, query: Query) -> Iterable[Entry]:
            """Yield the person's notes, in any order."""

        @abstractmethod
        def read_diagnoses(self, query: Query) -> Iterable[Entry]:
            """Yield the person's diagnoses, in any order."""

        @abstractmethod
        def read_laboratory_results(self, query: Query) -> Iterable[Entry]:
            """Yield the person's laboratory results, in any order."""

        @abstractmethod
        def read_referral_status(self, query: Query) -> Iterable[Entry]:
            """Yield each step that the person's referrals have passed, in any order."""

        @abstractmethod
        def read_care_contacts(self, query: Query) -> Iterable[Entry]:
            """Yield the person's care contacts, in any order."""

        @abstractmethod
        def read_medications(self, query: Query) -> Iterable[Entry]:
            """Yield the person's medications, in any order."""
