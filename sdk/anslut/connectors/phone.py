"""Connectors for telephone advice (sjukvårdsrådgivning) systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut.connector import Connector

if TYPE_CHECKING:
    from abc import abstractmethod
    from collections.abc import Iterable

    from anslut.entries import Entry
    from anslut.query import Query


class PhoneAdviceConnector(Connector, kind="phone"):
    """Abstract connector for a telephone advice system: calls, and notes of them."""

    if TYPE_CHECKING:  # for editors and type checkers; the readers themselves come from kinds.json

        @abstractmethod
        def read_care_documentation(self, query: Query) -> Iterable[Entry]:
            """Yield the person's notes, in any order."""

        @abstractmethod
        def read_care_contacts(self, query: Query) -> Iterable[Entry]:
            """Yield the person's care contacts, in any order."""
