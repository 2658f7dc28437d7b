"""TIM: connectors whose clocks are wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from anslut_conformance.mutants.wrapping import on_answer, on_entry

if TYPE_CHECKING:
    from anslut_conformance.mutants.wrapping import Call

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def _wall(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(STOCKHOLM).replace(tzinfo=None)


def _as_utc(entry: dict[str, Any]) -> None:
    read = _wall(entry["header"]["documentTime"]).replace(tzinfo=UTC)
    entry["header"]["documentTime"] = read.astimezone(STOCKHOLM).isoformat()


#: Reads the laboratory's local times of answering as UTC.
local_as_utc = on_entry(_as_utc, "laboratory-results")


def _second(entry: dict[str, Any]) -> None:
    if "documentTime" in entry["header"]:
        read = _wall(entry["header"]["documentTime"]).replace(tzinfo=STOCKHOLM, fold=1)
        entry["header"]["documentTime"] = read.isoformat()


#: Reads a time in the repeated hour as its second occurrence.
second_occurrence = on_entry(_second)


def _reverse(document: dict[str, Any], call: Call) -> None:
    del call
    document["entries"].reverse()


#: Gives the oldest entry first.
oldest_first = on_answer(_reverse)


def _to_the_minute(entry: dict[str, Any]) -> None:
    if "documentTime" in entry["header"]:
        read = datetime.fromisoformat(entry["header"]["documentTime"])
        entry["header"]["documentTime"] = read.replace(second=0).isoformat()


#: Forgets the seconds.
to_the_minute = on_entry(_to_the_minute)
