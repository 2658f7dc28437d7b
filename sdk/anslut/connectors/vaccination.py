"""Connectors for vaccination systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut.connector import Connector

if TYPE_CHECKING:
    from abc import abstractmethod
    from collections.abc import Iterable

    from anslut.entries import Entry
    from anslut.query import Query


class VaccinationConnector(Connector, kind="vaccination"):
    """Abstract connector for a vaccination system: vaccinations."""

    if TYPE_CHECKING:  # for editors and type checkers; the readers themselves come from kinds.json

        @abstractmethod
        def read_vaccinations(self, query: Query) -> Iterable[Entry]:
            """Yield the person's vaccinations, nullified ones too, in any order."""
