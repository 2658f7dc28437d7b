"""Connectors for school health (elevhälsa) systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut.connector import Connector

if TYPE_CHECKING:
    from abc import abstractmethod
    from collections.abc import Iterable

    from anslut.entries import Entry
    from anslut.query import Query


class SchoolHealthConnector(Connector, kind="school-health"):
    """Abstract connector for a school health system: growth.

    One that shows notes or vaccinations too writes `read_care_documentation` or `read_vaccinations`.
    """

    if TYPE_CHECKING:  # for editors and type checkers; the readers themselves come from kinds.json

        @abstractmethod
        def read_growth_observations(self, query: Query) -> Iterable[Entry]:
            """Yield the person's measurements, one entry for each, in any order."""
