"""What Natal's resources mean in the contract's words: people, acts, notes, and the sheets of a pregnancy."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

from anslut import (
    AfterDelivery,
    Author,
    ChildAfterDelivery,
    Code,
    EarlierPregnancy,
    Keyword,
    MaternityCheckup,
    MaternityEnrolment,
    MaternityMedicine,
    MotherAfterDelivery,
    OrgUnit,
    PersonId,
    Quantity,
    Signature,
)
from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Resource = dict[str, Any]

OID = "urn:oid:"
EXEMPT = "https://natal.example/fhir/CodeSystem/undantag-fran-e-tjanster"
SHEET = "https://natal.example/fhir/CodeSystem/journalblad"
SHEETS = {"MHV1": "enrolment", "MHV2": "checkup", "FV1": "after"}
NEWBORN, EARLIER = "FV2", "MHV1T"
OUTCOMES: dict[str, Any] = {"X": 1, "MA": 2, "DF": 4, "LF": 5}
POSITIONS: dict[str, Any] = {"H": 0, "S": 1, "SN": 2, "T": 3}
PRESENTATIONS: dict[str, Any] = {"R": 0, "RB": 1, "F": 2}
SEXES: dict[str, Any] = {"M": 1, "K": 2}
_BREAK = re.compile(r"<br\s*/?>")
_TAG = re.compile(r"<[^>]*>")


class Sheet:
    """The components of an Observation by Natal's local codes; what there is several of keeps its order."""

    def __init__(self, observation: Resource) -> None:
        self._values: dict[str, list[Resource]] = {}
        for component in observation.get("component", ()):
            self._values.setdefault(component["code"]["coding"][0]["code"], []).append(component)

    def all(self, name: str, value: str) -> list[Any]:
        """Return every value of the field *name*; *value* is the element it stands in."""
        return [component[value] for component in self._values.get(name, ())]

    def one(self, name: str, value: str) -> Any:  # noqa: ANN401 - plain JSON
        """Return the value of the field *name*, or None when it was not filled in."""
        found = self.all(name, value)
        return found[0] if found else None

    def quantity(self, name: str) -> Quantity | None:
        """Return a measured value; the unit is Natal's own wording, which people read."""
        found = self.one(name, "valueQuantity")
        return None if found is None else measured(found)

    def day(self, name: str) -> date | None:
        """Return a day."""
        found = self.one(name, "valueDateTime")
        return None if found is None else date.fromisoformat(found)

    def truth(self, name: str) -> bool | None:
        """Return what was ticked, or None when it was not asked."""
        found: bool | None = self.one(name, "valueBoolean")
        return found

    def number(self, name: str) -> int | None:
        """Return a whole number."""
        found: int | None = self.one(name, "valueInteger")
        return found

    def text(self, name: str) -> str | None:
        """Return a text."""
        found: str | None = self.one(name, "valueString")
        return found

    def codes(self, name: str, codes: Mapping[str, Any]) -> list[Any] | None:
        """Return the contract's codes for Natal's own; None rather than an empty list."""
        return [codes[local] for local in self.all(name, "valueString")] or None

    def medicines(self) -> list[MaternityMedicine] | None:
        """Return the medicines: Natal writes name and dosage in one text, with a bar between them."""
        found = []
        for text in self.all("lakemedel", "valueString"):
            name, _, dosage = text.partition(" | ")
            found.append(MaternityMedicine(medicament=name, dosage=dosage or None))
        return found or None


def measured(quantity: Resource) -> Quantity:
    """Return a Quantity as the contract has it."""
    return Quantity(value=str(quantity["value"]), unit=quantity["unit"])


def enrolment(sheet: Sheet, earlier: Iterable[Sheet]) -> MaternityEnrolment:
    """Return the enrolment (MHV1); samples have no place in the contract."""
    years = sheet.text("infertil-ar")
    return MaternityEnrolment(
        last_menstrual_period=sheet.day("sista-mens"),
        indication_pregnancy=sheet.day("konstaterad"),
        contraceptive_discontinued=sheet.day("preventiv-slut"),
        expected_day_of_delivery_from_last_menstrual_period=sheet.day("bf-mens"),
        expected_day_of_delivery_from_ultrasound_scan=sheet.day("bf-ultraljud"),
        expected_day_of_delivery_from_embryonic_transfer=sheet.day("bf-aterforing"),
        length=sheet.quantity("langd"),
        weight=sheet.quantity("vikt"),
        body_mass_index=sheet.quantity("bmi"),
        infertility=None if years is None else years.replace(",", "."),
        previous_gravidity_and_parity=[_earlier(one) for one in earlier] or None,
        diseases_thrombosis=sheet.truth("trombos"),
        diseases_endocrine_diseases=sheet.truth("endokrin"),
        diseases_recurrent_urinary_tract_infections=sheet.truth("uvi"),
        diseases_diabetes_mellitus=sheet.truth("diabetes"),
        medication_during_pregnancy=sheet.medicines(),
        assessment_at_first_contact_standard_care=sheet.truth("basprogram"),
    )


def _earlier(sheet: Sheet) -> EarlierPregnancy:
    return EarlierPregnancy(
        year=sheet.one("ar", "valueInteger"),
        month=sheet.one("manad", "valueInteger"),
        delivery=OUTCOMES.get(sheet.text("utfall") or ""),
        healthcare_facility=sheet.text("vardenhet"),
        progress=sheet.text("forlopp"),
        sex=SEXES.get(sheet.text("kon") or ""),
        weight_of_child=sheet.quantity("vikt"),
        gestation=sheet.number("veckor"),
    )


def checkup(sheet: Sheet) -> MaternityCheckup:
    """Return a check-up (MHV2); the contract counts completed weeks, Natal writes `39+4`."""
    length = sheet.text("graviditetslangd")
    return MaternityCheckup(
        complete_weeks_of_gestation=None if length is None else int(length.partition("+")[0]),
        weight=sheet.quantity("vikt"),
        symphysis_fundal_height=sheet.quantity("sf-matt"),
        haemoglobin=sheet.quantity("hb"),
        blood_pressure_systolic=sheet.quantity("bt-sys"),
        blood_pressure_diastolic=sheet.quantity("bt-dia"),
        proteinuria=sheet.quantity("u-protein"),
        glycosuria=sheet.quantity("u-glukos"),
        fetal_position=sheet.codes("lage", POSITIONS),
        fetal_presentation=sheet.codes("bjudning", PRESENTATIONS),
        fetal_heart_rate=[measured(one) for one in sheet.all("fosterljud", "valueQuantity")] or None,
        type_of_leave=sheet.all("ledighet", "valueInteger") or None,
        medication_since_registration=sheet.medicines(),
    )


def after(sheet: Sheet, children: Iterable[Sheet]) -> AfterDelivery:
    """Return what was found after the delivery (FV1), with each child's weight and Apgar from its own sheet."""
    contracted = sheet.truth("uterus-ok")
    warm = sheet.quantity("temp")
    return AfterDelivery(
        mother_post_delivery_record=MotherAfterDelivery(
            blood_pressure_systolic=sheet.quantity("bt-sys"),
            blood_pressure_diastolic=sheet.quantity("bt-dia"),
            haemoglobin=sheet.quantity("hb"),
            body_temperature=None if warm is None else warm.value,
            scars_ok=sheet.truth("arr-ok"),
            suture_removed=sheet.truth("suturer-borta"),
            perineum_comfortable=sheet.truth("perineum-ok"),
            vulva_vagina_portio_ok=sheet.truth("genitalia-ok"),
            uterus_contracted=contracted,
            uterus_note=None if contracted else sheet.text("uterus-text"),
            breastfeeding=sheet.truth("ammar"),
        ),
        child_post_delivery_record=sorted(
            (_child(one) for one in children), key=lambda one: one.ordinal_number
        ),
    )


def _child(sheet: Sheet) -> ChildAfterDelivery:
    return ChildAfterDelivery(
        ordinal_number=sheet.one("ordning", "valueInteger"),
        weight=sheet.quantity("vikt"),
        apgar_score1=sheet.number("apgar-1"),
        apgar_score5=sheet.number("apgar-5"),
        apgar_score10=sheet.number("apgar-10"),
    )


def sheet_code(observation: Resource) -> str:
    """Return which sheet of the record an Observation is."""
    coding = observation["code"]["coding"][0]
    if coding["system"] != SHEET:
        raise SourceDataError("a sheet whose code is not of Natal's own list")
    code: str = coding["code"]
    return code


def moment(text: str) -> datetime:
    """Return an instant; Natal writes UTC."""
    return datetime.fromisoformat(text)


def keywords(sections: Iterable[Resource]) -> tuple[Keyword, ...]:
    """Return a note's sections as a tree of keywords; their texts are XHTML."""
    return tuple(
        Keyword(
            term=section["title"],
            text=plain(section["text"]["div"]) if "text" in section else None,
            children=keywords(section.get("section", ())),
        )
        for section in sections
    )


def plain(div: str) -> str:
    """Return the text of a narrative."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", div)))


def exemption(resource: Resource) -> str | None:
    """Return the heading under which an entry is exempt from e-services, or None.

    Other security labels hide an entry from staff, never from the resident.
    """
    labels = resource.get("meta", {}).get("security", ())
    return next((label["display"] for label in labels if label.get("system") == EXEMPT), None)


def concept(found: Resource) -> Code:
    """Return a CodeableConcept as the contract has it; codes have OIDs there, not addresses."""
    for coding in found.get("coding", ()):
        if coding["system"].startswith(OID):
            return Code.of(coding["code"], coding.get("display"), system=coding["system"].removeprefix(OID))
    return Code(original_text=found["text"])


def person_id(identifier: Resource) -> PersonId:
    """Return whose number an Identifier is."""
    return PersonId(root=identifier["system"].removeprefix(OID), extension=identifier["value"])


def author(acts: list[Resource], unit: Resource) -> Author:
    """Return who stands for the text as it reads now: whoever wrote or changed it last."""
    act = _last(acts, "skapad", "andrad")
    if act is None:
        raise SourceDataError("an entry that nobody has entered")
    agent = act["agent"][0]
    return Author(
        time=moment(act["recorded"]),
        hsa_id=agent["who"].get("identifier", {}).get("value"),
        name=agent["who"].get("display"),
        role=concept(agent["role"][0]) if "role" in agent else None,
        org_unit=OrgUnit(hsa_id=unit["hsa_id"], name=unit["name"]),
    )


def signature(acts: list[Resource], *, named: bool) -> Signature | None:
    """Return who signed, or None: an unsigned entry is shown too, as unsigned."""
    act = _last(acts, "signerad")
    if act is None:
        return None
    who = act["agent"][0]["who"]
    return Signature(
        time=moment(act["recorded"]),
        hsa_id=who.get("identifier", {}).get("value"),
        name=who.get("display") if named else None,
    )


def _last(acts: list[Resource], *kinds: str) -> Resource | None:
    found = [act for act in acts if act["activity"]["coding"][0]["code"] in kinds]
    by_time: Callable[[Resource], datetime] = lambda act: moment(act["recorded"])  # noqa: E731 - typed
    return max(found, key=by_time, default=None)
