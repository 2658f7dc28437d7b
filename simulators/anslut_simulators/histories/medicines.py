"""The medicines there are, what a note's words mean in them, and how much of each somebody is to take."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Code
from anslut_simulators.truth.medications import ATC, Dosage, Drug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.values import Values

_YEAR: Final = 365


class Medicine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `medicines.toml`, which says what each field is."""

    key: str
    atc: str
    substance: str
    name: str
    form: str
    text: str
    purpose: str
    strength: str | None = None
    unit: str | None = None
    route: str | None = None
    dose: str | None = None
    of: str | None = None
    times: str | None = None
    per: str | None = None
    need: str | None = None
    most: str | None = None
    per_kg: float = 0
    days: str | None = None
    after: int = 0
    amount: str | None = None
    amount_unit: str | None = None
    ages: tuple[int, int] = (18, 120)
    own: bool = False
    ward: bool = False
    hours: int = 0

    def drug(self) -> Drug:
        """Return the drug as events name it."""
        return Drug(
            name=self.name,
            substance=Code(code=self.atc, code_system=ATC, display_name=self.substance),
            form=self.form,
            strength=self.strength,
            strength_unit=self.unit,
            route=self.route,
        )

    def dosage(self, values: Values) -> Dosage:
        """Return how somebody takes it, of the weight that *values* has."""
        dose, slots = self.dose, values
        if self.per_kg:
            dose = millilitres(self, values)
            slots["ml"] = dose.replace(".", ",")
        text = f"{self.text.format_map(slots)} {self.purpose}."
        if dose is None or (self.times is None and self.need is None):
            return Dosage(text=text, condition=self.need)
        return Dosage(
            text=text,
            dose=dose,
            unit=self.of,
            times=None if self.times is None or self.need else self.times,
            per=None if self.per is None or self.need else f"per {self.per}",
            condition=self.need,
            most=self.most,
        )

    def length(self, values: Values) -> int | None:
        """Return for how many days it is taken; None until further notice."""
        return None if self.days is None else int(self.days.format_map(values))

    def dispensed(self, values: Values) -> tuple[str, str] | None:
        """Return how much a pharmacy may dispense, and in what: for the treatment, or for a year."""
        if self.amount is not None:
            return self.amount, self.amount_unit or self.of or ""
        if self.of is None or self.times is None:
            return None
        dose = (
            millilitres(self, values)
            if self.per_kg
            else (self.dose or "").partition("-")[2] or self.dose or ""
        )
        halves = int(dose.partition(".")[0]) * 2 + (".5" in dose)
        whole = -(-halves * int(self.times) * (self.length(values) or _YEAR) // 2)
        return str(whole if whole < 100 else -(-whole // 10) * 10), self.of  # noqa: PLR2004 - whole packages


def millilitres(medicine: Medicine, values: Values) -> str:
    """Return the dose of a solution by weight, to the nearest half millilitre."""
    tenths_of_kilos = int(values["viktkg"].replace(",", ""))
    per_mille = tenths_of_kilos * round(medicine.per_kg * 10) * 10
    halves = max(1, (per_mille * 2 // int(medicine.strength or 1) + 500) // 1000)
    return f"{halves // 2}.5" if halves & 1 else str(halves // 2)


@lru_cache(maxsize=1)
def _medicines() -> dict[str, Medicine]:
    rows = read_table("medicines.toml")["medicine"]
    return {key: msgspec.convert({"key": key, **row}, Medicine) for key, row in rows.items()}


@lru_cache(maxsize=1)
def _meanings() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for row in read_table("medicines.toml")["said"]:
        for course in row["courses"] or [""]:
            found[course] = (*found.get(course, ()), (row["text"], tuple(row["gives"])))
    return found


def meant(course: str, text: str, values: Values) -> Iterator[Medicine]:
    """Yield the medicines that *text*, written about *course*, means for somebody of the age of *values*."""
    for wording, keys in _meanings().get(course, ()):
        if (wording.format_map(values) if "{" in wording else wording) in text:
            for key in keys:
                medicine = _medicines()[key]
                if medicine.ages[0] <= values.age <= medicine.ages[1]:
                    yield medicine
