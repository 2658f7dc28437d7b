"""Kosmos' times: what a Swedish wall clock shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut_simulators.scenario import STOCKHOLM

if TYPE_CHECKING:
    from datetime import datetime


def local_time(instant: datetime) -> str:
    """Return *instant* on a Swedish wall clock, without saying so: `2023-03-04 09:50:00`."""
    if instant.tzinfo is not STOCKHOLM:
        instant = instant.astimezone(STOCKHOLM)
    return str(instant.replace(tzinfo=None))[:19]
