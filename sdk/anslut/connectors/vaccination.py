"""Connectors for vaccination systems."""

from __future__ import annotations

from anslut.connector import Connector


class VaccinationConnector(Connector, kind="vaccination"):
    """Abstract connector for a vaccination system."""
