"""What Vaxreg's words mean in the contract's words: codes, numbers, dates, people, doses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut import (
    Actor,
    Author,
    Code,
    Identifier,
    Lookup,
    OrgUnit,
    Quantity,
    Signature,
    VaccinationRegistration,
    Vaccine,
    VaccineDose,
    from_local,
    is_reserve,
)
from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from anslut import PersonId
    from anslut.source.soap import SoapClient
    from anslut.source.xml import XmlNode

Row = dict[str, Any]

ATC = "1.2.752.129.2.2.3.1.1"
SNOMED_CT_SE = "1.2.752.116.2.1.1"
STAFF_ROLE = "1.2.752.129.2.2.1.4"
CODE_SYSTEMS = {"vaccin": ATC, "sjukdom": SNOMED_CT_SE, "plats": SNOMED_CT_SE, "satt": SNOMED_CT_SE}
CODE_SYSTEMS["befattning"] = STAFF_ROLE
WRITING = ("registrerad", "andrad", "makulerad")
YES = {"J": True, "N": False}


class VaxregCatalogue:
    """Vaxreg's catalogue: vaccines, units and codes. It is the same for everybody, so it may be kept for a while."""

    def __init__(self, vaxreg: SoapClient) -> None:
        self._vaxreg = vaxreg
        self._rows = Lookup(self.load)

    def load(self) -> Mapping[str, Row]:
        """Return the whole catalogue, by list and local code; the system's own row has no code."""
        answer = succeeded(self._vaxreg.call("/tjanster/katalog", "HamtaVaccinkatalog"))
        rows = (row for row in answer.children() if row.name != "svar")
        return {f"{row.name}/{row.get('kod') or ''}": _catalogue_row(row) for row in rows}

    def system(self) -> Row:
        """Return what Vaxreg says of itself."""
        return self.row("system", "")

    def row(self, name: str, local: str) -> Row:
        """Return the row of a *local* code in the list *name*: without it nobody can say what was registered."""
        found = self._rows.get(f"{name}/{local}")
        if found is None:
            raise SourceDataError(
                "a registration has a code that Vaxreg's catalogue lacks", source=self._vaxreg.source
            )
        return found

    def code(self, name: str, local: str | None) -> Code | None:
        """Return the national code for a *local* one; where there is none, the text it stands for."""
        if local is None:
            return None
        row = self.row(name, local)
        return Code.of(row["national"], row["text"], system=row["code_system"])


def _catalogue_row(row: XmlNode) -> Row:
    children = row.children()
    return {
        **{
            name: row.get(name)
            for name in ("produkt", "tillverkare", "hsaid", "vardgivare", "version", "forvaltning")
        },
        "name": row.get("namn"),
        "text": row.value("namn") if children else row.text,
        "national": row.get("nationell"),
        "code_system": code_system(row),
        "diseases": [
            Code.of(one["nationell"], one.text, system=code_system(one)) for one in row.all("sjukdom")
        ],
    }


def code_system(row: XmlNode) -> str:
    """Return the OID of a row's national code, which must be the one that the list is known to have."""
    expected, said = CODE_SYSTEMS.get(row.name, ""), row.get("kodverk") or ""
    if said and said != expected:
        raise row.error("another code system than its list is known to have")
    return said


def succeeded(answer: XmlNode) -> XmlNode:
    """Return *answer*, which must say that it is one: Vaxreg can fail with status 200."""
    status = answer.first("svar")
    if status is None or status.value("kod") != "0":
        raise answer.error("a code that means failure")
    return answer


def number(person: PersonId) -> str:
    """Return *person* as Vaxreg writes it: a hyphen in twelve digits, and reserve numbers as they are."""
    if is_reserve(person):
        return person.extension
    return f"{person.extension[:8]}-{person.extension[8:]}"


def day(row: XmlNode) -> str:
    """Return the day of the vaccination, `YYYY-MM-DD`."""
    text = row.value("datum")
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def moment(row: XmlNode) -> datetime | None:
    """Return when the vaccination was; None for what was read off a card, where nobody wrote the hour."""
    clock = row.maybe("klockslag")
    return None if clock is None else from_local(f"{day(row)} {clock.replace('.', ':')}")


def last_act(row: XmlNode, *kinds: str) -> XmlNode | None:
    """Return the last act of these *kinds*: Vaxreg lists them in order of time."""
    return next((act for act in reversed(list(row.all("handling"))) if act["typ"] in kinds), None)


def act_time(act: XmlNode) -> datetime:
    """Return when an act was: `2023-03-04 kl. 09.50.00` in Vaxreg."""
    date, _, clock = act["tid"].partition(" kl. ")
    return from_local(f"{date} {clock.replace('.', ':')}")


def author(row: XmlNode, unit: Row, catalogue: VaxregCatalogue) -> Author:
    """Return who stands for the registration as it reads now: whoever registered, changed or nullified it last."""
    act = last_act(row, *WRITING)
    if act is None:
        raise row.error("a registration that nobody has registered")
    return Author(
        time=act_time(act),
        hsa_id=act.get("hsaid"),
        name=act.get("namn"),
        role=catalogue.code("befattning", act.get("befattning")),
        org_unit=OrgUnit(hsa_id=unit["hsaid"], name=unit["text"]),
    )


def signature(row: XmlNode) -> Signature | None:
    """Return who signed, or None: an unsigned registration is shown too, as unsigned."""
    act = last_act(row, "signerad")
    if act is None:
        return None
    return Signature(time=act_time(act), hsa_id=act.get("hsaid"), name=act.get("namn"))


def registration(row: XmlNode, unit: Row, catalogue: VaxregCatalogue) -> VaccinationRegistration:
    """Return the registration itself: the day, who answers for it, and the register."""
    system = catalogue.system()
    groups = [catalogue.code("riskgrupp", one.text) for one in row.all("riskgrupp")]
    return VaccinationRegistration(
        date=from_local(f"{day(row)} 00:00:00").date(),
        care_giver_org=OrgUnit(hsa_id=unit["vardgivare"]),
        source_system_name=system["name"],
        source_system_product_name=system["produkt"],
        source_system_product_version=system["version"],
        source_system_contact=Actor(person_email=system["forvaltning"]),
        vaccination_unstructured_note=row.maybe("fritext"),
        risk_category=[one for one in groups if one is not None] or None,
    )


def vaccine(row: XmlNode, dose: XmlNode, *, source: str, catalogue: VaxregCatalogue) -> Vaccine:
    """Return one dose of the registration *row*; what Vaxreg does not know is left out, never guessed."""
    given = catalogue.row("vaccin", dose.value("vaccin"))
    adverse = [Code(original_text=one.text) for one in dose.all("biverkning")]
    return Vaccine(
        type_of_vaccine=Code.of(given["national"], given["text"], system=given["code_system"]),
        vaccine_name=Code(original_text=given["produkt"]) if given["produkt"] else None,
        vaccine_manufacturer=given["tillverkare"],
        vaccine_target_disease=given["diseases"] or None,
        vaccine_batch_id=dose.maybe("batch"),
        dose=amount(dose),
        dose_ordinal_number=dose.number("nr"),
        number_of_prescribed_doses=dose.number("av"),
        is_dose_complete=YES[dose["klar"]] if dose.get("klar") else None,
        anatomical_site=catalogue.code("plats", dose.maybe("plats")),
        route=catalogue.code("satt", dose.maybe("satt")),
        performer=person(dose.first("givare")),
        prescriber_person=person(row.first("ordinator")),
        vaccination_program_name=catalogue.code("program", row.maybe("program")),
        patient_adverse_effect=adverse or None,
        source_description=row.maybe("kalla"),
        comment_administration=dose.maybe("kommentar"),
        vaccination_unique_reference=Identifier(root=source, extension=dose["ref"]),
    )


def amount(dose: XmlNode) -> VaccineDose | None:
    """Return how much was given: in words as Vaxreg writes it, and as a number with a point."""
    text, unit = dose.maybe("mangd"), dose.maybe("matt")
    if text is None or unit is None:
        return None
    return VaccineDose(
        display_name=f"{text} {unit}", quantity=Quantity(value=text.replace(",", "."), unit=unit)
    )


def person(node: XmlNode | None) -> Actor | None:
    """Return somebody who gave or prescribed a dose."""
    return None if node is None else Actor(hsa_id=node.get("hsaid"), person_name=node.get("namn"))
