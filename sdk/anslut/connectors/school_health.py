"""Connectors for school health (elevhälsa) systems."""

from __future__ import annotations

from anslut.connector import Connector


class SchoolHealthConnector(Connector, kind="school-health"):
    """Abstract connector for a school health system; one that has notes writes `read_care_documentation` too."""
