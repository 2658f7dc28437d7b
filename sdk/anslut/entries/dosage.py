"""Dosages: how much of a drug, how often, and when (dosering).

The parts carry the contract's own names. `Dosage.text`, `Dosage.fixed` and `Dosage.as_needed` make the usual ones.
"""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import ClassVar

from anslut.entries.laboratory import Quantity, decimal
from anslut.entries.parts import Code, Part, TimedPart

_DOSE = re.compile(r"(\d+(?:[.,]\d+)?)(?:\s*[-\u2013]\s*(\d+(?:[.,]\d+)?))?", re.ASCII)


class Dose(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An amount, or the lowest and the highest, in *unit* (tablett, mL)."""

    unit: str
    low: str | None = None
    high: str | None = None

    @classmethod
    def of(cls, written: str, unit: str) -> Dose:
        """Return `1`, `0,5` or `1-2` of *unit*; raise `ValueError`, without it, for anything else."""
        found = _DOSE.fullmatch(written.strip())
        if not found:
            raise ValueError("a dose is a number, or two with a hyphen between")
        low = decimal(found[1])
        return cls(unit=unit, low=low, high=decimal(found[2]) if found[2] else low)


class FrequencyDosage(Part, frozen=True, kw_only=True, rename="camel"):
    """A dose, so many times in a unit of time: frequency 2, unit `per dag`."""

    dose: Dose
    frequency: Quantity


class PeriodDosage(Part, frozen=True, kw_only=True, rename="camel"):
    """A dose in each period: period 2, unit `veckor`."""

    dose: Dose
    period: Quantity


class DoseOccasion(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One dose of a period: on which day of it (1 to 14), and at what time, as text."""

    dose: Dose
    day_of_period: int
    time_of_day: str | None = None


class OccasionDosage(Part, frozen=True, kw_only=True, rename="camel"):
    """Doses on given days of a period of 1 to 28."""

    period: Quantity
    administration: list[DoseOccasion]


class SingleDose(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One dose, at a time or not."""

    moments: ClassVar[tuple[str, ...]] = ("time",)

    dose: Dose
    time: datetime | None = None


class DosageText(Part, frozen=True, kw_only=True, rename="camel"):
    """A dosage in words."""

    text: str


class RampEnd(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Where a ramp begins or ends; at least one way."""

    frequency_dosage: FrequencyDosage | None = None
    period_dosage: PeriodDosage | None = None
    occasion_dosage: OccasionDosage | None = None
    single_dose: SingleDose | None = None
    unstructured_dosage_information: DosageText | None = None


class RampedDosage(Part, frozen=True, kw_only=True, rename="camel"):
    """From one dosage to another: so much more or less (*dose_step*) each *time_step*."""

    dose_step: Quantity
    time_step: Quantity
    ramp_start: RampEnd
    ramp_end: RampEnd


class DosageWays(RampEnd, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The ways to say how much and how often; at least one of them."""

    ramped_dosage: RampedDosage | None = None


class ConditionalDosage(DosageWays, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A dosage that is taken on a condition, such as `vid behov mot smärta`."""

    condition_description: str


class LengthOfTreatment(Part, frozen=True, kw_only=True, rename="camel"):
    """How long: 5-6 `veckor`, and whether that is the longest allowed."""

    treatment_interval: Dose
    is_maximum_treatment_time: bool


class Dosage(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A dosage: set, conditional or both, and its text for the patient where the drug is prescribed."""

    length_of_treatment: LengthOfTreatment | None = None
    dosage_instruction: str | None = None
    unit_dose: Code | None = None
    short_notation: str | None = None
    set_dosage: DosageWays | None = None
    maximum_dosage: DosageWays | None = None
    conditional_dosage: ConditionalDosage | None = None

    @classmethod
    def text(cls, instruction: str) -> Dosage:
        """Return a dosage that the source keeps as text only."""
        words = DosageWays(unstructured_dosage_information=DosageText(text=instruction))
        return cls(dosage_instruction=instruction, set_dosage=words)

    @classmethod
    def fixed(cls, instruction: str, *, dose: Dose, times: str, per: str) -> Dosage:
        """Return *dose* so many *times* (`2`) *per* (`per dag`)."""
        often = FrequencyDosage(dose=dose, frequency=Quantity(value=decimal(times), unit=per))
        return cls(dosage_instruction=instruction, set_dosage=DosageWays(frequency_dosage=often))

    @classmethod
    def as_needed(
        cls,
        instruction: str,
        *,
        condition: str,
        dose: Dose | None = None,
        most: FrequencyDosage | None = None,
    ) -> Dosage:
        """Return a dosage on *condition* (`vid behov mot smärta`), with the *most* that may be taken.

        Without a *dose* the instruction stands for it.
        """
        one = SingleDose(dose=dose) if dose else None
        words = None if dose else DosageText(text=instruction)
        when = ConditionalDosage(
            condition_description=condition, single_dose=one, unstructured_dosage_information=words
        )
        most_ways = DosageWays(frequency_dosage=most) if most else None
        return cls(dosage_instruction=instruction, conditional_dosage=when, maximum_dosage=most_ways)
