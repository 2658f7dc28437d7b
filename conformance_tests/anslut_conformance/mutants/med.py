"""MED: connectors that misread drugs, dosages and decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_conformance.mutants.wrapping import on_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_conformance.mutants.wrapping import Wrapped

MEDICATIONS = "medications"


def _on_prescription(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[..., Wrapped]:
    """Return a factory of connectors whose prescriptions *change* changes; it also gets the entry."""

    def change_entry(entry: dict[str, Any]) -> None:
        change(entry["body"]["medicationPrescription"], entry)

    return on_entry(change_entry, MEDICATIONS)


def _without_comma(said: dict[str, Any], _: dict[str, Any]) -> None:
    product = said["drug"].get("drug", {})
    if "strength" in product:
        product["strength"] = product["strength"].replace(".", "").lstrip("0") or "0"


#: Loses the strength's decimal sign.
strength_without_comma = _on_prescription(_without_comma)


def _active(said: dict[str, Any], _: dict[str, Any]) -> None:
    said["prescriptionStatus"] = "Active"


#: Calls every prescription active.
everything_active = _on_prescription(_active)


def _daily(said: dict[str, Any], _: dict[str, Any]) -> None:
    for dosage in said["drug"].get("dosage", ()):
        when = dosage.pop("conditionalDosage", None)
        if when is not None:
            dose = when.get("singleDose", {}).get("dose", {"low": "1", "high": "1", "unit": "dos"})
            dosage["setDosage"] = {
                "frequencyDosage": {"dose": dose, "frequency": {"value": "1", "unit": "per dag"}}
            }


#: Makes as needed daily.
as_needed_is_daily = _on_prescription(_daily)


def _cut(said: dict[str, Any], _: dict[str, Any]) -> None:
    for dosage in said["drug"].get("dosage", ()):
        first, dot, _rest = dosage["dosageInstruction"].partition(". ")
        dosage["dosageInstruction"] = f"{first}{dot}".strip()


#: Delivers the dosage's first sentence only.
dosage_cut_short = _on_prescription(_cut)


def _ends(said: dict[str, Any], entry: dict[str, Any]) -> None:
    said.setdefault("endOfTreatment", entry["header"]["author"]["time"])


#: Gives until further notice an end.
notice_ends = _on_prescription(_ends)


def _author(said: dict[str, Any], entry: dict[str, Any]) -> None:
    when = said.get("prescriber", {}).get("time", said["startOfTreatment"])
    said.update(prescriber={**entry["header"]["author"], "time": when}, selfMedication=False)


#: Gives whoever wrote as the prescriber.
author_prescribed = _on_prescription(_author)


def _chain(said: dict[str, Any], _: dict[str, Any]) -> None:
    said["prescriptionChainId"] = said["prescriptionId"]


#: Gives every prescription a chain of its own.
chain_of_its_own = _on_prescription(_chain)


def _not_given(said: dict[str, Any], _: dict[str, Any]) -> None:
    said.pop("administration", None)


#: Leaves out what was given.
nothing_given = _on_prescription(_not_given)
