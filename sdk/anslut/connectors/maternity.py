"""Connectors for maternity care (mödravård) systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut.connector import Connector

if TYPE_CHECKING:
    from abc import abstractmethod
    from collections.abc import Iterable

    from anslut.entries import Entry
    from anslut.query import Query


class MaternityConnector(Connector, kind="maternity"):
    """Abstract connector for a maternity care system: maternity records and notes."""

    if TYPE_CHECKING:  # for editors and type checkers; the readers themselves come from kinds.json

        @abstractmethod
        def read_care_documentation(self, query: Query) -> Iterable[Entry]:
            """Yield the person's notes, in any order."""

        @abstractmethod
        def read_maternity_records(self, query: Query) -> Iterable[Entry]:
            """Yield the person's enrolments, check-ups and assessments after delivery, in any order."""
