"""GRO: connectors that read a school health record as if it were written yesterday, by one hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_examples.elevjournal import ElevjournalConnector

from anslut_conformance.mutants.wrapping import Call, on_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut import Settings

    from anslut_conformance.mutants.wrapping import Wrapped

Entry = dict[str, Any]

GROWTH = "growth-observations"
_DAY = len("YYYY-MM-DD")


def _on_entry(change: Callable[[Entry], None]) -> Callable[[Settings], Wrapped]:
    """Return a factory of Elevjournal connectors whose delivered measurements are changed in place."""

    def change_all(document: dict[str, Any], call: Call) -> None:
        if call.type == GROWTH:
            for entry in document["entries"]:
                change(entry)

    return on_answer(change_all, ElevjournalConnector)


def _round(entry: Entry) -> None:
    value = entry["body"]["value"]["pq"]
    value["value"] = value["value"].partition(".")[0]


#: Cuts decimals away.
whole_numbers = _on_entry(_round)


def _midnight(entry: Entry) -> None:
    for end, told in entry["body"]["time"].items():
        if len(told) == _DAY:
            winter = told[5:7] in {"11", "12", "01", "02", "03"}
            entry["body"]["time"][end] = f"{told}T00:00:00+0{1 if winter else 2}:00"


#: Makes a time up where only the day is known.
midnight_for_days = _on_entry(_midnight)


def _legacy(entry: Entry) -> None:
    if entry["body"]["type"]["code"] == "1153637007":
        entry["body"]["type"]["code"] = "248334005"


#: Writes lengths under the code that is not for new connectors.
legacy_length = _on_entry(_legacy)


def _approve(entry: Entry) -> None:
    entry["header"]["approvedForPatient"] = True


#: Takes a value for something that tells nobody anything.
values_are_harmless = _on_entry(_approve)


def _name(entry: Entry) -> None:
    entry["body"]["patient"]["name"] = "Eleven i klassrummet"


#: Names everybody, also those whose identity is protected.
names_everybody = _on_entry(_name)
