"""What Kosmos' prescriptions mean in the contract's words: drugs, dosages, what was dispensed and given."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from anslut import Author, Code, Dosage, Dose, Drug, Identifier, OrgUnit, Quantity, from_local
from anslut.entries import (
    Administration,
    DispensationAuthorization,
    DosageWays,
    FrequencyDosage,
    SingleDose,
    TimePeriod,
)

from anslut_examples import kosmos_mapping as kosmos

if TYPE_CHECKING:
    from anslut_examples.kosmos_mapping import KosmosCodes, Row

KINDS: dict[str, Any] = {"INS": "I", "UTS": "U"}


def prescription(row: Row, codes: KosmosCodes, *, source: str) -> dict[str, Any]:
    """Return a prescription's fields as `medication` takes them; ids are the source's own (*source*)."""

    def own(number: str | None) -> Identifier | None:
        return Identifier(root=source, extension=number) if number else None

    unit = codes.unit(row["enhet"])
    orderer = row["ordinator"]
    prescriber = professional(orderer, codes, unit=unit) if orderer else None
    reason = row["utsattningsorsak"]
    return {
        "prescription_id": own(row["id"]),
        "kind": KINDS[row["atgard"]],
        "status": "Active" if row["gallande"] else "Inactive",
        "chain": own(row["kedja"]),
        "preceding": own(row["ersatter"]),
        "succeeding": own(row["ersatts_av"]),
        "self_medication": row["egenmedicinering"],
        "prescriber": prescriber,
        "drug": drug(row["preparat"], dosage(row["dosering"], codes)),
        "start": kosmos.moment(row["insatt"]),
        "first_start": kosmos.moment(row["forst_insatt"]),
        "end": kosmos.moment(row["utsatt"]),
        "end_reason": Code(original_text=reason) if reason else None,
        "purpose": row["andamal"],
        "remark": row.get("anmarkning"),
        "dispensation": dispensation(row, codes, prescriber, source=source),
        "administrations": [
            administration(one, row["preparat"], codes, source=source) for one in row["givna"]
        ],
    }


def professional(act: Row, codes: KosmosCodes, *, unit: Row | None = None) -> Author:
    """Return who did something, and when."""
    return Author(
        time=from_local(act["tid"]),
        hsa_id=act["id"],
        name=act["namn"],
        role=codes.code("roller", act["roll"]) if act["roll"] else None,
        org_unit=OrgUnit(hsa_id=unit["hsaid"], name=unit["namn"]) if unit else None,
    )


def drug(row: Row, dosages: list[Dosage]) -> Drug:
    """Return the drug: by ATC code, with the name it is sold under as a comment, or in words where it has no code.

    Kosmos writes the strength in one piece; its number is the first substance's.
    """
    if row["atc"] is None:
        words = " ".join(part for part in (row["namn"], row["form"], row["styrka"]) if part)
        return Drug.free_text(words, dosage=dosages)
    strength, _, unit = (row["styrka"] or "").partition(" ")
    made = Drug.product(
        atc=row["atc"],
        name=row["substans"],
        form=row["form"],
        strength=strength or None,
        strength_unit=unit or None,
        route=Code(original_text=row["vag"]) if row["vag"] else None,
        dosage=dosages,
    )
    return Drug(drug=made.drug, dosage=made.dosage, comment=row["namn"])


def dosage(row: Row | None, codes: KosmosCodes) -> list[Dosage]:
    """Return how it is taken: set, as needed, or in words alone; nothing for a drug that is stopped."""
    if row is None:
        return []
    unit = unit_of(row["dosenhet"], codes)
    dose = Dose.of(row["dos"], unit) if row["dos"] and unit else None
    if row["vb"]:
        most = None
        if row["max"] and unit:
            most = FrequencyDosage(
                dose=Dose.of(row["max"], unit), frequency=Quantity(value="1", unit="per dygn")
            )
        return [Dosage.as_needed(row["text"], condition=row["vb"], dose=dose, most=most)]
    if dose is not None and row["ggr"]:
        times, _, per = row["ggr"].partition("/")
        return [Dosage.fixed(row["text"], dose=dose, times=times, per=f"per {per}")]
    return [Dosage.text(row["text"])]


def unit_of(local: str | None, codes: KosmosCodes) -> str | None:
    """Return what is counted, in words: Kosmos' units have no national code."""
    return codes.code("doseringsenheter", local).original_text if local else None


def dispensation(
    row: Row, codes: KosmosCodes, prescriber: Author | None, *, source: str
) -> DispensationAuthorization | None:
    """Return what pharmacies may dispense; the text on the label is the dosage's."""
    recept = row["recept"]
    if recept is None or prescriber is None:
        return None
    amount = Dose.of(recept["mangd"], "1").low if recept["mangd"] else None
    return DispensationAuthorization(
        dispensation_authorization_id=Identifier(root=source, extension=recept["nr"]),
        dispensation_authorizer=prescriber,
        prescription_signatura=row["dosering"]["text"],
        valid_until=date.fromisoformat(recept["tom"]),
        total_amount=amount,
        package_unit=unit_of(recept["mangdenhet"], codes) if amount else None,
    )


def administration(one: Row, product: Row, codes: KosmosCodes, *, source: str) -> Administration:
    """Return one time that it was given."""
    who = professional(one["av"], codes)
    dose = Dose.of(one["dos"], unit_of(one["dosenhet"], codes) or "")
    given = Dosage(set_dosage=DosageWays(single_dose=SingleDose(dose=dose, time=who.time)))
    return Administration(
        administration_id=Identifier(root=source, extension=one["nr"]),
        administration_time=TimePeriod(start=who.time),
        administering_healthcare_professional=who,
        drug=drug(product, [given]),
    )
