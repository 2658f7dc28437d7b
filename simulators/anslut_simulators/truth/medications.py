"""Medications: what was prescribed, how it is to be taken, what may be dispensed and what was given."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Actor, Code

if TYPE_CHECKING:
    from collections.abc import Iterator

ATC: Final = "1.2.752.129.2.2.3.1.1"
_PLURALS: Final = {
    "tablett": "tabletter",
    "kapsel": "kapslar",
    "flaska": "flaskor",
    "dospåse": "dospåsar",
    "inhalator": "inhalatorer",
    "droppe": "droppar",
}


class Drug(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A drug: its *substance* by ATC, its *name* as sold, form, and strength as a decimal string with a unit.

    Several substances have the strength of the first, and the others' in the unit: `500`, `mg/800 IE`. A drug that is
    prepared to order has no *substance*.
    """

    name: str
    substance: Code | None = None
    form: str | None = None
    strength: str | None = None
    strength_unit: str | None = None
    route: str | None = None

    def told(self) -> str:
        """Return name, substance, form and strength in Swedish."""
        known = (self.substance.display_name if self.substance else None) or self.name
        name = self.name if known.casefold() in self.name.casefold() else f"{self.name} ({known})"
        strength = f"{self.strength} {self.strength_unit}".replace(".", ",") if self.strength else ""
        return " ".join(part for part in (name, self.form, strength) if part)


class Dosage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How it is taken: *text* for the patient; *dose* (`1`, `0.5-1`) of *unit*, so many *times* *per* day or week.

    As needed says on what *condition*, and *most* how many units a day at most. Without a *dose* the text stands alone.
    """

    text: str
    dose: str | None = None
    unit: str | None = None
    times: str | None = None
    per: str | None = None
    condition: str | None = None
    most: str | None = None


class Dispensation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a pharmacy may dispense: *amount* (a decimal string) in *unit*, until a day."""

    id: str
    valid_until: date
    amount: str | None = None
    unit: str | None = None

    def told(self) -> str:
        """Return the amount as it is said in Swedish; empty where none is known."""
        if self.amount is None:
            return ""
        unit = self.unit or ""
        return f"{self.amount.replace('.', ',')} {unit if self.amount == '1' else _PLURALS.get(unit, unit)}"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One time that it was given at the ward: *by*'s time is when."""

    id: str
    by: Actor
    dose: str
    unit: str


class Medication(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `medications` event says: that a drug was started (*kind* I) or stopped (U).

    *prescriber* says who and when, which is the event's `occurred_at`; None when the patient decided, and then
    *start* is. Prescriptions that replace each other have a *chain* in common. *end* is absent until further
    notice; *path* is the keywords it was registered under, if any.
    """

    drug: Drug
    chain: str
    kind: Literal["I", "U"] = "I"
    active: bool = True
    prescriber: Actor | None = None
    start: datetime | None = None
    end: datetime | None = None
    first_start: datetime | None = None
    end_reason: str | None = None
    dosage: Dosage | None = None
    purpose: str | None = None
    remark: str | None = None
    preceding: str | None = None
    succeeding: str | None = None
    dispensation: Dispensation | None = None
    given: tuple[Given, ...] = ()
    path: tuple[str, ...] = ()

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> Medication:
        """Return a cream for dry skin that anybody may use."""
        substance = Code(code="D02AE01", code_system=ATC, display_name="Karbamid")
        return cls(
            drug=Drug(name="Canoderm", substance=substance, form="kräm", strength="5", strength_unit="%"),
            chain=f"OK{event_id}",
            prescriber=Actor(time=now, name="Prov Provsson"),
            start=now,
            first_start=now,
            dosage=Dosage(text="Smörjes in dagligen på torr hud."),
            purpose="Mot torr hud",
        )

    @property
    def self_medication(self) -> bool:
        """Whether the patient decided on it."""
        return self.prescriber is None

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keyword path it was registered under."""
        return self.path

    def under(self, *keywords: str) -> Medication:
        """Return it registered under *keywords*."""
        return msgspec.structs.replace(self, path=keywords)

    def summary(self) -> Iterator[str]:
        """Yield the drug with its dosage, from when to when, why, and what was dispensed and given."""
        done = "Utsatt" if self.kind == "U" else "Egenmedicinering" if self.self_medication else "Insatt"
        yield f"{done}: {self.drug.told()}" + (f". {self.dosage.text}" if self.dosage else "")
        first, last = _day(self.start), _day(self.end)
        period = f"{first or ''}–{last or 'tills vidare'}" if self.kind == "I" else last
        told = [
            "" if self.active or self.kind == "U" else "avslutad",
            period,
            self.end_reason,
            self.remark and self.remark.rstrip("."),
        ]
        if self.dispensation is not None:
            amount = self.dispensation.told()
            told.append(f"recept {amount} till {self.dispensation.valid_until}".replace("  ", " "))
        yield ", ".join(part for part in told if part)
        if self.given:
            last = f"{self.given[-1].by.time:%Y-%m-%d %H:%M}"
            yield f"Givet {len(self.given)} gånger, senast {last}"


def _day(time: datetime | None) -> str | None:
    return None if time is None else f"{time:%Y-%m-%d}"


CONTENT = Medication
