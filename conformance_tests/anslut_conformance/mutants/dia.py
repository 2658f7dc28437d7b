"""DIA: connectors that misspell and misplace diagnoses."""

from __future__ import annotations

from typing import Any

from anslut_conformance.mutants.wrapping import on_entry

DIAGNOSES = "diagnoses"
_LETTER_AND_TWO = 3


def _dot(entry: dict[str, Any]) -> None:
    code = entry["body"].get("diagnosisCode", {})
    text = code.get("code", "")
    if len(text) > _LETTER_AND_TWO:
        code["code"] = f"{text[:_LETTER_AND_TWO]}.{text[_LETTER_AND_TWO:]}"


#: Passes the source's dot on.
dotted_codes = on_entry(_dot, DIAGNOSES)


def _main(entry: dict[str, Any]) -> None:
    entry["body"]["typeOfDiagnosis"] = "Huvuddiagnos"


#: Calls every diagnosis the main one.
all_main = on_entry(_main, DIAGNOSES)


def _acute(entry: dict[str, Any]) -> None:
    entry["body"].pop("chronicDiagnosis", None)


#: Forgets that a diagnosis is chronic.
never_chronic = on_entry(_acute, DIAGNOSES)


def _inner(entry: dict[str, Any]) -> None:
    for related in entry["body"].get("relatedDiagnosis", ()):
        related["documentId"] = f"DIAGNOS:{related['documentId']}"


#: Names related diagnoses by an inner id.
inner_relations = on_entry(_inner, DIAGNOSES)


def _event_time(entry: dict[str, Any]) -> None:
    entry["header"]["blockComparisonTime"] = entry["body"].get(
        "diagnosisTime", entry["header"]["blockComparisonTime"]
    )


#: Gives the diagnosis's own time to compare with blocks.
blocked_by_event_time = on_entry(_event_time, DIAGNOSES)
