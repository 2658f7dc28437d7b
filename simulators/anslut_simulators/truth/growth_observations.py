"""Growth: one measurement of one child."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Measure = Literal["height", "weight", "head", "pregnancy", "bmi"]

SNOMED_SE: Final = "1.2.752.116.2.1.1"
_ABOUT: Final[dict[str, tuple[str, str, str, str]]] = {
    "height": ("1153637007", "kroppslängd", "cm", "Längd"),
    "weight": ("27113001", "kroppsvikt", "kg", "Vikt"),
    "head": ("363812007", "huvudomfång", "cm", "Huvudomfång"),
    "pregnancy": ("412726003", "graviditetslängd vid födelse", "d", "Graviditetslängd vid födelsen"),
    "bmi": ("60621009", "kroppsmasseindex (BMI)", "kg/m2", "BMI"),
}


class Growth(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `growth-observations` event says: *value* is a decimal string with a point.

    Height and head circumference are in cm, weight in kg, BMI in kg/m2, the length of the pregnancy in days.
    `Event.occurred_at` is when it was measured, the author who measured; *method* is how, in Swedish. *day_only*
    says that the record knows the day, not the time. *path* is the keyword path it was registered under, if any.
    """

    measure: Measure
    value: str
    method: str | None = None
    day_only: bool = False
    path: tuple[str, ...] = ()

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> Growth:
        """Return a height that any pupil may have."""
        del event_id, now
        return cls(measure="height", value="143.5", method="stående")

    @property
    def unit(self) -> str:
        """The unit of the value."""
        return _ABOUT[self.measure][2]

    @property
    def code(self) -> Code:
        """What was measured, in SNOMED CT SE: for all but BMI the code of the agreement on growth curves."""
        code, text, _, _ = _ABOUT[self.measure]
        return Code(code=code, code_system=SNOMED_SE, display_name=text)

    @property
    def knows_hour(self) -> bool:
        """Whether the hour is known: of the oldest measurements only the day is."""
        return not self.day_only

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keyword path it was registered under."""
        return self.path

    def under(self, *keywords: str) -> Growth:
        """Return it registered under *keywords*."""
        return msgspec.structs.replace(self, path=keywords)

    def summary(self) -> Iterator[str]:
        """Yield the measure, the value with a decimal comma, and how it was taken."""
        told = f"{_ABOUT[self.measure][3]} {self.value.replace('.', ',')} {self.unit}"
        if self.measure == "pregnancy":
            weeks, days = divmod(int(self.value), 7)
            told = f"{_ABOUT[self.measure][3]} {weeks} veckor + {days} {'dag' if days == 1 else 'dagar'}"
        known = "bara dagen är känd" if self.day_only else None
        yield ", ".join(part for part in (told, self.method, known) if part)


CONTENT = Growth
