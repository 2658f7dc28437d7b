"""Growth observations: entries of the type growth-observations (tillväxt).

The parts carry the contract's own names. A decimal number is text with a point, which keeps its precision.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar

import msgspec
from anslut_contracts.errors import LocalTimeError
from anslut_contracts.time_form import from_json

from anslut.entries.entry import Entry
from anslut.entries.laboratory import Quantity  # noqa: TC001 - as above
from anslut.entries.parts import Code, Part, TimedPart

if TYPE_CHECKING:
    from anslut.entries.header import Header

    Moment = datetime | date
else:
    Moment = object  # msgspec has no type for either of the two


class GrowthPatient(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Whom a measurement is about: a point on a curve needs an age."""

    date_of_birth: date
    name: str | None = None
    gender: Code | None = None


class ObservationTime(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """When it was measured: a time, or a date where no more is known."""

    moments: ClassVar[tuple[str, ...]] = ("start", "end")

    start: Moment | None = None
    end: Moment | None = None

    def __post_init__(self) -> None:
        """Read times that are text, as they are in JSON; what cannot be read fails the contract later."""
        for name in self.moments:
            value = getattr(self, name)
            if isinstance(value, str) and "T" in value:
                with suppress(LocalTimeError):
                    msgspec.structs.force_setattr(self, name, from_json(value))
        super().__post_init__()


class ObservationValue(Part, frozen=True, kw_only=True, rename="camel"):
    """What was measured."""

    pq: Quantity


class GrowthBody(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a growth observation."""

    patient: GrowthPatient
    type: Code
    time: ObservationTime
    value: ObservationValue
    value_negation: bool
    method: Code | None = None
    target_site: Code | None = None
    description: str | None = None


def growth_observation(  # noqa: PLR0913 - the observation's own fields, all named at the call
    header: Header,
    *,
    patient: GrowthPatient,
    type: Code,  # noqa: A002 - the contract's own word
    time: datetime | date,
    value: Quantity,
    negated: bool = False,
    method: Code | None = None,
    target_site: Code | None = None,
    description: str | None = None,
) -> Entry:
    """Return one measurement: its *type* from SNOMED CT SE, its *time* as exactly as the source knows it.

    Lengths and head circumferences are in `cm`, weights in `kg`, gestational age at birth in `d`, with at most
    three decimals. The header needs a care unit and an author with a role; the author's `org_unit` has a name
    only. Raise `EntryInvalidError` when the contract does not allow it.
    """
    body = GrowthBody(
        patient=patient,
        type=type,
        time=ObservationTime(start=time, end=time),
        value=ObservationValue(pq=value),
        value_negation=negated,
        method=method,
        target_site=target_site,
        description=description,
    )
    return Entry("growth-observations", header=header, body=body)
