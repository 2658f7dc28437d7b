"""What is measured on a mother to be: a level of her own that moves as pregnancies do, whole numbers throughout."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.maternity_delivery import delivery_of
from anslut_simulators.histories.plan import onsets_of
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.maternity_records import (
    Fetus,
    Measure,
    Position,
    Presentation,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.histories.maternity_plan import Meeting
    from anslut_simulators.histories.maternity_pregnancies import Pregnancy
    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.draws import Section

_HEALTH: Final = label("health")
_PER_MILLE: Final = 1000
_TURNED: Final = 245
_TOXIC_FROM: Final = 231
_TOLD_BY: Final = {"endocrine_disease": "E039", "diabetes": "E119"}
_FIRST_THIRD, _SECOND_THIRD = 98, 196


def along(table: Sequence[int], values: Sequence[int], days: int) -> int:
    """Return the value at *days*, straight between the weeks of *table*."""
    place = min(max(bisect_right(table, days // 7), 1), len(table) - 1)
    low, high = table[place - 1] * 7, table[place] * 7
    return values[place - 1] + (values[place] - values[place - 1]) * (days - low) // (high - low)


def tenths(value: int) -> str:
    """Return tenths as a decimal string."""
    return f"{value // 10}.{value % 10}" if value % 10 else str(value // 10)


class Mother:
    """The measures of one mother in one pregnancy."""

    __slots__ = ("_onsets", "_own", "_pregnancy", "gained", "height", "weight")

    def __init__(self, record: Record, pregnancy: Pregnancy) -> None:
        own: Section = record.draws.section(_HEALTH)
        self._own = own
        self._pregnancy = pregnancy
        self._onsets = onsets_of(record.draws, record.person)
        self.height = 158 + below(own[7], 19)
        self.weight = 540 + below(own[6], 320) + 12 * len(pregnancy.earlier)
        self.gained = 60 + below(pregnancy.own[1], 150) + 40 * (len(pregnancy.children) - 1)

    @property
    def toxic(self) -> bool:
        """Whether the blood pressure rises towards the end (preeklampsi)."""
        share: int = read_table("maternity.json")["preeclampsia_per_mille"]
        return below(self._pregnancy.own[2], _PER_MILLE) < share

    def has(self, disease: str) -> bool:
        """Tell whether she had *disease* when she was enrolled: by the record system's story, where it tells of it."""
        code = _TOLD_BY.get(disease)
        if code is not None:
            return any(
                course.code == code and found < self._pregnancy.start for course, found in self._onsets
            )
        shares = read_table("maternity.json")["diseases_per_mille"]
        place = 8 + list(shares).index(disease)
        share: int = shares[disease]
        return below(self._own[place] * 40503 & 0xFFFFFFFF, _PER_MILLE) < share

    def weight_at(self, meeting: Meeting) -> Measure:
        """Return what she weighs, in kilos."""
        table = read_table("maternity.json")["gained_percent"]
        gained = self.gained * along(table["weeks"], table["percent"], max(0, meeting.day)) // 100
        return Measure(value=tenths(self.weight + gained + below(meeting.words[2], 7) - 3), unit="kg")

    @property
    def body_mass_index(self) -> Measure:
        """Her body mass index at the enrolment."""
        return Measure(value=tenths(self.weight * 10_000 // (self.height * self.height)), unit="kg/m2")

    def fundal_height(self, meeting: Meeting) -> Measure:
        """Return the SF-mått in centimetres: her own channel, half a centimetre to and fro."""
        table = read_table("maternity.json")["fundal_height_mm"]
        level = along(table["weeks"], table["mm"], meeting.day)
        level += below(self._pregnancy.own[3], 31) - 15 + below(meeting.words[3], 7) - 3
        level += 50 * (len(self._pregnancy.children) - 1)
        return Measure(value=tenths(level // 5 * 5), unit="cm")

    def haemoglobin(self, meeting: Meeting) -> Measure:
        """Return Hb in g/L: it falls in the middle of a pregnancy and rises a little towards the end."""
        third = 126 if meeting.day < _FIRST_THIRD else 117 if meeting.day < _SECOND_THIRD else 119
        level = third + below(self._own[5], 15) - 7 + below(meeting.words[4], 9) - 4
        if meeting.name in {"hemgang", "efterkontroll"}:
            loss = delivery_of(self._pregnancy).blood_loss
            level = level - min(30, loss // 50) if meeting.name == "hemgang" else level + 8
        return Measure(value=str(level), unit="g/L")

    def pressure(self, meeting: Meeting) -> tuple[Measure, Measure]:
        """Return the blood pressure, upper and lower."""
        late = 4 if meeting.day >= _SECOND_THIRD else 0
        high = (28, 20) if self.toxic and _TOXIC_FROM <= meeting.day <= self._pregnancy.days + 5 else (0, 0)
        upper = 104 + below(self._own[3], 13) + below(meeting.words[5], 13) + late + high[0]
        lower = 62 + below(self._own[4], 11) + below(meeting.words[6], 9) + late // 2 + high[1]
        return (
            Measure(value=str(upper // 2 * 2), unit="mmHg"),
            Measure(value=str(lower // 2 * 2), unit="mmHg"),
        )

    def proteinuria(self, meeting: Meeting) -> Measure | None:
        """Return protein in the urine, in g/L; None when it was not looked at."""
        if self.toxic and meeting.day >= _TOXIC_FROM:
            return Measure(value=("0.3", "1", "1")[below(meeting.words[7], 3)], unit="g/L")
        return Measure(value="0", unit="g/L") if meeting.words[7] % 3 == 0 else None

    def glycosuria(self, meeting: Meeting) -> Measure | None:
        """Return glucose in the urine, in mmol/L; None when it was not looked at."""
        if meeting.words[7] % 3:
            return None
        found = below(meeting.words[14], 100) < 6  # noqa: PLR2004 - percent
        return Measure(value="5.5" if found else "0", unit="mmol/L")

    def fetuses(self, meeting: Meeting) -> tuple[Fetus, ...]:
        """Return what is heard, and from week 35 felt, of each fetus."""
        return tuple(
            Fetus(
                heart_rate=Measure(
                    value=str(124 + below(child.words[1], 18) + below(meeting.words[9], 15)), unit="slag/min"
                ),
                position=position(self._pregnancy, child.ordinal) if meeting.day >= _TURNED else None,
                presentation=_presentation(self._pregnancy, meeting) if meeting.day >= _TURNED else None,
            )
            for child in self._pregnancy.children
        )


def position(pregnancy: Pregnancy, ordinal: int) -> Position:
    """Return how child *ordinal* lies from week 35 on."""
    mode = delivery_of(pregnancy).mode
    rest = below(pregnancy.own[3 + ordinal], _PER_MILLE)
    if mode == "planerat kejsarsnitt" and rest < 200:  # noqa: PLR2004 - per mille
        return "säte"
    if mode not in {"planerat kejsarsnitt", "akut kejsarsnitt"}:
        return "huvud"
    shares: dict[Position, int] = read_table("maternity.json")["position_per_mille"]
    for name, share in shares.items():
        rest -= share
        if rest < 0:
            return name
    return "huvud"


def _presentation(pregnancy: Pregnancy, meeting: Meeting) -> Presentation | None:
    if position(pregnancy, 1) != "huvud":
        return None
    left = pregnancy.days - meeting.day
    if left > 35:  # noqa: PLR2004 - days
        return "rörlig"
    return "fixerad" if left < 10 and pregnancy.first_time else ("ruckbar", "rörlig")[meeting.words[3] & 1]  # noqa: PLR2004
