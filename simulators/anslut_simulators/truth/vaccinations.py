"""Vaccinations: what a vaccination system registers, dose by dose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

ATC: Final = "1.2.752.129.2.2.3.1.1"
SNOMED_CT_SE: Final = "1.2.752.116.2.1.1"


class Staff(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who gave or prescribed a vaccine."""

    hsa_id: str | None = None
    name: str | None = None


class Dose(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One vaccine that was given; *id* is its own within the source system.

    *vaccine* says what kind (ATC), *product* which one. *number* is the dose's place in a series of *of* doses,
    *complete* whether the series is complete with it; each is None where nobody has said. *amount* is a decimal
    number in *unit*.
    """

    id: str
    vaccine: Code
    product: str | None = None
    manufacturer: str | None = None
    batch: str | None = None
    diseases: tuple[Code, ...] = ()
    number: int | None = None
    of: int | None = None
    complete: bool | None = None
    amount: str | None = None
    unit: str | None = None
    site: Code | None = None
    route: Code | None = None
    given_by: Staff | None = None
    comment: str | None = None
    adverse: tuple[Code, ...] = ()

    def told(self) -> str:
        """Return the dose in Swedish, on one line."""
        named = self.product or self.vaccine.display_name or self.vaccine.original_text or ""
        parts = [
            named,
            "" if self.number is None else f"dos {self.number}" + (f" av {self.of}" if self.of else ""),
            f"{self.amount.replace('.', ',')} {self.unit}" if self.amount and self.unit else "",
            (self.route and (self.route.display_name or self.route.original_text)) or "",
            (self.site and (self.site.display_name or self.site.original_text)) or "",
            f"batch {self.batch}" if self.batch else "",
            self.comment or "",
            *(f"biverkning: {one.original_text or one.display_name}" for one in self.adverse),
        ]
        return ", ".join(part for part in parts if part)


class Vaccination(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `vaccinations` event says: one registration of 0 … n doses that were given on one occasion.

    The event's `occurred_at` is when; where *time_known* is false only its date (and the clock is midnight). A
    registration without doses has a *note*. What was *imported* from a card or another system lacks batch, and
    *source* says where it comes from. A registration is never taken back: it is *nullified*, with a reason.
    """

    hides = False

    doses: tuple[Dose, ...] = ()
    status: Literal["given", "nullified"] = "given"
    nullified_reason: str | None = None
    origin: Literal["own", "imported"] = "own"
    source: str | None = None
    time_known: bool = True
    programme: Code | None = None
    risk_groups: tuple[Code, ...] = ()
    prescribed_by: Staff | None = None
    note: str | None = None

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> Vaccination:
        """Return an influenza vaccination that anybody may have had."""
        del now
        dose = Dose(
            id=f"{event_id}-1",
            vaccine=Code(code="J07BB02", code_system=ATC, display_name="Vaccin mot influensa"),
            product="Vaxigrip Tetra",
            manufacturer="Sanofi Pasteur",
            batch="V4K182",
            diseases=(Code(code="6142004", code_system=SNOMED_CT_SE, display_name="Influensa"),),
            amount="0.5",
            unit="mL",
            site=Code(code="368208006", code_system=SNOMED_CT_SE, display_name="Vänster överarm"),
            route=Code(code="78421000", code_system=SNOMED_CT_SE, display_name="Intramuskulärt"),
        )
        return cls(doses=(dose,))

    @property
    def knows_hour(self) -> bool:
        """Whether the hour is known: of what was typed in from a card only the day is."""
        return self.time_known

    def summary(self) -> Iterator[str]:
        """Yield whether it is nullified, where it comes from, and each dose."""
        if self.status == "nullified":
            yield f"MAKULERAD: {self.nullified_reason or 'utan angivet skäl'}"
        if self.origin == "imported":
            yield f"Inmatad historik: {self.source}" if self.source else "Inmatad historik"
        about = [self.programme, *self.risk_groups]
        told = ", ".join(one.display_name or one.original_text or "" for one in about if one is not None)
        if told:
            yield told
        for dose in self.doses:
            yield dose.told()
        if self.note is not None:
            yield self.note


CONTENT = Vaccination
