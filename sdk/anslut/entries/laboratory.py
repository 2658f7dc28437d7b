"""Laboratory results: entries of the type laboratory-results (provsvar).

The parts carry the contract's own names. A decimal number is text with a point, which keeps its precision.
"""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar

import msgspec

from anslut.entries.entry import Entry
from anslut.entries.parts import Code, Identifier, Part, TimedPart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut.entries.header import Header

_NUMBER = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?", re.ASCII)
_RANGE = re.compile(rf"({_NUMBER.pattern})\s*[-\u2013]\s*({_NUMBER.pattern})")
_OPEN = re.compile(rf"(<=|>=|[<>\u2264\u2265])\s*({_NUMBER.pattern})")


class LaboratoryUnit(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A unit by name, and by id where it has one."""

    name: str
    id: Identifier | None = None


class Countersignature(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Who verified an answer, and when: the recipient's verification (vidimering), or the performer's."""

    moments: ClassVar[tuple[str, ...]] = ("timestamp",)

    timestamp: datetime
    id: Identifier | None = None
    name: str | None = None
    by_role: Code | None = None


class Referral(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The order (remiss) that the laboratory answers."""

    moments: ClassVar[tuple[str, ...]] = ("timestamp",)

    identifier: Identifier
    timestamp: datetime
    question: str | None = None


class Interval(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An interval with one or two ends; an end that is not closed is not itself inside."""

    unit: str
    low: str | None = None
    low_closed: bool | None = None
    high: str | None = None
    high_closed: bool | None = None


class Quantity(Part, frozen=True, kw_only=True, rename="camel"):
    """A decimal number and its unit; the unit is an empty string where there is none."""

    value: str
    unit: str


class Value(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A result's value: exactly one of a quantity, an interval, text or a code."""

    pq: Quantity | None = None
    interval: Interval | None = msgspec.field(default=None, name="intervalPQ")
    st: str | None = None
    cv: Code | None = None

    @classmethod
    def of(cls, written: str, *, unit: str = "") -> Value:
        """Return what a laboratory wrote: a quantity when it is a number (comma or point), else text."""
        text = written.strip()
        if _NUMBER.fullmatch(text):
            return cls(pq=Quantity(value=decimal(text), unit=unit))
        return cls(st=f"{text} {unit}".strip())


class Reference(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What is expected: an interval, or a description of it."""

    interval: Interval | None = None
    description: str | None = None
    population: str | None = None
    comment: str | None = None

    @classmethod
    def of(cls, written: str, *, unit: str = "") -> Reference:
        """Return what a laboratory wrote: `60-105`, `<5`, `>=80` are intervals, all else a description."""
        text = written.strip()
        if both := _RANGE.fullmatch(text):
            low, high = decimal(both[1]), decimal(both[2])
            return cls(interval=Interval(unit=unit, low=low, low_closed=True, high=high, high_closed=True))
        if one := _OPEN.fullmatch(text):
            end, closed = decimal(one[2]), one[1] not in "<>"
            if one[1] in {"<", "<=", "\u2264"}:
                return cls(interval=Interval(unit=unit, high=end, high_closed=closed))
            return cls(interval=Interval(unit=unit, low=end, low_closed=closed))
        return cls(description=text)


class Result(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One result of an analysis."""

    value: Value
    comment: str | None = None
    interpretation: list[Code] | None = None
    reference: Reference | None = None
    recipient_signature: Countersignature | None = None
    performer_signature: Countersignature | None = None


class Specimen(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What was analysed, and when it was taken."""

    moments: ClassVar[tuple[str, ...]] = ("timestamp",)

    timestamp: datetime
    identifier: Identifier | None = None
    material: Code | None = None
    anatomical_location: Code | None = None
    comment: str | None = None


class Analysis(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One analysis: what was looked for (NPU code or original text), in which specimens, with what result."""

    moments: ClassVar[tuple[str, ...]] = ("timestamp",)

    code: Code
    specimen: list[Specimen]
    identifier: Identifier | None = None
    timestamp: datetime | None = None
    method: Code | None = None
    status: Code | None = None
    comment: str | None = None
    accredited: bool | None = None
    result: list[Result] | None = None


class AnalysisGroup(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Analyses answered together; with more than one there is a *name* or a *code*."""

    analysis: list[Analysis]
    name: str | None = None
    code: Code | None = None
    comment: str | None = None


class ContactInformation(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """How the laboratory is reached, as text."""

    text: str


class LaboratoryBody(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a laboratory result."""

    identifier: Identifier
    type: Code
    recipient_unit: LaboratoryUnit
    laboratory_identifier: Identifier | None = None
    text: str | None = None
    referral: Referral | None = None
    group_of_analyses: list[AnalysisGroup] | None = None
    recipient_signature: Countersignature | None = None
    contact_information: ContactInformation | None = None


def laboratory_result(  # noqa: PLR0913 - the answer's own fields, all named at the call
    header: Header,
    *,
    identifier: Identifier,
    status: Code,
    recipient: LaboratoryUnit,
    groups: Iterable[AnalysisGroup] = (),
    countersignature: Countersignature | None = None,
    laboratory_identifier: Identifier | None = None,
    referral: Referral | None = None,
    text: str | None = None,
    contact: str | None = None,
) -> Entry:
    """Return a laboratory's answer to one order.

    *status* says preliminary, partial or final; *recipient* is the unit that ordered; *countersignature* is
    that unit's verification (vidimering), apart from the laboratory's own signature in the header. The header
    needs `document_time` and a care unit. Raise `EntryInvalidError` when the contract does not allow it.
    """
    body = LaboratoryBody(
        identifier=identifier,
        type=status,
        recipient_unit=recipient,
        laboratory_identifier=laboratory_identifier,
        text=text,
        referral=referral,
        group_of_analyses=list(groups) or None,
        recipient_signature=countersignature,
        contact_information=ContactInformation(text=contact) if contact else None,
    )
    return Entry("laboratory-results", header=header, body=body)


def decimal(written: str) -> str:
    """Return a number as the contract writes it: a point, no leading zeros, the same digits after it."""
    number = written.strip().replace(",", ".").replace("\u2212", "-")
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, point, fraction = digits.partition(".")
    return f"{sign}{whole.lstrip('0') or '0'}{point}{fraction}"
