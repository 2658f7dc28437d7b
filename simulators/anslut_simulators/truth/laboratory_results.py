"""Laboratory answers: panels of analyses, preliminary at first or final at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

_NPU = "1.2.752.108.1"
_STATUSES: Final = {"preliminary": "preliminärt svar", "partial": "delsvar", "final": "slutsvar"}


class Quantity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A laboratory value: a decimal string with a point (*value*), or *text*; *unit* may be empty."""

    value: str | None = None
    unit: str = ""
    text: str | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reference interval: decimal strings, either end may be open."""

    low: str | None = None
    high: str | None = None


class Analysis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One analysis with one result, or none while it is awaited."""

    id: str
    code: Code
    status: Literal["preliminary", "partial", "final"] = "final"
    quantity: Quantity | None = None
    reference: Reference | None = None
    deviation: Literal["H", "L"] | None = None
    comment: str | None = None
    material: Code | None = None


class AnalysisGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Analyses ordered and answered together (a panel), under a Swedish name."""

    name: str
    analyses: tuple[Analysis, ...]


class Laboratory(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `laboratory-results` event says; `Event.occurred_at` is when the answer came."""

    referral_id: str
    laboratory_id: str
    laboratory_name: str
    specimen_time: datetime
    status: Literal["preliminary", "partial", "final"]
    groups: tuple[AnalysisGroup, ...]
    question: str | None = None

    countersigned: ClassVar[bool] = True

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> Laboratory:
        """Return one slightly raised CRP, just taken and final."""
        analysis = Analysis(
            id="1",
            code=Code(code="NPU19748", code_system=_NPU, display_name="P-CRP"),
            quantity=Quantity(value="7", unit="mg/L"),
            reference=Reference(high="5"),
            deviation="H",
            material=Code(original_text="Plasma"),
        )
        return cls(
            referral_id=f"R-{event_id}",
            laboratory_id=f"L-{event_id}",
            laboratory_name="Kemiska laboratoriet",
            specimen_time=now,
            status="final",
            groups=(AnalysisGroup(name="Inflammation", analyses=(analysis,)),),
        )

    @property
    def is_final(self) -> bool:
        """Whether the laboratory has said its last word."""
        return self.status == "final"

    def finalised(self) -> Laboratory:
        """Return it with every analysis final."""
        groups = tuple(
            msgspec.structs.replace(
                group,
                analyses=tuple(msgspec.structs.replace(one, status="final") for one in group.analyses),
            )
            for group in self.groups
        )
        return msgspec.structs.replace(self, status="final", groups=groups)

    def summary(self) -> Iterator[str]:
        """Yield the question and the values with unit, deviation and reference, and what the laboratory remarks."""
        yield f"{self.question or 'Ingen frågeställning'} ({_STATUSES[self.status]})"
        for group in self.groups:
            yield f"{group.name}: " + ", ".join(_told(analysis) for analysis in group.analyses)
            yield from (one.comment for one in group.analyses if one.comment)


def _told(analysis: Analysis) -> str:
    name = analysis.code.display_name or analysis.code.original_text
    if analysis.quantity is None:
        return f"{name} (väntas)"
    value = analysis.quantity.text or (analysis.quantity.value or "").replace(".", ",")
    parts = (f"{name} {value}", analysis.quantity.unit, analysis.deviation, _interval(analysis.reference))
    return " ".join(part for part in parts if part)


def _interval(reference: Reference | None) -> str:
    if reference is None or not (reference.low or reference.high):
        return ""
    if reference.low and reference.high:
        told = f"{reference.low}–{reference.high}"
    else:
        told = f"under {reference.high}" if reference.high else f"över {reference.low}"
    return f"({told.replace('.', ',')})"


CONTENT = Laboratory
